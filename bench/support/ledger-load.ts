// SPDX-License-Identifier: Apache-2.0
// A ledger without a network, for measuring what it costs as it grows: blocks of transactions that each read one key and write it.
// Runs wherever its stores do, so it may use only what browsers and Node both have.
import { defaultBCCSP } from '../../src/common/crypto/index.ts';
import { kvrwset, protos, rwset } from '../../src/common/protos/index.ts';
import { utf8 } from '../../src/common/runtime/bytes.ts';
import { systemClock } from '../../src/common/runtime/clock.ts';
import type { KVStoreProvider } from '../../src/ledger/kv-store.ts';
import { KVLedger } from '../../src/ledger/kvledger/kv-ledger.ts';
import { LedgerFiles } from '../../src/ledger/kvledger/ledger-files.ts';
import { BlockGenerator } from '../../src/ledger/kvledger/testing/block-generator.ts';

const CHANNEL = 'testchannel';
const CHAINCODE = 'basic';
const TRANSACTIONS = 500;
const VALUE_BYTES = 100;
/** So many that checkpoints of the state are among what they cost. */
const MEASURED_BLOCKS = 200;
const WARM_UP_BLOCKS = 20;
/** The disk writes behind the filling for a while. */
const SETTLE_MS = 10_000;
/** Keys that one transaction makes while the state is filled. */
const FILL_WRITES = 20;

/** What blocks cost at one size of the state. */
export interface SizedCost {
  readonly keys: number;
  /** Of a block, on average, with all that is stored behind it. */
  readonly msPerBlock: number;
}

/** Commits blocks of 500 updates of random keys, at each size of the state. */
export async function costAtSizes(
  stores: KVStoreProvider,
  sizes: readonly number[],
): Promise<SizedCost[]> {
  await using load = await LedgerLoad.create(stores);
  const costs: SizedCost[] = [];
  for (const keys of sizes) {
    await load.fillTo(keys);
    await load.settle();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    // The first blocks at a size meet caches that the filling left.
    await load.update(WARM_UP_BLOCKS);
    const msPerBlock = await load.update(MEASURED_BLOCKS);
    costs.push({ keys, msPerBlock });
  }
  return costs;
}

/** How long the signatures of such a block take one thread: its client's and two endorsers' of each transaction. */
export async function signaturesOfBlock(): Promise<number> {
  const bccsp = defaultBCCSP();
  const { privateKey, publicKey } = await bccsp.generateKey();
  const message = new Uint8Array(1500);
  const signature = await bccsp.sign(privateKey, message);
  const began = performance.now();
  for (let i = 0; i < 3 * TRANSACTIONS; i++) {
    if (!(await bccsp.verify(publicKey, message, signature))) throw new Error('not verified');
  }
  return performance.now() - began;
}

/** A ledger of so many keys and blocks. Closed, or left as it is, as by a tab that is killed. */
export async function makeLedger(
  stores: KVStoreProvider,
  shape: { keys: number; blocks: number; isClosed: boolean },
): Promise<void> {
  const load = await LedgerLoad.create(stores);
  await load.fillTo(shape.keys);
  await load.extendTo(shape.blocks);
  if (shape.isClosed) await load[Symbol.asyncDispose]();
}

/** How long opening takes until the ledger answers, in milliseconds. */
export async function timeToOpen(stores: KVStoreProvider): Promise<number> {
  const began = performance.now();
  const ledger = await openLedger(stores);
  const found = await ledger.getVersionedValue(CHAINCODE, keyOf(0));
  const ms = performance.now() - began;
  if (!found) throw new Error('the ledger was not there');
  await ledger.close();
  return ms;
}

async function openLedger(stores: KVStoreProvider): Promise<KVLedger> {
  const opened = await new LedgerFiles(stores, 'bench').openAll(CHANNEL, true);
  return KVLedger.open(CHANNEL, opened, systemClock);
}

interface Version {
  readonly block: number;
  readonly tx: number;
}

class LedgerLoad implements AsyncDisposable {
  readonly #ledger: KVLedger;
  readonly #generator = new BlockGenerator(CHANNEL);
  readonly #versions: Version[] = [];
  #random = 1;

  private constructor(ledger: KVLedger) {
    this.#ledger = ledger;
  }

  static async create(stores: KVStoreProvider): Promise<LedgerLoad> {
    const load = new LedgerLoad(await openLedger(stores));
    await load.#ledger.commit(load.#generator.genesis(), Uint8Array.of(0));
    return load;
  }

  async fillTo(keys: number): Promise<void> {
    while (this.#versions.length < keys) {
      const results: Uint8Array[] = [];
      const block = this.#height;
      for (let tx = 0; tx < TRANSACTIONS && this.#versions.length < keys; tx++) {
        const count = Math.min(FILL_WRITES, keys - this.#versions.length);
        const written = Array.from({ length: count }, (_, i) => this.#versions.length + i);
        for (const _ of written) this.#versions.push({ block, tx });
        results.push(rwSetOf([], written, block));
      }
      await this.#commit(results);
    }
  }

  /** Blocks of ten updates, up to a height. */
  async extendTo(height: number): Promise<void> {
    while (this.#height < height) await this.#commit(this.#updates(10));
  }

  /** Gives what a block took, in milliseconds. */
  async update(blocks: number): Promise<number> {
    let ms = 0;
    for (let i = 0; i < blocks; i++) {
      const results = this.#updates(TRANSACTIONS);
      const began = performance.now();
      await this.#commit(results);
      ms += performance.now() - began;
    }
    const began = performance.now();
    await this.settle();
    return (ms + performance.now() - began) / blocks;
  }

  /** Waits for what is stored behind commits. */
  async settle(): Promise<void> {
    await this.#ledger.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ledger.close();
  }

  get #height(): number {
    return this.#ledger.getBlockchainInfo().height;
  }

  // Each of another key: two of one key in a block would be a conflict.
  #updates(count: number): Uint8Array[] {
    const block = this.#height;
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(this.#nextRandom() % this.#versions.length);
    return [...chosen].map((key, tx) => {
      const read = { key, version: this.#versions[key] };
      this.#versions[key] = { block, tx };
      return rwSetOf([read], [key], block);
    });
  }

  async #commit(results: readonly Uint8Array[]): Promise<void> {
    const { flags } = await this.#ledger.commit(
      this.#generator.nextOf(results),
      new Uint8Array(results.length).fill(protos.TxValidationCode.VALID),
    );
    if (flags.some((code) => code !== 0)) throw new Error('a transaction was not valid');
  }

  // Park and Miller's generator: the same keys in every run.
  #nextRandom(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random;
  }
}

function rwSetOf(
  reads: readonly { key: number; version: Version | undefined }[],
  writes: readonly number[],
  block: number,
): Uint8Array {
  const set = kvrwset.KVRWSet.encode({
    reads: reads.map(({ key, version }) => ({
      key: keyOf(key),
      version: { block_num: version?.block ?? 0, tx_num: version?.tx ?? 0 },
    })),
    writes: writes.map((key) => ({ key: keyOf(key), value: valueFor(key, block) })),
  }).finish();
  return rwset.TxReadWriteSet.encode({ ns_rwset: [{ namespace: CHAINCODE, rwset: set }] }).finish();
}

function keyOf(number: number): string {
  return `asset${String(number).padStart(7, '0')}`;
}

function valueFor(key: number, block: number): Uint8Array {
  return utf8(`{"ID":"${keyOf(key)}","Block":${block},`.padEnd(VALUE_BYTES, 'x'));
}
