// SPDX-License-Identifier: Apache-2.0
// How long many headless peers take that start at once: until all are at the tip of a chain that is there already.
import { relayWithChain } from './support/chain.ts';
import type { BenchContext } from './support/context.ts';
import { HeadlessPeers, hasHeadlessPeers, NO_HEADLESS_PEERS } from './support/headless.ts';
import { splitByOrganisation } from './support/joined-tab.ts';
import { amountFigure, type Figure, median } from './support/table.ts';

const BLOCKS = 20;
const TRANSACTIONS = 10;

export async function joiningHeadless({ options: { peers } }: BenchContext): Promise<Figure[]> {
  const name = `joining, last of ${peers} headless peers`;
  if (!hasHeadlessPeers()) return [{ name, ...NO_HEADLESS_PEERS }];
  const relay = await relayWithChain({ blocks: BLOCKS, transactionsPerBlock: TRANSACTIONS });
  try {
    await using running = new AsyncDisposableStack();
    const groups = splitByOrganisation(peers).map(([mspId, count]) => ({
      count,
      process: running.use(new HeadlessPeers(relay.join(mspId), count)),
    }));
    const ready = await Promise.all(groups.map(({ count, process }) => process.ready(count)));
    const all = ready.flat();
    const behind = all.filter(({ height }) => height < BLOCKS + 1);
    if (behind.length > 0) throw new Error(`${behind.length} peers say ready below the tip`);
    const seconds = all.map(({ atMs }) => atMs / 1000);
    const method = `from the start of ${groups.length} processes, one an organisation, to the last \`ready\` at ${BLOCKS + 1} blocks`;
    return [
      amountFigure(name, [Math.max(...seconds), 's'], method, { aim: '30 s' }),
      amountFigure('  median', [median(seconds), 's'], 'of the same'),
    ];
  } finally {
    await relay.dispose();
  }
}
