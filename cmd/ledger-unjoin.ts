// SPDX-License-Identifier: Apache-2.0
// `tabric ledger unjoin`, as `peer node unjoin`: a ledger and all it holds is deleted, once somebody said so.
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { FabricError } from '../src/common/runtime/errors.ts';
import { LEDGER_DIRECTORY } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { type ExitCode, examples, print } from './command-output.ts';
import { openPeerLedgers } from './peer-ledgers.ts';

interface UnjoinFlags {
  readonly channel: string;
  readonly yes?: boolean;
}

export function unjoinCommand({ signal, finish }: CommandContext): Command {
  return new Command('unjoin')
    .description('deletes a ledger and all it holds: `peer node unjoin`')
    .argument('<directory>', LEDGER_DIRECTORY)
    .requiredOption('--channel <name>', 'which one')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples('unjoin ledgers --channel mychannel'))
    .action(async (path: string, flags: UnjoinFlags) => finish(await unjoin(path, flags, signal)));
}

async function unjoin(
  path: string,
  { channel, yes = false }: UnjoinFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  await using opened = await openPeerLedgers(path, signal);
  const ledgerId = await opened.choose(channel);
  const { height } = await opened.tip(ledgerId);
  const question = `Delete the ledger ${ledgerId} with its ${height} blocks? [y/N] `;
  if (!yes && !(await confirms(question, signal))) {
    throw new FabricError('NOT_CONFIRMED', `${ledgerId} is kept`);
  }
  await opened.ledgers.remove(ledgerId);
  print(`${ledgerId} is deleted`);
  return 0;
}

async function confirms(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) {
    const text = 'there is no terminal to ask on whether to delete it: say --yes';
    throw new FabricError('NOT_CONFIRMED', text);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const stop = new AbortController();
  // A terminal that is being read takes Ctrl-C for itself.
  terminal.on('SIGINT', () => stop.abort());
  terminal.on('close', () => stop.abort());
  try {
    const either = AbortSignal.any([signal, stop.signal]);
    return /^y(es)?$/i.test((await terminal.question(question, { signal: either })).trim());
  } catch (error) {
    if (stop.signal.aborted) return false;
    throw error;
  } finally {
    terminal.close();
  }
}
