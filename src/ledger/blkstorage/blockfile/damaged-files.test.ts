// SPDX-License-Identifier: Apache-2.0
// What a crash, a bad disk or a stranger may make of block files: what is whole comes out, the rest is told with its place, and a
// ledger that is fed from them holds whole blocks or none of them.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { common } from '../../../common/protos/index.ts';
import { concat, equalBytes, toHex, utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { readBlock } from '../../../common/testdata/mychannel.ts';
import { LedgerProvider } from '../../kvledger/ledger-provider.ts';
import { BlockGenerator } from '../../kvledger/testing/block-generator.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import { LedgerError, type PeerLedger } from '../../types.ts';
import { parseBlock, transactionsFilterOf, withMetadata } from '../serialized-block.ts';
import {
  BlockfileError,
  type BlockfileSource,
  blockfileEntry,
  type FileBlock,
  readBlockfiles,
  type TornTail,
} from './index.ts';

const FILE = Uint8Array.from(
  readFileSync(
    new URL('../../testdata/mychannel-ledger/peer0.org1.blockfile_000000', import.meta.url),
  ),
);

const source = (bytes: Uint8Array, name = 'blockfile_000000'): BlockfileSource => ({
  name,
  sizeBytes: bytes.length,
  async *open() {
    yield bytes;
  },
});

interface Read {
  readonly blocks: FileBlock[];
  readonly tails: TornTail[];
  readonly error?: unknown;
}

/** All that comes out, and how it ended. */
async function read(...sources: BlockfileSource[]): Promise<Read> {
  const blocks: FileBlock[] = [];
  const tails: TornTail[] = [];
  try {
    for await (const block of readBlockfiles(sources, { onTornTail: (t) => tails.push(t) })) {
      blocks.push(block);
    }
  } catch (error) {
    return { blocks, tails, error };
  }
  return { blocks, tails };
}

const numbers = ({ blocks }: Read): number[] => blocks.map(({ number }) => number);

describe('a real file that is torn', () => {
  test('at any byte of its last block gives the blocks before, and where the tear begins', async () => {
    const { blocks } = await read(source(FILE));
    const [last, before] = [blocks.at(-1), blocks.at(-3)];
    if (!last || !before) throw new Error('the file has too few blocks');
    expect(last.number).toBe(70);
    for (let end = last.offset; end < FILE.length; end++) {
      // Two blocks stand for all before, most of the time.
      const from = end % 500 === 0 ? 0 : before.offset;
      const found = await read(source(FILE.subarray(from, end)));
      const bytes = end - last.offset;
      const tail = { file: 'blockfile_000000', offset: last.offset - from, bytes };
      expect(found.error).toBeUndefined();
      expect(found.tails).toEqual(bytes === 0 ? [] : [tail]);
      expect(found.blocks).toHaveLength(from === 0 ? 70 : 2);
      expect(equalBytes(found.blocks.at(-1)?.block ?? utf8(''), readBlock(69))).toBe(true);
    }
    expect(FILE.length - last.offset).toBeGreaterThan(1000);
  });
});

describe('lengths', () => {
  const uvarint = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
  const ones = (count: number): number[] => Array.from({ length: count }, () => 0xff);
  const zeros = (count: number): number[] => Array.from({ length: count }, () => 0x80);

  test.each([
    ['2^63', uvarint(...zeros(9), 0x01)],
    ['2^64 - 1', uvarint(...ones(9), 0x01)],
    ['more than 64 bits', uvarint(...ones(9), 0x7f)],
    ['no end within ten bytes', uvarint(...ones(10), 0x01)],
    ['2^31, which is negative to some', uvarint(...zeros(4), 0x08)],
    ['2^32, which is none to some', uvarint(...zeros(4), 0x10)],
    ['one more than any message', uvarint(0x81, 0x80, 0x80, 0x32)],
  ])('of %s are refused at once', async (_, prefix) => {
    const block = blockfileEntry(readBlock(1));
    const found = await read(source(concat(block, prefix, new Uint8Array(50))));
    expect(numbers(found)).toEqual([1]);
    expect(found.error).toMatchObject({
      code: 'BLOCKFILE_MALFORMED',
      data: { file: 'blockfile_000000', offset: block.length },
    });
  });

  test('of more than the file has are a tear', async () => {
    const block = blockfileEntry(readBlock(1));
    // 100 MiB, the most that a block may have.
    const found = await read(source(concat(block, uvarint(0x80, 0x80, 0x80, 0x32), utf8('xy'))));
    expect(numbers(found)).toEqual([1]);
    const tail = { file: 'blockfile_000000', offset: block.length, bytes: 6 };
    expect([found.error, found.tails]).toEqual([undefined, [tail]]);
  });

  test('that are not as short as can be are read, as Go reads them', async () => {
    const block = blockfileEntry(readBlock(0)).subarray(3);
    const length = block.length;
    const long = uvarint((length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14);
    const longer = concat(long.with(2, (long[2] ?? 0) | 0x80), uvarint(0x80, 0));
    expect(numbers(await read(source(concat(long, block))))).toEqual([0]);
    expect(numbers(await read(source(concat(longer, block))))).toEqual([0]);
  });
});

describe('files in which blocks are not where they belong', () => {
  const entries = [0, 1, 2, 3].map((number) => blockfileEntry(readBlock(number)));
  const [zero, one, two, three] = entries as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

  test.each<[string, Uint8Array[], number[], number]>([
    ['twice', [zero, one, one, two], [0, 1], 2],
    ['in the wrong order', [zero, two, one], [0], 1],
    ['backwards', [three, two], [3], 1],
    ['with a gap', [zero, one, three], [0, 1], 2],
  ])('%s end where the order ends', async (_, parts, before, wrong) => {
    const found = await read(source(concat(...parts)));
    expect(numbers(found)).toEqual(before);
    const offset = concat(...parts.slice(0, wrong)).length;
    expect(found.error).toMatchObject({ code: 'BLOCKFILE_OUT_OF_ORDER', data: { offset } });
    expect(found.error).toBeInstanceOf(BlockfileError);
  });

  test('are empty, or among others that are', async () => {
    expect(await read(source(new Uint8Array()))).toEqual({ blocks: [], tails: [] });
    expect(await read()).toEqual({ blocks: [], tails: [] });
    const empty = source(new Uint8Array(), 'blockfile_000001');
    expect(numbers(await read(source(concat(zero, one)), empty, source(two, 'x')))).toEqual([
      0, 1, 2,
    ]);
  });

  test('go on after the last block with what is no block', async () => {
    const zeros = await read(source(concat(zero, one, new Uint8Array(64))));
    expect(numbers(zeros)).toEqual([0, 1]);
    expect(zeros.error).toMatchObject({
      code: 'BLOCKFILE_MALFORMED',
      data: { offset: zero.length + one.length },
    });
  });
});

// Park and Miller's generator: the same mutations in every run.
function* randoms(state: number): Generator<number, never> {
  for (let value = state; ; ) {
    value = (value * 48_271) % 0x7fffffff;
    yield value;
  }
}

describe('a ledger fed from files', () => {
  const random = randoms(7);
  const below = (limit: number): number => random.next().value % limit;

  // A chain of blocks with all that the ledger reads of them, as its peer stored it.
  async function chain(): Promise<{ stored: Uint8Array[]; stores: MemoryKVStoreProvider }> {
    const stores = new MemoryKVStoreProvider();
    const provider = await LedgerProvider.open(stores, 'p', new FakeClock());
    const generator = new BlockGenerator();
    const ledger = await provider.create(generator.genesis());
    for (let i = 0; i < 5; i++) {
      const results: Uint8Array[] = [];
      for (let j = 0; j < 3; j++) {
        const simulator = ledger.newTxSimulator('tx');
        await simulator.getState('cc', `k${j}`);
        const range = await simulator.getStateRange('cc', '', '');
        while (await range.next());
        simulator.setState('cc', `k${j}`, utf8(`v${i}`));
        simulator.setStateMetadata('cc', `k${j}`, new Map([['VALIDATION_PARAMETER', utf8('m')]]));
        simulator.setPrivateData('cc', 'coll', 'p', utf8('secret'));
        results.push((await simulator.getTxSimulationResults()).publicResults);
      }
      await ledger.commit(generator.nextOf(results), new Uint8Array(3));
    }
    const stored: Uint8Array[] = [];
    for (let n = 0; n < 6; n++) stored.push((await ledger.getBlockByNumber(n)) ?? utf8(''));
    await provider.close();
    return { stored, stores };
  }

  function mutate(original: Uint8Array): Uint8Array {
    const bytes = original.slice(0, below(6) === 0 ? below(original.length) : original.length);
    for (let times = below(3); times >= 0 && bytes.length > 0; times--) {
      const at = below(bytes.length);
      const kind = below(4);
      if (kind === 0) bytes[at] = below(256);
      else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
      else if (kind === 2) bytes.fill(0xff, at, at + below(6));
      else bytes.copyWithin(at, below(bytes.length));
    }
    return bytes;
  }

  // A block whose envelopes are damaged, while all around them is whole.
  function mutateEnvelope(stored: Uint8Array): Uint8Array {
    const block = common.Block.decode(stored);
    const data = block.data?.data ?? [];
    const at = below(data.length);
    const damaged = data.with(at, mutate(data[at] ?? utf8('')));
    return common.Block.encode({ ...block, data: { data: damaged } }).finish();
  }

  async function feed(ledger: PeerLedger, bytes: Uint8Array): Promise<unknown> {
    try {
      for await (const { block } of readBlockfiles([source(bytes)])) {
        const parsed = parseBlock(block);
        const flags = transactionsFilterOf(parsed).slice();
        await ledger.commit(withMetadata(parsed, new Map()), flags);
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async function contents(ledger: PeerLedger): Promise<string> {
    const { height, currentBlockHash } = ledger.getBlockchainInfo();
    const rows: unknown[] = [height, toHex(currentBlockHash)];
    for (const namespace of await ledger.stateNamespaces()) {
      for (const row of await ledger.scanState(namespace, '', 100)) {
        rows.push([namespace, row.key, toHex(row.value), toHex(row.metadata), row.version]);
      }
    }
    return JSON.stringify(rows);
  }

  test('holds whole blocks only, whichever of 1,000 damages the file has', async () => {
    const { stored } = await chain();
    const good = stored.slice(2).map(blockfileEntry);
    const outcomes = new Map<string, number>();
    for (let run = 0; run < 1000; run++) {
      const stores = new MemoryKVStoreProvider();
      let provider = await LedgerProvider.open(stores, 'p', new FakeClock());
      let ledger = await provider.create(stored[0] ?? utf8(''));
      await ledger.commit(stored[1] ?? utf8(''), new Uint8Array(3));
      const at = below(good.length);
      const damaged =
        run % 2 === 0
          ? mutate(concat(...good))
          : concat(...good.with(at, blockfileEntry(mutateEnvelope(stored[at + 2] ?? utf8('')))));
      const error = await feed(ledger, damaged);
      const code = error instanceof BlockfileError || error instanceof LedgerError;
      if (error !== undefined && !code) throw error;
      const name = error === undefined ? 'read' : String((error as LedgerError).code);
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
      // A block that is stored but cannot be applied would stop this peer permanently.
      expect(name).not.toMatch(/LEDGER_FAILED|LEDGER_CORRUPT/);
      const before = await contents(ledger);
      if (run % 4 === 0) {
        await provider.close();
        await stores.destroy('p/testchannel/state');
        await stores.destroy('p/testchannel/history');
        provider = await LedgerProvider.open(stores, 'p', new FakeClock());
        ledger = await provider.open('testchannel');
        expect(await contents(ledger)).toBe(before);
      }
      await provider.close();
    }
    for (const name of ['read', 'BLOCKFILE_MALFORMED', 'HASH_MISMATCH', 'FLAGS_MISMATCH']) {
      expect(outcomes.get(name), `${name} of ${JSON.stringify([...outcomes])}`).toBeGreaterThan(10);
    }
  });

  test('takes no block of another channel, of another chain or twice', async () => {
    const { stored, stores } = await chain();
    const provider = await LedgerProvider.open(stores, 'p', new FakeClock());
    const ledger = await provider.open('testchannel');
    const before = await contents(ledger);
    const foreign = blockfileEntry(readBlock(6));
    expect(await feed(ledger, foreign)).toMatchObject({ code: 'HASH_MISMATCH' });
    const twice = blockfileEntry(stored[5] ?? utf8(''));
    expect(await feed(ledger, twice)).toMatchObject({ code: 'BLOCK_OUT_OF_ORDER' });
    const genesis = blockfileEntry(readBlock(0));
    expect(await feed(ledger, genesis)).toMatchObject({ code: 'BLOCK_OUT_OF_ORDER' });
    expect(await contents(ledger)).toBe(before);
    await provider.close();
  });
});
