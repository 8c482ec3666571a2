// SPDX-License-Identifier: Apache-2.0
// What a page shows of a ledger. Plain data that can be structured-cloned, and is the same as JSON. Values are told as text; where their bytes
// are no UTF-8, the field of the same name with `Base64` has them.

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
  readonly valueBase64?: string;
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

/** Who made or endorsed something, as the certificate says. */
export interface IdentityView {
  readonly mspId: string;
  /** Common name: the enrolment id. */
  readonly name: string;
  /** By which people know it; it chose that itself. */
  readonly displayName?: string;
}

export interface TxView {
  readonly txId: string;
  readonly type: string;
  readonly block: number;
  readonly index: number;
  /** Name of the TxValidationCode, e.g. `VALID`. */
  readonly status: string;
  readonly timestamp: number;
  readonly creator: IdentityView & { readonly certificate: string };
  readonly endorsers: readonly IdentityView[];
  readonly chaincode?: { readonly name: string; readonly version: string };
  readonly fn?: string;
  readonly args?: readonly string[];
  /** By position, null for those that are text; absent when all are. */
  readonly argsBase64?: readonly (string | null)[];
  readonly response?: {
    readonly status: number;
    readonly message: string;
    readonly payload: string;
    readonly payloadBase64?: string;
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
  readonly event?: {
    readonly name: string;
    readonly payload: string;
    readonly payloadBase64?: string;
  };
  /** For MVCC_READ_CONFLICT: the key, the version read and the version found with the transaction that wrote it. */
  readonly conflict?: {
    readonly namespace: string;
    readonly key: string;
    readonly readVersion?: { readonly block: number; readonly tx: number };
    readonly foundVersion?: { readonly block: number; readonly tx: number };
    readonly writtenBy?: string;
    /** Who made that transaction. */
    readonly writer?: IdentityView;
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
  readonly valueBase64?: string;
  readonly version: { readonly block: number; readonly tx: number };
}

export interface HistoryEntry {
  readonly txId: string;
  readonly value: string;
  readonly valueBase64?: string;
  readonly timestamp: number;
  readonly isDelete: boolean;
  readonly block: number;
  readonly tx: number;
  /** Who made the transaction that wrote it. */
  readonly creator?: IdentityView;
}

/** What a client has done on a channel. */
export interface MemberTotals extends IdentityView {
  /** Transactions in the ledger. */
  readonly valid: number;
  readonly invalid: number;
  /** When the last one was made, by the client's clock, in milliseconds since the Unix epoch. */
  readonly lastTx: number;
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
