// SPDX-License-Identifier: Apache-2.0
// Block files of a real peer and a real orderer, and what may be wrong with files.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { common } from '../../../common/protos/index.ts';
import { concat, equalBytes, toHex, utf8 } from '../../../common/runtime/bytes.ts';
import { expectedBlocks, readBlock } from '../../../common/testdata/mychannel.ts';
import { parseBlock } from '../serialized-block.ts';
import {
  BlockfileError,
  BlockfileParser,
  type BlockfileSource,
  blockfileEntry,
  blockfileName,
  deserializeBlock,
  type FileBlock,
  fileBlockOf,
  MAX_BLOCK_BYTES,
  type ReadBlockfilesOptions,
  readBlockfiles,
  serializeBlock,
  writeBlockfiles,
} from './index.ts';

const ledgerFile = (name: string): Uint8Array =>
  Uint8Array.from(
    readFileSync(new URL(`../../testdata/mychannel-ledger/${name}`, import.meta.url)),
  );

function source(name: string, bytes: Uint8Array, chunkBytes = bytes.length): BlockfileSource {
  return {
    name,
    sizeBytes: bytes.length,
    async *open(onRead) {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        const chunk = bytes.subarray(at, at + chunkBytes);
        onRead(chunk.length);
        yield chunk;
      }
    },
  };
}

async function readAll(
  sources: readonly BlockfileSource[],
  options?: ReadBlockfilesOptions,
): Promise<FileBlock[]> {
  const blocks: FileBlock[] = [];
  for await (const block of readBlockfiles(sources, options)) blocks.push(block);
  return blocks;
}

async function written(blocks: Iterable<Uint8Array>, maxFileBytes?: number) {
  const files = new Map<string, Uint8Array[]>();
  async function* given(): AsyncGenerator<Uint8Array> {
    yield* blocks;
  }
  const options = maxFileBytes === undefined ? {} : { maxFileBytes };
  for await (const { file, bytes } of writeBlockfiles(given(), options)) {
    files.set(file, [...(files.get(file) ?? []), bytes]);
  }
  return new Map([...files].map(([file, parts]) => [file, concat(...parts)]));
}

/** A small block with everything that a block can have. */
function smallBlock(number: number): Uint8Array {
  return common.Block.encode({
    header: { number, previous_hash: utf8('previous'), data_hash: utf8('data') },
    data: { data: [utf8('one'), utf8(''), utf8('three')] },
    metadata: { metadata: [utf8('signatures'), utf8(''), Uint8Array.of(0, 11, 0)] },
  }).finish();
}

describe('the files of a real network', () => {
  test.each([1, 7, 4096, 1 << 20])('are read in chunks of %i bytes', async (chunkBytes) => {
    const file = ledgerFile('peer0.org1.blockfile_000000');
    const bytes = chunkBytes === 1 ? file.subarray(0, 60_000) : file;
    const tails: unknown[] = [];
    const blocks = await readAll([source('blockfile_000000', bytes, chunkBytes)], {
      onTornTail: (tail) => tails.push(tail),
    });
    expect(blocks.length).toBe(chunkBytes === 1 ? blocks.length : expectedBlocks.length);
    expect(blocks.length).toBeGreaterThan(3);
    for (const { number, block } of blocks) {
      expect(equalBytes(block, readBlock(number)), `block ${number}`).toBe(true);
    }
    expect(tails).toHaveLength(chunkBytes === 1 ? 1 : 0);
  });

  test.each(['peer0.org1.blockfile_000000', 'orderer.blockfile_000000'])(
    '%s is written again byte for byte',
    async (name) => {
      const original = ledgerFile(name);
      const blocks = await readAll([source(name, original)]);
      const files = await written(blocks.map(({ block }) => block));
      expect([...files.keys()]).toEqual(['blockfile_000000']);
      expect(equalBytes(files.get('blockfile_000000') ?? new Uint8Array(), original)).toBe(true);
    },
  );

  test('give offsets at which each block can be read alone', async () => {
    const file = ledgerFile('peer0.org1.blockfile_000000');
    for (const { offset, block } of await readAll([source('f', file)])) {
      const [entry] = new BlockfileParser('f').push(file.subarray(offset));
      expect(entry && equalBytes(fileBlockOf('f', entry).block, block)).toBe(true);
    }
  });
});

