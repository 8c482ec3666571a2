// SPDX-License-Identifier: Apache-2.0
// What a state with rich queries takes (ValidateKeyValue of statecouchdb/statecouchdb.go). All peers of a channel must have the
// same kind of state database: one with these rules calls a transaction invalid that another one commits. That a key is
// UTF-8 needs no check: the decoder of protobuf has made it so.
import { documentOf } from './json.ts';

/** Why a key cannot be one; undefined when it can. */
export function problemOfKey(key: string): string | undefined {
  if (key === '') return 'invalid key. Empty string is not supported as a key by couchdb';
  return key.startsWith('_') ? `invalid key [${key}], cannot begin with "_"` : undefined;
}

/** Why a key cannot have a value; undefined when it can, as it can be deleted. */
export function problemOfKeyValue(key: string, value: Uint8Array): string | undefined {
  const problem = problemOfKey(key);
  if (problem !== undefined) return problem;
  const reserved = Object.keys(documentOf(value) ?? {}).find(
    (name) => name === '~version' || name.startsWith('_'),
  );
  return reserved === undefined
    ? undefined
    : `field [${reserved}] is not valid for the CouchDB state database`;
}
