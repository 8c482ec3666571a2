// SPDX-License-Identifier: Apache-2.0
// Names of things in the state database: a namespace and a key, as one binary string in which byte order is the
// order of Fabric's LevelDB state (namespace, 0x00, key).
import { binaryToUtf8, utf8ToBinary } from '../../../util/binary-string.ts';
import type { BinaryRange } from '../../../util/sorted-map.ts';

const SEPARATOR = '\u0000';
const AFTER_SEPARATOR = '\u0001';

/** Namespace of the hashes of a private collection (privacyenabledstate/db.go). */
export function hashedDataNs(namespace: string, collection: string): string {
  return `${namespace}$$h${collection}`;
}

/** Namespace of the cleartext of a private collection. */
export function pvtDataNs(namespace: string, collection: string): string {
  return `${namespace}$$p${collection}`;
}

/** The state key of a key that is a text. */
export function stateKey(namespace: string, key: string): string {
  return utf8ToBinary(namespace) + SEPARATOR + utf8ToBinary(key);
}

/** The state key of a key that is bytes already, as a binary string: hashes of private keys. */
export function stateKeyOfBinary(namespace: string, key: string): string {
  return utf8ToBinary(namespace) + SEPARATOR + key;
}

/** Namespace, and key as a binary string, of a state key. A namespace holds no NUL; keys may. */
export function splitStateKey(key: string): { namespace: string; binaryKey: string } {
  const at = key.indexOf(SEPARATOR);
  return { namespace: binaryToUtf8(key.slice(0, at)), binaryKey: key.slice(at + 1) };
}

/** Keys of a namespace from `startKey` to before `endKey`; an empty one is the end of the namespace. */
export function stateRange(namespace: string, startKey: string, endKey: string): BinaryRange {
  const ns = utf8ToBinary(namespace);
  return {
    gte: ns + SEPARATOR + utf8ToBinary(startKey),
    lt: endKey === '' ? ns + AFTER_SEPARATOR : ns + SEPARATOR + utf8ToBinary(endKey),
  };
}

/** The least state key of any namespace after this one. */
export function afterNamespace(namespace: string): string {
  return utf8ToBinary(namespace) + AFTER_SEPARATOR;
}
