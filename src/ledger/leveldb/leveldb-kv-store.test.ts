// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '../../common/runtime/bytes.ts';
import { describeKVStore } from '../kv-store.contract.ts';
import { LevelDBKVStoreProvider } from './leveldb-kv-store.ts';

const makeRoot = (): Promise<string> => mkdtemp(join(tmpdir(), 'tabric-leveldb-'));

describeKVStore('LevelDBKVStore', async () => {
  const root = await makeRoot();
  return {
    provider: new LevelDBKVStoreProvider(root),
    teardown: () => rm(root, { recursive: true, force: true }),
  };
});

describe('LevelDBKVStoreProvider', () => {
  let root: string;
  let provider: LevelDBKVStoreProvider;

  beforeEach(async () => {
    root = await makeRoot();
    provider = new LevelDBKVStoreProvider(root);
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  test('says that a directory is locked, and neither opens nor destroys it', async () => {
    const store = await provider.open('a');
    await expect(provider.open('a')).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await expect(provider.destroy('a')).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    await store.write([{ type: 'put', key: utf8('k'), value: utf8('v') }]);
    expect(await store.get(utf8('k'))).toEqual(utf8('v'));
    await store.close();
  });

  test('says that a file is in the way of the directory', async () => {
    await writeFile(join(root, 'a'), 'not a database');
    await expect(provider.open('a')).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
  });

  test('says that a database is damaged', async () => {
    const store = await provider.open('a');
    await store.write([{ type: 'put', key: utf8('k'), value: utf8('v') }], { durable: true });
    await store.close();
    await writeFile(join(root, 'a', 'CURRENT'), 'MANIFEST-999999\n');
    await expect(provider.open('a')).rejects.toMatchObject({ code: 'STORE_UNREADABLE' });
  });

  test('keeps every name inside its root', async () => {
    const names = ['..', '../escape', 'a/b', '.', 'ü', 'nul'];
    for (const name of names) await (await provider.open(name)).close();
    expect(await provider.list()).toEqual(names.toSorted());
    expect(await readdir(root)).toHaveLength(names.length);
    await expect(provider.open('')).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('lists nothing where there is no root yet', async () => {
    expect(await new LevelDBKVStoreProvider(join(root, 'later')).list()).toEqual([]);
  });
});
