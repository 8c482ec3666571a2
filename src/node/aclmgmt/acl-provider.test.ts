// SPDX-License-Identifier: Apache-2.0
// Every resource, for everybody who could ask, on a real configuration.
import { beforeAll, describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../../common/msp/types.ts';
import type { SignedData } from '../../common/policies/types.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { localMspOf } from '../peer/local-msp.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { AclProvider, CHANNEL_RESOURCES, LOCAL_RESOURCES } from './index.ts';

const DATA = utf8('what was asked');

let channel: TestChannel;
let people: Readonly<Record<string, SigningIdentity>>;

beforeAll(async () => {
  channel = await createTestChannel();
  const { admin, client, client2, peers, stranger } = channel;
  people = { admin, client, client2, peer: peers.Org1MSP[0], stranger };
});

function providerOf({ bundle }: TestChannel): AclProvider {
  return new AclProvider({
    bundles: (channelId) => (channelId === CHANNEL ? bundle : undefined),
    localMsp: () => localMspOf('Org1MSP', bundle),
  });
}

async function signedBy(signer: SigningIdentity, data = DATA): Promise<SignedData> {
  return { data: DATA, identity: signer.serialize(), signature: await signer.sign(data) };
}

/** Who of the people gets through. */
async function allowed(check: (signed: SignedData) => Promise<void>): Promise<string[]> {
  const found: string[] = [];
  for (const [name, signer] of Object.entries(people)) {
    const through = await check(await signedBy(signer)).then(
      () => true,
      (error) => {
        expect(error).toMatchObject({ code: 'ACCESS_DENIED' });
        return false;
      },
    );
    if (through) found.push(name);
  }
  return found;
}

const WRITERS = ['admin', 'client', 'client2'];
const READERS = [...WRITERS, 'peer'];

describe('resources of a channel', () => {
  it.each([
    ['peer/Propose', WRITERS],
    ['peer/ChaincodeToChaincode', WRITERS],
    ['_lifecycle/CommitChaincodeDefinition', WRITERS],
    ['_lifecycle/QueryChaincodeDefinition', WRITERS],
    ['_lifecycle/QueryChaincodeDefinitions', WRITERS],
    ['_lifecycle/CheckCommitReadiness', WRITERS],
    ['qscc/GetChainInfo', READERS],
    ['qscc/GetBlockByNumber', READERS],
    ['qscc/GetBlockByHash', READERS],
    ['qscc/GetTransactionByID', READERS],
    ['qscc/GetBlockByTxID', READERS],
    ['cscc/GetConfigBlock', READERS],
    ['cscc/GetChannelConfig', READERS],
    ['event/Block', READERS],
    ['event/FilteredBlock', READERS],
    ['gateway/CommitStatus', READERS],
    ['gateway/ChaincodeEvents', READERS],
  ])('%s is for %s', async (resource, who) => {
    expect(CHANNEL_RESOURCES.has(resource)).toBe(true);
    const acl = providerOf(channel);
    expect(await allowed((signed) => acl.checkAcl(resource, CHANNEL, signed))).toEqual(who);
  });

  it('are all in that table', () => {
    expect(CHANNEL_RESOURCES.size).toBe(17);
  });

  it('go by the policies that the configuration names', async () => {
    const acls = {
      'peer/Propose': '/Channel/Application/Admins',
      'qscc/GetChainInfo': '/Channel/Application/Org2/Readers',
      'my/Resource': '/Channel/Application/Writers',
      'event/Block': '/Channel/Nowhere',
      'cscc/GetChannels': '/Channel/Application/Readers',
    };
    const acl = providerOf(await createTestChannel('V2_0', { members: channel, acls }));
    const who = (resource: string) => allowed((signed) => acl.checkAcl(resource, CHANNEL, signed));
    // MAJORITY Admins of two organisations are two.
    expect(await who('peer/Propose')).toEqual([]);
    expect(await who('peer/ChaincodeToChaincode')).toEqual(WRITERS);
    expect(await who('qscc/GetChainInfo')).toEqual([]);
    expect(await who('my/Resource')).toEqual(WRITERS);
    expect(await who('event/Block')).toEqual([]);
    // Not for a channel to say.
    expect(await who('cscc/GetChannels')).toEqual(['admin', 'client', 'peer']);
  });

  it('say why not, as Fabric does', async () => {
    const acls = { 'peer/Propose': '/Channel/Application/Admins' };
    const configured = providerOf(await createTestChannel('V2_0', { members: channel, acls }));
    const signed = await signedBy(channel.peers.Org1MSP[0]);
    const why = (acl: AclProvider, resource: string, channelId = CHANNEL) =>
      acl.checkAcl(resource, channelId, signed).catch((error: Error) => error.message);
    expect(await why(providerOf(channel), 'peer/Propose')).toBe(
      'Failed evaluating policy on signed data during check policy on channel [mychannel] with policy [/Channel/Application/Writers]: [signature set did not satisfy policy]',
    );
    expect(await why(configured, 'peer/Propose')).toBe(
      'failed evaluating policy on signed data during check policy [/Channel/Application/Admins]: [signature set did not satisfy policy]',
    );
    expect(await why(configured, 'my/Resource')).toBe('Unmapped policy for my/Resource');
    expect(await why(configured, 'peer/Propose', 'other')).toBe(
      'Failed to get policy manager for channel [other]',
    );
  });
});

describe('resources of the peer', () => {
  it('are for admins of its organisation, GetChannels for its members', async () => {
    const acl = providerOf(channel);
    for (const [resource] of LOCAL_RESOURCES) {
      const expected = resource === 'cscc/GetChannels' ? ['admin', 'client', 'peer'] : ['admin'];
      const here = await allowed((signed) => acl.checkAclNoChannel(resource, signed));
      expect(here, resource).toEqual(expected);
      // The channel does not matter, and there need be none.
      const anywhere = await allowed((signed) => acl.checkAcl(resource, 'other', signed));
      expect(anywhere, resource).toEqual(expected);
    }
    expect(LOCAL_RESOURCES.size).toBe(14);
  });

  it('want the signature of who asks', async () => {
    const acl = providerOf(channel);
    const forged = await signedBy(channel.admin, utf8('something else'));
    await expect(acl.checkAclNoChannel('cscc/GetChannels', forged)).rejects.toThrow(
      'The signature is invalid',
    );
  });

  it('are never those of a channel, and nobody’s while the peer has no MSP', async () => {
    const signed = await signedBy(channel.admin);
    await expect(providerOf(channel).checkAclNoChannel('peer/Propose', signed)).rejects.toThrow(
      'cannot override peer type policy for channeless ACL check',
    );
    const homeless = new AclProvider({ bundles: () => undefined, localMsp: () => undefined });
    await expect(homeless.checkAclNoChannel('cscc/GetChannels', signed)).rejects.toThrow(
      'the peer has no MSP yet',
    );
  });
});
