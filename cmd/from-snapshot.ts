// SPDX-License-Identifier: Apache-2.0
// A ledger made from a snapshot for a command: `--from-snapshot` of `verify` and `replay`, and `snapshot join`.
import { equalBytes, toHex } from '../src/common/runtime/bytes.ts';
import { FabricError } from '../src/common/runtime/errors.ts';
import type { BootstrappingSnapshotInfo } from '../src/ledger/blkstorage/blockfile/index.ts';
import type { LedgerProvider } from '../src/ledger/kvledger/ledger-provider.ts';
import type { PeerLedger } from '../src/ledger/types.ts';
import { ChannelConfig } from '../src/node/peer/channel-config.ts';
import { SnapshotFolder } from './snapshot-folder.ts';

export const FROM_SNAPSHOT_FLAG = [
  '--from-snapshot <folder>',
  'the snapshot that the chain goes on from, when it has no genesis block',
] as const;

export interface JoinSnapshotOptions {
  readonly signal: AbortSignal;
  /** What the chain that is to follow says of its snapshot. */
  readonly expected?: BootstrappingSnapshotInfo | undefined;
}

/**
 * Makes a ledger of the snapshot in a folder, and leaves none when this peer could not go on with it. Throws FabricError
 * SNAPSHOT_NOT_FOUND, OTHER_SNAPSHOT when it is not the one expected, LedgerError SNAPSHOT_INVALID and LEDGER_EXISTS, and FabricError CONFIG_REJECTED as a replay does, for a
 * capability that is not known.
 */
export async function joinSnapshot(
  path: string,
  ledgers: LedgerProvider,
  { signal, expected }: JoinSnapshotOptions,
): Promise<PeerLedger> {
  using folder = await SnapshotFolder.open(path, { signal });
  const ledger = await ledgers.createFromSnapshot(folder);
  try {
    if (expected) checkSame(originOf(ledger), expected);
    await ChannelConfig.load(ledger);
    return ledger;
  } catch (error) {
    await ledgers.remove(ledger.ledgerId);
    throw error;
  }
}

/** What a ledger that has just been made from a snapshot goes on from. */
export function originOf(ledger: PeerLedger): BootstrappingSnapshotInfo {
  const { height, currentBlockHash, previousBlockHash } = ledger.getBlockchainInfo();
  return { lastBlockNum: height - 1, lastBlockHash: currentBlockHash, previousBlockHash };
}

function checkSame(given: BootstrappingSnapshotInfo, ofChain: BootstrappingSnapshotInfo): void {
  const isSame = given.lastBlockNum === ofChain.lastBlockNum;
  if (isSame && equalBytes(given.lastBlockHash, ofChain.lastBlockHash)) return;
  const text = `the chain goes on from ${textOf(ofChain)}, but the snapshot is of ${textOf(given)}`;
  throw new FabricError('OTHER_SNAPSHOT', text);
}

function textOf({ lastBlockNum, lastBlockHash }: BootstrappingSnapshotInfo): string {
  return `block ${lastBlockNum} (${toHex(lastBlockHash)})`;
}
