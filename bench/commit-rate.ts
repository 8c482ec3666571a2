// SPDX-License-Identifier: Apache-2.0
// How fast one tab commits: a fresh tab pulls a chain of full blocks, checks every signature and policy, and stores it in IndexedDB.
import { openTabIn } from '../src/playwright/tab.ts';
import { relayWithChain } from './support/chain.ts';
import type { BenchContext } from './support/context.ts';
import { longTasksOf, longTasksText, watchLongTasks } from './support/long-tasks.ts';
import { amountFigure, type Figure, median } from './support/table.ts';

const BLOCKS = 12;
const TRANSACTIONS = 500;

export async function commitRate({ browser }: BenchContext): Promise<Figure[]> {
  const relay = await relayWithChain({ blocks: BLOCKS, transactionsPerBlock: TRANSACTIONS });
  try {
    const context = await (await browser()).newContext();
    await watchLongTasks(context);
    const tab = await openTabIn(context, relay.join('Org1MSP'));
    await tab.waitForHeight(BLOCKS + 1, 120_000);
    const events = await tab.page.evaluate(() =>
      window.tabric
        .trace()
        .filter(
          ({ stage, block = 0 }) => block > 0 && (stage === 'validate' || stage === 'commit'),
        ),
    );
    const commits = events.filter(({ stage }) => stage === 'commit');
    const [first, last] = [commits[0], commits.at(-1)];
    if (!first || !last) throw new Error('no block was committed');
    const origin = await tab.page.evaluate(() => performance.timeOrigin);
    const longTasks = await longTasksOf(tab.page, { since: first.at - origin });
    // From the first block's commit to the last one's: start-up and the first block's wait are not the committer's.
    const rate = ((commits.length - 1) * TRANSACTIONS) / ((last.at - first.at) / 1000);
    const stage = (name: string): string =>
      median(events.filter((event) => event.stage === name).map(({ ms = 0 }) => ms)).toFixed(0);
    return [
      amountFigure(
        'commit rate of one tab',
        [rate, 'tx/s'],
        `${BLOCKS} blocks of ${TRANSACTIONS} writes, two endorsements each, pulled from the relay, IndexedDB`,
        { aim: '1000 tx/s' },
      ),
      {
        name: '  validate / commit of a block',
        value: `${stage('validate')} / ${stage('commit')} ms`,
        method: 'medians; validate waits for signatures that are checked ahead',
      },
      {
        name: '  long tasks of the page',
        value: longTasksText(longTasks),
        aim: '0',
        method: 'over 50 ms on the page’s thread, from the first commit on',
      },
    ];
  } finally {
    await relay.dispose();
  }
}
