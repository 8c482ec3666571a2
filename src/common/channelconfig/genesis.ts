// SPDX-License-Identifier: Apache-2.0
// Block 0 of a channel, as `configtxgen -outputBlock` makes it (common/genesis/genesis.go): one unsigned CONFIG envelope.
// Nonce and timestamp make it unique, so it must be handed out, never made again.
import { common } from '../protos/index.ts';
import {
  computeBlockDataHash,
  makeChannelHeader,
  makePayloadHeader,
  makeSignatureHeader,
  newBlock,
  setTxId,
} from '../protoutil/index.ts';
import { EMPTY_BYTES } from '../runtime/bytes.ts';
import type { RandomBytes } from '../runtime/clock.ts';
import { validateChannelId } from './config-map.ts';
import { type ChannelProfile, newChannelGroup } from './encoder.ts';

const MESSAGE_VERSION = 1;
const NONCE_BYTES = 24;

export interface GenesisOptions {
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly random: RandomBytes;
}

/** Serialized common.Block. Throws ConfigError, PolicyError or RangeError when the profile is wrong. */
export function createGenesisBlock(
  channelId: string,
  profile: ChannelProfile,
  options: GenesisOptions,
): Uint8Array {
  validateChannelId(channelId);
  const config = { sequence: 0, channel_group: newChannelGroup(profile) };
  return genesisBlockOf(channelId, common.ConfigEnvelope.encode({ config }).finish(), options);
}

function genesisBlockOf(
  channelId: string,
  configEnvelope: Uint8Array,
  { now, random }: GenesisOptions,
): Uint8Array {
  const signatureHeader = makeSignatureHeader(EMPTY_BYTES, random(NONCE_BYTES));
  const { CONFIG } = common.HeaderType;
  const channelHeader = makeChannelHeader(CONFIG, channelId, now, { version: MESSAGE_VERSION });
  const header = makePayloadHeader(setTxId(channelHeader, signatureHeader), signatureHeader);
  const payload = common.Payload.encode({ header, data: configEnvelope }).finish();
  const envelope = common.Envelope.encode({ payload }).finish();
  const { header: blockHeader } = newBlock(0, EMPTY_BYTES);
  const data = { data: [envelope] };
  // Says that the last config block is this one; the other slots stay empty, and nobody signs.
  const value = common.OrdererBlockMetadata.encode({ last_config: {} }).finish();
  const signatures = common.Metadata.encode({ value }).finish();
  const empty = Array.from({ length: 4 }, () => EMPTY_BYTES);
  return common.Block.encode({
    header: { ...blockHeader, data_hash: computeBlockDataHash(data) },
    data,
    metadata: { metadata: [signatures, ...empty] },
  }).finish();
}
