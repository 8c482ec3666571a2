// SPDX-License-Identifier: Apache-2.0
// What the orderer needs of common/channelconfig and common/configtx: bundles from config envelopes, and the rules of
// config updates.
import type { ChannelConfigBundle } from '../common/channelconfig/types.ts';
import type { common } from '../common/protos/index.ts';

/** Config envelopes travel as serialized common.ConfigEnvelope. Everything here rejects with a FabricError. */
export interface ChannelConfigFactory {
  /** The configuration in an envelope. */
  newBundle(channelId: string, configEnvelope: Uint8Array): Promise<ChannelConfigBundle>;
  /** Authorises a CONFIG_UPDATE envelope against `current`; the result is its successor, not in force yet. */
  proposeConfigUpdate(current: ChannelConfigBundle, update: common.Envelope): Promise<Uint8Array>;
  /** Checks that the envelope is what its own last_update makes of `current`. */
  validate(current: ChannelConfigBundle, configEnvelope: Uint8Array): Promise<void>;
  /** Checks that a channel may go from `current` to `next`. */
  validateNew(current: ChannelConfigBundle, next: ChannelConfigBundle): Promise<void> | void;
}
