// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { ChannelConfigBundle } from '../common/channelconfig/types.ts';
import { unmarshalEnvelope } from '../common/protoutil/index.ts';
import { FakeClock } from '../common/runtime/clock.ts';
import { SessionAccessControl } from './deliver-acl.ts';
import { identityOf, NEWEST, OLDEST, seekEnvelope, THEN } from './testing/test-network.ts';

it('evaluates the policy once a configuration, and the expiry every time', async () => {
  const clock = new FakeClock(THEN);
  const asked: string[] = [];
  const config = { sequence: 1, allows: true, maintenance: false };
  const bundle = (): ChannelConfigBundle =>
    ({
      sequence: config.sequence,
      orderer: { maintenance: config.maintenance },
      mspManager: { deserializeIdentity: async () => ({ expiresAt: THEN + 1_000 }) },
      policyManager: {
        getPolicy(path: string) {
          asked.push(path);
          return { evaluateSignedData: async () => config.allows };
        },
      },
    }) as unknown as ChannelConfigBundle;
  const user = await identityOf('user1.org1', 'Org1MSP');
  const seek = unmarshalEnvelope(await seekEnvelope(user, { start: OLDEST, stop: NEWEST }));
  const session = await SessionAccessControl.create(seek, bundle, clock);
  await session.evaluate();
  config.allows = false;
  await session.evaluate();
  expect(asked).toEqual(['/Channel/Readers']);
  config.sequence = 2;
  await expect(session.evaluate()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  await expect(session.evaluate()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  Object.assign(config, { allows: true, maintenance: true });
  await session.evaluate();
  expect(asked.at(-1)).toBe('/Channel/Orderer/Readers');
  await clock.advance(1_001);
  await expect(session.evaluate()).rejects.toThrow(/expired/);
});
