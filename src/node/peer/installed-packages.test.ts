// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import type { KVStore } from '../../ledger/kv-store.ts';
import { MemoryKVStore } from '../../ledger/memory/memory-kv-store.ts';
import { packageIdOf } from '../chaincode/package.ts';
import { packageOf } from '../chaincode/testing/packages.ts';
import { InstalledPackages } from './installed-packages.ts';

const [ONE, TWO] = [packageOf('one', ''), packageOf('two', '')];
const [ID_ONE, ID_TWO] = [packageIdOf('one', ONE), packageIdOf('two', TWO)];

let store: KVStore;
let packages: InstalledPackages;

beforeEach(async () => {
  store = new MemoryKVStore();
  packages = await InstalledPackages.open(store);
});

describe('installed packages', () => {
  it('are used by each channel for itself, and so after a restart', async () => {
    await packages.install({ channel: 'a', chaincode: 'cc' }, ONE);
    await packages.install({ channel: 'b', chaincode: 'cc' }, TWO);
    for (const found of [packages, await InstalledPackages.open(store)]) {
      expect(['a', 'b', 'c'].map((channel) => found.packageIdOf(channel, 'cc'))).toEqual([
        ID_ONE,
        ID_TWO,
        undefined,
      ]);
      expect(found.packageIdOf('a', 'other')).toBe(undefined);
      expect((await found.get(ID_TWO))?.label).toBe('two');
      expect(await found.get('two:00')).toBe(undefined);
    }
  });

  it('are in use as long as any channel uses them', async () => {
    await packages.install({ channel: 'a', chaincode: 'cc' }, ONE);
    await packages.install({ channel: 'b', chaincode: 'cc' }, ONE);
    await packages.install({ channel: 'a', chaincode: 'cc' }, TWO);
    expect([packages.isUsed(ID_ONE), packages.isUsed(ID_TWO)]).toEqual([true, true]);
    await packages.install({ channel: 'b', chaincode: 'cc' }, TWO);
    expect([packages.isUsed(ID_ONE), packages.isUsed(ID_TWO)]).toEqual([false, true]);
  });

  it('that were installed when a peer had one channel count for all, until one says otherwise', async () => {
    await store.write([
      { type: 'put', key: utf8(`package/${ID_ONE}`), value: ONE },
      { type: 'put', key: utf8('name/cc'), value: utf8(ID_ONE) },
    ]);
    const old = await InstalledPackages.open(store);
    expect(old.packageIdOf('a', 'cc')).toBe(ID_ONE);
    await old.install({ channel: 'a', chaincode: 'cc' }, TWO);
    for (const found of [old, await InstalledPackages.open(store)]) {
      expect(['a', 'b'].map((channel) => found.packageIdOf(channel, 'cc'))).toEqual([
        ID_TWO,
        ID_ONE,
      ]);
    }
  });

  it('that are none are not kept', async () => {
    await expect(
      packages.install({ channel: 'a', chaincode: 'cc' }, utf8('no package')),
    ).rejects.toThrow();
    expect(packages.packageIdOf('a', 'cc')).toBe(undefined);
  });
});
