// SPDX-License-Identifier: Apache-2.0
// `tabric ledger pause` and `resume`, as `peer node pause` and `resume`: a paused ledger is kept, and not opened.
import { Command } from 'commander';
import { LEDGER_DIRECTORY } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { examples, print } from './command-output.ts';
import { openPeerLedgers } from './peer-ledgers.ts';

interface PauseFlags {
  readonly channel: string;
}

export function pauseCommand({ signal, finish }: CommandContext): Command {
  return new Command('pause')
    .description('keeps a ledger from being opened: `peer node pause`')
    .argument('<directory>', LEDGER_DIRECTORY)
    .requiredOption('--channel <name>', 'which one')
    .addHelpText('after', examples('pause ledgers --channel mychannel'))
    .action(async (path: string, { channel }: PauseFlags) => {
      await using opened = await openPeerLedgers(path, signal);
      await opened.ledgers.pause(await opened.choose(channel));
      print(`${channel} is paused`);
      finish(0);
    });
}

export function resumeCommand({ signal, finish }: CommandContext): Command {
  return new Command('resume')
    .description('lets a paused ledger be opened again: `peer node resume`')
    .argument('<directory>', LEDGER_DIRECTORY)
    .requiredOption('--channel <name>', 'which one')
    .addHelpText('after', examples('resume ledgers --channel mychannel'))
    .action(async (path: string, { channel }: PauseFlags) => {
      await using opened = await openPeerLedgers(path, signal);
      await opened.ledgers.resume(await opened.choose(channel));
      print(`${channel} is active`);
      finish(0);
    });
}
