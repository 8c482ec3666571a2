// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { FakeClock } from './clock.ts';
import { type Logger, silentLogger } from './log.ts';
import { PeriodicTask } from './periodic-task.ts';

function rig(run: (signal: AbortSignal) => void | Promise<void>) {
  const clock = new FakeClock();
  const failures: unknown[] = [];
  const log: Logger = { ...silentLogger, error: (_what, data) => failures.push(data) };
  return {
    clock,
    failures,
    task: new PeriodicTask({ name: 'tick', everyMs: 10, clock, log, run }),
  };
}

it('runs once an interval from start to stop, and again after another start', async () => {
  let turns = 0;
  const { clock, task } = rig(() => {
    turns++;
  });
  task.start();
  task.start();
  await clock.advance(9);
  expect(turns).toBe(0);
  await clock.advance(21);
  expect(turns).toBe(3);
  task.stop();
  await clock.advance(50);
  expect(turns).toBe(3);
  task.start();
  await clock.advance(10);
  expect(turns).toBe(4);
});

it('logs a turn that fails and goes on', async () => {
  let turns = 0;
  const { clock, failures, task } = rig(async () => {
    if (++turns === 1) throw new Error('no disk');
  });
  task.start();
  await clock.advance(20);
  expect(turns).toBe(2);
  expect(failures).toEqual([{ reason: 'no disk' }]);
});

it('tells a turn in progress that it shall end', async () => {
  let seen: AbortSignal | undefined;
  const { clock, failures, task } = rig(
    (signal) =>
      new Promise((_resolve, reject) => {
        seen = signal;
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  task.start();
  await clock.advance(10);
  task.stop();
  await clock.advance(10);
  expect(seen?.aborted).toBe(true);
  expect(failures).toEqual([]);
});
