// SPDX-License-Identifier: Apache-2.0
// How long one transaction takes in a network that has nothing else to do: at the tab that submits it, and until the last tab has
// committed it.

import type { TraceEvent } from '../src/common/runtime/trace.ts';
import type { Tab } from '../src/playwright/tab.ts';
import type { BenchContext } from './support/context.ts';
import { BATCH_TIMEOUT_MS, loadNetwork } from './support/load-network.ts';
import { amountFigure, type Figure, median, quantile } from './support/table.ts';

const TABS = 4;
const SAMPLES = 30;
const STAGES = ['propose', 'endorse', 'submit', 'cut', 'validate', 'commit'];

interface Sample {
  /** From the call to its answer, in the submitter's page. */
  readonly submitMs: number;
  /** From the call to the last tab's commit. */
  readonly everywhereMs: number;
  readonly events: readonly TraceEvent[];
}

export async function networkLatency(_context: BenchContext): Promise<Figure[]> {
  await using network = await loadNetwork(TABS, 'visible');
  await Promise.all(network.tabs.map(noteCommits));
  const samples: Sample[] = [];
  for (let i = 0; i < SAMPLES; i++) samples.push(await sample(network.tabs, `latency${i}`));
  return figuresOf(samples);
}

// Pages of one machine share its clock; timeOrigin is where each began on it.
function noteCommits({ page }: Tab): Promise<void> {
  return page.evaluate(() => {
    const times: Record<string, number> = {};
    window.commitTimes = times;
    window.tabric.on('block:committed', ({ txIds }) => {
      const now = performance.timeOrigin + performance.now();
      for (const txId of txIds) times[txId] = now;
    });
  });
}

async function sample(tabs: readonly Tab[], id: string): Promise<Sample> {
  const [submitter] = tabs;
  if (!submitter) throw new Error('no tab');
  const { txId, began, submitMs, events } = await submitter.page.evaluate(async (key) => {
    // A pause of no fixed length, so that the batch timer is not met in step.
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 300));
    const start = performance.now();
    const call = window.tabric.submit('basic', 'CreateAsset', key, 'c', '1', 'o', '1');
    const { txId, blockNumber } = await call;
    return {
      txId,
      began: performance.timeOrigin + start,
      submitMs: performance.now() - start,
      events: window.tabric
        .trace()
        .filter((event) => event.txId === txId || event.block === blockNumber),
    };
  }, id);
  const commits = await Promise.all(tabs.map((tab) => commitTime(tab, txId)));
  return { submitMs, everywhereMs: Math.max(...commits) - began, events };
}

async function commitTime({ page }: Tab, txId: string): Promise<number> {
  const time = await page.waitForFunction((id) => window.commitTimes?.[id], txId, { polling: 20 });
  return (await time.jsonValue()) ?? Number.NaN;
}

function figuresOf(samples: readonly Sample[]): Figure[] {
  const of = (name: string, values: readonly number[], method: string): Figure[] => [
    amountFigure(`idle latency p50, ${name}`, [median(values), 'ms'], method, { aim: '225 ms' }),
    amountFigure(`idle latency p95, ${name}`, [quantile(values, 0.95), 'ms'], 'of the same', {
      aim: '250 ms',
    }),
  ];
  const stages = STAGES.map((stage) => {
    const ms = samples.flatMap(({ events }) => {
      const found = events.filter((event) => event.stage === stage).map((event) => event.ms ?? 0);
      return found.length > 0 ? [Math.max(...found)] : [];
    });
    return `${stage} ${ms.length > 0 ? median(ms).toFixed(0) : '-'}`;
  });
  const method = `${SAMPLES} transactions one at a time, batch timeout ${BATCH_TIMEOUT_MS} ms, ${TABS} tabs`;
  return [
    ...of(
      'at the submitter',
      samples.map(({ submitMs }) => submitMs),
      `${method}; call to answer`,
    ),
    ...of(
      'in all tabs',
      samples.map(({ everywhereMs }) => everywhereMs),
      `${method}; call to the last tab’s block:committed`,
    ),
    {
      name: '  by stage',
      value: stages.join(', '),
      method: 'medians in ms; `cut` is the batch timer',
    },
  ];
}

declare global {
  interface Window {
    /** When this tab committed a transaction, on the machine's clock. */
    commitTimes?: Record<string, number>;
  }
}
