// SPDX-License-Identifier: Apache-2.0
// Rules that need no policies; signatures and expiry are tested with real identities in ../broadcast.test.ts.
import { beforeAll, describe, expect, it } from 'vitest';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { common } from '../../common/protos/index.ts';
import { unmarshalEnvelope } from '../../common/protoutil/index.ts';
import { FakeClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { classifyError } from '../errors.ts';
import { bundleOf, watched } from '../testing/test-bundle.ts';
import { identityOf, THEN, transaction } from '../testing/test-network.ts';
import { emptyRejectRule, type Rule, ruleSet } from './filter.ts';
import { checkConsensusTransition } from './maintenance-filter.ts';
import { sizeFilter } from './size-filter.ts';
import { classifyMsg, StandardChannel } from './standard-channel.ts';

const message = (payload: number, signature: number): common.Envelope => ({
  payload: new Uint8Array(payload),
  signature: new Uint8Array(signature),
});

describe('rules', () => {
  let bundle: ChannelConfigBundle;
  beforeAll(async () => {
    const batchSize = {
      max_message_count: 1,
      absolute_max_bytes: 100,
      preferred_max_bytes: 100,
    };
    bundle = await bundleOf({ batchSize });
  });

  it('refuse an empty payload', () => {
    expect(() => emptyRejectRule.apply(message(0, 10), bundle)).toThrow(/empty/);
    expect(() => emptyRejectRule.apply(message(1, 0), bundle)).not.toThrow();
  });

  it('refuse what is larger than AbsoluteMaxBytes, payload and signature together', () => {
    expect(() => sizeFilter.apply(message(90, 10), bundle)).not.toThrow();
    expect(() => sizeFilter.apply(message(90, 11), bundle)).toThrow(
      /101 bytes and exceeds maximum allowed 100 bytes/,
    );
  });

  it('are applied in order, up to the first refusal', async () => {
    const applied: string[] = [];
    const rule = (name: string, refuses = false): Rule => ({
      async apply() {
        applied.push(name);
        if (refuses) throw new Error(name);
      },
    });
    const rules = ruleSet([rule('a'), rule('b', true), rule('c')]);
    await expect(rules.apply(message(1, 1), bundle)).rejects.toThrow('b');
    expect(applied).toEqual(['a', 'b']);
  });
});

describe('classifyMsg', () => {
  const typed = (type: number) =>
    common.ChannelHeader.decode(common.ChannelHeader.encode({ type }).finish());

  it.each([
    ['MESSAGE', 0, 'normal'],
    ['CONFIG', 1, 'config'],
    ['CONFIG_UPDATE', 2, 'config-update'],
    ['ENDORSER_TRANSACTION', 3, 'normal'],
    ['ORDERER_TRANSACTION', 4, 'config'],
    ['DELIVER_SEEK_INFO', 5, 'normal'],
    ['a type of the future', 77, 'normal'],
    ['a negative type', -1, 'normal'],
  ])('takes %s for what it is', (_name, type, expected) => {
    expect(classifyMsg(typed(type))).toBe(expected);
  });
});

describe('checkConsensusTransition', () => {
  const normal = (consensusType: string) => ({ consensusType, maintenance: false });
  const maintenance = (consensusType: string) => ({ consensusType, maintenance: true });
  const both = new Set(['solo', 'other']);

  it.each([
    ['the type stays', normal('solo'), normal('solo')],
    ['maintenance begins', normal('solo'), maintenance('solo')],
    ['maintenance ends', maintenance('solo'), normal('solo')],
    ['the type changes in maintenance', maintenance('solo'), maintenance('other')],
  ])('allows that %s', async (_name, before, after) => {
    const [from, to] = [await bundleOf(before), await bundleOf(after)];
    expect(() => checkConsensusTransition(from, to, both)).not.toThrow();
  });

  it.each([
    ['outside maintenance', normal('solo'), normal('other')],
    ['while maintenance begins', normal('solo'), maintenance('other')],
    ['while maintenance ends', maintenance('solo'), normal('other')],
    ['to a type that the orderer lacks', maintenance('solo'), maintenance('etcdraft')],
  ])('refuses a change of type %s', async (_name, before, after) => {
    const [from, to] = [await bundleOf(before), await bundleOf(after)];
    expect(() => checkConsensusTransition(from, to, both)).toThrow(/attempted to change/);
  });
});

describe('maintenance mode', () => {
  it('refuses transactions, and asks the orderers alone who may update the configuration', async () => {
    const asked: string[] = [];
    const bundle = watched(await bundleOf({ maintenance: true }), asked);
    const identity = await identityOf('orderer', 'OrdererMSP');
    const user = await identityOf('user1.org1', 'Org1MSP');
    const channel = new StandardChannel({
      channelId: 'mychannel',
      signingIdentity: identity,
      clock: new FakeClock(THEN),
      randomBytes: systemRandomBytes,
      bundle: () => bundle,
      proposeConfigUpdate: () => Promise.reject(new Error('the update is looked at')),
    });
    const message = unmarshalEnvelope(await transaction(user, 'x'));
    const refusal = await channel.processNormalMsg(message).catch((error) => error);
    expect(classifyError(refusal)).toBe(common.Status.SERVICE_UNAVAILABLE);
    expect(asked).toEqual([]);
    // A client of Org1 is a writer of the channel, but no orderer.
    await expect(channel.processConfigUpdateMsg(message)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect(asked).toEqual(['/Channel/Orderer/Writers']);
    const own = unmarshalEnvelope(await transaction(identity, 'x'));
    await expect(channel.processConfigUpdateMsg(own)).rejects.toThrow('the update is looked at');
  });
});
