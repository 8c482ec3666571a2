// SPDX-License-Identifier: Apache-2.0
// `tabric ledger snapshot …`: snapshots in Fabric's format (kvledger/snapshot.go and `peer snapshot`).
import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { snapshotCreateCommand } from './snapshot-create.ts';
import { snapshotJoinCommand } from './snapshot-join.ts';
import { snapshotVerifyCommand } from './snapshot-verify.ts';

export function snapshotCommand(context: CommandContext): Command {
  const command = new Command('snapshot').description(
    'snapshots in Fabric’s format: made, checked, and made into ledgers',
  );
  for (const make of [snapshotCreateCommand, snapshotVerifyCommand, snapshotJoinCommand]) {
    command.addCommand(make(context));
  }
  return command;
}
