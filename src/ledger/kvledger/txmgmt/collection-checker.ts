// SPDX-License-Identifier: Apache-2.0
// Which private collections a chaincode has (txmgr/collection_val.go).
import { LedgerError } from '../../types.ts';

/** Tells whether a collection may be used by a simulation. */
export interface CollectionChecker {
  has(namespace: string, collection: string): boolean;
}

/** Throws LedgerError COLLECTION_UNKNOWN, in Fabric's words, unless the chaincode has the collection. */
export function checkCollection(
  collections: CollectionChecker | undefined,
  namespace: string,
  collection: string,
): void {
  // No collection can be defined without a name; here Fabric itself would let it pass.
  if (collection !== '' && (!collections || collections.has(namespace, collection))) return;
  const text = `collection [${collection}] not defined in the collection config for chaincode [${namespace}]`;
  throw new LedgerError('COLLECTION_UNKNOWN', text);
}
