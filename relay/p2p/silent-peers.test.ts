// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { FakeClock } from '../../src/common/runtime/clock.ts';
import { silentLogger } from '../../src/common/runtime/log.ts';
import { SilentPeers } from './silent-peers.ts';

const START = 1_000_000;

interface FakePeer {
  heardAt: number;
  answers: boolean;
  asked: number;
  closed: boolean;
}

function rig(): { clock: FakeClock; add(peerId: string, answers: boolean): FakePeer } {
  const clock = new FakeClock(START);
  const peers = new Map<string, FakePeer>();
  const connections = () =>
    [...peers].flatMap(([peerId, peer]) =>
      peer.closed
        ? []
        : {
            peerId,
            heardAt: peer.heardAt,
            ask: async () => {
              peer.asked++;
              if (!peer.answers) throw new Error('no answer');
              peer.heardAt = clock.now();
            },
            close: () => {
              peer.closed = true;
            },
          },
    );
  const silent = new SilentPeers({ connections, clock, log: silentLogger });
  silent.start();
  return {
    clock,
    add: (peerId, answers) => {
      const peer = { heardAt: clock.now(), answers, asked: 0, closed: false };
      peers.set(peerId, peer);
      return peer;
    },
  };
}

it('asks only the silent, and closes those that never answer', async () => {
  const { clock, add } = rig();
  const [talker, quiet, gone] = [add('talker', false), add('quiet', true), add('gone', false)];
  for (let s = 0; s < 160; s += 5) {
    talker.heardAt = clock.now();
    await clock.advance(5_000);
  }
  expect(talker).toMatchObject({ asked: 0, closed: false });
  expect(quiet).toMatchObject({ asked: 2, closed: false });
  expect(gone).toMatchObject({ asked: 3, closed: true });
});

it('begins to count again when a peer was heard meanwhile', async () => {
  const { clock, add } = rig();
  const slow = add('slow', false);
  await clock.advance(100_000);
  expect(slow).toMatchObject({ asked: 3, closed: false });
  slow.heardAt = clock.now();
  await clock.advance(100_000);
  expect(slow).toMatchObject({ asked: 6, closed: false });
});
