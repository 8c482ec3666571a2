// SPDX-License-Identifier: Apache-2.0
// `tabric chaincode …`.
import { Command } from 'commander';
import { chaincodePackageCommand } from './chaincode-package.ts';
import type { CommandContext } from './command-context.ts';

export function chaincodeCommand(context: CommandContext): Command {
  return new Command('chaincode')
    .description('packages of chaincode')
    .addCommand(chaincodePackageCommand(context));
}
