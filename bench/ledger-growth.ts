// SPDX-License-Identifier: Apache-2.0
// What a growing ledger costs in a tab: blocks on a small state and on a large one, and opening it again.
import type { Browser } from 'playwright';
import type { BenchContext } from './support/context.ts';
import type { SizedCost } from './support/ledger-load.ts';
import { amountFigure, type Figure, median } from './support/table.ts';
import { WorkerPage } from './support/worker-page.ts';

const SIZES = [10_000, 500_000] as const;
const REOPENED = { keys: 100_000, blocks: 1000 } as const;
const OPENINGS = 5;
const WORKER = './ledger-worker.ts';

export async function ledgerGrowth(context: BenchContext): Promise<Figure[]> {
  const browser = await context.browser();
  return [...(await growth(browser)), ...(await reopening(browser))];
}

async function growth(browser: Browser): Promise<Figure[]> {
  await using page = await WorkerPage.open(browser, WORKER);
  const costs = await page.call<SizedCost[]>('costAtSizes', SIZES);
  const signatures = await page.call<number>('signaturesOfBlock');
  const [small = 0, large = 0] = costs.map(({ msPerBlock }) => msPerBlock);
  const each = costs.map(({ keys, msPerBlock }) => `${msPerBlock.toFixed(0)} ms at ${keys} keys`);
  return [
    amountFigure(
      'growth of a block’s cost',
      [(signatures + large) / (signatures + small), 'times'],
      `500 transactions with 3 signatures each (${signatures.toFixed(0)} ms on one thread), from ${SIZES.join(' to ')} keys`,
      { aim: '1.3', digits: 2 },
    ),
    {
      name: '  of it, the ledger alone',
      value: `${(large / small).toFixed(2)}x`,
      method: `updates of random keys, IndexedDB, mean of 200 blocks with all that is stored behind: ${each.join(', ')}`,
    },
  ];
}

async function reopening(browser: Browser): Promise<Figure[]> {
  const times: Record<string, string> = {};
  for (const isClosed of [true, false]) {
    await using page = await WorkerPage.open(browser, WORKER);
    await page.call('makeLedger', { ...REOPENED, isClosed });
    const samples: number[] = [];
    // A ledger that was killed is mended by the first opening.
    for (let i = 0; i < (isClosed ? OPENINGS : 1); i++) {
      await page.kill();
      samples.push(await page.call<number>('timeToOpen'));
    }
    times[String(isClosed)] = `${(median(samples) / 1000).toFixed(2)} s`;
  }
  return [
    {
      name: 'reopening a ledger',
      value: times.true ?? '',
      aim: '2 s',
      method: `${REOPENED.keys} keys, ${REOPENED.blocks} blocks, new worker, until a key is read; median of ${OPENINGS}; after a kill ${times.false}`,
    },
  ];
}
