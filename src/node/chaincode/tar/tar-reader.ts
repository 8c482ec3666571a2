// SPDX-License-Identifier: Apache-2.0
// Reads .tar.gz archives of strangers: everything is bounded, and a name can only point inside the archive.
import { concat, fromUtf8, fromUtf8Strict } from '../../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../../common/runtime/errors.ts';

export interface ArchiveLimits {
  /** Of the archive once unpacked. */
  readonly unpackedBytes: number;
  readonly entries: number;
}

const BLOCK_BYTES = 512;
const MAX_NAME_LENGTH = 1_024;

function refuse(message: string, cause?: unknown): never {
  throw new FabricError('INVALID_PACKAGE', message, { cause });
}

/** The unpacked bytes; throws FabricError INVALID_PACKAGE when they are more than `limit` or not gzip. */
export async function gunzip(bytes: Uint8Array, limit: number): Promise<Uint8Array> {
  const reader = new Blob([new Uint8Array(bytes)])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'))
    .getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > limit) refuse(`archive unpacks to more than ${limit} bytes`);
      chunks.push(value);
    }
  } catch (cause) {
    reader.cancel().catch(() => {});
    if (cause instanceof FabricError) throw cause;
    refuse(`archive is not gzip: ${messageOf(cause)}`, cause);
  }
  return concat(...chunks);
}

/** The plain files of a tar archive (ustar, pax, GNU long names), by path. Throws FabricError INVALID_PACKAGE. */
export function untar(archive: Uint8Array, limits: ArchiveLimits): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let longName: string | undefined;
  let entries = 0;
  for (let offset = 0; offset + BLOCK_BYTES <= archive.length; ) {
    const header = archive.subarray(offset, offset + BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) break;
    if (++entries > limits.entries) refuse(`archive has more than ${limits.entries} entries`);
    const { name, size, type } = readHeader(header);
    const start = offset + BLOCK_BYTES;
    if (start + size > archive.length) refuse('archive ends in the middle of a file');
    const data = archive.subarray(start, start + size);
    offset = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    if (type === 'x') longName = paxPath(data) ?? longName;
    else if (type === 'L') longName = text(data);
    else {
      if (type === '0' || type === '\0') addFile(files, longName ?? name, data);
      else if (type !== '5' && type !== 'g') refuse(`archive holds a link or device: ${name}`);
      longName = undefined;
    }
  }
  return files;
}

interface TarHeader {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

function readHeader(header: Uint8Array): TarHeader {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  if (octal(header, 148, 8) !== sum) refuse('archive is not tar: a header has a wrong checksum');
  const prefix = text(header.subarray(257, 262)) === 'ustar' ? text(header.subarray(345, 500)) : '';
  const name = text(header.subarray(0, 100));
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: octal(header, 124, 12),
    type: String.fromCharCode(header[156] ?? 0),
  };
}

function octal(header: Uint8Array, offset: number, length: number): number {
  const digits = text(header.subarray(offset, offset + length)).trim();
  if (!/^[0-7]{0,11}$/.test(digits)) refuse('archive is not tar: a header has a malformed number');
  return Number.parseInt(digits || '0', 8);
}

// Up to the first NUL.
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return fromUtf8(end < 0 ? bytes : bytes.subarray(0, end));
}

// Records of "length key=value\n"; the length counts all of the record.
function paxPath(data: Uint8Array): string | undefined {
  let path: string | undefined;
  for (let offset = 0; offset < data.length; ) {
    const head = /^(\d{1,8}) /.exec(fromUtf8(data.subarray(offset, offset + 10)));
    const length = Number(head?.[1] ?? 0);
    if (length < 5 || offset + length > data.length) refuse('archive has a malformed pax header');
    const record = fromUtf8(data.subarray(offset + (head?.[0].length ?? 0), offset + length - 1));
    if (record.startsWith('path=')) path = record.slice('path='.length);
    offset += length;
  }
  return path;
}

function addFile(files: Map<string, Uint8Array>, name: string, data: Uint8Array): void {
  const parts = name.replace(/^\.\//, '').split('/');
  const outside = parts.some((part) => part === '' || part === '.' || part === '..');
  if (outside || name.length > MAX_NAME_LENGTH || /[\\\0]/.test(name)) {
    refuse(`archive has an unsafe path: ${name.slice(0, 100)}`);
  }
  const path = parts.join('/');
  if (files.has(path)) refuse(`archive holds ${path} twice`);
  files.set(path, data);
}

/** Text of a file; undefined when it is not UTF-8. */
export function fileText(bytes: Uint8Array): string | undefined {
  try {
    return fromUtf8Strict(bytes);
  } catch {
    return undefined;
  }
}
