// SPDX-License-Identifier: Apache-2.0
// What `tabric …` does, as a function: tests call it too.
import { Command, CommanderError } from 'commander';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import { chaincodeCommand } from './chaincode-command.ts';
import { type ExitCode, warn } from './command-output.ts';
import { ledgerCommand } from './ledger-command.ts';
import { peerCommand } from './peer-command.ts';
import { startCommand } from './start-command.ts';

/** What a command comes to that Ctrl-C stopped. */
export const STOPPED: ExitCode = 130;

/** Runs the command that the arguments behind the program's name ask for. Answers on stdout and stderr; never throws. */
export async function runTabric(args: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = new Command('tabric')
    .description('Hyperledger Fabric in browser tabs')
    .addCommand(startCommand({ signal, finish }))
    .addCommand(ledgerCommand({ signal, finish }))
    .addCommand(peerCommand({ signal, finish }))
    .addCommand(chaincodeCommand({ signal, finish }));
  setUpAll(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return signal.aborted ? stopped() : failed(error);
  }
}

// Subcommands take nothing over from the command that they are added to: they would end the process by themselves.
function setUpAll(command: Command): void {
  command.exitOverride().configureHelp({ helpWidth: 110 });
  for (const one of command.commands) setUpAll(one);
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
