// SPDX-License-Identifier: Apache-2.0
// One headless peer, as who starts and watches it sees it.

import type { NetworkDescription } from '../../common/network/types.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { KVStoreProvider } from '../../ledger/kv-store.ts';
import type { SourceFiles } from '../chaincode/runtime/control-messages.ts';
import type { SignatureStage } from '../committer/index.ts';
import type { EnrolledIdentity } from '../enrolment.ts';
import type { HeadlessIdentity } from './kept-identity.ts';
import type { ProcessLauncher } from './process-launcher.ts';

export interface HeadlessPeerEvents {
  /** A block was committed. */
  committed: {
    readonly channel: string;
    readonly block: number;
    readonly transactions: number;
    readonly height: number;
  };
  /** This peer became its organisation's leader, or is it no more. */
  leader: { readonly channel: string; readonly isLeader: boolean };
  /** What a person should know of; a peer that cannot go on has `fatal`. */
  error: { readonly code: string; readonly message: string; readonly fatal: boolean };
}

export interface HeadlessPeer {
  /** As the CA named it. */
  readonly name: string;
  readonly events: TypedEventTarget<HeadlessPeerEvents>;
  /** Of the network's first channel. */
  height(): number;
  /** Says goodbye to the others and closes what it has opened, except its stores. */
  stop(): Promise<void>;
}

/** A package that the operator lets this peer run. */
export interface OperatorPackage {
  readonly chaincode: string;
  readonly bytes: Uint8Array;
}

/** Reads the packages that a peer has installed. */
export interface PackageSource {
  get(packageId: string): Promise<{ readonly files: SourceFiles } | undefined>;
}

export interface HeadlessPeerOptions {
  readonly identity: HeadlessIdentity;
  readonly network: NetworkDescription;
  readonly relay: URL;
  readonly stores: KVStoreProvider;
  /** Keeps the client's new certificate and key, where anything is kept. */
  readonly keepClient: (client: EnrolledIdentity) => Promise<void>;
  /** False when the stores are in memory. */
  readonly stored: boolean;
  /** Runs what this peer has installed. */
  readonly launcher: (packages: PackageSource) => ProcessLauncher;
  /** To be installed before the peer is ready. */
  readonly packages: readonly OperatorPackage[];
  /** Shared by all peers of the process. */
  readonly signatureStage: SignatureStage;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  /** Stops a start that has not come to its end. */
  readonly signal: AbortSignal;
  /** Called when a channel's genesis block is in place. */
  readonly onJoined: (channel: string, height: number) => void;
}

/** Joins and catches up; resolves at the tip. When it rejects, nothing of the peer is left running. */
export type StartHeadlessPeer = (options: HeadlessPeerOptions) => Promise<HeadlessPeer>;
