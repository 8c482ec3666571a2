// SPDX-License-Identifier: Apache-2.0
// The public shapes of a tab's peer: `window.tabric`, and the view of the network that the page draws.
// Everything is plain data that can be structured-cloned.
import type { NetworkDescription } from '../common/network/types.ts';
import type { TraceEvent } from '../common/runtime/trace.ts';
import type { TornTail } from '../ledger/blkstorage/blockfile/blockfile-parser.ts';
import type { ReplayReport } from './replay/replay-report.ts';

/** How this tab reaches a peer. */
export type PeerLink = 'self' | 'webrtc' | 'relay' | 'none';
/** `asleep`: its tab is hidden and said so; `dead`: silent past the expiry and a probe went unanswered. */
export type PeerStatus = 'alive' | 'asleep' | 'dead';

export interface PeerInfo {
  /** e.g. `peer0.org1.example.com`; `orderer.example.com` for the relay. */
  readonly name: string;
  readonly mspId: string;
  /** libp2p peer id. */
  readonly peerId: string;
  /** hex PKI-ID. */
  readonly pkiId: string;
  readonly role: 'peer' | 'orderer';
  readonly height: number;
  readonly isLeader: boolean;
  readonly link: PeerLink;
  readonly status: PeerStatus;
  /** Milliseconds since the Unix epoch. */
  readonly lastSeen: number;
  /** Names of chaincodes it can endorse with. */
  readonly chaincodes: readonly string[];
  /** peerIds that it says it is directly connected to, for the network picture. */
  readonly neighbours: readonly string[];
}

export interface Me {
  readonly name: string;
  readonly mspId: string;
  readonly peerId: string;
  readonly pkiId: string;
  readonly isLeader: boolean;
  readonly height: number;
  readonly channel: string;
}

/** What connects this tab to the others, in a word the page can explain. */
export type ConnectionState =
  | 'starting'
  | 'connecting' // dialling the relay
  | 'online' // relay connected, direct WebRTC possible or not needed
  | 'relay-only' // relay connected; WebRTC to peers failed, blocks travel by the relay
  | 'reconnecting' // relay lost, retrying; direct peers may still be there
  | 'offline'; // nobody reachable

export interface NetworkView {
  readonly networkId: string;
  readonly channel: string;
  readonly connection: ConnectionState;
  /** Short reason in words for diagnosis (English, untranslated), e.g. `ICE failed with peer2.org1.example.com`. */
  readonly connectionDetail?: string;
  readonly me: Me;
  readonly peers: readonly PeerInfo[];
  /** Blocks held back because an earlier one is missing. */
  readonly buffered: readonly number[];
  readonly storage: {
    readonly kind: 'indexeddb' | 'memory';
    readonly persisted?: boolean;
    readonly usage?: number;
    readonly quota?: number;
  };
  readonly secureContext: boolean;
  /** A fault that a person must know of: `QUOTA_EXCEEDED`, `STORAGE_REFUSED`, `NO_WEBRTC`, `LEDGER_CORRUPT`, … */
  readonly faults: readonly { readonly code: string; readonly message: string }[];
}

export interface TxRead {
  readonly namespace: string;
  readonly key: string;
  readonly version?: { readonly block: number; readonly tx: number };
}
export interface TxWrite {
  readonly namespace: string;
  readonly key: string;
  readonly isDelete: boolean;
  readonly value: string;
}

/** A write to a private data collection, as the chain has it: by hashes, in hex. */
export interface TxPrivateWrite {
  readonly namespace: string;
  readonly collection: string;
  readonly keyHash: string;
  /** Empty when the key is deleted. */
  readonly valueHash: string;
  readonly isDelete: boolean;
}

