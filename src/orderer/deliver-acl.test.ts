// SPDX-License-Identifier: Apache-2.0
import { beforeEach, expect, it } from 'vitest';
import type { ChannelConfigBundle } from '../common/channelconfig/types.ts';
import type { SigningIdentity } from '../common/msp/types.ts';
import { unmarshalEnvelope } from '../common/protoutil/index.ts';
import { FakeClock } from '../common/runtime/clock.ts';
import { SessionAccessControl } from './deliver-acl.ts';
import { type BundleChanges, bundleOf, watched } from './testing/test-bundle.ts';
import {
  identityOf,
  member,
  NEWEST,
  OLDEST,
  org1CA,
  seekEnvelope,
  THEN,
} from './testing/test-network.ts';

const DENIED = { code: 'PERMISSION_DENIED' };

let clock: FakeClock;
let asked: string[];
let bundle: ChannelConfigBundle;

beforeEach(() => {
  clock = new FakeClock(THEN);
  asked = [];
});

async function configure(changes: BundleChanges): Promise<void> {
  bundle = watched(await bundleOf(changes), asked);
}

async function sessionOf(reader: SigningIdentity): Promise<SessionAccessControl> {
  const seek = unmarshalEnvelope(await seekEnvelope(reader, { start: OLDEST, stop: NEWEST }));
  return SessionAccessControl.create(seek, () => bundle, clock);
}

it('evaluates the policy once a configuration', async () => {
  await configure({ sequence: 1 });
  const session = await sessionOf(await identityOf('user1.org1', 'Org1MSP'));
  await session.evaluate();
  await session.evaluate();
  expect(asked).toEqual(['/Channel/Readers']);
  await configure({ sequence: 2 });
  await session.evaluate();
  await session.evaluate();
  expect(asked).toEqual(['/Channel/Readers', '/Channel/Readers']);
});

it('ends with the configuration that leaves the reader’s organisation out', async () => {
  await configure({ sequence: 1 });
  const session = await sessionOf(await identityOf('user1.org1', 'Org1MSP'));
  const other = await sessionOf(await identityOf('user1.org2', 'Org2MSP'));
  await session.evaluate();
  // As long as the sequence says that nothing has changed, it is not asked again.
  await configure({ sequence: 1, without: 'Org1MSP' });
  await session.evaluate();
  await configure({ sequence: 2, without: 'Org1MSP' });
  await expect(session.evaluate()).rejects.toMatchObject(DENIED);
  await expect(session.evaluate()).rejects.toMatchObject(DENIED);
  await other.evaluate();
});

it('is for orderers alone in maintenance mode', async () => {
  await configure({ maintenance: true });
  const orderer = await sessionOf(await identityOf('orderer', 'OrdererMSP'));
  await orderer.evaluate();
  expect(asked).toEqual(['/Channel/Orderer/Readers']);
  const user = await sessionOf(await identityOf('user1.org1', 'Org1MSP'));
  await expect(user.evaluate()).rejects.toMatchObject(DENIED);
});

it('ends when the reader’s certificate does', async () => {
  await configure({});
  const session = await sessionOf(await member(await org1CA(), THEN + 2_000));
  await session.evaluate();
  await clock.advance(1_999);
  await session.evaluate();
  await clock.advance(2);
  await expect(session.evaluate()).rejects.toThrow(/expired/);
});
