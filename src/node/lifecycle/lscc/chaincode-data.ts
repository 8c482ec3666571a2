// SPDX-License-Identifier: Apache-2.0
// What `lscc` keeps of a chaincode (core/common/ccprovider/ccprovider.proto, ChaincodeData). Policies stay bytes, as they do there:
// whether they can be read shows when they are used.
import { Reader } from '../../../common/protos/index.ts';

export interface ChaincodeData {
  readonly name: string;
  readonly version: string;
  readonly escc: string;
  readonly vscc: string;
  /** Serialized common.SignaturePolicyEnvelope; empty when there is none. */
  readonly policy: Uint8Array;
  readonly instantiationPolicy: Uint8Array;
}

const STRINGS = { 1: 'name', 2: 'version', 3: 'escc', 4: 'vscc' } as const;
const BYTES = { 5: 'policy', 8: 'instantiationPolicy' } as const;
const DELIMITED = 2;

/** Throws when the bytes are no message. Fields `data` and `id`, which only whoever runs the chaincode needs, are left out. */
export function decodeChaincodeData(bytes: Uint8Array): ChaincodeData {
  const none = new Uint8Array();
  const strings = { name: '', version: '', escc: '', vscc: '' };
  const policies = { policy: none, instantiationPolicy: none };
  const reader = new Reader(bytes);
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    const field = tag >>> 3;
    const isDelimited = (tag & 7) === DELIMITED;
    if (isDelimited && isKeyOf(STRINGS, field)) strings[STRINGS[field]] = reader.string();
    else if (isDelimited && isKeyOf(BYTES, field)) policies[BYTES[field]] = reader.bytes().slice();
    else reader.skip(tag);
  }
  return { ...strings, ...policies };
}

function isKeyOf<T extends object>(table: T, field: number): field is keyof T & number {
  return Object.hasOwn(table, field);
}
