// SPDX-License-Identifier: Apache-2.0
// `tabric ledger …`: one file a command, each registered here.
import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { exportCommand } from './ledger-export.ts';
import { inspectCommand } from './ledger-inspect.ts';
import { listCommand } from './ledger-list.ts';
import { pauseCommand, resumeCommand } from './ledger-pause.ts';
import { rebuildCommand, resetCommand, rollbackCommand } from './ledger-rebuild.ts';
import { replayCommand } from './ledger-replay.ts';
import { snapshotCommand } from './ledger-snapshot.ts';
import { unjoinCommand } from './ledger-unjoin.ts';
import { verifyCommand } from './ledger-verify.ts';

const COMMANDS = [
  inspectCommand,
  verifyCommand,
  replayCommand,
  exportCommand,
  snapshotCommand,
  listCommand,
  rebuildCommand,
  rollbackCommand,
  resetCommand,
  pauseCommand,
  resumeCommand,
  unjoinCommand,
];

export function ledgerCommand(context: CommandContext): Command {
  const command = new Command('ledger').description('ledgers of real Fabric networks, and our own');
  for (const make of COMMANDS) command.addCommand(make(context));
  return command;
}
