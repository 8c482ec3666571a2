// SPDX-License-Identifier: Apache-2.0
// Four tabs of two organisations: latency when idle, split by stage, and committed transactions a second under load.
import type { Browser } from 'playwright';
import { TestRelay } from '../e2e/support/relay.ts';
import { openTab, type Tab } from '../e2e/support/tabs.ts';
import type { TraceEvent } from '../src/common/runtime/trace.ts';
import { type Figure, median, percentiles } from './support/table.ts';

const BATCH_TIMEOUT_MS = 200;
const SAMPLES = 30;
const LOAD_MS = 15_000;
const IN_FLIGHT = 20;

export async function networkLoad(browser: Browser): Promise<Figure[]> {
  const args = ['--batch-timeout', `${BATCH_TIMEOUT_MS}ms`, '--max-message-count', '100'];
  const relay = await TestRelay.start({ args });
  const tabs: Tab[] = [];
  try {
    for (const mspId of ['Org1MSP', 'Org1MSP', 'Org2MSP', 'Org2MSP']) {
      tabs.push(await openTab(browser, relay.join(mspId)));
    }
    for (const tab of tabs) await tab.waitForPeers(4);
    for (const tab of tabs) await tab.waitForLeader();
    for (const tab of tabs) await tab.evaluate('basic', 'GetAllAssets');
    return [...(await idleLatency(tabs)), ...(await throughput(tabs))];
  } finally {
    for (const tab of tabs) await tab.page.context().close();
    await relay.dispose();
  }
}

async function idleLatency(tabs: readonly Tab[]): Promise<Figure[]> {
  const [tab] = tabs;
  if (!tab) throw new Error('no tab');
  const totals: number[] = [];
  const traces: TraceEvent[][] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const sample = await tab.page.evaluate(async (id) => {
      // A pause of no fixed length, so that the batch timer is not met in step.
      await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 300));
      const began = performance.now();
      const { txId, blockNumber } = await window.tabric.submit(
        'basic',
        'CreateAsset',
        id,
        'c',
        '1',
        'o',
        '1',
      );
      const total = performance.now() - began;
      const events = window.tabric
        .trace()
        .filter((event) => event.txId === txId || event.block === blockNumber);
      return { total, events };
    }, `latency${i}`);
    totals.push(sample.total);
    traces.push(sample.events);
  }
  const of = (stage: string): string => {
    const ms = traces.flatMap((events) => {
      const found = events.filter((event) => event.stage === stage).map((event) => event.ms ?? 0);
      return found.length > 0 ? [Math.max(...found)] : [];
    });
    return `${stage} ${ms.length > 0 ? median(ms).toFixed(0) : '-'}`;
  };
  const stages = ['propose', 'endorse', 'submit', 'cut', 'validate', 'commit'].map(of).join(', ');
  return [
    {
      name: 'idle latency p50 / p95',
      value: percentiles(totals),
      aim: `${BATCH_TIMEOUT_MS + 40} ms`,
      method: `${SAMPLES} transactions one at a time, batch timeout ${BATCH_TIMEOUT_MS} ms, four tabs`,
    },
    { name: '  of it, by stage', value: stages, method: 'medians in ms; `cut` is the batch timer' },
  ];
}

async function throughput(tabs: readonly Tab[]): Promise<Figure[]> {
  const began = Date.now();
  const counts = await Promise.all(
    tabs.map((tab, index) =>
      tab.page.evaluate(
        async ([prefix, ms, inFlight]) => {
          const end = performance.now() + ms;
          let valid = 0;
          let failed = 0;
          const submitter = async (lane: number): Promise<void> => {
            for (let i = 0; performance.now() < end; i++) {
              const id = `${prefix}-${lane}-${i}`;
              await window.tabric.submit('basic', 'CreateAsset', id, 'c', '1', 'o', '1').then(
                () => valid++,
                () => failed++,
              );
            }
          };
          await Promise.all(Array.from({ length: inFlight }, (_, lane) => submitter(lane)));
          return { valid, failed };
        },
        [`t${index}`, LOAD_MS, IN_FLIGHT] as const,
      ),
    ),
  );
  const seconds = (Date.now() - began) / 1000;
  const valid = counts.reduce((sum, count) => sum + count.valid, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  return [
    {
      name: 'end to end, four tabs',
      value: `${(valid / seconds).toFixed(0)} tx/s`,
      method: `CreateAsset in real chaincode, ${IN_FLIGHT} in flight in each tab for ${LOAD_MS / 1000} s; ${valid} VALID, ${failed} failed`,
    },
  ];
}
