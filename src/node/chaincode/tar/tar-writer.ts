// SPDX-License-Identifier: Apache-2.0
// Writes .tar.gz files whose bytes depend on nothing but their content: a chaincode package id is a hash of them, and must be the same
// after every restart, on every machine and with every zlib. So times are zero and deflate only stores.
import { concat, utf8 } from '../../../common/runtime/bytes.ts';

export interface TarEntry {
  /** Path inside the archive; beyond 100 bytes it must have a `/` that leaves at most 155 before and 100 behind. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
const MAX_STORED = 0xffff;

/** A gzip-wrapped ustar archive of `entries`, in the order given. Throws RangeError when a path is too long. */
export function tarGz(entries: readonly TarEntry[]): Uint8Array {
  return storedGzip(tar(entries));
}

/** A ustar archive of `entries`, in the order given. Throws RangeError when a path is too long. */
export function tar(entries: readonly TarEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { name, bytes } of entries) {
    const padding = new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK);
    parts.push(header(name, bytes.length), bytes, padding);
  }
  return concat(...parts, new Uint8Array(2 * BLOCK));
}

function header(name: string, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const [prefix, path] = splitName(name);
  block.set(path, 0);
  block.set(prefix, 345);
  octal(block, 100, 8, 0o100644);
  octal(block, 108, 8, 0);
  octal(block, 116, 8, 0);
  octal(block, 124, 12, size);
  octal(block, 136, 12, 0);
  // The sum is taken over a header whose own field holds spaces.
  block.fill(0x20, 148, 156);
  block.set(utf8('0'), 156);
  block.set(utf8('ustar\u000000'), 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(utf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return block;
}

// POSIX ustar: what does not fit into the name goes into its prefix.
function splitName(name: string): [prefix: Uint8Array, path: Uint8Array] {
  const whole = utf8(name);
  if (whole.length <= 100) return [new Uint8Array(), whole];
  const slash = whole.indexOf('/'.charCodeAt(0), whole.length - 101);
  if (slash < 0 || slash > 155) throw new RangeError(`path too long for a ustar archive: ${name}`);
  return [whole.subarray(0, slash), whole.subarray(slash + 1)];
}

function octal(block: Uint8Array, offset: number, length: number, value: number): void {
  block.set(utf8(`${value.toString(8).padStart(length - 1, '0')}\0`), offset);
}

// RFC 1952 around RFC 1951's stored blocks.
function storedGzip(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)];
  for (let offset = 0; offset < data.length; offset += MAX_STORED) {
    const chunk = data.subarray(offset, offset + MAX_STORED);
    const head = new DataView(new ArrayBuffer(5));
    head.setUint8(0, offset + MAX_STORED >= data.length ? 1 : 0);
    head.setUint16(1, chunk.length, true);
    head.setUint16(3, chunk.length ^ 0xffff, true);
    parts.push(new Uint8Array(head.buffer), chunk);
  }
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, crc32(data), true);
  trailer.setUint32(4, data.length, true);
  return concat(...parts, new Uint8Array(trailer.buffer));
}

// RFC 1952 section 8.
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
