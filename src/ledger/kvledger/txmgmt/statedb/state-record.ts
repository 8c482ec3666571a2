// SPDX-License-Identifier: Apache-2.0
// How a value of the state is stored: the fields of Fabric's DBValue (statedb/stateleveldb/db_value.proto).
import { Reader, Writer } from '../../../../common/protos/index.ts';
import { concat, EMPTY_BYTES } from '../../../../common/runtime/bytes.ts';
import type { Version, VersionedValue } from '../../../types.ts';
import { orderPreservingVarint, readOrderPreservingVarint } from '../../../util/codec.ts';

const VERSION = 10;
const VALUE = 18;
const METADATA = 26;

/** Fabric's version.Height as bytes, as they also enter the commit hash. */
export function versionBytes({ blockNum, txNum }: Version): Uint8Array<ArrayBuffer> {
  return concat(orderPreservingVarint(blockNum), orderPreservingVarint(txNum));
}

/** The version that `versionBytes` wrote; throws RangeError when it is cut off. */
export function versionOf(bytes: Uint8Array): Version {
  const { value: blockNum, next } = readOrderPreservingVarint(bytes, 0);
  return { blockNum, txNum: readOrderPreservingVarint(bytes, next).value };
}

export function encodeStateRecord({ value, metadata, version }: VersionedValue): Uint8Array {
  const writer = new Writer().uint32(VERSION).bytes(versionBytes(version));
  if (value.length > 0) writer.uint32(VALUE).bytes(value);
  if (metadata.length > 0) writer.uint32(METADATA).bytes(metadata);
  return writer.finish();
}

export function decodeStateRecord(bytes: Uint8Array): VersionedValue {
  const reader = new Reader(bytes);
  let version: Version | undefined;
  let value: Uint8Array = EMPTY_BYTES;
  let metadata: Uint8Array = EMPTY_BYTES;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === VERSION) version = versionOf(reader.bytes());
    else if (tag === VALUE) value = reader.bytes();
    else if (tag === METADATA) metadata = reader.bytes();
    else reader.skip(tag);
  }
  if (!version) throw new RangeError('state record has no version');
  return { value, metadata, version };
}