describe('several files', () => {
  const blocks = Array.from({ length: 9 }, (_, number) => smallBlock(number));
  const entryBytes = blockfileEntry(smallBlock(1)).length;

  test('begin where the next block would make one too large', async () => {
    const files = await written(blocks, 3 * entryBytes);
    expect([...files.keys()]).toEqual([0, 1, 2].map(blockfileName));
    expect([...files.values()].every(({ length }) => length <= 3 * entryBytes)).toBe(true);
    const exact = await written(blocks, 3 * entryBytes - 1);
    expect(exact.size).toBe(5);
  });

  test('are read as one chain, with progress over all', async () => {
    const files = await written(blocks, 3 * entryBytes);
    const sources = [...files].map(([name, bytes]) => source(name, bytes, 11));
    const total = sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const progress: number[] = [];
    const read = await readAll(sources, {
      onProgress: ({ bytesRead, totalBytes }) => {
        expect(totalBytes).toBe(total);
        progress.push(bytesRead);
      },
    });
    expect(read.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(progress).toHaveLength(9);
    expect(progress.at(-1)).toBe(total);
  });

  test('must follow one another', async () => {
    const files = await written(blocks, 3 * entryBytes);
    const [first, second, third] = [...files].map(([name, bytes]) => source(name, bytes));
    const sources = [first, third, second].filter((one) => one !== undefined);
    await expect(readAll(sources)).rejects.toMatchObject({
      code: 'BLOCKFILE_OUT_OF_ORDER',
      message: 'blockfile_000002, block 6 at byte 0: block 3 should stand here',
    });
  });

  test('may be torn only at the end of the last', async () => {
    const files = [...(await written(blocks, 3 * entryBytes))];
    const torn = (index: number) =>
      files.map(([name, bytes], i) => source(name, i === index ? bytes.slice(0, -2) : bytes));
    await expect(readAll(torn(1))).rejects.toMatchObject({
      code: 'BLOCKFILE_TORN',
      data: { file: 'blockfile_000001', offset: 2 * entryBytes },
    });
    const tails: unknown[] = [];
    const read = await readAll(torn(2), { onTornTail: (tail) => tails.push(tail) });
    expect(read).toHaveLength(8);
    expect(tails).toEqual([
      { file: 'blockfile_000002', offset: 2 * entryBytes, bytes: entryBytes - 2 },
    ]);
  });

  test('are not read on when the signal is aborted', async () => {
    const controller = new AbortController();
    const reading = readBlockfiles([source('f', concat(...blocks.map(blockfileEntry)))], {
      signal: controller.signal,
    });
    await reading.next();
    controller.abort(new Error('enough'));
    await expect(reading.next()).rejects.toThrow('enough');
  });
});

describe('what is no block file', () => {
  test.each([
    ['a length of more than any block', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f)],
    ['a length without end', new Uint8Array(20).fill(0x80)],
    ['an empty block', Uint8Array.of(0)],
    ['text', utf8('this is a text and no block file. '.repeat(9))],
    ['a message in place of the file form', concat(Uint8Array.of(0x20), new Uint8Array(0x20))],
  ])('%s is refused with its place', async (_name, bytes) => {
    await expect(readAll([source('blockfile_000000', bytes)])).rejects.toMatchObject({
      code: 'BLOCKFILE_MALFORMED',
      message: expect.stringMatching(/^blockfile_000000, at byte 0: /),
    });
  });

  test('a number beyond the safe integers is refused', () => {
    const huge = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0);
    expect(() => deserializeBlock(huge)).toThrow(/safe|range/i);
  });

  test('bytes behind the end of a block are refused', () => {
    const serialized = concat(serializeBlock(smallBlock(1)), Uint8Array.of(0));
    expect(() => deserializeBlock(serialized)).toThrow('1 bytes follow');
  });

  test('a message without header or data is not written', () => {
    expect(() => serializeBlock(new Uint8Array())).toThrow('no header');
    expect(() => serializeBlock(common.Block.encode({ header: {} }).finish())).toThrow('no data');
  });

  test('a block may lack what can be empty', () => {
    const bare = { header: {}, data: {}, metadata: {} };
    const block = common.Block.encode(bare).finish();
    const { number, block: again } = deserializeBlock(serializeBlock(block));
    expect(number).toBe(0);
    expect(toHex(again)).toBe('0a0012001a00');
  });
});

