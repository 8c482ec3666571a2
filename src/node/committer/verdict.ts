// SPDX-License-Identifier: Apache-2.0
// What the signature stage finds out about one transaction. Plain data: it travels from the verify workers.
import { protos } from '../../common/protos/index.ts';

const { TxValidationCode } = protos;

/** The writes of one private data collection that a policy must cover. */
export interface CollectionVerdict {
  readonly collection: string;
  /** Outcome of the collection's own policy, or else of the chaincode's; false when there is no such collection. */
  readonly policySatisfied: boolean;
  /** Hashes of the names of private keys, in hex: with a value written or deleted, */
  readonly writtenKeyHashes: readonly string[];
  /** and with metadata written. */
  readonly metadataKeyHashes: readonly string[];
}

/** The writes of one namespace that a policy must cover. */
export interface NamespaceVerdict {
  readonly namespace: string;
  /** Outcome of the chaincode's own policy; counts only for keys without a policy of their own. */
  readonly chaincodePolicySatisfied: boolean;
  /** Keys with a value written or deleted. */
  readonly writtenKeys: readonly string[];
  /** Keys whose metadata is written. */
  readonly metadataKeys: readonly string[];
  /** Collections that are written. */
  readonly collections: readonly CollectionVerdict[];
  /** What is found before a policy is asked, before application capability V2_0: the namespaces behind it are not looked at. */
  readonly code?: number;
}

export interface TxVerdict {
  /** protos.TxValidationCode: VALID when nothing that can be checked without the ledger speaks against it. */
  readonly code: number;
  /** Empty when the header could not be read. */
  readonly txId: string;
  /** common.HeaderType; -1 when the header could not be read. */
  readonly type: number;
  readonly namespaces: readonly NamespaceVerdict[];
  /** Why the code is not VALID, for logs and the page. */
  readonly reason?: string;
  /** Before application capability V2_0: the chaincode that was invoked, */
  readonly invoked?: string;
  /** the one that `lscc` was asked to upgrade, */
  readonly upgraded?: string;
  /** and that the state of `lscc` changes. */
  readonly writesLscc?: boolean;
}

/** Name of a validation code, e.g. `MVCC_READ_CONFLICT`. */
export function codeName(code: number): string {
  return TxValidationCode[code] ?? `CODE_${code}`;
}

export class InvalidTransaction extends Error {
  override readonly name = 'InvalidTransaction';
  readonly code: number;
  readonly txId: string;
  readonly type: number;

  constructor(code: number, reason: string, about: { txId?: string; type?: number } = {}) {
    super(reason);
    this.code = code;
    this.txId = about.txId ?? '';
    this.type = about.type ?? -1;
  }
}
