// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { createBCCSP } from '../crypto/index.ts';
import { channelGroupOf, configEnvelopeOf } from '../msp/testing/real-channel.ts';
import { parsePolicy } from '../policies/index.ts';
import { common, orderer } from '../protos/index.ts';
import {
  blockAsSignedData,
  envelopeAsSignedData,
  extractEnvelope,
  unmarshalBlock,
} from '../protoutil/index.ts';
import { readBlock, readTestdata } from '../testdata/mychannel.ts';
import { createBundle, createBundleFromBlock } from './index.ts';

const realGenesis = readTestdata('genesis.block');

const realGroup = channelGroupOf(configEnvelopeOf(realGenesis));

// The same tree with a change made to it.
function changed(change: (group: common.ConfigGroup) => void): Uint8Array {
  const group = common.ConfigGroup.decode(common.ConfigGroup.encode(realGroup).finish());
  change(group);
  return common.ConfigEnvelope.encode({ config: { channel_group: group } }).finish();
}

describe('createBundle', () => {
  it('reads the genesis block of a real channel', async () => {
    const bundle = await createBundleFromBlock(realGenesis);
    expect(bundle).toMatchObject({
      channelId: 'mychannel',
      sequence: 0,
      orderer: {
        consensusType: 'etcdraft',
        batchSize: {
          maxMessageCount: 10,
          absoluteMaxBytes: 99 * 2 ** 20,
          preferredMaxBytes: 512 * 2 ** 10,
        },
        batchTimeoutMs: 2000,
        maintenance: false,
        mspIds: ['OrdererMSP'],
      },
    });
    expect([...bundle.orderer.capabilities]).toEqual(['V2_0']);
    expect([...bundle.application.capabilities]).toEqual(['V2_0']);
    expect([...bundle.mspManager.mspIds].sort()).toEqual(['OrdererMSP', 'Org1MSP', 'Org2MSP']);
    expect([...bundle.application.orgs].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'Org1MSP', mspId: 'Org1MSP', anchorPeers: [] },
      { name: 'Org2MSP', mspId: 'Org2MSP', anchorPeers: [] },
    ]);
  });

  it('reads anchor peers and the new batch size of later config blocks', async () => {
    const bundle = await createBundleFromBlock(readTestdata('latest-config.block'));
    expect(bundle.sequence).toBe(3);
    expect(bundle.orderer.batchSize.maxMessageCount).toBe(20);
    const anchors = bundle.application.orgs.flatMap((org) => org.anchorPeers);
    expect(anchors).toHaveLength(2);
    expect(anchors[0]?.host).toBe('127.0.0.1');
  });

  it('verifies blocks and writers, and makes policies over its members', async () => {
    const bundle = await createBundleFromBlock(realGenesis);
    const block = unmarshalBlock(readBlock(16));
    const blockValidation = bundle.policyManager.getPolicy('/Channel/Orderer/BlockValidation');
    expect(await blockValidation.evaluateSignedData(blockAsSignedData(block))).toBe(true);
    const signatures = envelopeAsSignedData(extractEnvelope(block, 0));
    const bytes = (text: string) =>
      common.SignaturePolicyEnvelope.encode(parsePolicy(text)).finish();
    const client = bundle.signaturePolicy(bytes("OR('Org1MSP.client')"));
    expect(await client.evaluateSignedData(signatures)).toBe(true);
    const peer = bundle.signaturePolicy(bytes("OR('Org1MSP.peer')"));
    expect(await peer.evaluateSignedData(signatures)).toBe(false);
    expect(() => bundle.signaturePolicy(Uint8Array.of(0xff))).toThrow('signature policy');
  });

  it('gives itself again from its own bytes', async () => {
    const bundle = await createBundleFromBlock(realGenesis);
    const again = await createBundle('mychannel', bundle.configBytes, createBCCSP('noble'));
    expect(again.orderer).toEqual(bundle.orderer);
    expect(again.application).toEqual(bundle.application);
  });

  const capabilities = (...names: string[]) =>
    common.Capabilities.encode({
      capabilities: Object.fromEntries(names.map((name) => [name, {}])),
    }).finish();
  const valueIn = (group: common.ConfigGroup | undefined, key: string): common.ConfigValue => {
    const item = group?.values[key];
    if (!item) throw new Error(`no ${key}`);
    return item;
  };

  it.each(['Channel', 'Orderer', 'Application'])(
    'refuses an unknown %s capability',
    async (section) => {
      const bytes = changed((group) => {
        const holder = section === 'Channel' ? group : group.groups[section];
        valueIn(holder, 'Capabilities').value = capabilities('V2_0', 'V9_9');
      });
      await expect(createBundle('mychannel', bytes)).rejects.toMatchObject({
        code: 'CAPABILITY_UNSUPPORTED',
        message: `${section} capability V9_9 is required but not supported`,
      });
    },
  );

  const NO_BYTES = new Uint8Array();

  it.each([
    ['V1_1', 'V1_1', 'V1_1'],
    ['V1_3', 'V1_1', 'V1_2'],
    ['V1_4_2', 'V1_4_2', 'V1_3'],
    ['V1_4_3', 'V1_4_2', 'V1_4_2'],
    ['V3_0', 'V2_0', 'V2_5'],
  ])(
    'takes capabilities %s of the channel, %s of orderers, %s of the application',
    async (...levels) => {
      const bytes = changed((g) => {
        const [channel, ordering, application] = levels;
        // Addresses of an organisation's own came with V1_4_2.
        for (const { values } of Object.values(g.groups.Orderer?.groups ?? {})) {
          delete values.Endpoints;
        }
        valueIn(g, 'Capabilities').value = capabilities(channel);
        valueIn(g.groups.Orderer, 'Capabilities').value = capabilities(ordering);
        valueIn(g.groups.Application, 'Capabilities').value = capabilities(application);
      });
      const bundle = await createBundle('mychannel', bytes);
      expect([...bundle.application.capabilities]).toEqual([levels[2]]);
    },
  );

  it('takes a configuration of 1.0, without any capability', async () => {
    const bytes = changed((g) => {
      for (const { values } of Object.values(g.groups.Orderer?.groups ?? {})) {
        delete values.Endpoints;
      }
      for (const group of [g, g.groups.Orderer, g.groups.Application]) {
        delete group?.values.Capabilities;
      }
    });
    const bundle = await createBundle('mychannel', bytes);
    expect(bundle.application.capabilities.size + bundle.orderer.capabilities.size).toBe(0);
  });

  it('refuses addresses of orderers that the capability does not know', async () => {
    const bytes = changed((g) => {
      valueIn(g, 'Capabilities').value = capabilities('V1_3');
      for (const { values } of Object.values(g.groups.Orderer?.groups ?? {})) {
        values.Endpoints ??= { ...valueIn(g, 'Capabilities'), value: NO_BYTES };
      }
    });
    await expect(createBundle('mychannel', bytes)).rejects.toThrow(
      'need channel capability V1_4_2',
    );
  });

  const batchSize = (count: number, absolute: number, preferred: number) =>
    orderer.BatchSize.encode({
      max_message_count: count,
      absolute_max_bytes: absolute,
      preferred_max_bytes: preferred,
    }).finish();

  it.each<[string, (group: common.ConfigGroup) => void]>([
    [
      'access control lists of an application that has none',
      (g) => {
        const old = valueIn(g.groups.Application, 'Capabilities');
        old.value = capabilities('V1_1');
        Object.assign(g.groups.Application?.values ?? {}, { ACLs: { ...old, value: NO_BYTES } });
      },
    ],
    ['no orderer group', (g) => delete g.groups.Orderer],
    ['no application group', (g) => delete g.groups.Application],
    [
      'a foreign group',
      (g) => {
        g.groups.Consortiums = g.groups.Application as common.ConfigGroup;
      },
    ],
    [
      'a foreign value',
      (g) => {
        g.values.Surprise = valueIn(g, 'Capabilities');
      },
    ],
    [
      'another hash',
      (g) => {
        valueIn(g, 'HashingAlgorithm').value = common.HashingAlgorithm.encode({
          name: 'MD5',
        }).finish();
      },
    ],
    [
      'another width',
      (g) => {
        const structure = common.BlockDataHashingStructure.encode({ width: 4 });
        valueIn(g, 'BlockDataHashingStructure').value = structure.finish();
      },
    ],
    [
      'a batch of nothing',
      (g) => {
        valueIn(g.groups.Orderer, 'BatchSize').value = batchSize(0, 10, 10);
      },
    ],
    [
      'a batch preferred above its maximum',
      (g) => {
        valueIn(g.groups.Orderer, 'BatchSize').value = batchSize(1, 10, 11);
      },
    ],
    [
      'a timeout that is none',
      (g) => {
        const timeout = orderer.BatchTimeout.encode({ timeout: 'soon' }).finish();
        valueIn(g.groups.Orderer, 'BatchTimeout').value = timeout;
      },
    ],
    [
      'a timeout of zero',
      (g) => {
        const timeout = orderer.BatchTimeout.encode({ timeout: '0s' }).finish();
        valueIn(g.groups.Orderer, 'BatchTimeout').value = timeout;
      },
    ],
    ['an org without MSP', (g) => delete g.groups.Application?.groups.Org1MSP?.values.MSP],
    [
      'an org with a broken MSP',
      (g) => {
        valueIn(g.groups.Application?.groups.Org1MSP, 'MSP').value = Uint8Array.of(1, 2, 3);
      },
    ],
    [
      'an org with sub-groups',
      (g) => {
        const org = g.groups.Application?.groups.Org1MSP;
        if (org) org.groups.Sub = g.groups.Orderer as common.ConfigGroup;
      },
    ],
    [
      'a broken policy',
      (g) => {
        const policy = g.policies.Readers?.policy;
        if (policy) policy.type = 9;
      },
    ],
  ])('refuses a configuration with %s', async (_, change) => {
    const rejection = await createBundle('mychannel', changed(change)).catch((error) => error);
    expect(['ConfigError', 'PolicyError', 'ProtoError']).toContain(rejection.name);
  });

  it('refuses rubbish and bad names', async () => {
    await expect(createBundle('mychannel', Uint8Array.of(0xff))).rejects.toThrow('ConfigEnvelope');
    await expect(createBundle('mychannel', new Uint8Array())).rejects.toThrow('channel group');
    const good = configEnvelopeOf(realGenesis);
    for (const name of ['', 'MyChannel', '1st', 'a b', 'x'.repeat(250)]) {
      await expect(createBundle(name, good)).rejects.toThrow('channel id');
    }
  });
});
