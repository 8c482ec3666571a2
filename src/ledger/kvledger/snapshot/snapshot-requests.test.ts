// SPDX-License-Identifier: Apache-2.0
// Snapshots asked for ahead, on the blocks of a real network and against the snapshot that a real peer made of them.
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toHex } from '../../../common/runtime/bytes.ts';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { createLogger } from '../../../common/runtime/log.ts';
import { expectedBlocks, readBlock } from '../../../common/testdata/mychannel.ts';
import type { KVStoreProvider } from '../../kv-store.ts';
import { MemoryKVStoreProvider } from '../../memory/memory-kv-store.ts';
import { LedgerError, type PeerLedger } from '../../types.ts';
import { LedgerProvider, type LedgerProviderOptions } from '../ledger-provider.ts';
import { FaultyStores } from '../testing/faulty-stores.ts';
import { MemoryFiles } from './testing/memory-files.ts';
import { MemorySnapshots } from './testing/memory-snapshots.ts';

const REAL = new URL('../../testdata/snapshot/', import.meta.url);

let stores: KVStoreProvider;
let root: MemorySnapshots;
let lines: string[];
let provider: LedgerProvider;

async function start(options: LedgerProviderOptions = { snapshots: root }): Promise<void> {
  const logger = createLogger('test', 'error', (_level, _name, text) => lines.push(text));
  provider = await LedgerProvider.open(stores, 'p', new FakeClock(), { logger, ...options });
}

async function reopen(options?: LedgerProviderOptions): Promise<PeerLedger> {
  await provider.close();
  await start(options);
  return provider.open('mychannel');
}

function commit(ledger: PeerLedger, number: number): Promise<unknown> {
  const flags = Uint8Array.from(expectedBlocks[number]?.transactionsFilter ?? []);
  return ledger.commit(readBlock(number), flags);
}

// All are asked for at once, so that nothing but the ledger itself keeps them apart.
async function commitTo(ledger: PeerLedger, last: number): Promise<void> {
  const commits: Promise<unknown>[] = [];
  const { height } = ledger.getBlockchainInfo();
  for (let number = height; number <= last; number++) commits.push(commit(ledger, number));
  await Promise.all(commits);
}

const hexOf = ({ files }: MemoryFiles): Record<string, string> =>
  Object.fromEntries([...files].sort().map(([name, bytes]) => [name, toHex(bytes)]));

const refusal = (message: string) => ({ code: 'SNAPSHOT_REQUEST_INVALID', message });

async function snapshotOfLedgerAt(number: number): Promise<Record<string, string>> {
  const other = await LedgerProvider.open(new MemoryKVStoreProvider(), 'p', new FakeClock());
  const ledger = await other.create(readBlock(0));
  await commitTo(ledger, number);
  const files = new MemoryFiles();
  await ledger.generateSnapshot(files);
  await other.close();
  return hexOf(files);
}

function realSnapshot(): Record<string, string> {
  const names = readdirSync(REAL).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, REAL), 'hex')]));
}

let ledger: PeerLedger;
beforeEach(async () => {
  stores = new MemoryKVStoreProvider();
  root = new MemorySnapshots();
  lines = [];
  await start();
  ledger = await provider.create(readBlock(0));
});
afterEach(() => provider.close());

describe('a snapshot that is asked for', () => {
  test('is of its block though later ones wait, and at 70 it is the real peer’s', async () => {
    for (const number of [70, 40]) await ledger.submitSnapshotRequest(number);
    expect(ledger.pendingSnapshotRequests()).toEqual([40, 70]);
    await commitTo(ledger, 70);
    await provider.close();
    expect([...root.complete.keys()]).toEqual([40, 70]);
    const [at40, at70] = [40, 70].map((number) => root.complete.get(number) ?? new MemoryFiles());
    expect(at40 && hexOf(at40)).toEqual(await snapshotOfLedgerAt(40));
    expect(at70 && hexOf(at70)).toEqual(realSnapshot());
    expect(lines).toEqual([]);
    await start();
  });

  test('is waited for by the next block, and by nobody else', async () => {
    let go = (): void => {};
    root.hold = new Promise((resolve) => {
      go = resolve;
    });
    await ledger.submitSnapshotRequest(2);
    await commitTo(ledger, 2);
    let isThree = false;
    const three = commit(ledger, 3).then(() => {
      isThree = true;
    });
    await expect(ledger.cancelSnapshotRequest(2)).rejects.toMatchObject(
      refusal('cannot cancel the snapshot request because it is under processing'),
    );
    expect(await ledger.getVersionedValue('none', 'none')).toBeUndefined();
    // Block 3 is on its way, so that it is the last one by the time that a snapshot could be made.
    await ledger.submitSnapshotRequest(0);
    expect(ledger.pendingSnapshotRequests()).toEqual([2, 3]);
    expect([isThree, ledger.getBlockchainInfo().height]).toEqual([false, 3]);
    go();
    await three;
    await commitTo(ledger, 4);
    expect([...root.complete.keys()]).toEqual([2, 3]);
    expect(ledger.pendingSnapshotRequests()).toEqual([]);
  });

  test('survives opening again, and can be taken back', async () => {
    for (const number of [5, 7, 9]) await ledger.submitSnapshotRequest(number);
    await commitTo(ledger, 3);
    ledger = await reopen();
    expect(ledger.pendingSnapshotRequests()).toEqual([5, 7, 9]);
    await ledger.cancelSnapshotRequest(7);
    ledger = await reopen();
    await commitTo(ledger, 8);
    expect([...root.complete.keys()]).toEqual([5]);
    expect(ledger.pendingSnapshotRequests()).toEqual([9]);
    await expect(ledger.cancelSnapshotRequest(7)).rejects.toMatchObject(
      refusal('no snapshot request exists for block number 7'),
    );
  });

  test('is of the last block when that is asked for, by its number or by 0', async () => {
    await commitTo(ledger, 4);
    await ledger.submitSnapshotRequest(0);
    await commitTo(ledger, 6);
    await ledger.submitSnapshotRequest(6);
    await commitTo(ledger, 7);
    expect([...root.complete.keys()]).toEqual([4, 6]);
    const at6 = root.complete.get(6) ?? new MemoryFiles();
    expect(hexOf(at6)).toEqual(await snapshotOfLedgerAt(6));
  });
});

