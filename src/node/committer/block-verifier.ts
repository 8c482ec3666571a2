// SPDX-License-Identifier: Apache-2.0
// Whether a block that came from outside is one of this channel's orderers, before it is buffered or passed on.
// Mirrors Fabric's internal/peer/gossip/mcs.go VerifyBlock. The link to the previous block is checked by the block
// store when it is appended.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { defaultBCCSP } from '../../common/crypto/index.ts';
import { blockAsSignedData, verifyEnvelopesAreWellFormed } from '../../common/protoutil/index.ts';
import { concat, equalBytes } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { holdsConfig, parseBlock, type SerializedBlock } from '../../ledger/blkstorage/index.ts';

const BLOCK_VALIDATION_POLICY = '/Channel/Orderer/BlockValidation';

/** A block that must not be used; whoever sent it is at fault. */
export class BlockRejectedError extends FabricError {
  override readonly name: string = 'BlockRejectedError';
  constructor(blockNum: number | undefined, reason: string, cause?: unknown) {
    super('BLOCK_REJECTED', `block ${blockNum ?? '?'} is refused: ${reason}`, {
      cause,
      data: { blockNum },
    });
  }
}

/** Parses a block, or throws {@link BlockRejectedError}. */
export function parseReceived(bytes: Uint8Array): SerializedBlock {
  try {
    const block = parseBlock(bytes);
    if (block.metadataField.start === block.metadataField.end) throw new Error('no metadata');
    return block;
  } catch (error) {
    throw new BlockRejectedError(undefined, `it does not decode: ${messageOf(error)}`, error);
  }
}

/** Throws {@link BlockRejectedError} unless the block is number `blockNum` of the channel, whole and signed. */
export async function verifyBlock(
  received: Uint8Array | SerializedBlock,
  blockNum: number,
  bundle: ChannelConfigBundle,
): Promise<SerializedBlock> {
  const block = received instanceof Uint8Array ? parseReceived(received) : received;
  try {
    await checkContents(block, blockNum, bundle.channelId);
    // The genesis block carries no signature: it is trusted as it was given.
    if (blockNum === 0) return block;
    const policy = bundle.policyManager.getPolicy(BLOCK_VALIDATION_POLICY);
    const { header, metadata } = block;
    const signed = blockAsSignedData(
      { header, metadata: { metadata: [...metadata] } },
      bundle.orderer.consenters,
    );
    if (await policy.evaluateSignedData(signed)) return block;
  } catch (error) {
    throw new BlockRejectedError(blockNum, messageOf(error), error);
  }
  throw new BlockRejectedError(blockNum, 'its signatures do not satisfy BlockValidation');
}

/**
 * Throws {@link BlockRejectedError} unless the block is number `blockNum` of the channel and whole. Who signed it is not looked at,
 * for where there is no configuration to tell who may.
 */
export async function verifyBlockContents(
  block: SerializedBlock,
  blockNum: number,
  channelId: string,
): Promise<void> {
  try {
    await checkContents(block, blockNum, channelId);
  } catch (error) {
    throw new BlockRejectedError(blockNum, messageOf(error), error);
  }
}

async function checkContents(
  block: SerializedBlock,
  blockNum: number,
  channelId: string,
): Promise<void> {
  const { number, transactions, previousHash, dataHash } = block;
  if (number !== blockNum) throw new Error(`its header says number ${number}`);
  const [first] = transactions;
  if (!first) throw new Error('it holds no transaction');
  if (blockNum === 0 && previousHash.length > 0) {
    throw new Error('nothing comes before the genesis block');
  }
  // The platform's hash rather than protoutil's: a block is megabytes.
  const actual = await defaultBCCSP().sha256(concat(...transactions.map(({ bytes }) => bytes)));
  if (!equalBytes(actual, dataHash)) throw new Error('the data hash differs');
  const { channel_id: channel } = first.channelHeader;
  if (channel !== channelId) throw new Error(`it belongs to channel ${channel}`);
  // Where one envelope ends and the next begins, which the data hash does not cover.
  if (holdsConfig(block)) return;
  verifyEnvelopesAreWellFormed(transactions);
}