export interface TxView {
  readonly txId: string;
  readonly type: string;
  readonly block: number;
  readonly index: number;
  /** Name of the TxValidationCode, e.g. `VALID`. */
  readonly status: string;
  readonly timestamp: number;
  readonly creator: { readonly mspId: string; readonly name: string; readonly certificate: string };
  readonly endorsers: readonly { readonly mspId: string; readonly name: string }[];
  readonly chaincode?: { readonly name: string; readonly version: string };
  readonly fn?: string;
  readonly args?: readonly string[];
  readonly response?: {
    readonly status: number;
    readonly message: string;
    readonly payload: string;
  };
  readonly reads: readonly TxRead[];
  readonly rangeReads: readonly {
    readonly namespace: string;
    readonly startKey: string;
    readonly endKey: string;
    readonly keys: readonly string[];
  }[];
  readonly writes: readonly TxWrite[];
  /** Absent when there are none. */
  readonly privateWrites?: readonly TxPrivateWrite[];
  readonly event?: { readonly name: string; readonly payload: string };
  /** For MVCC_READ_CONFLICT: the key, the version read and the version found with the transaction that wrote it. */
  readonly conflict?: {
    readonly namespace: string;
    readonly key: string;
    readonly readVersion?: { readonly block: number; readonly tx: number };
    readonly foundVersion?: { readonly block: number; readonly tx: number };
    readonly writtenBy?: string;
  };
}

export interface BlockView {
  readonly number: number;
  readonly hash: string;
  readonly previousHash: string;
  readonly dataHash: string;
  readonly commitHash?: string;
  readonly sizeBytes: number;
  readonly orderer?: string;
  readonly isConfig: boolean;
  readonly lastConfig: number;
  readonly transactions: readonly TxView[];
}

export interface StateEntry {
  readonly namespace: string;
  readonly key: string;
  readonly value: string;
  readonly version: { readonly block: number; readonly tx: number };
}
export interface HistoryEntry {
  readonly txId: string;
  readonly value: string;
  readonly timestamp: number;
  readonly isDelete: boolean;
  readonly block: number;
  readonly tx: number;
}

export interface ChaincodeInfo {
  readonly name: string;
  readonly version: string;
  readonly sequence: number;
  /** Policy in Fabric's DSL. */
  readonly endorsementPolicy: string;
  readonly packageId?: string;
  /** Whether this tab can run it now. */
  readonly running: boolean;
  /** Why it cannot run, when it is installed and does not. */
  readonly problem?: string;
  /** Contract metadata (org.hyperledger.fabric:GetMetadata), once known. */
  readonly functions?: readonly {
    readonly name: string;
    readonly params: readonly string[];
    readonly submit: boolean;
  }[];
}

export interface SubmitResult {
  readonly txId: string;
  readonly blockNumber: number;
  /** `VALID`. */
  readonly status: string;
  /** Text of the chaincode's result. */
  readonly result: string;
}

/** What a call carries besides its arguments. */
export interface CallOptions {
  /** Private data for the chaincode; no part of the transaction. */
  readonly transientData?: Readonly<Record<string, string>>;
  /** MSP ids that must endorse, or one of which must evaluate. */
  readonly endorsingOrganizations?: readonly string[];
}

export interface TabricEvents {
  'block:committed': {
    readonly number: number;
    readonly txIds: readonly string[];
    readonly statuses: readonly string[];
  };
  'leader:changed': { readonly leader?: string; readonly isMe: boolean };
  'peers:changed': { readonly count: number };
  'network:changed': NetworkView;
  'chaincode:event': {
    readonly chaincode: string;
    readonly name: string;
    readonly payload: string;
    readonly txId: string;
    readonly block: number;
  };
  'chaincode:installed': ChaincodeInfo;
  trace: TraceEvent;
}

