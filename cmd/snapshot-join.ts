// SPDX-License-Identifier: Apache-2.0
// `tabric ledger snapshot join`: a ledger made of a snapshot, as `peer channel joinbysnapshot` makes one.
import { Command } from 'commander';
import { toHex } from '../src/common/runtime/bytes.ts';
import { FabricError } from '../src/common/runtime/errors.ts';
import type { CommandContext } from './command-context.ts';
import { levelDBLedgers } from './command-ledgers.ts';
import { type ExitCode, examples, type OutputOptions, print, rows } from './command-output.ts';
import { joinSnapshot } from './from-snapshot.ts';

interface JoinFlags extends OutputOptions {
  readonly store: readonly string[];
}

export function snapshotJoinCommand({ signal, finish }: CommandContext): Command {
  return new Command('join')
    .description(
      'makes a ledger of a snapshot; whether to trust it is yours to know, by its snapshot hash',
    )
    .argument('<folder>', 'folder of a snapshot, a Fabric peer’s or ours')
    .requiredOption('--store <kind...>', '`leveldb DIR`: where the ledger is made')
    .option('--json', 'answer in one line of JSON')
    .addHelpText('after', examples('snapshot join snapshots/mychannel/70 --store leveldb ledgers'))
    .action(async (path: string, flags: JoinFlags) => finish(await join(path, flags, signal)));
}

async function join(
  path: string,
  { store: [kind, directory, ...rest], json }: JoinFlags,
  signal: AbortSignal,
): Promise<ExitCode> {
  if (kind !== 'leveldb' || directory === undefined || rest.length > 0) {
    throw new FabricError('BAD_FLAG', '--store is `leveldb` and a directory');
  }
  await using opened = await levelDBLedgers(directory);
  const ledger = await joinSnapshot(path, opened.ledgers, { signal });
  const { height, currentBlockHash } = ledger.getBlockchainInfo();
  const lastBlockHash = toHex(currentBlockHash);
  const { ledgerId } = ledger;
  if (json) print(JSON.stringify({ channelId: ledgerId, height, lastBlockHash }));
  else {
    print(
      rows([
        ['channel', ledgerId],
        ['height', `${height}: the next block is ${height}, and those before are not here`],
        ['last block', lastBlockHash],
      ]),
    );
  }
  return 0;
}
