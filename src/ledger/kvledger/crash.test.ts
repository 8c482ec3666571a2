// SPDX-License-Identifier: Apache-2.0
// Cuts the power at every write of a ledger's life, starts again, and compares with a life without trouble.
import { describe, expect, test } from 'vitest';
import { toHex } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import type { PeerLedger } from '../types.ts';
import type { KVLedgerOptions } from './kv-ledger-options.ts';
import { LedgerProvider } from './ledger-provider.ts';
import { FaultyStores, PowerCut } from './testing/faulty-stores.ts';
import { storedState } from './testing/state-of.ts';

const BLOCKS = expectedBlocks.map(({ number }) => readBlock(number));

// Opens the ledger or makes it, commits up to a height, and closes.
async function live(stores: FaultyStores, height: number, options: KVLedgerOptions): Promise<void> {
  const provider = await LedgerProvider.open(stores, 'p', new FakeClock(), options);
  const ledger = await openOrCreate(provider);
  for (let number = ledger.getBlockchainInfo().height; number < height; number++) {
    const flags = Uint8Array.from(expectedBlocks[number]?.transactionsFilter ?? []);
    const { commitHash } = await ledger.commit(BLOCKS[number] ?? new Uint8Array(), flags);
    expect(toHex(commitHash)).toBe(expectedBlocks[number]?.commitHash);
  }
  await provider.close();
  if (stores.isDead) throw new PowerCut('while closing');
}

function openOrCreate(provider: LedgerProvider): Promise<PeerLedger> {
  return provider
    .exists('mychannel')
    .then((known) =>
      known ? provider.open('mychannel') : provider.create(BLOCKS[0] ?? new Uint8Array()),
    );
}

// All that can be asked of a ledger, as text.
async function picture(stores: FaultyStores): Promise<string> {
  const provider = await LedgerProvider.open(stores, 'p', new FakeClock());
  const ledger = await provider.open('mychannel');
  const { height, currentBlockHash } = ledger.getBlockchainInfo();
  const changes = await ledger.getHistoryForKey('both', 'counter');
  const history: string[] = [];
  for (let change = await changes.next(); change; change = await changes.next()) {
    history.push(`${change.blockNum}/${change.txNum}`);
  }
  const places: string[] = [];
  for (const { txid } of expectedBlocks.flatMap(({ txs }) => txs)) {
    const tx = await ledger.getTransactionByID(txid ?? '');
    places.push(`${tx?.blockNum}/${tx?.txNum}/${tx?.validationCode}`);
  }
  await provider.close();
  const store = await stores.open('p/mychannel/state');
  const state = await storedState(store);
  await store.close();
  return JSON.stringify([height, toHex(currentBlockHash), history, places, state]);
}

const ways: Readonly<Record<string, KVLedgerOptions>> = {
  'every block at once': { state: { flushBlocks: 1 }, historyIndex: { flushBlocks: 1, fanIn: 3 } },
  'many blocks at a time': {
    state: { flushBlocks: 7 },
    historyIndex: { flushBlocks: 5, fanIn: 2 },
    txIdIndex: { flushBlocks: 4, fanIn: 3 },
  },
  'state only at the end': {},
};

// From nothing; and past the conflicts, key-level policies and duplicate ids.
const lives = [
  { from: 0, to: 4 },
  { from: 38, to: 51 },
];

const cases = Object.keys(ways).flatMap((way) =>
  lives.flatMap((life) => [true, false].map((isWritten) => ({ way, ...life, isWritten }))),
);

describe('a ledger recovers from a power cut at any write', () => {
  test.each(cases)('storing $way, blocks $from to $to, write done: $isWritten', async (life) => {
    const { way, from, to, isWritten } = life;
    const options = ways[way] ?? {};
    const base = new FaultyStores();
    if (from > 0) await live(base, from, options);
    const clean = await base.copy();
    await live(clean, to, options);
    const expected = await picture(clean);
    let cuts = 0;
    for (let cut = 0; ; cut++) {
      const stores = await base.copy();
      stores.cutAt(cut, isWritten);
      // Thrown by the write, or by what finds the power gone; a flush behind a commit fails without being seen.
      const outcome = await live(stores, to, options).then(
        () => 'done',
        (error) => (stores.isDead ? 'cut' : Promise.reject(error)),
      );
      if (outcome === 'done') break;
      cuts++;
      await stores.restart();
      await live(stores, to, options);
      const found = await picture(stores);
      expect(found === expected, `power cut at write ${cut}`).toBe(true);
    }
    expect(cuts).toBeGreaterThan(to - from);
  });
});
