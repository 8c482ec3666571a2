// SPDX-License-Identifier: Apache-2.0
// What a network costs in which nobody does anything: processor time, sends and bytes of a tab, memory and processes, with few tabs
// and with many.
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Tab } from '../src/playwright/tab.ts';
import { TestNetwork } from '../src/playwright/test-network.ts';
import { BenchBrowser } from './support/browsers.ts';
import type { BenchContext } from './support/context.ts';
import { joinTabs } from './support/joined-tab.ts';

import { ProcessNames } from './support/process-names.ts';
import {
  memoryOf,
  sampleTree,
  sumBy,
  type TreeSample,
  usedBetween,
} from './support/process-tree.ts';
import {
  countSends,
  countsBetween,
  metricsOf,
  type SentByKind,
  sentBetween,
  sentBy,
  sentByKindBetween,
} from './support/sends.ts';
import { amountFigure, type Figure, mean, median, partsText } from './support/table.ts';

/** How the names of tabric.metrics() end that tell bytes sent. */
const SENT_BYTES = '.out.bytes';
const SHOWN_COUNTERS = 6;

interface Idle {
  readonly tabs: number;
  readonly seconds: number;
  /** Share of all cores, in percent, by process. */
  readonly load: ReadonlyMap<string, number>;
  /** Of every tab in a second. */
  readonly sends: readonly number[];
  readonly bytes: readonly number[];
  /** Mean of the tabs in a second, as text. */
  readonly byKind: string;
  /** Counters of `tabric.metrics()`: mean of the tabs in a second. */
  readonly counts: ReadonlyMap<string, number>;
  readonly pageBytes: readonly number[];
  readonly pagePssBytes: readonly number[];
  /** Of all renderers without a page. */
  readonly sandboxBytes: readonly number[];
  readonly relayBytes: number;
}

export async function idleTabs({ options }: BenchContext): Promise<Figure[]> {
  const all: Idle[] = [];
  for (const count of options.tabs) all.push(await idle(count, options));
  return [...all.flatMap(figuresOf), ...ratio(all)];
}

async function idle(count: number, { settleMs, windowMs }: BenchContext['options']): Promise<Idle> {
  const relay = await TestNetwork.start();
  try {
    await using browser = await BenchBrowser.launch();
    await countSends(browser.context);
    const tabs = await joinTabs(browser.context, relay, count);
    const names = await ProcessNames.find(
      browser,
      tabs.map(({ page }) => page),
    );
    await pause(settleMs);
    const readBefore = await readAll(tabs);
    const before = sampleTree(browser.pid, relay.pid);
    await pause(windowMs);
    const after = sampleTree(browser.pid, relay.pid);
    const readAfter = await readAll(tabs);
    return idleOf({ relay: relay.pid, names, before, after, readBefore, readAfter });
  } finally {
    await relay.dispose();
  }
}

/** What a tab has counted since it was loaded. */
interface Reading {
  readonly sent: SentByKind;
  /** `tabric.metrics()`. */
  readonly counts: Readonly<Record<string, number>>;
}

interface Measured {
  readonly relay: number;
  readonly names: ProcessNames;
  readonly before: TreeSample;
  readonly after: TreeSample;
  readonly readBefore: readonly Reading[];
  readonly readAfter: readonly Reading[];
}

function idleOf({ relay, names, before, after, readBefore, readAfter }: Measured): Idle {
  const ms = after.atMs - before.atMs;
  const seconds = ms / 1000;
  const roleOf = (pid: number): string =>
    pid === relay ? 'relay' : names.roleOf(pid, after.processes.get(pid)?.commandLine ?? '');
  const used = sumBy(usedBetween(before, after), ({ pid }) => roleOf(pid));
  const percent = 100 / (ms * availableParallelism());
  const sentBefore = readBefore.map(({ sent }) => sent);
  const sentAfter = readAfter.map(({ sent }) => sent);
  const sent = sentAfter.map((now, i) => sentBetween(sentBefore[i] ?? {}, now));
  const renderers = [...after.processes.keys()].map((pid) => ({
    role: roleOf(pid),
    memory: memoryOf(pid),
  }));
  const privateOf = (wanted: string): number[] =>
    renderers.flatMap(({ role, memory }) =>
      role === wanted && memory ? [memory.privateBytes] : [],
    );
  return {
    tabs: sentAfter.length,
    seconds,
    load: new Map([...used].map(([role, cpuMs]) => [role, cpuMs * percent])),
    sends: sent.map(({ sends }) => sends / seconds),
    bytes: sent.map(({ bytes }) => bytes / seconds),
    byKind: kindsText(sentBefore, sentAfter, seconds),
    counts: countsOf(readBefore, readAfter, seconds),
    pageBytes: privateOf('page'),
    pagePssBytes: renderers.flatMap(({ role, memory }) =>
      role === 'page' && memory ? [memory.pssBytes] : [],
    ),
    sandboxBytes: privateOf('sandbox'),
    relayBytes: privateOf('relay')[0] ?? Number.NaN,
  };
}

function readAll(tabs: readonly Tab[]): Promise<Reading[]> {
  return Promise.all(
    tabs.map(async ({ page }) => ({ sent: await sentBy(page), counts: await metricsOf(page) })),
  );
}