describe('a request is refused', () => {
  test('for a block that is behind, was asked for, or has its snapshot', async () => {
    await commitTo(ledger, 4);
    await expect(ledger.submitSnapshotRequest(3)).rejects.toMatchObject(
      refusal(
        'requested snapshot for block number 3 cannot be less than the last committed block number 4',
      ),
    );
    await ledger.submitSnapshotRequest(6);
    await expect(ledger.submitSnapshotRequest(6)).rejects.toMatchObject(
      refusal('duplicate snapshot request for block number 6'),
    );
    await ledger.submitSnapshotRequest(0);
    ledger = await reopen();
    for (const last of [0, 4]) {
      await expect(ledger.submitSnapshotRequest(last)).rejects.toMatchObject(
        refusal('snapshot already generated for block number 4'),
      );
    }
    for (const none of [-1, 1.5, Number.NaN, 2 ** 60]) {
      await expect(ledger.submitSnapshotRequest(none)).rejects.toMatchObject({
        code: 'SNAPSHOT_REQUEST_INVALID',
      });
    }
  });

  test('where nothing keeps snapshots, or the ledger is closed', async () => {
    ledger = await reopen({});
    await expect(ledger.submitSnapshotRequest(5)).rejects.toMatchObject({
      code: 'SNAPSHOTS_DISABLED',
    });
    await ledger.close();
    await expect(ledger.submitSnapshotRequest(5)).rejects.toMatchObject({ code: 'LEDGER_CLOSED' });
  });
});

describe('a request is done with', () => {
  test('when its snapshot fails, which stops no block', async () => {
    await ledger.submitSnapshotRequest(2);
    root.hold = Promise.reject(new LedgerError('QUOTA_EXCEEDED', 'the disk is full'));
    root.hold.catch(() => {});
    await commitTo(ledger, 4);
    expect(lines).toEqual([
      '[mychannel] failed to generate the snapshot of block 2: the disk is full',
    ]);
    expect(ledger.pendingSnapshotRequests()).toEqual([]);
    expect(root.complete.size).toBe(0);
  });

  test('when writing fails halfway, and what was written is discarded', async () => {
    await ledger.submitSnapshotRequest(2);
    const { make } = root;
    root.make = async (ledgerId, blockNum) => ({
      ...(await make.call(root, ledgerId, blockNum)),
      write: (name) => {
        if (name === 'txids.data') throw new LedgerError('QUOTA_EXCEEDED', 'the disk is full');
        return new MemoryFiles().write(name);
      },
    });
    await commitTo(ledger, 3);
    expect([root.discarded, [...root.complete.keys()]]).toEqual([[2], []]);
    expect(lines).toHaveLength(1);
  });

  test('when its block comes where nothing keeps snapshots', async () => {
    await ledger.submitSnapshotRequest(2);
    ledger = await reopen({});
    expect(ledger.pendingSnapshotRequests()).toEqual([2]);
    await commitTo(ledger, 3);
    expect(ledger.pendingSnapshotRequests()).toEqual([]);
    expect(lines).toHaveLength(1);
  });

  test('when the ledger is rolled back, as in Fabric', async () => {
    await commitTo(ledger, 4);
    await ledger.submitSnapshotRequest(6);
    await provider.close();
    await start();
    await provider.rollback('mychannel', 2);
    ledger = await provider.open('mychannel');
    expect(ledger.pendingSnapshotRequests()).toEqual([]);
  });
});

test('a power cut at any write loses no snapshot that was asked for', async () => {
  await provider.close();
  const expected = await snapshotOfLedgerAt(2);
  let cuts = 0;
  for (const isWritten of [true, false]) {
    for (let cut = 0; ; cut++) {
      const faulty = new FaultyStores();
      stores = faulty;
      root = new MemorySnapshots();
      await start();
      await (await provider.create(readBlock(0))).submitSnapshotRequest(2);
      faulty.cutAt(cut, isWritten);
      await provider
        .close()
        .then(() => start())
        .then(() => provider.open('mychannel'))
        .then((opened) => commitTo(opened, 3))
        .then(() => provider.close())
        .catch((error) => faulty.isDead || Promise.reject(error));
      if (!faulty.isDead) break;
      cuts++;
      await faulty.restart();
      await start();
      await commitTo(await provider.open('mychannel'), 3);
      await provider.close();
      const found = root.complete.get(2);
      expect(found && hexOf(found), `cut ${cut}`).toEqual(expected);
    }
  }
  expect(cuts).toBeGreaterThan(8);
  await start();
});
