// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { fromUtf8 } from '../common/runtime/bytes.ts';
import { FakeClock } from '../common/runtime/clock.ts';
import { TraceBus } from '../common/runtime/trace.ts';
import { serveTrace } from './trace-stream.ts';

interface Sent {
  readonly at: number;
  readonly events: number;
}

function rig(): { clock: FakeClock; emit(channel?: string): void; sent: Sent[] } {
  const clock = new FakeClock(1_000_000);
  const bus = new TraceBus();
  const sent: Sent[] = [];
  const remote = { address: 'test', mspId: 'Org1MSP' };
  const context = { remote, signal: new AbortController().signal };
  const isMember = (channel: string, { mspId }: { mspId?: string }) =>
    channel === 'mine' && mspId === 'Org1MSP';
  const requests = (async function* () {})();
  void (async () => {
    for await (const message of serveTrace(bus, clock, isMember)(requests, context)) {
      const events: unknown = JSON.parse(fromUtf8(message));
      sent.push({
        at: clock.now() - 1_000_000,
        events: Array.isArray(events) ? events.length : 0,
      });
    }
  })();
  const emit = (channel = 'mine'): void =>
    bus.emit({ at: clock.now(), peer: 'orderer', stage: 'order', channel });
  return { clock, emit, sent };
}

it('sends the events of a moment together, soon after the first', async () => {
  const { clock, emit, sent } = rig();
  await clock.advance(10);
  emit();
  await clock.advance(20);
  emit();
  await clock.advance(100);
  expect(sent).toEqual([{ at: 60, events: 2 }]);
  await clock.advance(1_000);
  emit();
  await clock.advance(60);
  expect(sent).toEqual([
    { at: 60, events: 2 },
    { at: 1_180, events: 1 },
  ]);
});

it('sends four messages a second under load, and no event is lost', async () => {
  const { clock, emit, sent } = rig();
  await clock.advance(10);
  for (let ms = 0; ms < 2_000; ms += 10) {
    emit();
    await clock.advance(10);
  }
  await clock.advance(300);
  expect(sent.length).toBeLessThanOrEqual(10);
  expect(sent.reduce((sum, { events }) => sum + events, 0)).toBe(200);
});

it('tells of no channel that the caller is not in', async () => {
  const { clock, emit, sent } = rig();
  await clock.advance(10);
  emit('other');
  await clock.advance(500);
  expect(sent).toEqual([]);
  emit();
  emit('other');
  await clock.advance(500);
  expect(sent).toMatchObject([{ events: 1 }]);
});
