// SPDX-License-Identifier: Apache-2.0
// The ledger side of a tab's peer in its worker: what begins, ends and feeds it, over comlink. Everything else are services over a port.
import type { PrivateKeyHandle } from '../../common/crypto/index.ts';
import type { ChannelDescription } from '../../common/network/types.ts';
import type { StartPeerOptions } from '../api/joining.ts';
import type { ChannelState, HostState, PeerHostEvents } from '../peer/peer-host.ts';

export interface WorkerIdentity {
  readonly name: string;
  readonly mspId: string;
  readonly certificate: string;
  readonly key: PrivateKeyHandle;
}

export interface PeerWorkerOptions {
  readonly identity: WorkerIdentity;
  readonly channels: readonly ChannelDescription[];
  /** Name of the ledgers' databases. */
  readonly ledger: string;
  /** False to keep everything in memory, because the browser refuses storage. */
  readonly stored: boolean;
  readonly repair?: StartPeerOptions['repair'];
}

/** The other ends of what the worker uses and offers. */
export interface PeerWorkerPorts {
  /** Where the peer's services are offered. */
  readonly services: MessagePort;
  /** Of the workers that check signatures. */
  readonly verify: readonly MessagePort[];
}

/** An event of the host, as the worker tells it. */
export type WorkerEvent = {
  readonly [Name in keyof PeerHostEvents]: {
    readonly name: Name;
    readonly detail: PeerHostEvents[Name];
  };
}[keyof PeerHostEvents];

/** Told of what happened since the last time, in order. */
export type WorkerListener = (events: readonly WorkerEvent[]) => void;

/** Chaincode programs live in sandboxed frames, which only the page can make. */
export interface PageLauncher {
  launch(request: {
    ccid: string;
    files: Readonly<Record<string, string>>;
    mspId: string;
  }): Promise<MessagePort>;
  kill(ccid: string): void;
}

export interface PeerWorkerApi {
  /** As PeerHost.start. */
  start(
    options: PeerWorkerOptions,
    ports: PeerWorkerPorts,
    listener: WorkerListener,
    launcher: PageLauncher,
  ): Promise<HostState>;
  join(description: ChannelDescription, genesis: Uint8Array): Promise<ChannelState>;
  verifyBlock(channel: string, number: number, block: Uint8Array): Promise<void>;
  commit(channel: string, block: Uint8Array): Promise<void>;
  rebuildDBs(channel: string): Promise<void>;
  stop(): Promise<void>;
}
