// SPDX-License-Identifier: Apache-2.0
// Random transactions of several chaincodes, public and private, simulated at various heights and put into random blocks with
// repetitions and codes set before: the codes and the state must be those of a model that knows nothing but the rules.
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kvrwset, protos, rwset } from '../../../common/protos/index.ts';
import { concat, fromUtf8, toHex, utf8 } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import type { PeerLedger, SimulationResults, TxSimulator } from '../../types.ts';
import type { KVLedgerOptions } from '../kv-ledger-options.ts';
import { LedgerProvider } from '../ledger-provider.ts';
import { BlockGenerator } from '../testing/block-generator.ts';
import { deserializeMetadata } from '../txmgmt/rwsetutil/state-metadata.ts';
import { byBytes, NaiveLedger, type Row, type Step, VALID } from './testing/naive-ledger.ts';
import { chain, type Entry, KEYS, MANY, SPACES, type Tx } from './testing/random-transactions.ts';

const { DUPLICATE_TXID } = protos.TxValidationCode;

const NAME = 'VALIDATION_PARAMETER';
const metadataOf = (text: string): ReadonlyMap<string, Uint8Array> =>
  new Map(text === '' ? [] : [[NAME, utf8(text)]]);

async function perform(simulator: TxSimulator, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const [chaincode = '', collection] = step.space.split('/');
    if (collection !== undefined) await performPrivate(simulator, step, chaincode, collection);
    else if (step.do === 'read') await simulator.getState(chaincode, step.key);
    else if (step.do === 'readMetadata') await simulator.getStateMetadata(chaincode, step.key);
    else if (step.do === 'range') {
      const rows = await simulator.getStateRange(chaincode, step.from, step.to);
      for (let i = 0; i < step.seen; i++) if (!(await rows.next())) break;
    } else if (step.do === 'writeMetadata') {
      simulator.setStateMetadata(chaincode, step.key, metadataOf(step.value));
    } else simulator.setState(chaincode, step.key, utf8(step.value));
  }
}

async function performPrivate(
  simulator: TxSimulator,
  step: Step,
  chaincode: string,
  collection: string,
): Promise<void> {
  if (step.do === 'range') throw new Error('ranges of collections are not recorded');
  const where = [chaincode, collection, step.key] as const;
  if (step.do === 'read') await simulator.getPrivateData(...where);
  else if (step.do === 'readMetadata') await simulator.getPrivateDataMetadata(...where);
  else if (step.do === 'purge') simulator.purgePrivateData(...where);
  else if (step.do === 'write') simulator.setPrivateData(...where, utf8(step.value));
  else simulator.setPrivateDataMetadata(...where, metadataOf(step.value));
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, i) => i * size);
  return starts.map((at) => items.slice(at, at + size));
}

/** The Merkle summary level by level, where the simulator makes it row by row. */
function naiveSummary(reads: readonly kvrwset.IKVRead[], degree: number) {
  let hashes = chunks(reads, degree + 1).map((kv_reads) =>
    sha256(kvrwset.QueryReads.encode({ kv_reads }).finish()),
  );
  let level = 1;
  for (; hashes.length > degree; level++) {
    hashes = chunks(hashes, degree + 1).map(([only, ...rest]) =>
      only && rest.length === 0 ? only : sha256(concat(only ?? utf8(''), ...rest)),
    );
  }
  return { max_degree: degree, max_level: level, max_level_hashes: hashes };
}

// The set with other, or rather more, summaries than the simulator makes. All peers must take them.
function summarized(results: Uint8Array, degree: number): Uint8Array {
  const { data_model, ns_rwset } = rwset.TxReadWriteSet.decode(results);
  const sets = ns_rwset.map((ns) => {
    const kv = kvrwset.KVRWSet.decode(ns.rwset);
    const range_queries_info = kv.range_queries_info.map(({ raw_reads, ...info }) => {
      const reads = raw_reads?.kv_reads ?? [];
      if (reads.length <= degree) return raw_reads ? { ...info, raw_reads } : info;
      return { ...info, reads_merkle_hashes: naiveSummary(reads, degree) };
    });
    return { ...ns, rwset: kvrwset.KVRWSet.encode({ ...kv, range_queries_info }).finish() };
  });
  return rwset.TxReadWriteSet.encode({ data_model, ns_rwset: sets }).finish();
}