/** Means of the tabs in a second, largest first. */
function countsOf(
  before: readonly Reading[],
  after: readonly Reading[],
  seconds: number,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [i, { counts }] of after.entries()) {
    const grown = countsBetween(before[i]?.counts ?? {}, counts);
    for (const [name, count] of Object.entries(grown)) {
      sums.set(name, (sums.get(name) ?? 0) + count / seconds / after.length);
    }
  }
  return new Map([...sums].toSorted(([, a], [, b]) => b - a));
}

function kindsText(
  before: readonly SentByKind[],
  after: readonly SentByKind[],
  seconds: number,
): string {
  const kinds = new Map<string, { sends: number; bytes: number }>();
  for (const [i, now] of after.entries()) {
    for (const [kind, { sends, bytes }] of Object.entries(
      sentByKindBetween(before[i] ?? {}, now),
    )) {
      const sum = kinds.get(kind) ?? { sends: 0, bytes: 0 };
      kinds.set(kind, { sends: sum.sends + sends, bytes: sum.bytes + bytes });
    }
  }
  const each = (total: number): number => total / seconds / after.length;
  return [...kinds]
    .map(
      ([kind, { sends, bytes }]) =>
        `${kind} ${each(sends).toFixed(1)} of ${(each(bytes) / 1000).toFixed(1)} kB`,
    )
    .join(', ');
}

function figuresOf(one: Idle): Figure[] {
  const { tabs, seconds, load, sends, bytes, pageBytes, pagePssBytes, sandboxBytes } = one;
  const cores = availableParallelism();
  const total = [...load.values()].reduce((sum, part) => sum + part, 0);
  const mb = (value: number): number => value / 1e6;
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const over = `over ${seconds.toFixed(0)} s, mean of the tabs`;
  const isMost = tabs === 12 ? { aim: '15 %' } : {};
  return [
    amountFigure(
      `idle, ${tabs} tabs`,
      [total, `% of ${cores} cores`],
      `/proc, user and system, browser and relay over ${seconds.toFixed(0)} s; pages all visible`,
      isMost,
    ),
    {
      name: '  by process',
      value: `${partsText(load)} %`,
      method: 'of all cores; sandbox: every renderer without a page',
    },
    amountFigure(
      '  sends of a tab',
      [mean(sends), '/s'],
      `calls of send() ${over} (most: ${Math.max(...sends).toFixed(1)})`,
      { aim: '12 /s' },
    ),
    amountFigure(
      '  bytes of a tab',
      [mean(bytes) / 1000, 'kB/s'],
      `given to send() ${over} (most: ${mb(Math.max(...bytes) * 1000).toFixed(1)})`,
      { aim: '4 kB/s' },
    ),
    { name: '  of them, by kind', value: one.byKind, method: 'a tab and second' },
    ...countersFigure(one.counts),
    amountFigure(
      '  memory of a page',
      [mb(median(pageBytes)), 'MB'],
      `private pages of its renderer (smaps_rollup), median; Pss ${mb(median(pagePssBytes)).toFixed(0)} MB`,
      { aim: '110 MB' },
    ),
    amountFigure(
      '  memory of sandboxes',
      [mb(sum(sandboxBytes)) / tabs, 'MB'],
      `private pages of the ${sandboxBytes.length} other renderers, by tab`,
      { aim: '40 MB' },
    ),
    amountFigure(
      '  processes of a tab',
      [(pageBytes.length + sandboxBytes.length) / tabs, 'renderers'],
      'all renderers by the tabs',
    ),
    amountFigure('  memory of the relay', [mb(one.relayBytes), 'MB'], 'private pages'),
  ];
}

/** The largest of what was sent, by protocol and topic; all counters stand in the JSON. */
function countersFigure(counts: ReadonlyMap<string, number>): Figure[] {
  const sent = [...counts].filter(([name]) => name.endsWith(SENT_BYTES)).slice(0, SHOWN_COUNTERS);
  if (sent.length === 0) return [];
  const texts = sent.map(
    ([name, bytes]) => `${name.slice(0, -SENT_BYTES.length)} ${bytes.toFixed(0)}`,
  );
  return [
    {
      name: '  of them, by protocol and topic',
      value: `${texts.join(', ')} B/s`,
      method:
        'largest of tabric.metrics(), a tab and second; a level counts what the one above it counts',
      detail: Object.fromEntries(counts),
    },
  ];
}

function ratio(all: readonly Idle[]): Figure[] {
  const [few, many] = [all[0], all.at(-1)];
  if (!few || !many || few === many) return [];
  const of = (values: (one: Idle) => readonly number[]): number =>
    mean(values(many)) / mean(values(few));
  const name = `  ${many.tabs} tabs to ${few.tabs}`;
  const aim = { aim: '1.5', digits: 2 };
  return [
    amountFigure(`${name}, sends`, [of(({ sends }) => sends), 'times'], 'of one tab', aim),
    amountFigure(`${name}, bytes`, [of(({ bytes }) => bytes), 'times'], 'of one tab', aim),
  ];
}
