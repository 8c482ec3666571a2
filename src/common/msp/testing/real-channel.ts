// SPDX-License-Identifier: Apache-2.0
// The real channel of testdata/mychannel as tests of identities, policies and configurations need it.
import { common } from '../../protos/index.ts';
import { extractEnvelope, payloadFromEnvelope, unmarshalBlock } from '../../protoutil/index.ts';
import { readBlock } from '../../testdata/mychannel.ts';

/** Creator of a block's first transaction: serialized msp.SerializedIdentity. */
export function creatorOf(block: number): Uint8Array {
  const { header } = payloadFromEnvelope(extractEnvelope(unmarshalBlock(readBlock(block)), 0));
  return common.SignatureHeader.decode(header.signature_header).creator;
}

/** Serialized common.ConfigEnvelope in a config block. */
export function configEnvelopeOf(block: Uint8Array): Uint8Array {
  return payloadFromEnvelope(extractEnvelope(unmarshalBlock(block), 0)).data;
}

export function channelGroupOf(configEnvelope: Uint8Array): common.ConfigGroup {
  const group = common.ConfigEnvelope.decode(configEnvelope).config?.channel_group;
  if (!group) throw new Error('no channel group');
  return group;
}

/** The config tree of the genesis block. */
export function realChannelGroup(): common.ConfigGroup {
  return channelGroupOf(configEnvelopeOf(readBlock(0)));
}

/** Serialized msp.MSPConfig of each organisation in a config tree. */
export function mspConfigsOf(group: common.ConfigGroup): Uint8Array[] {
  return Object.values(group.groups).flatMap((section) =>
    Object.values(section.groups).map((org) => org.values.MSP?.value ?? new Uint8Array()),
  );
}
