// SPDX-License-Identifier: Apache-2.0
// `tabric peer …`.
import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { peerStartCommand } from './peer-start.ts';

export function peerCommand(context: CommandContext): Command {
  return new Command('peer')
    .description('peers without a browser')
    .addCommand(peerStartCommand(context));
}
