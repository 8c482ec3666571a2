// SPDX-License-Identifier: Apache-2.0
// `tabric ledger rebuild`, `rollback` and `reset`: what `peer node rebuild-dbs`, `rollback` and `reset` do
// (kvledger/rebuild_dbs.go, rollback.go, reset.go), and then the databases at once, which a peer makes at its next start.
import { Command } from 'commander';
import { FabricError } from '../src/common/runtime/errors.ts';
import { LedgerError } from '../src/ledger/types.ts';
import { CHANNEL_FLAG, LEDGER_DIRECTORY, wholeNumber } from './arguments.ts';
import { tipRows } from './chain-tip.ts';
import type { CommandContext } from './command-context.ts';
import {
  type ExitCode,
  examples,
  type OutputOptions,
  print,
  rows,
  warn,
} from './command-output.ts';
import { type LedgerProof, openPeerLedgers, type PeerLedgers } from './peer-ledgers.ts';

interface MaintenanceFlags extends OutputOptions {
  readonly channel?: string;
}

export function rebuildCommand({ signal, finish }: CommandContext): Command {
  return new Command('rebuild')
    .description('makes state, history and indexes again of the blocks: `peer node rebuild-dbs`')
    .argument('<directory>', LEDGER_DIRECTORY)
    .option('--channel <name>', 'only this one (default: all)')
    .option('--json', 'answer in one line of JSON')
    .addHelpText('after', examples('rebuild ledgers', 'rebuild ledgers --channel mychannel'))
    .action(async (path: string, flags: MaintenanceFlags) => {
      finish(await rebuild(path, flags, signal));
    });
}

async function rebuild(
  path: string,
  { channel, json }: MaintenanceFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  await using opened = await openPeerLedgers(path, signal);
  const all = [...(await opened.ledgers.statuses()).keys()];
  const chosen = channel === undefined ? all : [await opened.choose(channel)];
  for (const ledgerId of chosen) await refuseFromSnapshot(opened, ledgerId);
  const proofs: LedgerProof[] = [];
  for (const ledgerId of chosen) {
    await opened.ledgers.rebuildDBs(ledgerId);
    proofs.push(...(await proofsOf(opened, ledgerId)));
  }
  return answer(proofs, json);
}

// Before anything is dropped, as at a peer.
async function refuseFromSnapshot(opened: PeerLedgers, ledgerId: string): Promise<void> {
  if (!(await opened.extent(ledgerId)).isFromSnapshot) return;
  const text = `${ledgerId} was made from a snapshot and has no blocks before it, so nothing is rebuilt; name another --channel, or unjoin it and join again`;
  throw new FabricError('LEDGER_FROM_SNAPSHOT', text);
}

export function rollbackCommand({ signal, finish }: CommandContext): Command {
  return new Command('rollback')
    .description(
      'deletes the blocks behind one, and makes the databases of what is left: `peer node rollback`',
    )
    .argument('<directory>', LEDGER_DIRECTORY)
    .requiredOption('--block <number>', 'the block that becomes the last one', wholeNumber)
    .option(...CHANNEL_FLAG)
    .option('--json', 'answer in one line of JSON')
    .addHelpText('after', examples('rollback ledgers --block 40'))
    .action(
      async (
        path: string,
        { channel, json, block }: MaintenanceFlags & { readonly block: number },
      ) => {
        await using opened = await openPeerLedgers(path, signal);
        const ledgerId = await opened.choose(channel);
        await opened.ledgers.rollback(ledgerId, block);
        finish(answer(await proofsOf(opened, ledgerId), json));
      },
    );
}

export function resetCommand({ signal, finish }: CommandContext): Command {
  return new Command('reset')
    .description('deletes all blocks but the genesis block of every ledger: `peer node reset`')
    .argument('<directory>', LEDGER_DIRECTORY)
    .option('--json', 'answer in one line of JSON')
    .addHelpText('after', examples('reset ledgers'))
    .action(async (path: string, { json }: OutputOptions) => {
      await using opened = await openPeerLedgers(path, signal);
      await opened.ledgers.reset();
      const proofs: LedgerProof[] = [];
      for (const ledgerId of (await opened.ledgers.statuses()).keys()) {
        proofs.push(...(await proofsOf(opened, ledgerId)));
      }
      finish(answer(proofs, json));
    });
}

// One that is paused gets its databases when it is resumed and opened.
async function proofsOf(opened: PeerLedgers, ledgerId: string): Promise<LedgerProof[]> {
  try {
    return [await opened.prove(ledgerId)];
  } catch (error) {
    if (!(error instanceof LedgerError && error.code === 'LEDGER_PAUSED')) throw error;
    warn(`${ledgerId} is paused: its databases are made when it is resumed and opened`);
    return [];
  }
}

function answer(proofs: readonly LedgerProof[], json: boolean | undefined): ExitCode {
  if (json) print(JSON.stringify(proofs));
  else if (proofs.length > 0) print(proofs.map(textOf).join('\n\n'));
  return 0;
}

function textOf(proof: LedgerProof): string {
  return rows([
    ['channel', proof.channelId],
    ...tipRows(proof),
    ['state', `${proof.keys} keys, those of private data among them`],
  ]);
}
