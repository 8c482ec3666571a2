// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { channelGroupOf, configEnvelopeOf } from '../msp/testing/real-channel.ts';
import { common, orderer } from '../protos/index.ts';
import {
  checkTxId,
  extractEnvelope,
  payloadFromEnvelope,
  unmarshalBlock,
} from '../protoutil/index.ts';
import { toHex } from '../runtime/bytes.ts';
import { systemRandomBytes } from '../runtime/clock.ts';
import { readTestdata } from '../testdata/mychannel.ts';
import { mapConfig } from './config-map.ts';
import { createBundleFromBlock, createGenesisBlock } from './index.ts';
import { realProfile } from './testing/real-profile.ts';

const realGenesis = readTestdata('genesis.block');

const realGroup = channelGroupOf(configEnvelopeOf(realGenesis));

describe('createGenesisBlock', () => {
  const now = Date.UTC(2026, 10, 21, 2, 6, 32, 999);
  const options = { now, random: systemRandomBytes };

  it('makes the tree that configtxgen made, consensus aside', () => {
    const ours = channelGroupOf(
      configEnvelopeOf(createGenesisBlock('mychannel', realProfile(), options)),
    );
    const describeTree = (group: common.ConfigGroup) =>
      Object.fromEntries(
        [...mapConfig(group, 'Channel')].sort().map(([path, { kind, item }]) => {
          const bytes =
            kind === 'Value' ? item.value : kind === 'Policy' ? item.policy?.value : null;
          const type = kind === 'Policy' ? item.policy?.type : undefined;
          const content = path.endsWith('/ConsensusType') ? 'set aside' : bytes && toHex(bytes);
          return [path, { version: `${item.version}`, mod: item.mod_policy, type, content }];
        }),
      );
    expect(describeTree(ours)).toEqual(describeTree(realGroup));
    const type = ours.groups.Orderer?.values.ConsensusType?.value ?? new Uint8Array();
    expect(orderer.ConsensusType.decode(type)).toMatchObject({ type: 'solo', state: 0 });
  });

  it('makes the block around it that configtxgen made', () => {
    const block = unmarshalBlock(createGenesisBlock('mychannel', realProfile(), options));
    const real = unmarshalBlock(realGenesis);
    expect(block.metadata?.metadata.map(toHex)).toEqual(real.metadata?.metadata.map(toHex));
    expect(block.header?.previous_hash).toHaveLength(0);
    expect(block.data?.data).toHaveLength(1);
    const parts = [block, real].map((one) => {
      const envelope = extractEnvelope(one, 0);
      const { header } = payloadFromEnvelope(envelope);
      const channelHeader = common.ChannelHeader.decode(header.channel_header);
      const { creator, nonce } = common.SignatureHeader.decode(header.signature_header);
      checkTxId(channelHeader.tx_id, nonce, creator);
      const { type, version, channel_id, epoch, timestamp } = channelHeader;
      const time = `${timestamp?.seconds}.${timestamp?.nanos}`;
      const sizes = [creator.length, nonce.length, envelope.signature.length];
      return { type, version, channel_id, epoch: `${epoch}`, time, sizes };
    });
    expect(parts[0]).toEqual(parts[1]);
  });

  it('is read back by createBundle', async () => {
    const profile = realProfile();
    const [first, second] = profile.application.organizations;
    if (!first || !second) throw new Error('two organizations');
    const anchored = { ...first, anchorPeers: [{ host: 'peer0', port: 7051 }] };
    const acls = { 'peer/Propose': '/Channel/Application/Readers' };
    const block = createGenesisBlock(
      'mychannel',
      { ...profile, application: { organizations: [anchored, second], acls } },
      options,
    );
    const bundle = await createBundleFromBlock(block);
    expect(bundle.orderer.consensusType).toBe('solo');
    expect(bundle.application.orgs[0]?.anchorPeers).toEqual([{ host: 'peer0', port: 7051 }]);
    expect([...bundle.application.acls]).toEqual([...Object.entries(acls)]);
    for (const path of [
      '/Channel/Application/LifecycleEndorsement',
      '/Channel/Orderer/BlockValidation',
    ]) {
      expect(bundle.policyManager.hasPolicy(path)).toBe(true);
    }
  });

  it('refuses names and policies that are wrong', () => {
    expect(() => createGenesisBlock('My Channel', realProfile(), options)).toThrow('channel id');
    const profile = { ...realProfile(), policies: { Readers: 'SOME Readers' } };
    expect(() => createGenesisBlock('mychannel', profile, options)).toThrow('policy');
  });
});
