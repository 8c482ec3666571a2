// SPDX-License-Identifier: Apache-2.0
// What the page asks of its peer worker, over comlink. Blocks travel by transfer; everything else is small plain data.
import type { PrivateKeyHandle } from '../../common/crypto/index.ts';
import type { ChannelDescription } from '../../common/network/types.ts';
import type { SignedData } from '../../common/policies/types.ts';
import type { TraceEvent } from '../../common/runtime/trace.ts';
import type { StartPeerOptions } from '../api/joining.ts';
import type {
  BlockView,
  ChaincodeInfo,
  HistoryEntry,
  StateEntry,
  TxView,
} from '../api/ledger-views.ts';
import type { EndorsementInterest, EndorsementOf, EndorsementPlan } from '../discovery/index.ts';
import type { CommitOutcome, Endorsed } from '../gateway/index.ts';

export interface WorkerIdentity {
  readonly name: string;
  readonly mspId: string;
  readonly certificate: string;
  readonly key: PrivateKeyHandle;
}

export interface PeerWorkerOptions {
  readonly identity: WorkerIdentity;
  readonly channel: ChannelDescription;
  /** Name of the ledger's databases. */
  readonly ledger: string;
  /** False to keep everything in memory, because the browser refuses storage. */
  readonly stored: boolean;
  /** Threads that check signatures; 0 checks them in the worker itself. */
  readonly verifyWorkers: number;
  readonly repair?: StartPeerOptions['repair'];
}

/** A committed block in short, for the page. */
export interface CommittedBlock {
  readonly number: number;
  readonly txIds: readonly string[];
  /** Names of validation codes. */
  readonly statuses: readonly string[];
  readonly codes: readonly number[];
  readonly height: number;
  /** As CommittedTransactions.planVersion. */
  readonly planVersion: number;
  readonly events: readonly { chaincode: string; name: string; payload: string; txId: string }[];
}

export interface WorkerState {
  /** 0 while the channel is not joined. */
  readonly height: number;
  /** Serialized common.ConfigEnvelope that is in force; absent while the channel is not joined. */
  readonly config?: Uint8Array;
  readonly stored: boolean;
}

/** Told by the worker. */
export interface PeerWorkerCallbacks {
  committed(block: CommittedBlock): void;
  configChanged(config: Uint8Array): void;
  traced(event: TraceEvent): void;
  /** The ledger was taken away; from now on every call but `stop` rejects with this code. */
  storeLost(why: { readonly code: string; readonly message: string }): void;
}

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
  /** Opens the ledger. What it rejects with has LedgerDamage in `data` when there is a remedy. */
  start(
    options: PeerWorkerOptions,
    callbacks: PeerWorkerCallbacks,
    launcher: PageLauncher,
  ): Promise<WorkerState>;
  join(genesis: Uint8Array): Promise<WorkerState>;
  /** Rejects unless the block is block `number` of the channel, signed by its orderers. */
  verifyBlock(number: number, block: Uint8Array): Promise<void>;
  commit(block: Uint8Array): Promise<void>;
  blockBytes(number: number): Promise<Uint8Array | undefined>;
  /** A block with its length in front, as it stands in Fabric's block files. */
  blockfileEntry(number: number): Promise<Uint8Array | undefined>;
  processProposal(signedProposal: Uint8Array): Promise<Uint8Array>;
  /** As Endorser.processProposal of the gateway, by this peer. */
  endorse(signedProposal: Uint8Array, judged: boolean): Promise<Endorsed>;
  satisfiesPolicy(payload: Uint8Array, endorsements: readonly EndorsementOf[]): Promise<boolean>;
  endorsementPlan(chaincode: string, interest?: EndorsementInterest): Promise<EndorsementPlan>;
  /** Rejects unless the signature satisfies the channel's policy of a resource. */
  checkAcl(resource: string, signed: SignedData): Promise<void>;
  /** The outcome of a transaction that is already in the ledger. */
  outcome(txId: string): Promise<CommitOutcome | undefined>;
  block(number: number): Promise<BlockView | undefined>;
  blocks(options: { from?: number; limit?: number }): Promise<BlockView[]>;
  tx(txId: string): Promise<TxView | undefined>;
  state(namespace: string, key: string): Promise<string | undefined>;
  states(namespace: string, options: { start?: string; limit?: number }): Promise<StateEntry[]>;
  history(namespace: string, key: string): Promise<HistoryEntry[]>;
  chaincodes(): Promise<ChaincodeInfo[]>;
  installedPackage(chaincode: string): Promise<string | undefined>;
  /** Keeps a package to run as `chaincode`, without starting it. */
  installBytes(chaincode: string, bytes: Uint8Array): Promise<void>;
  /** Keeps a package and starts it. */
  install(chaincode: string, bytes: Uint8Array): Promise<ChaincodeInfo>;
  /** Closes the ledger, so that every call but `stop` rejects, and drops its databases; the next start makes them again. */
  rebuildDBs(): Promise<void>;
  stop(): Promise<void>;
}
