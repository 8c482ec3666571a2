// SPDX-License-Identifier: Apache-2.0
// `tabric ledger list`: which ledgers a directory holds, and how far each has come.
import { Command } from 'commander';
import { CHAIN_DIRECTORY } from './arguments.ts';
import { type ChainTip, tipOf, tipRows } from './chain-tip.ts';
import type { CommandContext } from './command-context.ts';
import { type ExitCode, examples, type OutputOptions, print, rows } from './command-output.ts';
import { openPeerLedgers } from './peer-ledgers.ts';
import { needChains, openBlocks } from './stored-chains.ts';

interface ListedLedger extends ChainTip {
  readonly channelId: string;
  readonly kind: 'peer' | 'orderer';
  /** Fabric's: ACTIVE, or INACTIVE of one that is paused. */
  readonly status: string;
}

export function listCommand({ signal, finish }: CommandContext): Command {
  return new Command('list')
    .description('which ledgers there are, their status, height and hashes')
    .argument('<directory>', CHAIN_DIRECTORY)
    .option('--json', 'answer in one line of JSON')
    .addHelpText('after', examples('list ledgers', 'list data'))
    .action(async (path: string, flags: OutputOptions) => finish(await list(path, flags, signal)));
}

async function list(path: string, { json }: OutputOptions, signal: AbortSignal): Promise<ExitCode> {
  const ledgers = [...(await peersLedgers(path, signal)), ...(await orderersChains(path))];
  if (json) print(JSON.stringify(ledgers));
  else print(ledgers.map(textOf).join('\n\n') || 'none');
  return 0;
}

async function peersLedgers(path: string, signal: AbortSignal): Promise<ListedLedger[]> {
  if (!(await needChains(path)).isPeers) return [];
  await using opened = await openPeerLedgers(path, signal);
  const found: ListedLedger[] = [];
  for (const [channelId, status] of await opened.ledgers.statuses()) {
    found.push({ channelId, kind: 'peer', status, ...(await opened.tip(channelId)) });
  }
  return found;
}

async function orderersChains(path: string): Promise<ListedLedger[]> {
  const directory = await needChains(path);
  const found: ListedLedger[] = [];
  for (const chain of directory.chains) {
    if (chain.kind !== 'orderer') continue;
    await using opened = await openBlocks(directory, chain);
    const { channelId, kind } = chain;
    found.push({ channelId, kind, status: 'ACTIVE', ...(await tipOf(opened.blockStore)) });
  }
  return found;
}

function textOf(ledger: ListedLedger): string {
  const { channelId, kind, status } = ledger;
  const about = kind === 'orderer' ? 'an orderer’s chain' : status;
  return rows([['channel', channelId], ['status', about], ...tipRows(ledger)]);
}
