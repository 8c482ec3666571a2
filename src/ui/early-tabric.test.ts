// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { TabricEvents } from '../node/api/tabric.ts';
import { sampleTabric } from './dev/sample-tabric.ts';
import { EarlyTabric } from './early-tabric.ts';

const sample = () =>
  sampleTabric({
    connection: 'online',
    faults: [],
    blockEveryMs: 0,
    transactionsPerBlock: 0,
    channels: ['mychannel'],
  });

describe('window.tabric before there is a peer', () => {
  it('waits where it can, and says so where it cannot', async () => {
    const early = new EarlyTabric();
    const { tabric } = early;
    expect(() => tabric.height()).toThrow('await tabric.ready first');
    expect(() => tabric.me).toThrow(expect.objectContaining({ code: 'NOT_READY' }));
    const ready = tabric.ready;
    early.joining();
    const value = tabric.state('basic', 'asset1');
    const running = sample();
    early.joined(running);
    expect(await ready).toEqual(running.me);
    expect(await value).toBe(await running.state('basic', 'asset1'));
    expect(tabric.height()).toBe(running.height());
  });

  it('tells whoever waits that joining failed, and waits again for the next attempt', async () => {
    const early = new EarlyTabric();
    const first = early.tabric.ready;
    const submitted = early.tabric.submit('basic', 'CreateAsset');
    early.failed(new Error('no invitation'));
    await expect(first).rejects.toThrow('no invitation');
    await expect(submitted).rejects.toThrow('no invitation');
    await expect(early.tabric.ready, 'asked too late').rejects.toThrow('no invitation');
    early.joining();
    const second = early.tabric.ready;
    const running = sample();
    early.joined(running);
    expect(await second).toEqual(running.me);
  });

  it('passes listeners on that were there first, unless they are gone', async () => {
    const early = new EarlyTabric();
    const running = sample();
    const listeners: ((detail: TabricEvents['peers:changed']) => void)[] = [];
    const stopped: string[] = [];
    const told: string[] = [];
    early.tabric.on('peers:changed', () => told.push('kept'));
    early.tabric.on('peers:changed', () => told.push('gone'))();
    const late = early.tabric.on('peers:changed', () => told.push('late'));
    early.joined({
      ...running,
      on: (_event, listener) => {
        listeners.push(listener as (typeof listeners)[number]);
        return () => stopped.push('late');
      },
    });
    await early.tabric.ready;
    for (const listener of listeners) listener({ count: 2 });
    expect(told).toEqual(['kept', 'late']);
    late();
    expect(stopped).toEqual(['late']);
  });
});
