// SPDX-License-Identifier: Apache-2.0
// Which chaincodes and collections a simulation touched, so that a gateway knows whose endorsements the transaction needs
// (buildChaincodeInterest of Fabric's core/endorser/endorser.go). Policies of single keys are not listed.
//
// A namespace counts for its chaincode's policy when something public of it was written, or nothing at all. Each collection that
// was written, or of which values were read, has an entry of its own. Fabric's entries come in the order of a Go map; here
// they are sorted.
import type { protos, rwset } from '../../common/protos/index.ts';
import {
  unmarshalHashedRWSet,
  unmarshalKVRWSet,
  unmarshalTxReadWriteSet,
} from '../../common/protoutil/unmarshalers.ts';
import { compareUtf8 } from '../../common/runtime/bytes.ts';
import { isReservedName } from '../scc/system-chaincode.ts';

type PrivateReads = readonly { readonly namespace: string; readonly collection: string }[];

/**
 * @param results serialized rwset.TxReadWriteSet.
 * @param privateReads collections of which values were read, not just hashes.
 */
export function chaincodeInterest(
  results: Uint8Array,
  privateReads: PrivateReads = [],
): protos.IChaincodeInterest {
  const { ns_rwset } = unmarshalTxReadWriteSet(results);
  const calls = ns_rwset
    .filter(({ namespace }) => !isReservedName(namespace))
    .flatMap((set) => callsOf(set, privateReads));
  return { chaincodes: calls };
}

function callsOf(set: rwset.NsReadWriteSet, privateReads: PrivateReads): protos.IChaincodeCall[] {
  const name = set.namespace;
  const written = set.collection_hashed_rwset
    .filter(({ hashed_rwset }) => hasPrivateWrites(hashed_rwset))
    .map(({ collection_name }) => collection_name);
  const read = privateReads
    .filter(({ namespace }) => namespace === name)
    .map(({ collection }) => collection);
  const { writes, metadata_writes } = unmarshalKVRWSet(set.rwset);
  const needsChaincode = writes.length + metadata_writes.length > 0 || written.length === 0;
  const collections = [...new Set([...written, ...read])].sort(compareUtf8);
  return [
    ...(needsChaincode ? [{ name }] : []),
    ...collections.map((collection) => ({
      name,
      collection_names: [collection],
      no_private_reads: !read.includes(collection),
    })),
  ];
}

function hasPrivateWrites(hashed: Uint8Array): boolean {
  const { hashed_writes, metadata_writes } = unmarshalHashedRWSet(hashed);
  return hashed_writes.length + metadata_writes.length > 0;
}
