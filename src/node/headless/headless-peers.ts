// SPDX-License-Identifier: Apache-2.0
// Many peers in one process. They share the threads that check signatures, the description of the network, the chaincode runtime and the log;
// each has an identity, a libp2p node, a ledger, and a folder when there is one for them.
import { join } from 'node:path';
import type { NetworkDescription } from '../../common/network/types.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { LevelDBOptions } from '../../ledger/leveldb/leveldb-kv-store.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import { readChaincodePackage } from '../chaincode/package.ts';
import type { Invitation } from '../enrolment.ts';
import { headlessIdentity } from './headless-identity.ts';
import type {
  HeadlessPeer,
  HeadlessPeerEvents,
  OperatorPackage,
  StartHeadlessPeer,
} from './headless-peer.ts';
import { type HeadlessIdentity, keepIdentity, keptIdentity } from './kept-identity.ts';
import { PeerDirectory } from './peer-directory.ts';
import { ProcessGuard } from './process-guard.ts';
import { ProcessLauncher } from './process-launcher.ts';
import { fetchNetwork, fetchPackage } from './relay-files.ts';
import { startVerifyThreads, type VerifyThreads } from './verify-threads.ts';

export interface ChosenChaincode {
  readonly name: string;
  /** A package; the one that the network names when absent. */
  readonly bytes?: Uint8Array;
}

export interface HeadlessPeersOptions {
  /** Where the relay is; when absent, where it was when the folder was last used. */
  readonly relay?: URL;
  readonly invitation?: Invitation;
  /** The folder above those of the peers; nothing is kept when absent. */
  readonly data?: string;
  /** Of the peer's folder, with `-0`, `-1`, … when there are several; and the name by which people know it, unless the link has one. */
  readonly name?: string;
  readonly count: number;
  readonly chaincodes: readonly ChosenChaincode[];
  readonly chaincodeMemoryMb: number;
  readonly verifyThreads: number;
}

/** What happened to which peer. */
export type PeersEvent =
  | { readonly event: 'waiting'; readonly code: string; readonly message: string }
  | { readonly event: 'enrolled' | 'stopped'; readonly name: string; readonly folder?: string }
  | {
      readonly event: 'joined';
      readonly name: string;
      readonly channel: string;
      readonly height: number;
    }
  | { readonly event: 'ready'; readonly name: string; readonly height: number }
  | ({ readonly event: 'committed'; readonly name: string } & HeadlessPeerEvents['committed'])
  | ({ readonly event: 'leader'; readonly name: string } & HeadlessPeerEvents['leader'])
  | ({ readonly event: 'error'; readonly name: string } & HeadlessPeerEvents['error']);

export interface HeadlessPeersComponents {
  readonly startPeer: StartHeadlessPeer;
  /** Source of the chaincode runtime. */
  readonly runtime: () => Promise<string>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  readonly report: (event: PeersEvent) => void;
}

/** Peers that start at the same time; more would only wait for each other, and for the relay. */
const STARTS_AT_A_TIME = 8;
const RELAY_RETRY_MS = 5_000;

/**
 * LevelDB's own sizes are for one database; a peer has seven. So many peers of a process are given as much memory together as one
 * peer alone would have.
 */
const MANY_PEERS = 4;
const SMALL_STORES: LevelDBOptions = Object.freeze({
  writeBufferSize: 256 * 1024,
  cacheSize: 256 * 1024,
  maxOpenFiles: 64,
});

/** Names of the peers' folders. */
export function folderNames({
  name,
  count,
}: Pick<HeadlessPeersOptions, 'name' | 'count'>): string[] {
  if (count === 1) return [name ?? '0'];
  return Array.from({ length: count }, (_, i) => (name === undefined ? `${i}` : `${name}-${i}`));
}

interface Shared {
  readonly network: NetworkDescription;
  readonly relay: URL;
  readonly packages: readonly OperatorPackage[];
  readonly threads: VerifyThreads;
}

export class HeadlessPeers {
  readonly #components: HeadlessPeersComponents;
  readonly #options: HeadlessPeersOptions;
  readonly #peers: HeadlessPeer[] = [];
  readonly #launchers: ProcessLauncher[] = [];
  readonly #directories: PeerDirectory[] = [];
  readonly #guard = new ProcessGuard();
  readonly #stop = new AbortController();
  #threads: VerifyThreads | undefined;

  constructor(components: HeadlessPeersComponents, options: HeadlessPeersOptions) {
    this.#components = components;
    this.#options = options;
  }

  get peers(): readonly HeadlessPeer[] {
    return this.#peers;
  }

