// SPDX-License-Identifier: Apache-2.0
// How long a person waits: from opening a join link to being at the tip of a chain of 100 blocks.
import { openTab } from '../src/playwright/tab.ts';
import { relayWithChain } from './support/chain.ts';
import type { BenchContext } from './support/context.ts';
import { amountFigure, type Figure, median } from './support/table.ts';

const BLOCKS = 100;
const TRANSACTIONS = 10;
const RUNS = 5;

export async function linkToTip(context: BenchContext): Promise<Figure[]> {
  const browser = await context.browser();
  const relay = await relayWithChain({ blocks: BLOCKS, transactionsPerBlock: TRANSACTIONS });
  try {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const began = performance.now();
      const tab = await openTab(browser, relay.join('Org1MSP'));
      await tab.waitForHeight(BLOCKS + 1);
      times.push(performance.now() - began);
      await tab.page.context().close();
    }
    const all = times.map((ms) => (ms / 1000).toFixed(1)).join(', ');
    return [
      amountFigure(
        `link to tip of ${BLOCKS} blocks`,
        [median(times) / 1000, 's'],
        `new profile each time, ${TRANSACTIONS} tx a block; ${RUNS} runs: ${all}`,
        { aim: '5 s' },
      ),
    ];
  } finally {
    await relay.dispose();
  }
}
