// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../msp/index.ts';
import { createOrganisation, type TestOrganisation } from '../msp/testing/organisation.ts';
import { channelGroupOf, configEnvelopeOf } from '../msp/testing/real-channel.ts';
import { common } from '../protos/index.ts';
import { createSignedEnvelope } from '../protoutil/index.ts';
import { concat } from '../runtime/bytes.ts';
import { systemRandomBytes } from '../runtime/clock.ts';
import { readBlock } from '../testdata/mychannel.ts';
import { equalConfigGroups } from './config-map.ts';
import {
  type ChannelConfigBundle,
  createBundle,
  createBundleFromBlock,
  createGenesisBlock,
  ordererOrganizationPolicies,
  peerOrganizationPolicies,
  proposeConfigUpdate,
  validateConfigEnvelope,
  validateNew,
} from './index.ts';
import { realProfile } from './testing/real-profile.ts';

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
    return createSignedEnvelope(CONFIG_UPDATE, 'mychannel', signer, data, {
      now: 0,
      nonce: systemRandomBytes(24),
    });
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
      nonce: systemRandomBytes(24),
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
