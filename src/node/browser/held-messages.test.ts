// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { holdMessages } from './held-messages.ts';

const send = (thread: EventTarget, data: unknown): void => {
  thread.dispatchEvent(new MessageEvent('message', { data }));
};

/** A thread, and what its program was told. */
function listening(): { thread: EventTarget; told: unknown[]; listen: () => void } {
  const thread = new EventTarget();
  const told: unknown[] = [];
  const listen = (): void => {
    thread.addEventListener('message', (event) => {
      if (event instanceof MessageEvent) told.push(event.data);
    });
  };
  return { thread, told, listen };
}

test('messages wait for the program, keep their order, and come once', async () => {
  const { thread, told, listen } = listening();
  const { promise, resolve } = Promise.withResolvers<void>();
  const loaded = holdMessages(thread, () => promise);
  send(thread, 'before it listens');
  listen();
  send(thread, 'while the rest loads');
  expect(told).toEqual([]);
  resolve();
  await loaded;
  send(thread, 'afterwards');
  expect(told).toEqual(['before it listens', 'while the rest loads', 'afterwards']);
});

test('a program that cannot be loaded says so, and hears nothing of what was held', async () => {
  const { thread, told, listen } = listening();
  const { promise, reject } = Promise.withResolvers<void>();
  const loaded = holdMessages(thread, () => promise);
  listen();
  send(thread, 'for nobody');
  reject(new Error('no network'));
  await expect(loaded).rejects.toThrow('no network');
  send(thread, 'afterwards');
  expect(told).toEqual(['afterwards']);
});
