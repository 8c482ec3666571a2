// SPDX-License-Identifier: Apache-2.0
// Which private collections a chaincode has (txmgr/collection_val.go).
import { LedgerError } from '../../types.ts';

/** Tells whether a collection may be used by a simulation. */
export interface CollectionChecker {
  has(namespace: string, collection: string): boolean;
}

/** Throws LedgerError COLLECTION_UNKNOWN unless the chaincode has the collection. */
export function checkCollection(
  collections: CollectionChecker | undefined,
  namespace: string,
  collection: string,
): void {
  if (collection === '') {
    throw new LedgerError('COLLECTION_UNKNOWN', `a collection of ${namespace} needs a name`);
  }
  if (!collections || collections.has(namespace, collection)) return;
  const text = `collection ${collection} is not in the definition of chaincode ${namespace}; commit one with it`;
  throw new LedgerError('COLLECTION_UNKNOWN', text);
}
