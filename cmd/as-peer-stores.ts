// SPDX-License-Identifier: Apache-2.0
// An orderer's blocks as a peer stores them. An orderer knows no validation codes, and tools that read a peer's block files
// (`ledgerutil verify` of Fabric) fail on blocks without them; so the chain is replayed to learn them.
import { systemClock } from '../src/common/runtime/clock.ts';
import { FabricError } from '../src/common/runtime/errors.ts';
import type { LedgerProvider } from '../src/ledger/kvledger/ledger-provider.ts';
import type { PeerLedger } from '../src/ledger/types.ts';
import { type ReplayReport, replayChain } from '../src/node/replay/index.ts';

/**
 * Replays serialized common.Blocks from the genesis block on into a ledger of `ledgers`, and gives it: its blocks have the codes and
 * commit hashes that a peer would have stored. Throws FabricError CODES_UNKNOWN when the chain does not define the chaincodes
 * that it uses, and ReplayError.
 */
export async function asPeerStores(
  blocks: AsyncIterable<Uint8Array>,
  ledgers: LedgerProvider,
  signal: AbortSignal,
): Promise<PeerLedger> {
  let made: PeerLedger | undefined;
  const create = async (genesis: Uint8Array): Promise<PeerLedger> => {
    made = await ledgers.create(genesis);
    return made;
  };
  const report = await replayChain(blocks, { ledgers: { create }, clock: systemClock }, { signal });
  checkCodesKnown(report);
  if (made) return made;
  throw new FabricError('BLOCK_NOT_FOUND', `${report.channelId} has no block yet`);
}

/**
 * Chaincodes of a network of ours may be defined by its file alone, which a replay does not have. Throws FabricError CODES_UNKNOWN
 * when the chain uses such ones.
 */
export function checkCodesKnown({
  channelId,
  codes,
}: Pick<ReplayReport, 'channelId' | 'codes'>): void {
  const count = codes.INVALID_CHAINCODE ?? 0;
  if (count === 0) return;
  const text = `an orderer keeps no validation codes, and those of ${count} transaction(s) of ${channelId} cannot be found: the chain does not define their chaincodes. Export the ledger of a peer, or say --as-orderer to write the blocks without codes`;
  throw new FabricError('CODES_UNKNOWN', text);
}