// Small and quick, so that very many can be tried.
describe('mutated files', () => {
  const MUTATIONS = 100_000;
  const seed = concat(blockfileEntry(smallBlock(0)), blockfileEntry(smallBlock(300)));
  const real = blockfileEntry(readBlock(1));
  const outcomes = { good: 0, torn: 0, refused: 0 };

  function attempt(bytes: Uint8Array): void {
    const parser = new BlockfileParser('f');
    try {
      for (const entry of parser.push(bytes)) {
        const { number, block } = fileBlockOf('f', entry);
        // Whatever is taken for a block must be one for everybody behind.
        if (parseBlock(block).number !== number) throw new Error('numbers differ');
        if (entry.serialized.length > MAX_BLOCK_BYTES) throw new Error('too long');
      }
      if (parser.end()) outcomes.torn++;
      else outcomes.good++;
    } catch (error) {
      if (!(error instanceof BlockfileError)) throw error;
      const told = error.code === 'BLOCKFILE_MALFORMED' && /^f, at byte \d+: /.test(error.message);
      if (!told) throw error;
      outcomes.refused++;
    }
  }

  // Park and Miller's generator: the same mutations in every run.
  function* randoms(state: number): Generator<number, never> {
    for (let value = state; ; ) {
      value = (value * 48_271) % 0x7fffffff;
      yield value;
    }
  }

  function mutate(original: Uint8Array, random: Generator<number, never>): Uint8Array {
    const below = (limit: number): number => random.next().value % limit;
    const bytes = original.slice(0, below(3) === 0 ? below(original.length + 1) : original.length);
    for (let times = below(4); times >= 0 && bytes.length > 0; times--) {
      const at = below(bytes.length);
      const kind = below(4);
      if (kind === 0) bytes[at] = below(256);
      else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
      else if (kind === 2) bytes.fill(0xff, at, at + below(12));
      else bytes.copyWithin(at, below(bytes.length));
    }
    return bytes;
  }

  test(`${MUTATIONS} of them are read, or refused with their place`, () => {
    const random = randoms(2_026);
    for (let i = 0; i < MUTATIONS; i++) attempt(mutate(i % 50 === 0 ? real : seed, random));
    const { good, torn, refused } = outcomes;
    expect(good + torn + refused).toBe(MUTATIONS);
    for (const count of [good, torn, refused]) expect(count).toBeGreaterThan(MUTATIONS / 50);
  });

  test('every truncation is read up to the tear', () => {
    for (let length = 0; length <= seed.length; length++) {
      const parser = new BlockfileParser('f');
      const entries = [...parser.push(seed.subarray(0, length))];
      const whole = entries.reduce((end, { offset, serialized }) => {
        expect(offset).toBe(end);
        return end + 1 + serialized.length;
      }, 0);
      expect(parser.end()?.bytes ?? 0).toBe(length - whole);
    }
  });
});

describe('a block of peer channel fetch', () => {
  test.each([1, 7, 100_000])(
    'is read like a file of one block, in chunks of %i bytes',
    async (chunkBytes) => {
      const bytes = readBlock(14);
      const [block, ...more] = await readAll([source('config_block.pb', bytes, chunkBytes)]);
      expect(more).toEqual([]);
      expect(block).toMatchObject({ number: 14, file: 'config_block.pb', offset: 0 });
      expect(equalBytes(block?.block ?? new Uint8Array(), bytes)).toBe(true);
    },
  );

  test('is told from damage', async () => {
    const cut = readBlock(14).subarray(0, 500);
    await expect(readAll([source('config_block.pb', cut)])).rejects.toThrow(
      'neither a block file nor a block of peer channel fetch',
    );
  });
});
