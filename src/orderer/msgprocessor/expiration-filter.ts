// SPDX-License-Identifier: Apache-2.0
// Refuses creators whose certificate has run out (orderer/common/msgprocessor/expiration.go @ v2.5). Validity periods are
// checked only here, at the edge: a block must validate the same way ever after.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { common } from '../../common/protos/index.ts';
import { envelopeAsSignedData } from '../../common/protoutil/index.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { OrdererError } from '../errors.ts';
import type { Rule } from './filter.ts';

/**
 * When the creator's certificate expires, in milliseconds since the epoch. `undefined` when the identity cannot be read:
 * then it has no expiry, as in Fabric, and no policy will accept it.
 */
export async function expiresAt(
  identity: Uint8Array,
  bundle: ChannelConfigBundle,
): Promise<number | undefined> {
  try {
    return (await bundle.mspManager.deserializeIdentity(identity)).expiresAt;
  } catch {
    return undefined;
  }
}

/** A rule that holds certificates against `clock`. */
export function expirationFilter(clock: Clock): Rule {
  return {
    async apply(message: common.Envelope, bundle: ChannelConfigBundle): Promise<void> {
      const [signed] = envelopeAsSignedData(message);
      if (!signed) return;
      const expiry = await expiresAt(signed.identity, bundle);
      if (expiry !== undefined && clock.now() >= expiry) {
        throw new OrdererError('REJECTED', 'broadcast client identity expired');
      }
    },
  };
}
