// SPDX-License-Identifier: Apache-2.0
// How fast one tab replays a real peer's chain: the page for block files, with every signature, policy and read checked, stored in
// IndexedDB, and the same codes and commit hashes found. And whether the page could be used meanwhile.
import type { Browser, Page } from 'playwright';
import type { LedgerReport } from '../src/node/api/ledger-report.ts';
import { TestNetwork } from '../src/playwright/test-network.ts';
import type { BenchContext } from './support/context.ts';
import { load500 } from './support/load500.ts';
import { longTasksOf, longTasksText, watchLongTasks } from './support/long-tasks.ts';
import { peakMemoryOfRenderers } from './support/memory.ts';
import { shareFigures } from './support/replay-share.ts';
import { TabVerifiers } from './support/tab-verifiers.ts';
import { amountFigure, type Figure, median } from './support/table.ts';
import type { VerifyLimit } from './support/verify-limit.ts';

const RUNS = 3;
const TIMEOUT_MS = 120_000;
const SETTLE_MS = 1000;

interface Run {
  readonly report: LedgerReport;
  /** Durations of the long tasks of the page's thread, in milliseconds. */
  readonly longTasks: readonly number[];
  readonly peakBytes: number;
}

export async function replayChromium(context: BenchContext): Promise<Figure[]> {
  const browser = await context.browser();
  const relay = await TestNetwork.start();
  using chain = load500();
  try {
    const runs: Run[] = [];
    const limits: VerifyLimit[] = [];
    await using verifiers = await TabVerifiers.open(browser, chain.path);
    for (let i = 0; i < RUNS; i++) {
      runs.push(await replay(browser, relay, chain.path));
      limits.push(await verifiers.limit());
    }
    return figuresOf(runs, limits, verifiers.count);
  } finally {
    await relay.dispose();
  }
}

// A fresh profile each time; it starts the workers and compiles their code as well.
async function replay(browser: Browser, relay: TestNetwork, path: string): Promise<Run> {
  const context = await browser.newContext();
  try {
    await watchLongTasks(context);
    const page = await context.newPage();
    await page.goto(`${relay.url}/?lang=en#/ledger`);
    await page.getByTestId('ledger-files').waitFor({ state: 'attached' });
    // What a page does as it opens is no part of it.
    await page.waitForTimeout(SETTLE_MS);
    const since = await page.evaluate(() => performance.now());
    const report = await importFile(page, path);
    const longTasks = await longTasksOf(page, { since });
    return { report, longTasks, peakBytes: await peakMemoryOfRenderers(browser) };
  } finally {
    await context.close();
  }
}

async function importFile(page: Page, path: string): Promise<LedgerReport> {
  await page.getByTestId('ledger-files').setInputFiles(path);
  const done = await page.waitForFunction(() => window.tabricLedger?.report(), undefined, {
    timeout: TIMEOUT_MS,
  });
  const report = await done.jsonValue();
  if (!report) throw new Error('there is no report');
  if (report.stopped) throw new Error(report.stopped.message);
  if (report.codeDifferenceCount + report.commitHashDifferenceCount > 0) {
    throw new Error('the replay differs from what the real peer stored');
  }
  return report;
}

function figuresOf(
  runs: readonly Run[],
  limits: readonly VerifyLimit[],
  workers: number,
): Figure[] {
  const rates = runs.map(({ report }) => (report.transactions * 1000) / report.ms);
  const [fastest] = runs.toSorted((a, b) => a.report.ms - b.report.ms);
  if (!fastest) return [];
  const { transactions, blocks, stages } = fastest.report;
  const ms = Object.entries(stages).map(([name, { medianMs }]) => `${name} ${medianMs.toFixed(0)}`);
  return [
    amountFigure(
      'replay of a real chain in a tab',
      [median(rates), 'tx/s'],
      `${transactions} transactions in ${blocks} blocks, opened in the page, IndexedDB, new profile; median of ${RUNS} (best ${Math.max(...rates).toFixed(0)})`,
      { aim: '1650 tx/s' },
    ),
    ...shareFigures(rates, limits, { threads: `${workers} workers`, aim: '0.75' }),
    {
      name: '  stages of a block',
      value: `${ms.join(', ')} ms`,
      method: 'medians, fastest run; commit holds the four after it',
    },
    {
      name: '  long tasks of the page',
      value: longTasksText(runs.flatMap(({ longTasks }) => longTasks)),
      aim: '0',
      method: 'over 50 ms on the page’s thread, all runs',
    },
    {
      name: '  peak memory',
      value: `${(fastest.peakBytes / 1e6).toFixed(0)} MB`,
      method: 'resident set of the page’s process with its workers',
    },
  ];
}
