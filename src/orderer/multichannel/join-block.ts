// SPDX-License-Identifier: Apache-2.0
// Whether a block can start a channel (orderer/common/channelparticipation/validator.go @ v2.5).
import { createBundle } from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { BCCSP } from '../../common/crypto/index.ts';
import type { common } from '../../common/protos/index.ts';
import {
  blockNumber,
  channelIdFromEnvelope,
  computeBlockDataHash,
  extractEnvelope,
  isConfigBlock,
  payloadFromEnvelope,
  unmarshalBlock,
} from '../../common/protoutil/index.ts';
import { equalBytes } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { Consenter } from '../consensus/consenter.ts';
import { OrdererError } from '../errors.ts';

export interface JoinBlockComponents {
  readonly bccsp: BCCSP;
  readonly consenters: ReadonlyMap<string, Consenter>;
}

/** The configuration in a genesis block; rejects with OrdererError INVALID_JOIN_BLOCK. */
export async function checkJoinBlock(
  bytes: Uint8Array,
  { bccsp, consenters }: JoinBlockComponents,
): Promise<ChannelConfigBundle> {
  try {
    const block = unmarshalBlock(bytes);
    checkStructure(block);
    const envelope = extractEnvelope(block, 0);
    const channelId = channelIdFromEnvelope(envelope);
    const bundle = await createBundle(channelId, payloadFromEnvelope(envelope).data, bccsp);
    const { consensusType } = bundle.orderer;
    if (!consenters.has(consensusType)) {
      throw invalid(`this orderer has no consenter for consensus type ${consensusType}`);
    }
    return bundle;
  } catch (cause) {
    if (cause instanceof OrdererError) throw cause;
    throw new OrdererError('INVALID_JOIN_BLOCK', `invalid join block: ${messageOf(cause)}`, {
      cause,
    });
  }
}

function checkStructure(block: common.Block): void {
  if (!isConfigBlock(block)) throw invalid('block is not a config block');
  if (blockNumber(block) !== 0) throw invalid('a channel starts with block 0');
  if (!block.metadata || block.metadata.metadata.length === 0) {
    throw invalid('block does not have metadata');
  }
  const claimed = block.header?.data_hash ?? new Uint8Array(0);
  if (!equalBytes(claimed, computeBlockDataHash(block.data ?? {}))) {
    throw invalid('data hash does not match the data');
  }
}

function invalid(reason: string): OrdererError {
  return new OrdererError('INVALID_JOIN_BLOCK', `invalid join block: ${reason}`);
}
