// SPDX-License-Identifier: Apache-2.0
// What many headless peers cost when nobody does anything, and what they cost the relay.
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { TestNetwork } from '../src/playwright/test-network.ts';
import type { BenchContext } from './support/context.ts';
import {
  bytesWrittenBy,
  HeadlessPeers,
  hasHeadlessPeers,
  NO_HEADLESS_PEERS,
} from './support/headless.ts';
import { splitByOrganisation } from './support/joined-tab.ts';
import { memoryOf, sampleTree, sumBy, usedBetween } from './support/process-tree.ts';
import { amountFigure, type Figure } from './support/table.ts';

interface Idle {
  readonly peers: number;
  readonly seconds: number;
  /** Percent of one core. */
  readonly relayLoad: number;
  readonly peersLoad: number;
  readonly relayBytes: number;
  readonly peersBytes: number;
  readonly writtenByPeers: number;
  readonly writtenByRelay: number;
}

export async function idleHeadless({ options }: BenchContext): Promise<Figure[]> {
  const { peers } = options;
  if (!hasHeadlessPeers()) return [{ name: `idle, ${peers} headless peers`, ...NO_HEADLESS_PEERS }];
  const relay = await TestNetwork.start();
  try {
    await using running = new AsyncDisposableStack();
    const groups = splitByOrganisation(peers).map(([mspId, count]) => ({
      count,
      process: running.use(new HeadlessPeers(relay.join(mspId), count)),
    }));
    await Promise.all(groups.map(({ count, process }) => process.ready(count)));
    await pause(options.settleMs);
    const pids = groups.map(({ process }) => process.pid);
    return figuresOf({ peers, ...(await measure(relay.pid, pids, options.windowMs)) });
  } finally {
    await relay.dispose();
  }
}

async function measure(
  relay: number,
  pids: readonly number[],
  windowMs: number,
): Promise<Omit<Idle, 'peers'>> {
  const total = (of: (pid: number) => number): number =>
    pids.reduce((sum, pid) => sum + of(pid), 0);
  const memory = (pid: number): number => memoryOf(pid)?.privateBytes ?? Number.NaN;
  const written = (): [number, number] => [total(bytesWrittenBy), bytesWrittenBy(relay)];
  const [peersBefore, relayBefore] = written();
  const before = sampleTree(relay, ...pids);
  await pause(windowMs);
  const after = sampleTree(relay, ...pids);
  const [peersAfter, relayAfter] = written();
  const ms = after.atMs - before.atMs;
  const used = sumBy(usedBetween(before, after), ({ pid }) => (pid === relay ? 'relay' : 'peers'));
  const percent = (name: string): number => ((used.get(name) ?? 0) * 100) / ms;
  return {
    seconds: ms / 1000,
    relayLoad: percent('relay'),
    peersLoad: percent('peers'),
    relayBytes: memory(relay),
    peersBytes: total(memory),
    writtenByPeers: peersAfter - peersBefore,
    writtenByRelay: relayAfter - relayBefore,
  };
}

function figuresOf(one: Idle): Figure[] {
  const { peers, seconds } = one;
  const kb = (bytes: number): number => bytes / 1000 / seconds;
  const load = one.relayLoad + one.peersLoad;
  return [
    amountFigure(
      `idle, ${peers} headless peers`,
      [load / availableParallelism(), `% of ${availableParallelism()} cores`],
      `/proc, user and system, peers and relay over ${seconds.toFixed(0)} s`,
    ),
    amountFigure('  relay', [one.relayLoad, '% of a core'], 'the same', { aim: '15 %' }),
    amountFigure(
      '  bytes of a peer',
      [kb(one.writtenByPeers) / peers, 'kB/s'],
      'wchar of /proc/<pid>/io by peer: sockets and files; no UDP',
      { aim: '6 kB/s' },
    ),
    amountFigure('  bytes of the relay', [kb(one.writtenByRelay), 'kB/s'], 'the same'),
    amountFigure('  memory of the relay', [one.relayBytes / 1e6, 'MB'], 'private pages', {
      aim: '200 MB',
    }),
    amountFigure(
      '  memory of a peer',
      [one.peersBytes / 1e6 / peers, 'MB'],
      'private pages by peer',
    ),
  ];
}
