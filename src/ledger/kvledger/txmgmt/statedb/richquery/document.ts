// SPDX-License-Identifier: Apache-2.0
// A row of the state as the document that CouchDB would hold.
import type { VersionedValue } from '../../../../types.ts';
import { binaryToUtf8 } from '../../../../util/binary-string.ts';
import { splitStateKey } from '../state-key.ts';
import { documentOf, type JsonObject } from './json.ts';

/** The key of a row, which is the document's `_id`. */
export function keyOf(stateKey: string): string {
  return binaryToUtf8(splitStateKey(stateKey).binaryKey);
}

/** The document with its `_id`. Of a value that is no JSON object there is nothing else in it: Fabric attaches such a value. */
export function decodeDocument(stateKey: string, { value }: VersionedValue): JsonObject {
  return { ...documentOf(value), _id: keyOf(stateKey) };
}
