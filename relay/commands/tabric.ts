#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// `tabric …`: tools for the command line. Exit code 0: all is well; 1: something differs; 2: it could not be done;
// 130: it was stopped by Ctrl-C (a second Ctrl-C does not wait).
import { Command, CommanderError } from 'commander';
import { FabricError, messageOf } from '../../src/common/runtime/errors.ts';
import type { CommandContext } from './command-context.ts';
import { type ExitCode, warn } from './command-output.ts';
import { ledgerCommand } from './ledger-command.ts';

const STOPPED: ExitCode = 130;

async function main(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const signal = signalOfCtrlC();
  const context: CommandContext = {
    signal,
    finish: (code) => {
      exitCode = code;
    },
  };
  const program = new Command('tabric')
    .description('Hyperledger Fabric in browser tabs: tools')
    .addCommand(ledgerCommand(context));
  setUpAll(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return signal.aborted ? stopped() : failed(error);
  }
}

function failed(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isKnown = error instanceof FabricError || !(error instanceof Error);
  warn(isKnown ? messageOf(error) : (error.stack ?? error.message));
  return 2;
}

function stopped(): ExitCode {
  warn('stopped');
  return STOPPED;
}

function signalOfCtrlC(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(STOPPED);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

// Subcommands take nothing over from the command that they are added to: they would end the process by themselves.
function setUpAll(command: Command): void {
  command.exitOverride().configureHelp({ helpWidth: 110 });
  for (const one of command.commands) setUpAll(one);
}

process.exitCode = await main(process.argv.slice(2));
