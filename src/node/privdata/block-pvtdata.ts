// SPDX-License-Identifier: Apache-2.0
// Which private write sets a block tells of (getTxPvtdataInfoFromBlock of gossip/privdata/coordinator.go).
import { kvrwset, protos, rwset } from '../../common/protos/index.ts';
import type { ParsedTx, SerializedBlock } from '../../ledger/blkstorage/index.ts';
import type { TxVerdict } from '../committer/index.ts';

/** The private writes of a transaction to a collection, by what its public part says. */
export interface CollectionPvtdataInfo {
  readonly namespace: string;
  readonly collection: string;
  readonly expectedHash: Uint8Array;
}

export interface TxPvtdataInfo {
  readonly txId: string;
  readonly seqInBlock: number;
  readonly collections: readonly CollectionPvtdataInfo[];
}

/**
 * Of the transactions that are valid so far. The verdicts say which have private writes at all, so that the others are not
 * taken apart once more.
 */
export function txPvtdataInfosOf(
  { transactions }: Pick<SerializedBlock, 'transactions'>,
  verdicts: readonly TxVerdict[],
  flags: Uint8Array,
): TxPvtdataInfo[] {
  return verdicts.flatMap(({ txId, namespaces }, seqInBlock) => {
    if (flags[seqInBlock] !== protos.TxValidationCode.VALID) return [];
    if (!namespaces.some(({ collections }) => collections.length > 0)) return [];
    const tx = transactions[seqInBlock];
    return tx ? [{ txId, seqInBlock, collections: collectionsIn(tx) }] : [];
  });
}

function collectionsIn({ action }: ParsedTx): CollectionPvtdataInfo[] {
  return rwset.TxReadWriteSet.decode(action.results).ns_rwset.flatMap(
    ({ namespace, collection_hashed_rwset }) =>
      collection_hashed_rwset.filter(hasWrites).map((set) => ({
        namespace,
        collection: set.collection_name,
        expectedHash: set.pvt_rwset_hash,
      })),
  );
}

function hasWrites({ hashed_rwset }: rwset.CollectionHashedReadWriteSet): boolean {
  const { hashed_writes, metadata_writes } = kvrwset.HashedRWSet.decode(hashed_rwset);
  return hashed_writes.length + metadata_writes.length > 0;
}
