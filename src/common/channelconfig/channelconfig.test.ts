// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { createBCCSP } from '../crypto/index.ts';
import { createMSPConfig, type SigningIdentity } from '../msp/index.ts';
import { createOrganisation, type TestOrganisation } from '../msp/testing/organisation.ts';
import { parsePolicy } from '../policies/index.ts';
import { common, msp, orderer } from '../protos/index.ts';
import {
  blockAsSignedData,
  checkTxId,
  createSignedEnvelope,
  envelopeAsSignedData,
  extractEnvelope,
  payloadFromEnvelope,
  unmarshalBlock,
} from '../protoutil/index.ts';
import { concat, fromUtf8, toHex } from '../runtime/bytes.ts';
import { systemRandomBytes } from '../runtime/clock.ts';
import { readBlock, readTestdata } from '../testdata/mychannel.ts';
import { equalConfigGroups, mapConfig } from './config-map.ts';
import {
  type ChannelConfigBundle,
  type ChannelProfile,
  createBundle,
  createBundleFromBlock,
  createGenesisBlock,
  formatDuration,
  ordererOrganizationPolicies,
  parseDuration,
  peerOrganizationPolicies,
  proposeConfigUpdate,
  validateConfigEnvelope,
  validateNew,
} from './index.ts';

function configEnvelopeOf(block: Uint8Array): Uint8Array {
  return payloadFromEnvelope(extractEnvelope(unmarshalBlock(block), 0)).data;
}