async function publicState(ledger: PeerLedger, chaincode: string): Promise<[string, Row][]> {
  const rows = await ledger.scanState(chaincode, '', 1000);
  return rows.map(({ key, value: bytes, metadata, version }) => [
    key,
    rowOf(bytes, deserializeMetadata(metadata), version),
  ]);
}

function rowOf(
  bytes: Uint8Array,
  metadata: ReadonlyMap<string, Uint8Array>,
  { blockNum, txNum }: { blockNum: number; txNum: number },
): Row {
  const text = fromUtf8(metadata.get(NAME) ?? new Uint8Array());
  return { value: fromUtf8(bytes), metadata: text, version: `${blockNum}.${txNum}` };
}

// The value in clear with the version and metadata of its hash.
async function privateState(ledger: PeerLedger, space: string): Promise<[string, Row][]> {
  const [chaincode = '', collection = ''] = space.split('/');
  const executor = ledger.newQueryExecutor();
  const found: [string, Row][] = [];
  for (const key of KEYS) {
    const clear = await executor.getPrivateData(chaincode, collection, key);
    const hashed = await ledger.getPrivateDataHash(chaincode, collection, sha256(utf8(key)));
    expect(toHex(hashed?.value ?? utf8(''))).toBe(clear ? toHex(sha256(clear)) : '');
    if (!clear || !hashed) continue;
    const metadata = await executor.getPrivateDataMetadata(chaincode, collection, key);
    found.push([key, rowOf(clear, metadata, hashed.version)]);
  }
  executor.done();
  return found.sort(([a], [b]) => byBytes(a, b));
}

async function checkState(ledger: PeerLedger, model: NaiveLedger): Promise<void> {
  for (const space of SPACES) {
    const find = space.includes('/') ? privateState : publicState;
    const expected = [...(model.world.get(space) ?? [])].sort(([a], [b]) => byBytes(a, b));
    expect(await find(ledger, space), space).toEqual(expected);
  }
}

interface Simulated {
  readonly steps: readonly Step[];
  readonly then: ReturnType<NaiveLedger['past']>;
  readonly results: SimulationResults;
  readonly txId: string;
}

interface Parts {
  readonly options: KVLedgerOptions;
  readonly stores: MemoryKVStoreProvider;
  readonly blocks: BlockGenerator;
}

interface Opened {
  readonly provider: LedgerProvider;
  readonly ledger: PeerLedger;
}

/** One run: the chain, a ledger, and its model. */
class Run {
  readonly #model = new NaiveLedger();
  readonly #blocks: BlockGenerator;
  readonly #stores: MemoryKVStoreProvider;
  readonly #options: KVLedgerOptions;
  readonly #done: Simulated[] = [];
  readonly #codes = new Map<string, number>();
  readonly seen = new Map<number, number>();
  #provider: LedgerProvider;
  #ledger: PeerLedger;

  private constructor(parts: Parts, opened: Opened) {
    this.#options = parts.options;
    this.#stores = parts.stores;
    this.#blocks = parts.blocks;
    this.#provider = opened.provider;
    this.#ledger = opened.ledger;
  }

  static async begin(options: KVLedgerOptions): Promise<Run> {
    const parts = { options, stores: new MemoryKVStoreProvider(), blocks: new BlockGenerator() };
    const provider = await LedgerProvider.open(parts.stores, 'p', new FakeClock(), options);
    const ledger = await provider.create(parts.blocks.genesis());
    return new Run(parts, { provider, ledger });
  }

