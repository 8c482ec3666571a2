// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concat, equalBytes } from '../../../common/runtime/bytes.ts';
import { fileSource, orderBlockfiles } from './file-sources.ts';

const named = (...names: string[]): { name: string }[] => names.map((name) => ({ name }));

describe('block files', () => {
  test.each([
    [['blockfile_000002', 'blockfile_000000', 'blockfile_000001']],
    [['blockfile_000001.gz', 'blockfile_000002', 'blockfile_000000.gz']],
    [Array.from({ length: 12 }, (_, n) => `blockfile_${String(11 - n).padStart(6, '0')}`)],
  ])('are put in the order of their numbers: %j', (names) => {
    const ordered = orderBlockfiles(named(...names)).map(({ name }) => name);
    expect(ordered).toEqual([...names].sort());
  });

  test('may have any name when there is only one', () => {
    expect(orderBlockfiles(named('peer0 backup'))).toEqual(named('peer0 backup'));
  });

  test.each([
    ['BLOCKFILES_NONE', undefined, []],
    ['BLOCKFILES_GAP', 'blockfile_000001', ['blockfile_000002', 'blockfile_000000']],
    ['BLOCKFILES_GAP', 'blockfile_000000', ['blockfile_000001', 'blockfile_000002']],
    ['BLOCKFILES_TWICE', 'blockfile_000000', ['blockfile_000000', 'blockfile_000000.gz']],
    [
      'BLOCKFILES_TWICE',
      'blockfile_000001',
      ['blockfile_000001', 'blockfile_000000', 'blockfile_000001', 'blockfile_000002'],
    ],
    ['BLOCKFILES_NAME', 'blockfile_000000 (1)', ['blockfile_000000', 'blockfile_000000 (1)']],
    ['BLOCKFILES_NAME', 'index', ['blockfile_000000', 'index']],
  ])('are refused with %s for %s among %j', (code, file, names) => {
    const order = () => orderBlockfiles(named(...names));
    expect(order).toThrow(expect.objectContaining({ code, data: file ? { file } : {} }));
  });
});

async function read(file: File): Promise<{ bytes: Uint8Array; told: number; name: string }> {
  let told = 0;
  const source = fileSource(file);
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open((bytes) => {
    told += bytes;
  })) {
    chunks.push(chunk);
  }
  return { bytes: concat(...chunks), told, name: source.name };
}

describe('a file as a source', () => {
  const contents = Uint8Array.from({ length: 300_000 }, (_, n) => (n * n) % 251);

  test('gives its bytes, and tells how many were read', async () => {
    const got = await read(new File([contents], 'blockfile_000000'));
    expect(got).toMatchObject({ told: contents.length, name: 'blockfile_000000' });
    expect(equalBytes(got.bytes, contents)).toBe(true);
  });

  test('is unpacked when it is packed, and tells of the packed bytes', async () => {
    const packed = new Uint8Array(gzipSync(contents));
    const got = await read(new File([packed], 'blockfile_000000.gz'));
    expect(got).toMatchObject({ told: packed.length, name: 'blockfile_000000' });
    expect(equalBytes(got.bytes, contents)).toBe(true);
  });

  test('is refused by name when it only calls itself packed', async () => {
    const reading = read(new File([contents], 'blockfile_000000.gz'));
    await expect(reading).rejects.toMatchObject({
      code: 'BLOCKFILE_MALFORMED',
      message: expect.stringContaining('blockfile_000000 cannot be read'),
    });
  });
});