/** `window.tabric`: the peer of this tab, for tests, the console and scripts. */
export interface Tabric {
  /** Resolves when the peer has joined: enrolled, connected to the relay, genesis committed, caught up with the orderer's tip at that moment. Rejects with the join error. */
  readonly ready: Promise<Me>;
  readonly me: Me;
  readonly network: NetworkView;
  peers(): readonly PeerInfo[];
  height(): number;
  /** Endorses, orders and waits for the commit at this peer; options come last. Rejects with EndorseError, SubmitError, CommitStatusError, or CommitError with `code`/`status` name of the validation code. */
  submit(chaincode: string, fn: string, ...args: (string | CallOptions)[]): Promise<SubmitResult>;
  /** Runs the function at one peer without ordering; the result as text. */
  evaluate(chaincode: string, fn: string, ...args: (string | CallOptions)[]): Promise<string>;
  block(number: number): Promise<BlockView | undefined>;
  /** Newest first: from `from` (default the tip) downwards, at most `limit` (default 20). */
  blocks(options?: { from?: number; limit?: number }): Promise<readonly BlockView[]>;
  tx(txId: string): Promise<TxView | undefined>;
  state(chaincode: string, key: string): Promise<string | undefined>;
  /** Keys in byte order from `start`. */
  states(
    chaincode: string,
    options?: { start?: string; limit?: number },
  ): Promise<readonly StateEntry[]>;
  history(chaincode: string, key: string): Promise<readonly HistoryEntry[]>;
  chaincodes(): Promise<readonly ChaincodeInfo[]>;
  /** A block with its length in front, as it stands in Fabric's block files. */
  blockfileEntry(number: number): Promise<Uint8Array | undefined>;
  /** Installs a chaincode package (`label.tar.gz` of `peer lifecycle chaincode package`) under a chaincode name; resolves when it runs. */
  install(chaincode: string, file: Blob | Uint8Array): Promise<ChaincodeInfo>;
  waitFor(condition: { height: number }, options?: { timeoutMs?: number }): Promise<number>;
  readonly maintenance: {
    /** Makes state, history and index again from the blocks: closes the ledger, then loads the page anew. Rejects with LedgerError codes. */
    rebuildDBs(): Promise<void>;
  };
  on<Name extends keyof TabricEvents>(
    event: Name,
    listener: (detail: TabricEvents[Name]) => void,
  ): () => void;
  trace(txId?: string): readonly TraceEvent[];
  help(): string;
}

/** One step of joining, for the page to show. */
export interface JoinStep {
  /** `identity`: make keys or load them; `enrol`: certificates from the CA; `connect`: the relay, then peers; `genesis`: block 0; `catch-up`: the rest. */
  readonly step: 'identity' | 'enrol' | 'connect' | 'genesis' | 'catch-up' | 'ready';
  readonly detail?: string;
  /** Progress within the step, e.g. blocks committed of blocks known. */
  readonly done?: number;
  readonly total?: number;
}

/** What can be done about a ledger that cannot be opened; `remove` deletes it, and the peer fetches it again. */
export type LedgerRemedy = 'rebuildDBs' | 'remove' | 'resume';

/** In `data` of the error with which a start fails for its ledger's sake. */
export interface LedgerDamage {
  /** Which ledger of this browser; a tab may find another at its next start. */
  readonly ledger: string;
  readonly remedies: readonly LedgerRemedy[];
}

/** What `startPeer` (src/node/browser/start-peer.ts) takes. Without `join` it needs an identity kept from an earlier visit, else rejects with `JOIN_NEEDED`. */
export interface StartPeerOptions {
  readonly network: NetworkDescription;
  readonly join?: { readonly org: string; readonly secret: string };
  /** Done before the ledger is opened, if it is this one. */
  readonly repair?: { readonly ledger: string; readonly remedy: LedgerRemedy };
  readonly onProgress: (step: JoinStep) => void;
}

/** How long one stage took, over all blocks of an import. */
export interface StageTimes {
  readonly medianMs: number;
  readonly totalMs: number;
}

/** What an import of block files found. Plain data. */
export interface LedgerReport extends ReplayReport {
  /** Names this ledger among the opened ones. */
  readonly id: string;
  readonly files: readonly string[];
  /** All files, as stored. */
  readonly bytes: number;
  /** From the first byte to the last commit. */
  readonly ms: number;
  /** `validate` and `commit` are whole; the others are parts of `commit`. */
  readonly stages: Readonly<
    Record<'validate' | 'commit' | 'mvcc' | 'store' | 'state' | 'history', StageTimes>
  >;
  /** The lists of differences hold the first of them only; these are all. */
  readonly codeDifferenceCount: number;
  readonly commitHashDifferenceCount: number;
  /** When the last file ends within a block. */
  readonly torn?: TornTail;
  /** Why the import ended before the files did; `CANCELLED` when a person wanted it so. */
  readonly stopped?: {
    readonly code: string;
    readonly message: string;
    readonly blockNum?: number;
    readonly file?: string;
    /** In bytes, from the beginning of the (unpacked) file. */
    readonly offset?: number;
  };
}

/** `window.tabricLedger`: the ledgers opened from block files in this page. */
export interface TabricLedger {
  /** Of the newest import that has ended; undefined before. */
  report(): LedgerReport | undefined;
}

declare global {
  interface Window {
    /** There once `#/ledger` was looked at. */
    tabricLedger?: TabricLedger;
    /** There from the moment that this tab's peer begins to join. */
    tabric: Tabric;
  }
}
