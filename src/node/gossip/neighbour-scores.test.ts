// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { type Binding, Bindings } from '../comm/bindings.ts';
import { NeighbourScores } from './neighbour-scores.ts';

function rig(isExempt?: (peerId: string) => boolean) {
  const clock = new FakeClock(1_000_000);
  const bindings = new Bindings({ clock });
  const scores = new NeighbourScores({ bindings, clock, ...(isExempt && { isExempt }) });
  const ended: string[] = [];
  scores.onCutOff((peerId) => ended.push(peerId));
  const bind = (peerId: string, member = peerId): void => bindings.set(bindingOf(peerId, member));
  return { clock, bindings, scores, ended, bind };
}

function bindingOf(peerId: string, member: string): Binding {
  const pkiId = utf8(member);
  return { peerId, mspId: 'M', identity: pkiId, pkiId, name: member, expiresAt: Infinity };
}

it('lowers a member for rejected messages and forgives with time', async () => {
  const { clock, scores, ended, bind } = rig();
  bind('p');
  expect(scores.of('p')).toBe(0);
  for (let n = 0; n < 39; n++) scores.rejected('p');
  expect(scores.of('p')).toBe(-195);
  expect(ended).toEqual([]);
  await clock.advance(30_000);
  expect(scores.of('p')).toBeCloseTo(-97.5);
  for (let n = 0; n < 21; n++) scores.rejected('p');
  expect(ended).toEqual(['p']);
});

it('knows a member on another connection, and ends that too until it is forgiven', async () => {
  const { clock, bindings, scores, ended, bind } = rig();
  bind('p', 'member');
  for (let n = 0; n < 40; n++) scores.rejected('p');
  bindings.remove('p');
  expect(scores.of('p')).toBe(0);
  bind('q', 'member');
  expect(ended).toEqual(['p', 'q']);
  await clock.advance(60_000);
  bind('r', 'member');
  expect(ended).toHaveLength(2);
  expect(scores.of('r')).toBeCloseTo(-50);
});

it('looks at so many messages and bytes a second, and at what came at once before', async () => {
  const { clock, scores, bind } = rig();
  bind('p');
  const small = new Array<number>(1_000).fill(100);
  expect(scores.takes('p', small)).toBe(800);
  expect(scores.of('p')).toBe(-100);
  await clock.advance(1_000);
  expect(scores.takes('p', small.slice(0, 200))).toBe(200);
  await clock.advance(60_000);
  const large = new Array<number>(65).fill(1024 * 1024);
  expect(scores.takes('p', large)).toBe(64);
  expect(scores.counts).toMatchObject({ rejected: 0, excess: 201 });
});

it('bounds no stranger, who is told nothing, and not the relay', () => {
  const { scores, ended, bind } = rig((peerId) => peerId === 'relay');
  bind('relay');
  for (let n = 0; n < 100; n++) for (const one of ['relay', 'stranger']) scores.rejected(one);
  expect(scores.takes('relay', new Array<number>(5_000).fill(1))).toBe(5_000);
  expect(ended).toEqual([]);
});
