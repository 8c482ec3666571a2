#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// `tabric …`: tools for the command line. Exit code 0: all is well; 1: something differs; 2: it could not be done.
import { Command, CommanderError } from 'commander';
import { FabricError, messageOf } from '../../src/common/runtime/errors.ts';
import { type ExitCode, warn } from './command-output.ts';
import { ledgerCommand } from './ledger-command.ts';

async function main(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = new Command('tabric')
    .description('Hyperledger Fabric in browser tabs: tools')
    .addCommand(ledgerCommand(finish))
    .configureHelp({ helpWidth: 110 });
  exitFromAll(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const isKnown = error instanceof FabricError || !(error instanceof Error);
    warn(isKnown ? messageOf(error) : (error.stack ?? error.message));
    return 2;
  }
}

// Subcommands would end the process by themselves.
function exitFromAll(command: Command): void {
  command.exitOverride();
  for (const one of command.commands) exitFromAll(one);
}

process.exitCode = await main(process.argv.slice(2));
