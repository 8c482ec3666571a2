// SPDX-License-Identifier: Apache-2.0
// Commits go on while what expired is cleaned up: whatever a commit schedules meanwhile is remembered.
import { expect, test } from 'vitest';
import { MemoryKVStoreProvider } from '../memory/memory-kv-store.ts';
import { PvtDataStore } from './pvt-data-store.ts';
import { expiryKey } from './pvt-keys.ts';

const KEY = { namespace: 'cc', collection: 'short', keyHash: new Uint8Array(32) };

function expiring(at: number, committed: number): Parameters<PvtDataStore['commit']>[0] {
  const key = expiryKey(at, committed, KEY);
  const operations = [{ type: 'put', key, value: new Uint8Array() }] as const;
  return { operations, data: [], mismatches: [] };
}

test('an expiry that is scheduled at any tick of a clean-up is not overlooked', async () => {
  const overlooked: number[] = [];
  for (let ticks = 0; ticks < 60; ticks++) {
    const store = await new MemoryKVStoreProvider().open('pvtdata');
    const data = await PvtDataStore.open(store, () => undefined);
    await data.commit(expiring(3, 1));
    const cleaning = data.cleanUp(3);
    for (let tick = 0; tick < ticks; tick++) await undefined;
    await data.commit(expiring(9, 7));
    await cleaning;
    expect(data.isCleanUpDue(3)).toBe(false);
    if (!data.isCleanUpDue(9)) overlooked.push(ticks);
  }
  expect(overlooked).toEqual([]);
});
