// SPDX-License-Identifier: Apache-2.0
// `window.tabric`: the peer of a tab for tests, the console and scripts. Everything is plain data that can be structured-cloned.
import type { TraceEvent } from '../../common/runtime/trace.ts';
import type { ChaincodeLogLine, LogFilter } from '../chaincode/chaincode-logs.ts';
import type {
  BlockView,
  ChaincodeInfo,
  HistoryEntry,
  MemberTotals,
  StateEntry,
  TxView,
} from './ledger-views.ts';
import type { ChannelInfo, Me, NetworkView, PeerInfo } from './network-view.ts';

export interface SubmitResult {
  readonly txId: string;
  readonly blockNumber: number;
  /** `VALID`. */
  readonly status: string;
  /** Text of the chaincode's result. */
  readonly result: string;
  /** Its bytes, when they are no UTF-8. */
  readonly resultBase64?: string;
}

/** An argument of a chaincode's function. */
export type CallArgument = string | Uint8Array;

/** What a call carries besides its arguments. */
export interface CallOptions {
  /** Private data for the chaincode; no part of the transaction. */
  readonly transientData?: Readonly<Record<string, CallArgument>>;
  /** MSP ids that must endorse, or one of which must evaluate. */
  readonly endorsingOrganizations?: readonly string[];
  /** Calls `Init` of a chaincode that requires it. */
  readonly isInit?: boolean;
}

/** What can be waited for, by the name of the condition. */
export interface Waits {
  /** Blocks in this peer's ledger, at least; resolves with how many there are. */
  height: { readonly given: number; readonly result: number };
  /** A transaction in this peer's ledger, valid or not. */
  txId: { readonly given: string; readonly result: TxView };
  /** Peers on the channel that are there, this one among them, at least. */
  peers: { readonly given: number; readonly result: readonly PeerInfo[] };
  /** A chaincode's name: enough peers can be reached to satisfy its endorsement policy. Resolves with those that run it. */
  endorsers: { readonly given: string; readonly result: readonly PeerInfo[] };
  /** The next chaincode event of this name. */
  event: { readonly given: string; readonly result: TabricEvents['chaincode:event'] };
}

/** One condition, and how long to wait for it in milliseconds; 30 s when absent. */
export type WaitCondition<K extends keyof Waits = keyof Waits> = K extends K
  ? { readonly [key in K]: Waits[K]['given'] } & { readonly timeout?: number }
  : never;

export interface TabricEvents {
  'block:committed': {
    readonly channel: string;
    readonly number: number;
    readonly txIds: readonly string[];
    readonly statuses: readonly string[];
  };
  'leader:changed': { readonly leader?: string; readonly isMe: boolean };
  'peers:changed': { readonly count: number };
  'network:changed': NetworkView;
  'chaincode:event': {
    readonly channel: string;
    readonly chaincode: string;
    readonly name: string;
    readonly payload: string;
    /** When the payload is no UTF-8. */
    readonly payloadBase64?: string;
    readonly txId: string;
    readonly block: number;
  };
  'chaincode:installed': ChaincodeInfo;
  /** Chaincode of this peer has written to its console, or thrown. */
  'chaincode:log': ChaincodeLogLine;
  /** This peer has made other validation codes or writes of a block than other peers; `difference` is absent when all agree again. */
  'ledger:compared': {
    readonly channel: string;
    readonly difference?: {
      /** The first block that differs. */
      readonly block: number;
      /** Names of the peers that differ, as they say. */
      readonly peers: readonly string[];
      /** How many compared peers agree with this one. */
      readonly agreeing: number;
      readonly transactions: readonly {
        readonly txId: string;
        readonly here: string;
        readonly there: string;
      }[];
    };
  };
  trace: TraceEvent;
}

