// SPDX-License-Identifier: Apache-2.0
// Small encodings of the ledger's own records, beside protobuf.

/** Eight bytes, most significant first, so that numbers sort as bytes do. */
export function uint64Bytes(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** The number that `uint64Bytes` wrote at `offset`. */
export function readUint64(bytes: Uint8Array, offset = 0): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset));
}

/** Fabric's order-preserving varint (common/ledger/util): a count of bytes, then those, none of them leading zeros. */
export function orderPreservingVarint(value: number): Uint8Array<ArrayBuffer> {
  let count = 0;
  for (let rest = value; rest >= 1; rest /= 256) count++;
  const bytes = new Uint8Array(1 + count);
  bytes[0] = count;
  for (let i = count, rest = value; i > 0; i--, rest = Math.floor(rest / 256))
    bytes[i] = rest % 256;
  return bytes;
}

/** Reads an order-preserving varint; throws RangeError when it is cut off or beyond the safe integers. */
export function readOrderPreservingVarint(
  bytes: Uint8Array,
  offset: number,
): { value: number; next: number } {
  const count = bytes[offset] ?? 0xff;
  const next = offset + 1 + count;
  if (next > bytes.length) throw new RangeError('order-preserving varint is cut off');
  let value = 0;
  for (const byte of bytes.subarray(offset + 1, next)) value = value * 256 + byte;
  if (!Number.isSafeInteger(value)) throw new RangeError('order-preserving varint is too large');
  return { value, next };
}

/** The least key above all keys that begin with `prefix`, which must hold a byte below 0xff. */
export function prefixEnd(prefix: Uint8Array): Uint8Array<ArrayBuffer> {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) throw new RangeError('prefix has no end');
  const end = prefix.slice(0, length);
  end[length - 1] = (end[length - 1] ?? 0) + 1;
  return end;
}
