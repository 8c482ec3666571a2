// SPDX-License-Identifier: Apache-2.0
// `tabric ledger …`: one file a command, each registered here.
import { Command } from 'commander';
import type { ExitCode } from './command-output.ts';
import { exportCommand } from './ledger-export.ts';
import { inspectCommand } from './ledger-inspect.ts';
import { replayCommand } from './ledger-replay.ts';
import { verifyCommand } from './ledger-verify.ts';

/** @param finish is told how the command that was run came out. */
export function ledgerCommand(finish: (code: ExitCode) => void): Command {
  const make = [inspectCommand, verifyCommand, replayCommand, exportCommand];
  const command = new Command('ledger').description('ledgers of real Fabric networks, and our own');
  for (const one of make) command.addCommand(one(finish));
  return command;
}
