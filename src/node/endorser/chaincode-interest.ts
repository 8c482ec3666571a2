// SPDX-License-Identifier: Apache-2.0
// Which chaincodes and collections a simulation touched, so that a gateway knows whose endorsements the transaction needs
// (buildChaincodeInterest of Fabric's core/endorser/endorser.go). Read from the read-write set itself; policies of single keys are
// not listed.

import type { protos, rwset } from '../../common/protos/index.ts';
import {
  unmarshalHashedRWSet,
  unmarshalKVRWSet,
  unmarshalTxReadWriteSet,
} from '../../common/protoutil/unmarshalers.ts';

/** @param results serialized rwset.TxReadWriteSet. */
export function chaincodeInterest(results: Uint8Array): protos.IChaincodeInterest {
  const { ns_rwset } = unmarshalTxReadWriteSet(results);
  const calls = ns_rwset.filter(({ namespace }) => namespace !== '_lifecycle').flatMap(callOf);
  return { chaincodes: calls };
}

function callOf(set: rwset.NsReadWriteSet): protos.IChaincodeCall[] {
  const { reads, range_queries_info, writes, metadata_writes } = unmarshalKVRWSet(set.rwset);
  const collections = set.collection_hashed_rwset;
  const touched = reads.length + range_queries_info.length + writes.length + metadata_writes.length;
  if (touched + collections.length === 0) return [];
  const privateReads = collections.some(
    ({ hashed_rwset }) => unmarshalHashedRWSet(hashed_rwset).hashed_reads.length > 0,
  );
  return [
    {
      name: set.namespace,
      collection_names: collections.map(({ collection_name }) => collection_name),
      no_private_reads: collections.length > 0 && !privateReads,
    },
  ];
}
