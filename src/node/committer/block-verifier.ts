// SPDX-License-Identifier: Apache-2.0
// Whether a block that came from outside is one of this channel's orderers, before it is buffered or passed on.
// Mirrors Fabric's internal/peer/gossip/mcs.go VerifyBlock. The link to the previous block is checked by the block
// store when it is appended.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { defaultBCCSP } from '../../common/crypto/index.ts';
import { common } from '../../common/protos/index.ts';
import {
  blockAsSignedData,
  blockNumber,
  getChannelIdFromBlock,
  verifyTransactionsAreWellFormed,
} from '../../common/protoutil/index.ts';
import { concat, equalBytes } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';

const BLOCK_VALIDATION_POLICY = '/Channel/Orderer/BlockValidation';

/** A block that must not be used; whoever sent it is at fault. */
export class BlockRejectedError extends FabricError {
  constructor(blockNum: number | undefined, reason: string, cause?: unknown) {
    super('BLOCK_REJECTED', `block ${blockNum ?? '?'} is refused: ${reason}`, {
      cause,
      data: { blockNum },
    });
  }
}

/** Decodes a block, or throws {@link BlockRejectedError}. */
export function decodeBlock(bytes: Uint8Array): common.Block {
  try {
    const block = common.Block.decode(bytes);
    if (!block.header || !block.data || !block.metadata) throw new Error('a part is missing');
    return block;
  } catch (error) {
    throw new BlockRejectedError(undefined, `it does not decode: ${messageOf(error)}`, error);
  }
}

/** Throws {@link BlockRejectedError} unless the block is number `blockNum` of the channel, whole and signed. */
export async function verifyBlock(
  bytes: Uint8Array,
  blockNum: number,
  bundle: ChannelConfigBundle,
): Promise<common.Block> {
  const block = decodeBlock(bytes);
  try {
    await checkContents(block, blockNum, bundle.channelId);
    // The genesis block carries no signature: it is trusted as it was given.
    if (blockNum === 0) return block;
    const policy = bundle.policyManager.getPolicy(BLOCK_VALIDATION_POLICY);
    if (await policy.evaluateSignedData(blockAsSignedData(block))) return block;
  } catch (error) {
    throw new BlockRejectedError(blockNum, messageOf(error), error);
  }
  throw new BlockRejectedError(blockNum, 'its signatures do not satisfy BlockValidation');
}

async function checkContents(
  block: common.Block,
  blockNum: number,
  channelId: string,
): Promise<void> {
  const { header, data } = block;
  if (blockNumber(block) !== blockNum) throw new Error(`its header says number ${header?.number}`);
  if (!header || !data || data.data.length === 0) throw new Error('it holds no transaction');
  if (blockNum === 0 && header.previous_hash.length > 0) {
    throw new Error('nothing comes before the genesis block');
  }
  // The platform's hash rather than protoutil's: a block is megabytes.
  const dataHash = await defaultBCCSP().sha256(concat(...data.data));
  if (!equalBytes(dataHash, header.data_hash)) throw new Error('the data hash differs');
  const channel = getChannelIdFromBlock(block);
  if (channel !== channelId) throw new Error(`it belongs to channel ${channel}`);
  verifyTransactionsAreWellFormed(data);
}
