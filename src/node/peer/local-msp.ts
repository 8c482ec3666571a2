// SPDX-License-Identifier: Apache-2.0
// The peer's own organisation, as its channels define it. A Fabric peer is started with an MSP folder (peer.mspConfigPath); a tab
// has an identity only, and learns its organisation's roots from the configuration of the channels that it joins.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { decodeSerializedIdentity, MSPError } from '../../common/msp/index.ts';
import type { LocalMSP } from '../aclmgmt/index.ts';

/** Undefined when the channel does not define the organisation. */
export function localMspOf(mspId: string, bundle: ChannelConfigBundle): LocalMSP | undefined {
  const { mspManager } = bundle;
  if (!mspManager.mspIds.includes(mspId)) return undefined;
  return {
    mspId,
    async deserializeIdentity(serialized) {
      const { mspid } = decodeSerializedIdentity(serialized);
      if (mspid === mspId) return mspManager.deserializeIdentity(serialized);
      throw new MSPError('MSP_UNKNOWN', `expected MSP ID ${mspId}, received ${mspid}`);
    },
  };
}