  /** Resolves when all are at the tip. When one cannot start, none is left running. */
  async start(signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#stop.signal]);
    try {
      await this.#startAll(either);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** All say goodbye, then everything is closed. */
  async stop(): Promise<void> {
    this.#stop.abort(new FabricError('STOPPED', 'the peers stop'));
    await Promise.all(this.#peers.splice(0).map((peer) => this.#stopPeer(peer)));
    for (const launcher of this.#launchers.splice(0)) launcher.stop();
    this.#guard.stop();
    await Promise.all(this.#directories.splice(0).map((directory) => directory.close()));
    await this.#threads?.[Symbol.asyncDispose]();
    this.#threads = undefined;
  }

  async #startAll(signal: AbortSignal): Promise<void> {
    const { chaincodes, verifyThreads, count } = this.#options;
    const kept = await this.#openDirectories();
    const relay = this.#relayOf(kept);
    const network = await this.#network(relay, kept.length > 0, signal);
    const packages: OperatorPackage[] = [];
    for (const { name: chaincode, bytes } of chaincodes) {
      const found = bytes ?? (await fetchPackage(relay, network.channels, chaincode, signal));
      await readChaincodePackage(found);
      packages.push({ chaincode, bytes: found });
    }
    this.#threads = startVerifyThreads(verifyThreads);
    const shared = { network, relay, packages, threads: this.#threads };
    const waiting = Array.from({ length: count }, (_, i) => i);
    const startNext = async (): Promise<void> => {
      for (let i = waiting.shift(); i !== undefined; i = waiting.shift()) {
        signal.throwIfAborted();
        await this.#startPeer(i, shared, signal);
      }
    };
    // Those that are on their way when one fails end before this does: nothing starts behind the back of who stops.
    const lanes = Array.from({ length: Math.min(count, STARTS_AT_A_TIME) }, () =>
      startNext().catch((error: unknown) => {
        this.#stop.abort(error);
        throw error;
      }),
    );
    const failed = (await Promise.allSettled(lanes)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw this.#stop.signal.reason;
  }

  /** Gives the identities that the folders keep. */
  async #openDirectories(): Promise<HeadlessIdentity[]> {
    const { data, count } = this.#options;
    if (data === undefined) return [];
    const kept: HeadlessIdentity[] = [];
    for (const name of folderNames(this.#options)) {
      const sizes = count > MANY_PEERS ? SMALL_STORES : {};
      const directory = await PeerDirectory.open(join(data, name), sizes);
      this.#directories.push(directory);
      const identity = await keptIdentity(directory);
      if (identity) kept.push(identity);
    }
    return kept;
  }

  #relayOf([first]: readonly HeadlessIdentity[]): URL {
    const { relay, data } = this.#options;
    if (relay) return relay;
    if (first) return new URL(first.relay);
    const text =
      data === undefined
        ? 'say which network to join: --join LINK'
        : `there is no peer in ${data} yet: say --join LINK`;
    throw new FabricError('JOIN_NEEDED', text);
  }

  // Who has been a member waits for the relay, since both may start when a machine does.
  async #network(relay: URL, patient: boolean, signal: AbortSignal): Promise<NetworkDescription> {
    const { clock, report } = this.#components;
    for (let told = false; ; told = true) {
      try {
        return await fetchNetwork(relay, signal);
      } catch (error) {
        const unreachable = error instanceof FabricError && error.code === 'RELAY_UNREACHABLE';
        if (!patient || !unreachable || signal.aborted) throw error;
        if (!told) report({ event: 'waiting', code: error.code, message: error.message });
        await clock.sleep(RELAY_RETRY_MS, { signal });
      }
    }
  }

  async #startPeer(
    index: number,
    { network, relay, packages, threads }: Shared,
    signal: AbortSignal,
  ): Promise<void> {
    const { startPeer, clock, random, log, report } = this.#components;
    const directory = this.#directories[index];
    const invitation = this.#invitation(index);
    const identity = await headlessIdentity({ relay, network, invitation, directory });
    const { name } = identity.peer;
    report({ event: 'enrolled', name, ...(directory && { folder: directory.path }) });
    const peer = await startPeer({
      identity,
      network,
      relay,
      stores: directory?.stores ?? new MemoryKVStoreProvider(),
      keepClient: async (client) => {
        if (directory) await keepIdentity(directory, { ...identity, client });
      },
      stored: directory !== undefined,
      launcher: (source) => this.#launcher(source, identity.mspId, log.child(name)),
      packages,
      signatureStage: threads.pool.verify,
      clock,
      random,
      log: log.child(name),
      signal,
      onJoined: (channel, height) => report({ event: 'joined', name, channel, height }),
    });
    this.#peers.push(peer);
    peer.events.on('committed', (block) => report({ event: 'committed', name, ...block }));
    peer.events.on('leader', (leader) => report({ event: 'leader', name, ...leader }));
    peer.events.on('error', (error) => report({ event: 'error', name, ...error }));
    report({ event: 'ready', name, height: peer.height() });
  }

  // Its name in the link counts; else the one of its folder.
  #invitation(index: number): Invitation | undefined {
    const { invitation, name } = this.#options;
    if (!invitation || invitation.name !== undefined || name === undefined) return invitation;
    return { ...invitation, name: folderNames(this.#options)[index] ?? name };
  }

  #launcher(
    packages: ConstructorParameters<typeof ProcessLauncher>[0]['packages'],
    mspId: string,
    log: Logger,
  ): ProcessLauncher {
    const { runtime, clock } = this.#components;
    const { chaincodeMemoryMb } = this.#options;
    const launcher = new ProcessLauncher(
      { packages, mspId, runtime, guard: this.#guard, clock, log },
      { memoryMb: chaincodeMemoryMb },
    );
    this.#launchers.push(launcher);
    return launcher;
  }

  async #stopPeer(peer: HeadlessPeer): Promise<void> {
    const { log, report } = this.#components;
    try {
      await peer.stop();
    } catch (error) {
      log.warn(`${peer.name} did not stop cleanly: ${messageOf(error)}`);
    }
    report({ event: 'stopped', name: peer.name });
  }
}
