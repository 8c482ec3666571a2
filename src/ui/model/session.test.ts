// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from 'vitest';
import type { NetworkDescription } from '../../common/network/types.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { StartPeerOptions } from '../../node/api/joining.ts';
import { JOIN_STEPS, Session, stepsAt } from './session.ts';
import { FakeVisibility } from './testing/fake-visibility.ts';
import { Updates } from './updates.ts';

const network = { networkId: 'n', organisations: [] } as unknown as NetworkDescription;
const updates = (): Updates =>
  new Updates({ clock: new FakeClock(), visibility: new FakeVisibility() });
const loadNetwork = async (): Promise<NetworkDescription> => network;

describe('the steps of joining', () => {
  it('marks what is done, under way and to come', () => {
    const states = stepsAt({ step: 'connect', done: 1, total: 2 });
    expect(states.map(({ state }) => state)).toEqual([
      'done',
      'done',
      'active',
      'waiting',
      'waiting',
      'waiting',
    ]);
    expect(states[2]).toMatchObject({ done: 1, total: 2 });
    expect(stepsAt({ step: 'ready' }).every(({ state }) => state === 'done')).toBe(true);
    expect(stepsAt(undefined)).toHaveLength(JOIN_STEPS.length);
  });
});

describe('a session', () => {
  it('shows the step that failed and why', async () => {
    const session = new Session({
      updates: updates(),
      loadNetwork,
      startPeer: async ({ onProgress }) => {
        onProgress({ step: 'enrol' });
        throw new FabricError('JOIN_SECRET_EXPIRED', 'expired');
      },
    });
    await session.start({ org: 'Org1MSP', secret: 's' });
    const state = session.state.value;
    expect(state).toMatchObject({
      phase: 'stopped',
      org: 'Org1MSP',
      failure: { code: 'JOIN_SECRET_EXPIRED' },
    });
    expect(state.phase === 'stopped' && state.steps[1]).toMatchObject({
      step: 'enrol',
      state: 'failed',
    });
  });

  it('tries another invitation that is opened while it stands still, and one that failed only when asked', async () => {
    const joins: unknown[] = [];
    const session = new Session({
      updates: updates(),
      loadNetwork,
      startPeer: async ({ join }) => {
        joins.push(join?.secret);
        throw new FabricError('JOIN_SECRET_WRONG', 'wrong');
      },
    });
    const [first, second] = ['a', 'b'].map((secret) => ({ org: 'Org1MSP', secret }));
    if (!first || !second) throw new Error('two invitations');
    const starting = session.start(first);
    session.offer(second);
    await starting;
    expect(joins).toEqual(['a']);
    session.offer({ ...first });
    expect(joins).toEqual(['a']);
    session.offer(second);
    await vi.waitFor(() => expect(joins).toEqual(['a', 'b']));
  });

  it('tries again with the same invitation, and with another', async () => {
    const joins: unknown[] = [];
    const session = new Session({
      updates: updates(),
      loadNetwork,
      startPeer: async ({ join }) => {
        joins.push(join);
        throw new FabricError('RELAY_UNREACHABLE', 'gone');
      },
    });
    const first = { org: 'Org1MSP', secret: 'a' };
    const second = { org: 'Org2MSP', secret: 'b' };
    await session.start(first);
    await session.retry();
    await session.start(second);
    expect(joins).toEqual([first, first, second]);
  });

  it('offers the remedies for a damaged ledger, and starts again with the one that is chosen', async () => {
    const asked: StartPeerOptions[] = [];
    const damage = { ledger: 'tabric/n/Org1MSP/0', remedies: ['rebuildDBs', 'remove'] } as const;
    const session = new Session({
      updates: updates(),
      loadNetwork,
      startPeer: async (options) => {
        asked.push(options);
        throw new FabricError('LEDGER_CORRUPT', 'ahead', { data: { ...damage } });
      },
    });
    const join = { org: 'Org1MSP', secret: 's' };
    await session.start(join);
    expect(session.state.value).toMatchObject({ failure: { code: 'LEDGER_CORRUPT', damage } });
    const repaired = session.repair(damage, 'rebuildDBs');
    expect(session.state.value).toMatchObject({ phase: 'opening', remedy: 'rebuildDBs' });
    await repaired;
    await session.retry();
    const { ledger } = damage;
    expect(asked.map(({ repair }) => repair)).toEqual([
      undefined,
      { ledger, remedy: 'rebuildDBs' },
      undefined,
    ]);
    expect(asked.map((options) => options.join)).toEqual([join, join, join]);
  });

  it('names a relay that does not answer', async () => {
    const session = new Session({
      updates: updates(),
      loadNetwork: () => Promise.reject(new FabricError('RELAY_UNREACHABLE', 'no answer')),
      startPeer: () => Promise.reject(new Error('must not be reached')),
    });
    await session.start();
    expect(session.state.value).toMatchObject({
      phase: 'stopped',
      failure: { code: 'RELAY_UNREACHABLE' },
    });
  });
});