function channelGroupOf(configEnvelope: Uint8Array): common.ConfigGroup {
  const group = common.ConfigEnvelope.decode(configEnvelope).config?.channel_group;
  if (!group) throw new Error('no channel group');
  return group;
}

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

  const batchSize = (count: number, absolute: number, preferred: number) =>
    orderer.BatchSize.encode({
      max_message_count: count,
      absolute_max_bytes: absolute,
      preferred_max_bytes: preferred,
    }).finish();

  it.each<[string, (group: common.ConfigGroup) => void]>([
    [
      'an old application',
      (g) => {
        valueIn(g.groups.Application, 'Capabilities').value = capabilities('V1_4_2');
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

// What configtx.yaml of the real network says, with its certificates.
function realProfile(): ChannelProfile {
  const mspConfigOf = (section: string, name: string): Uint8Array => {
    const bytes = realGroup.groups[section]?.groups[name]?.values.MSP?.value ?? new Uint8Array();
    const config = msp.FabricMSPConfig.decode(msp.MSPConfig.decode(bytes).config);
    const ca = fromUtf8(config.root_certs[0] ?? new Uint8Array());
    return createMSPConfig({
      mspId: config.name,
      rootCerts: [ca],
      tlsRootCerts: config.tls_root_certs.map(fromUtf8),
      nodeOUsCertificate: ca,
    });
  };
  const peerOrg = (name: string) => ({
    name,
    mspConfig: mspConfigOf('Application', name),
    policies: peerOrganizationPolicies(name),
  });
  return {
    ordererAddresses: ['127.0.0.1:7050'],
    capabilities: { channel: 'V2_0', orderer: 'V2_0', application: 'V2_0' },
    orderer: {
      consensusType: 'solo',
      batchTimeoutMs: 2000,
      batchSize: {
        maxMessageCount: 10,
        absoluteMaxBytes: 99 * 2 ** 20,
        preferredMaxBytes: 512 * 2 ** 10,
      },
      organizations: [
        {
          name: 'OrdererOrg',
          mspConfig: mspConfigOf('Orderer', 'OrdererOrg'),
          policies: ordererOrganizationPolicies('OrdererMSP'),
          endpoints: ['127.0.0.1:7050'],
        },
      ],
    },
    application: { organizations: [peerOrg('Org1MSP'), peerOrg('Org2MSP')] },
  };
}

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

describe('config updates of a real channel', () => {
  const steps: [string, number, number][] = [
    ['anchor peers of Org1', 0, 13],
    ['anchor peers of Org2', 13, 14],
    ['batch size by the orderer admin', 14, 15],
  ];

  it.each(steps)(
    'makes the configuration of %s that the real orderer made',
    async (_, from, to) => {
      const current = await createBundleFromBlock(readBlock(from));
      const real = configEnvelopeOf(readBlock(to));
      const { last_update } = common.ConfigEnvelope.decode(real);
      if (!last_update) throw new Error('no last update');
      const ours = await proposeConfigUpdate(current, last_update);
      expect(equalConfigGroups(channelGroupOf(ours), channelGroupOf(real))).toBe(true);
      const decoded = common.ConfigEnvelope.decode(ours);
      expect(decoded.config?.sequence.toNumber()).toBe(current.sequence + 1);
      expect(decoded.last_update).toEqual(last_update);
      await expect(validateConfigEnvelope(current, real)).resolves.toBeUndefined();
      const next = await createBundleFromBlock(readBlock(to));
      expect(next.sequence).toBe(current.sequence + 1);
      expect(() => validateNew(current, next)).not.toThrow();
    },
  );

  it('refuses a configuration out of turn, and one that was tampered with', async () => {
    const current = await createBundleFromBlock(readBlock(0));
    const skipped = configEnvelopeOf(readBlock(14));
    await expect(validateConfigEnvelope(current, skipped)).rejects.toThrow('at sequence 0');
    const envelope = common.ConfigEnvelope.decode(configEnvelopeOf(readBlock(13)));
    const readers = envelope.config?.channel_group?.policies.Readers;
    if (readers) readers.mod_policy = 'Writers';
    const tampered = common.ConfigEnvelope.encode(envelope).finish();
    await expect(validateConfigEnvelope(current, tampered)).rejects.toThrow('did not produce');
    const update = common.ConfigEnvelope.decode(skipped).last_update;
    if (!update) throw new Error('no last update');
    await expect(
      proposeConfigUpdate(await createBundleFromBlock(readBlock(15)), update),
    ).rejects.toMatchObject({
      code: 'CONFIG_UPDATE',
    });
  });
});

describe('proposeConfigUpdate', () => {
  let org: TestOrganisation;
  let admin: SigningIdentity;
  let client: SigningIdentity;
  let current: ChannelConfigBundle;

  beforeAll(async () => {
    org = await createOrganisation('Org1MSP');
    const ordererOrg = await createOrganisation('OrdererMSP');
    admin = await org.member('Admin', ['admin']);
    client = await org.member('User1', ['client']);
    const profile = realProfile();
    const block = createGenesisBlock(
      'mychannel',
      {
        ...profile,
        orderer: {
          ...profile.orderer,
          organizations: [
            {
              name: 'OrdererOrg',
              mspConfig: ordererOrg.mspConfig(),
              policies: ordererOrganizationPolicies('OrdererMSP'),
            },
          ],
        },
        application: {
          organizations: [
            {
              name: 'Org1',
              mspConfig: org.mspConfig(),
              policies: peerOrganizationPolicies('Org1MSP'),
            },
          ],
        },
      },
      { now: 0, random: systemRandomBytes },
    );
    current = await createBundleFromBlock(block);
  });

  async function signed(update: common.IConfigUpdate, signer = admin): Promise<common.Envelope> {
    const config_update = common.ConfigUpdate.encode({
      channel_id: 'mychannel',
      ...update,
    }).finish();
    const creator = signer.serialize();
    const signature_header = common.SignatureHeader.encode({ creator }).finish();
    const signature = await signer.sign(concat(signature_header, config_update));
    const data = common.ConfigUpdateEnvelope.encode({
      config_update,
      signatures: [{ signature_header, signature }],
    }).finish();
    const { CONFIG_UPDATE } = common.HeaderType;
    return createSignedEnvelope(CONFIG_UPDATE, 'mychannel', signer, data, { now: 0 });
  }

  // Sets the anchor peers of Org1, which it did not have.
  function anchorUpdate(
    orgVersion = 1,
    valueVersion = 0,
    mod_policy = 'Admins',
  ): common.IConfigUpdate {
    const group = (organisation: common.IConfigGroup): common.IConfigGroup => ({
      groups: { Application: { mod_policy: 'Admins', groups: { Org1: organisation } } },
    });
    const values = { MSP: {} };
    const policies = { Readers: {}, Writers: {}, Admins: {}, Endorsement: {} };
    const anchors = { version: valueVersion, value: Uint8Array.of(10, 0), mod_policy };
    return {
      read_set: group({ values, policies, mod_policy: 'Admins' }),
      write_set: group({
        version: orgVersion,
        mod_policy: 'Admins',
        values: { ...values, AnchorPeers: anchors },
        policies,
      }),
    };
  }

  it("applies an update that the organisation's admin signed", async () => {
    const next = await createBundle(
      'mychannel',
      await proposeConfigUpdate(current, await signed(anchorUpdate())),
    );
    expect(next.sequence).toBe(1);
    expect(next.application.orgs[0]?.anchorPeers).toHaveLength(1);
    const again = await signed(anchorUpdate());
    await expect(proposeConfigUpdate(next, again)).rejects.toThrow('requires');
  });

  it('asks for the signature that mod_policy names', async () => {
    const update = await signed(anchorUpdate(), client);
    await expect(proposeConfigUpdate(current, update)).rejects.toMatchObject({
      code: 'CONFIG_UNAUTHORIZED',
    });
    const policies = { Readers: { version: 1, mod_policy: 'Admins' } };
    const channelWide = await signed({ read_set: {}, write_set: { policies } });
    await expect(proposeConfigUpdate(current, channelWide)).rejects.toMatchObject({
      code: 'CONFIG_UNAUTHORIZED',
    });
  });

  it.each<[string, RegExp, () => common.IConfigUpdate]>([
    ['nothing to do', /no effect/, () => ({ read_set: {}, write_set: {} })],
    ['another channel', /for channel 'other'/, () => ({ ...anchorUpdate(), channel_id: 'other' })],
    ['a version that jumps', /to version 2, but it is at version 0/, () => anchorUpdate(2)],
    ['a new element above version 0', /does not exist/, () => anchorUpdate(1, 1)],
    ['an element without mod_policy', /is not set/, () => anchorUpdate(1, 0, '')],
    ['an illegal mod_policy', /'' is illegal/, () => anchorUpdate(1, 0, 'a//b')],
    [
      'something read that is not there',
      /not in the config/,
      () => ({ read_set: { values: { Nothing: {} } }, write_set: {} }),
    ],
    [
      'something read at another version',
      /at version 7, it is at 0/,
      () => ({ read_set: { version: 7 }, write_set: {} }),
    ],
    [
      'an illegal name',
      /'a b' is illegal/,
      () => ({ read_set: {}, write_set: { values: { 'a b': { mod_policy: 'Admins' } } } }),
    ],
  ])('refuses an update with %s', async (_, message, update) => {
    const envelope = await signed(update());
    const rejection = await proposeConfigUpdate(current, envelope).catch((error) => error);
    expect(rejection.name).toBe('ConfigError');
    expect(rejection.message).toMatch(message);
  });

  it('leaves out a new element whose group was not raised, as Fabric does', async () => {
    const write_set = { values: { New: { mod_policy: 'Admins' } } };
    const next = await proposeConfigUpdate(
      current,
      await signed({ read_set: {}, write_set }, client),
    );
    const [before, after] = [current.configBytes, next].map(channelGroupOf);
    expect(before && after && equalConfigGroups(before, after)).toBe(true);
  });

  it('refuses an envelope that is no config update', async () => {
    const { MESSAGE } = common.HeaderType;
    const envelope = await createSignedEnvelope(MESSAGE, 'mychannel', admin, new Uint8Array(), {
      now: 0,
    });
    await expect(proposeConfigUpdate(current, envelope)).rejects.toThrow('not a config update');
  });

  it('does not let an organisation change its MSP id', async () => {
    const group = channelGroupOf(current.configBytes);
    const other = await createOrganisation('OtherMSP');
    const item = group.groups.Application?.groups.Org1?.values.MSP;
    if (item) item.value = other.mspConfig();
    const bytes = common.ConfigEnvelope.encode({ config: { channel_group: group } }).finish();
    const next = await createBundle('mychannel', bytes);
    expect(() => validateNew(current, next)).toThrow('change MSP ID from Org1MSP to OtherMSP');
  });
});

describe('durations', () => {
  it("are read as Go's ParseDuration reads them", () => {
    const cases: [string, number | undefined][] = [
      ['2s', 2000],
      ['500ms', 500],
      ['1m30s', 90_000],
      ['1.5h', 5_400_000],
      ['.5s', 500],
      ['100us', 0.1],
      ['100µs', 0.1],
      ['0', 0],
      ['-2s', -2000],
      ['', undefined],
      ['2', undefined],
      ['s', undefined],
      ['2 s', undefined],
      ['2d', undefined],
    ];
    for (const [text, ms] of cases) expect(parseDuration(text), text).toBe(ms);
  });

  it('are written as Go writes them', () => {
    const cases = {
      0: '0s',
      200: '200ms',
      2000: '2s',
      2500: '2.5s',
      90000: '1m30s',
      3600000: '1h0m0s',
    };
    for (const [ms, text] of Object.entries(cases)) {
      expect(formatDuration(Number(ms))).toBe(text);
      expect(parseDuration(text)).toBe(Number(ms));
    }
  });
});