/** One channel of the peer. */
export interface ChannelFacade {
  readonly name: string;
  /** Blocks in this peer's ledger of the channel. */
  height(): number;
  /** Everybody on the channel, this peer among them. */
  peers(): readonly PeerInfo[];
  /** Endorses, orders and waits for the commit at this peer; options come last. Rejects with EndorseError, SubmitError, CommitStatusError, or CommitError with `code`/`status` name of the validation code. */
  submit(
    chaincode: string,
    fn: string,
    ...args: (CallArgument | CallOptions)[]
  ): Promise<SubmitResult>;
  /** Runs the function at one peer without ordering; the result as text. */
  evaluate(chaincode: string, fn: string, ...args: (CallArgument | CallOptions)[]): Promise<string>;
  /** The same, with the result as bytes. */
  evaluateBytes(
    chaincode: string,
    fn: string,
    ...args: (CallArgument | CallOptions)[]
  ): Promise<Uint8Array>;
  block(number: number): Promise<BlockView | undefined>;
  /** Newest first: from `from` (default the tip) downwards, at most `limit` (default 20). */
  blocks(options?: { from?: number; limit?: number }): Promise<readonly BlockView[]>;
  tx(txId: string): Promise<TxView | undefined>;
  state(chaincode: string, key: string): Promise<string | undefined>;
  stateBytes(chaincode: string, key: string): Promise<Uint8Array | undefined>;
  /** Keys in byte order from `start`. */
  states(
    chaincode: string,
    options?: { start?: string; limit?: number },
  ): Promise<readonly StateEntry[]>;
  history(chaincode: string, key: string): Promise<readonly HistoryEntry[]>;
  /** Everybody who has made a transaction, and how many were valid. */
  members(): Promise<readonly MemberTotals[]>;
  chaincodes(): Promise<readonly ChaincodeInfo[]>;
  /** A block with its length in front, as it stands in Fabric's block files. */
  blockfileEntry(number: number): Promise<Uint8Array | undefined>;
  /**
   * Rejects with TIMEOUT, which says how far things are. Rejects with TypeError for a condition that is not known.
   * @param options an older way to say `timeout`.
   */
  waitFor<K extends keyof Waits>(
    condition: WaitCondition<K>,
    options?: { readonly timeoutMs?: number },
  ): Promise<Waits[K]['result']>;
}

/** `window.tabric`: the peer of this tab, for tests, the console and scripts. Calls of a channel mean the default channel. */
export interface Tabric extends ChannelFacade {
  /** Resolves when the peer has joined: enrolled, connected to the relay, genesis committed, caught up with the orderer's tip at that moment. Rejects with the join error. */
  readonly ready: Promise<Me>;
  readonly me: Me;
  readonly network: NetworkView;
  /** The same calls bound to a channel. Throws `CHANNEL_NOT_FOUND` when this peer has not joined it. */
  channel(name: string): ChannelFacade;
  /** The channels that this peer has joined, the default one first. */
  channels(): readonly ChannelInfo[];
  /**
   * Gives the user of this peer a name by which people know it, of at most 40 characters; an empty one takes it away. It stands in the
   * certificate that signs the transactions from now on, for good and for everybody on the channel to read. Resolves when this peer uses it;
   * rejects with DISPLAY_NAME_REFUSED, REENROLL_TOO_OFTEN or RELAY_UNREACHABLE.
   */
  setName(name: string): Promise<Me>;
  /**
   * Installs a chaincode package (`label.tar.gz` of `peer lifecycle chaincode package`) under a chaincode name; resolves when it runs. Rejects
   * with CHAINCODE_START_FAILED when it does not: the message is the chaincode's own error, with file and line of a syntax error.
   */
  install(chaincode: string, file: Blob | Uint8Array): Promise<ChaincodeInfo>;
  /** What chaincode of this peer has written to its console, oldest first: of a package, of a transaction, or all. */
  logs(filter?: LogFilter): readonly ChaincodeLogLine[];
  /** Counters of this peer by name: what was sent, received and done since it started. */
  metrics(): Readonly<Record<string, number>>;
  readonly maintenance: {
    /** Makes state, history and index again from the blocks: closes the ledger, then loads the page again. Rejects with LedgerError codes. */
    rebuildDBs(): Promise<void>;
  };
  on<Name extends keyof TabricEvents>(
    event: Name,
    listener: (detail: TabricEvents[Name]) => void,
  ): () => void;
  trace(txId?: string): readonly TraceEvent[];
  help(): string;
}
