// SPDX-License-Identifier: Apache-2.0
// Writes .tar.gz files whose bytes depend on nothing but their content: a chaincode package id is a hash of them, and must be the same
// after every restart, on every machine and with every zlib. So times are zero and deflate only stores.
import { crc32 } from 'node:zlib';

export interface TarEntry {
  /** Path inside the archive, at most 100 bytes. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const BLOCK = 512;
const MAX_STORED = 0xffff;

/** A gzip-wrapped ustar archive of `entries`, in the order given. */
export function tarGz(entries: readonly TarEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const { name, bytes } of entries) {
    parts.push(
      header(name, bytes.length),
      bytes,
      Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK),
    );
  }
  parts.push(Buffer.alloc(2 * BLOCK));
  return storedGzip(Buffer.concat(parts));
}

function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(name) > 100)
    throw new RangeError(`path too long for a ustar archive: ${name}`);
  block.write(name, 0);
  octal(block, 100, 8, 0o100644);
  octal(block, 108, 8, 0);
  octal(block, 116, 8, 0);
  octal(block, 124, 12, size);
  octal(block, 136, 12, 0);
  block.fill(' ', 148, 156);
  block.write('0', 156);
  block.write('ustar\u000000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function octal(block: Buffer, offset: number, length: number, value: number): void {
  block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
}

// RFC 1952 around RFC 1951's stored blocks.
function storedGzip(data: Buffer): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])];
  for (let offset = 0; offset < data.length; offset += MAX_STORED) {
    const chunk = data.subarray(offset, offset + MAX_STORED);
    const head = Buffer.alloc(5);
    head.writeUInt8(offset + MAX_STORED >= data.length ? 1 : 0, 0);
    head.writeUInt16LE(chunk.length, 1);
    head.writeUInt16LE(chunk.length ^ 0xffff, 3);
    parts.push(head, chunk);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(data), 0);
  trailer.writeUInt32LE(data.length % 2 ** 32, 4);
  return Buffer.concat([...parts, trailer]);
}