  async play(blocks: readonly (readonly Entry[])[]): Promise<void> {
    await this.#fill();
    const open = new Map<Entry, [TxSimulator, ReturnType<NaiveLedger['past']>]>();
    for (const [i, entries] of blocks.entries()) {
      for (const [j, later] of blocks.entries()) {
        for (const one of later) {
          if ('again' in one || Math.max(0, j - one.lag) !== i) continue;
          const simulator = this.#ledger.newTxSimulator('tx');
          open.set(one, [simulator, this.#model.past()]);
          await perform(simulator, one.steps.slice(0, one.early));
        }
      }
      await this.#commit(i + 2, entries, open);
      await checkState(this.#ledger, this.#model);
    }
    await this.#checkCodes();
    await this.#reopen();
    await this.#provider.close();
  }

  async #fill(): Promise<void> {
    const steps = MANY.map((key) => ({ do: 'write', space: 'many', key, value: '0' }) as const);
    const simulator = this.#ledger.newTxSimulator('fill');
    await perform(simulator, steps);
    const { publicResults } = await simulator.getTxSimulationResults();
    await this.#ledger.commit(this.#blocks.nextOf([publicResults]), Uint8Array.of(VALID));
    this.#model.commit(steps, new Map(), '1.0');
  }

  async #commit(
    blockNum: number,
    entries: readonly Entry[],
    open: ReadonlyMap<Entry, [TxSimulator, ReturnType<NaiveLedger['past']>]>,
  ): Promise<void> {
    this.#model.beginBlock();
    const block: { tx: Simulated; preset: number }[] = [];
    for (const one of entries) {
      const given = 'again' in one ? this.#again(one) : await this.#finish(one, open.get(one));
      if (given) block.push(given);
    }
    const flags = Uint8Array.from(block, ({ preset }) => preset);
    const expected = block.map(({ tx, preset }, txNum) =>
      preset === VALID ? this.#model.commit(tx.steps, tx.then, `${blockNum}.${txNum}`) : preset,
    );
    const bytes = this.#blocks.nextOf(
      block.map(({ tx }) => tx.results.publicResults),
      block.map(({ tx }) => tx.txId),
    );
    const supplied = block.flatMap(({ tx }, txNum) =>
      tx.results.privateResults ? [[txNum, tx.results.privateResults] as const] : [],
    );
    const result = await this.#ledger.commit(bytes, flags, new Map(supplied));
    expect([...result.flags], `codes of block ${blockNum}`).toEqual(expected);
    block.forEach(({ tx }, i) => {
      const code = expected[i] ?? -1;
      if (!this.#codes.has(tx.txId)) this.#codes.set(tx.txId, code);
      this.seen.set(code, (this.seen.get(code) ?? 0) + 1);
    });
  }

  async #finish(
    { steps, early, degree, preset }: Tx,
    begun: [TxSimulator, ReturnType<NaiveLedger['past']>] | undefined,
  ): Promise<{ tx: Simulated; preset: number }> {
    if (!begun) throw new Error('was not begun');
    const [simulator, then] = begun;
    await perform(simulator, steps.slice(early));
    const made = await simulator.getTxSimulationResults();
    const results = { ...made, publicResults: summarized(made.publicResults, degree) };
    const tx = { steps, then, results, txId: `id${this.#done.length}` };
    this.#done.push(tx);
    return { tx, preset };
  }

  // The validator before the ledger flags repetitions; one that is not flagged must fail by its reads alone, or not.
  #again({ again, flagged }: { again: number; flagged: boolean }) {
    const tx = this.#done.at(-1 - again);
    return tx && { tx, preset: flagged ? DUPLICATE_TXID : VALID };
  }

  // A transaction id stands for its first occurrence.
  async #checkCodes(): Promise<void> {
    for (const [txId, code] of this.#codes) {
      expect((await this.#ledger.getTransactionByID(txId))?.validationCode, txId).toBe(code);
    }
  }

  // As it was stored, and as it is made again from the blocks, trusting their codes.
  async #reopen(): Promise<void> {
    for (const part of [undefined, 'state']) {
      await this.#provider.close();
      if (part) await this.#stores.destroy(`p/testchannel/${part}`);
      this.#provider = await LedgerProvider.open(this.#stores, 'p', new FakeClock(), this.#options);
      this.#ledger = await this.#provider.open('testchannel');
      await checkState(this.#ledger, this.#model);
    }
  }
}

test.each([
  ['stored with every block', { flushBlocks: 1, hardFactor: 8 }],
  ['stored now and then, hardly cached', { flushBlocks: 3, cacheBytes: 500 }],
  ['in memory', {}],
] as const)('the validator does what its model does, with state %s', async (_, state) => {
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(chain, async (blocks) => {
      const run = await Run.begin({ state });
      await run.play(blocks);
      for (const [code, count] of run.seen) seen.set(code, (seen.get(code) ?? 0) + count);
    }),
    { numRuns: 60, seed: 2_026 },
  );
  // Otherwise the model would agree because nothing happens.
  for (const code of [0, 9, 10, 11, 12]) expect(seen.get(code), `code ${code}`).toBeGreaterThan(10);
});
