// SPDX-License-Identifier: Apache-2.0
// Starts one headless peer: what only Node has, given to PeerNode.
import { createSigningIdentity } from '../../common/msp/index.ts';
import type { MSPManager } from '../../common/msp/types.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { ChaincodeLauncher } from '../chaincode/launcher.ts';
import type { Libp2pTransport } from '../comm/libp2p-transport.ts';
import { renameClient, renewalOf } from '../enrolment.ts';
import { InstalledPackages } from '../peer/installed-packages.ts';
import { type HostStorage, LocalPeerHost } from '../peer/local-peer-host.ts';
import { openPeerStorage } from '../peer/peer-storage.ts';
import { PeerNode } from '../peer-node/peer-node.ts';
import type { Place, PlaceEvents } from '../peer-node/ports.ts';
import type { HeadlessPeer, HeadlessPeerEvents, HeadlessPeerOptions } from './headless-peer.ts';
import { createHeadlessTransport } from './libp2p-node.ts';
import { LEDGER_STORES } from './peer-directory.ts';
import { fetchFile } from './relay-files.ts';

/** A headless peer and what it is made of. */
export interface RunningPeer extends HeadlessPeer {
  readonly node: PeerNode;
}

/** Joins and catches up; resolves at the tip. When it rejects, nothing of the peer is left running. */
export async function startHeadlessPeer(options: HeadlessPeerOptions): Promise<RunningPeer> {
  const { network, signal, onJoined } = options;
  if (network.channels.length === 0)
    throw new FabricError('NO_CHANNEL', 'the network has no channel');
  const node = newNode(options);
  const abort = (): void => void node.stop();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await node.start();
    for (const { name, height } of node.channels()) onJoined(name, height);
    node.events.on('channel:joined', ({ channel }) => onJoined(channel.name, channel.height), {
      signal,
    });
    await node.join();
    await installPackages(node, options);
    signal.throwIfAborted();
  } catch (error) {
    await node.stop();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
  return {
    name: node.name,
    events: eventsOf(node),
    node,
    height: () => heightOf(node),
    stop: () => node.stop(),
  };
}

// On every channel that has a chaincode of that name.
async function installPackages(
  node: PeerNode,
  { network, packages }: HeadlessPeerOptions,
): Promise<void> {
  for (const { chaincode, bytes } of packages) {
    for (const channel of network.channels) {
      if (channel.chaincodes.some(({ name }) => name === chaincode))
        await node.install(channel.name, chaincode, bytes);
    }
  }
}

function newNode(options: HeadlessPeerOptions): PeerNode {
  const { identity, network, relay, clock, random, log } = options;
  return new PeerNode(
    {
      network,
      mspId: identity.mspId,
      peer: identity.peer,
      client: identity.client,
      createTransport: (mspManagers) => newTransport(options, mspManagers),
      host: newHost(options),
      place: alwaysThere(),
      fetchFile: (path) => fetchFile(relay, path),
      renameClient: async (client, name) => {
        const about = renewalOf(network, identity.mspId, relay);
        const renamed = await renameClient(client, name, { ...about, extractable: options.stored });
        await options.keepClient(renamed);
        return renamed;
      },
      clock,
      random: () => fraction(random(4)),
      randomBytes: random,
      trace: new TraceBus(),
      log,
    },
    // Only what the operator names is ever run.
    { installPackages: false },
  );
}

function newTransport(
  { identity, network, relay, clock, random, log }: HeadlessPeerOptions,
  mspManagers: () => readonly MSPManager[],
): Promise<Libp2pTransport> {
  const { mspId, peer, libp2pKey } = identity;
  return createHeadlessTransport(
    {
      signer: createSigningIdentity(mspId, peer.certificate, peer.key),
      mspManagers,
      clock,
      random: () => fraction(random(4)),
      log,
    },
    {
      relay,
      relayPeerId: network.relay.peerId,
      relayMspId: network.ordererMspId,
      libp2pKey,
    },
  );
}

function newHost(options: HeadlessPeerOptions): LocalPeerHost {
  const { identity, network, signatureStage, clock, random, log } = options;
  const { mspId, peer } = identity;
  let packages: InstalledPackages | undefined;
  return new LocalPeerHost({
    name: peer.name,
    identity: createSigningIdentity(mspId, peer.certificate, peer.key),
    channels: network.channels,
    openStorage: async () => {
      const storage = await openStorage(options);
      packages = storage.packages;
      return storage;
    },
    launcher: lazyLauncher(options, () => packages),
    clock,
    random,
    // The node passes on what the host traces, so that one bus for both would never be silent.
    trace: new TraceBus(),
    log,
    signatureStage,
  });
}

async function openStorage({
  stores,
  stored,
  identity,
  clock,
  random,
}: HeadlessPeerOptions): Promise<HostStorage> {
  const storage = await openPeerStorage(
    { stores, clock, random },
    { ledgers: LEDGER_STORES, stored },
    { private: { mspId: identity.mspId } },
  );
  return { ...storage, packages: await InstalledPackages.open(storage.packages) };
}

// Packages are there when the storage is open, which is before anything is launched.
function lazyLauncher(
  { launcher }: HeadlessPeerOptions,
  packages: () => InstalledPackages | undefined,
): ChaincodeLauncher {
  const made = launcher({ get: async (packageId) => packages()?.get(packageId) });
  return {
    launch: (ccid, options) => made.launch(ccid, options),
    kill: (ccid) => made.kill(ccid),
  };
}

function eventsOf(node: PeerNode): TypedEventTarget<HeadlessPeerEvents> {
  const events = new TypedEventTarget<HeadlessPeerEvents>();
  node.events.on('block:committed', ({ channel, number, txIds, height }) =>
    events.emit('committed', { channel, block: number, transactions: txIds.length, height }),
  );
  node.events.on('leader:changed', ({ channel, isMe }) =>
    events.emit('leader', { channel, isLeader: isMe }),
  );
  node.events.on('store:lost', (why) => events.emit('error', { ...why, fatal: true }));
  const known = new Set<string>();
  node.events.on('changed', () => {
    for (const { code, message } of node.faults.all) {
      if (!known.has(code)) events.emit('error', { code, message, fatal: false });
      known.add(code);
    }
  });
  return events;
}

/** Of the default channel. */
function heightOf(node: PeerNode): number {
  return node.channels()[0]?.height ?? 0;
}

// A process is never hidden, and its last moment is `stop`.
function alwaysThere(): Place {
  return { events: new TypedEventTarget<PlaceEvents>(), hidden: false };
}

function fraction(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32;
}
