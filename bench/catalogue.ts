// SPDX-License-Identifier: Apache-2.0
// All benchmarks by name. Each is loaded when it is run, so that one that does not fit a commit leaves the others alone.
import type { Benchmark } from './support/context.ts';

export interface CatalogueEntry {
  readonly needs: 'node' | 'page';
  load(): Promise<Benchmark>;
}

/** In the order in which they run: those in Node alone first, while no browser is there. */
export const CATALOGUE: Readonly<Record<string, CatalogueEntry>> = {
  'replay-node': {
    needs: 'node',
    load: async () => (await import('./replay-node.ts')).replayNode,
  },
  'joining-headless': {
    needs: 'node',
    load: async () => (await import('./joining-headless.ts')).joiningHeadless,
  },
  'idle-headless': {
    needs: 'node',
    load: async () => (await import('./idle-headless.ts')).idleHeadless,
  },
  'first-load': {
    needs: 'page',
    load: async () => (await import('./first-load.ts')).firstLoadSize,
  },
  'joining-tabs': {
    needs: 'page',
    load: async () => (await import('./joining-tabs.ts')).joiningTabs,
  },
  'idle-tabs': {
    needs: 'page',
    load: async () => (await import('./idle-tabs.ts')).idleTabs,
  },
  'network-latency': {
    needs: 'page',
    load: async () => (await import('./network-latency.ts')).networkLatency,
  },
  'network-load': {
    needs: 'page',
    load: async () => (await import('./network-load.ts')).networkLoad,
  },
  'link-to-tip': {
    needs: 'page',
    load: async () => (await import('./link-to-tip.ts')).linkToTip,
  },
  'commit-rate': {
    needs: 'page',
    load: async () => (await import('./commit-rate.ts')).commitRate,
  },
  'ledger-growth': {
    needs: 'page',
    load: async () => (await import('./ledger-growth.ts')).ledgerGrowth,
  },
  'replay-chromium': {
    needs: 'page',
    load: async () => (await import('./replay-chromium.ts')).replayChromium,
  },
};
