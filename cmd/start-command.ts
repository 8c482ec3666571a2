// SPDX-License-Identifier: Apache-2.0
// `tabric start`: a relay, with the flags of `npm start`.
import { Command } from 'commander';
import { addRelayOptions, readOptions } from '../relay/cli-options.ts';
import { runRelay } from '../relay/run-relay.ts';
import type { CommandContext } from './command-context.ts';

export function startCommand({ signal, finish }: CommandContext): Command {
  const command = addRelayOptions(new Command('start'));
  return command.action(async () => {
    await runRelay(readOptions(command), signal);
    finish(0);
  });
}
