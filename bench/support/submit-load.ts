// SPDX-License-Identifier: Apache-2.0
// Transactions from many tabs at once, each with several under way.
import type { Tab } from '../../src/playwright/tab.ts';

export interface Load {
  readonly valid: number;
  readonly failed: number;
  readonly seconds: number;
}

export interface LoadOptions {
  /** Begins the keys, so that two loads of one network do not meet. */
  readonly prefix: string;
  readonly ms: number;
  /** Of each tab. */
  readonly inFlight: number;
}

/** Submits CreateAsset until the time is over, and waits for what is under way. */
export async function submitLoad(tabs: readonly Tab[], options: LoadOptions): Promise<Load> {
  const began = performance.now();
  const counts = await Promise.all(
    tabs.map((tab, i) => submitAt(tab, `${options.prefix}${i}`, options)),
  );
  const sum = (of: (count: { valid: number; failed: number }) => number): number =>
    counts.reduce((total, count) => total + of(count), 0);
  const seconds = (performance.now() - began) / 1000;
  return { valid: sum(({ valid }) => valid), failed: sum(({ failed }) => failed), seconds };
}

function submitAt(
  { page }: Tab,
  prefix: string,
  { ms, inFlight }: LoadOptions,
): Promise<{ valid: number; failed: number }> {
  return page.evaluate(
    async ([keys, duration, lanes]) => {
      const end = performance.now() + duration;
      let valid = 0;
      let failed = 0;
      const submitter = async (lane: number): Promise<void> => {
        for (let i = 0; performance.now() < end; i++) {
          const id = `${keys}-${lane}-${i}`;
          await window.tabric.submit('basic', 'CreateAsset', id, 'c', '1', 'o', '1').then(
            () => valid++,
            () => failed++,
          );
        }
      };
      await Promise.all(Array.from({ length: lanes }, (_, lane) => submitter(lane)));
      return { valid, failed };
    },
    [prefix, ms, inFlight] as const,
  );
}
