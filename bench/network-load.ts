// SPDX-License-Identifier: Apache-2.0
// Committed transactions a second of two and of four tabs, seen and hidden, and the processor time that one takes: by process and by
// group of threads.

import type { Visibility } from './support/browsers.ts';
import type { BenchContext } from './support/context.ts';
import { type LoadNetwork, loadNetwork } from './support/load-network.ts';
import { ProcessNames } from './support/process-names.ts';
import {
  sampleTree,
  sumBy,
  type ThreadUse,
  type TreeSample,
  usedBetween,
} from './support/process-tree.ts';
import { type Load, submitLoad } from './support/submit-load.ts';
import { amountFigure, type Figure, partsText } from './support/table.ts';

/** In all: more than a block takes, so that the batch timer does not set the pace. */
const IN_FLIGHT = 120;
/** Code is compiled and caches are filled. */
const WARM_UP_MS = 3000;
const AIMS: Readonly<Record<number, { rate: string; cpu: string }>> = {
  2: { rate: '300 tx/s', cpu: '6 ms' },
  4: { rate: '180 tx/s', cpu: '10 ms' },
};
const METHODS: Readonly<Record<Visibility, string>> = {
  visible: 'every page told that it is in front',
  hidden: 'an empty page in front of all',
};

interface Cost {
  readonly load: Load;
  readonly uses: readonly ThreadUse[];
  /** Of a process, as ProcessNames has it, or `relay`. */
  readonly roleOf: (pid: number) => string;
  readonly groupOf: (use: ThreadUse) => string;
}

export async function networkLoad({ options }: BenchContext): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const tabs of [2, 4]) {
    for (const visibility of ['visible', 'hidden'] as const) {
      await using network = await loadNetwork(tabs, visibility);
      figures.push(...figuresOf(network, await measure(network, options.loadMs)));
    }
  }
  return figures;
}

async function measure({ tabs, browser, relay }: LoadNetwork, ms: number): Promise<Cost> {
  const names = await ProcessNames.find(
    browser,
    tabs.map(({ page }) => page),
  );
  const inFlight = IN_FLIGHT / tabs.length;
  await submitLoad(tabs, { prefix: 'warm', ms: WARM_UP_MS, inFlight });
  const before = sampleTree(browser.pid, relay.pid);
  const load = await submitLoad(tabs, { prefix: 'load', ms, inFlight });
  const after: TreeSample = sampleTree(browser.pid, relay.pid);
  if (load.valid === 0) throw new Error(`no transaction was valid, ${load.failed} failed`);
  return {
    load,
    uses: usedBetween(before, after),
    roleOf: (pid) =>
      pid === relay.pid ? 'relay' : names.roleOf(pid, after.processes.get(pid)?.commandLine ?? ''),
    groupOf: (use) => names.groupOf(use),
  };
}

function figuresOf(
  { tabs, browser }: LoadNetwork,
  { load, uses, roleOf, groupOf }: Cost,
): Figure[] {
  const { valid, failed, seconds } = load;
  const aims = AIMS[tabs.length];
  const perTx = (sums: ReadonlyMap<string, number>): Map<string, number> =>
    new Map([...sums].map(([name, cpuMs]) => [name, cpuMs / valid]));
  const byProcess = perTx(sumBy(uses, ({ pid }) => roleOf(pid)));
  const total = [...byProcess.values()].reduce((sum, part) => sum + part, 0);
  const threadsOf = (role: string): Figure => ({
    name: `  threads of ${role === 'relay' ? 'the relay' : `${role} processes`}`,
    value: `${partsText(
      perTx(
        sumBy(
          uses.filter(({ pid }) => roleOf(pid) === role),
          groupOf,
        ),
      ),
      2,
    )} ms`,
    method: 'a transaction; `ended`: threads that are gone',
  });
  return [
    amountFigure(
      `load, ${tabs.length} tabs, ${browser.visibility}`,
      [valid / seconds, 'tx/s'],
      `CreateAsset in real chaincode, ${IN_FLIGHT / tabs.length} in flight in each tab for ${seconds.toFixed(0)} s, ${METHODS[browser.visibility]}; ${valid} VALID, ${failed} failed`,
      aims && { aim: aims.rate },
    ),
    amountFigure(
      '  processor time',
      [total, 'ms/tx'],
      '/proc, user and system, browser and relay, by VALID transactions',
      { digits: 1, ...(aims && { aim: aims.cpu }) },
    ),
    { name: '  by process', value: `${partsText(byProcess, 2)} ms`, method: 'a transaction' },
    ...['page', 'sandbox', 'relay'].map(threadsOf),
  ];
}
