// SPDX-License-Identifier: Apache-2.0
// The folder of a peer that joined by a snapshot, dropped on the page with and without the snapshot's.
import { beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../../../common/testdata/mychannel.ts';
import {
  BOOTSTRAPPING_SNAPSHOT_FILE,
  blockfileEntry,
  encodeBootstrappingSnapshot,
} from '../../../ledger/blkstorage/blockfile/index.ts';
import { LedgerProvider } from '../../../ledger/kvledger/ledger-provider.ts';
import { MemoryFiles } from '../../../ledger/kvledger/snapshot/testing/memory-files.ts';
import { MemoryKVStoreProvider } from '../../../ledger/memory/memory-kv-store.ts';
import { queryBlocks } from '../../peer/peer-queries.ts';
import { realLedger } from '../../replay/testing/chains.ts';
import { fileSource, orderBlockfiles } from './file-sources.ts';
import { importLedger } from './import-ledger.ts';
import { ledgerPartsOf } from './ledger-parts.ts';

const LAST_IN_SNAPSHOT = 40;
const files: { readonly chain: File[]; readonly snapshot: File[]; readonly other: File[] } = {
  chain: [],
  snapshot: [],
  other: [],
};

async function snapshotAt(blockNum: number): Promise<File[]> {
  const ledger = await realLedger(blockNum + 1);
  const made = new MemoryFiles();
  await ledger.generateSnapshot(made);
  return [...made.files].map(([name, bytes]) => new File([bytes.slice()], name));
}

beforeAll(async () => {
  const { currentBlockHash, previousBlockHash } = (
    await realLedger(LAST_IN_SNAPSHOT + 1)
  ).getBlockchainInfo();
  const info = encodeBootstrappingSnapshot({
    lastBlockNum: LAST_IN_SNAPSHOT,
    lastBlockHash: currentBlockHash,
    previousBlockHash,
  });
  const blocks = expectedBlocks.slice(LAST_IN_SNAPSHOT + 1);
  const entries = blocks.map(({ number }) => blockfileEntry(readBlock(number)));
  files.chain.push(
    new File([info.slice()], BOOTSTRAPPING_SNAPSHOT_FILE),
    new File(entries, 'blockfile_000000'),
  );
  files.snapshot.push(...(await snapshotAt(LAST_IN_SNAPSHOT)));
  files.other.push(...(await snapshotAt(LAST_IN_SNAPSHOT - 1)));
});

async function imported(dropped: readonly File[]) {
  const clock = new FakeClock();
  const ledgers = await LedgerProvider.open(new MemoryKVStoreProvider(), 'ledger', clock);
  const { blockfiles, info, snapshot } = await ledgerPartsOf(dropped);
  const joined = snapshot && (await ledgers.createFromSnapshot(snapshot));
  const sources = orderBlockfiles(blockfiles).map(fileSource);
  const report = await importLedger(sources, { ledgers, clock }, { joined, info });
  return { report, joined };
}

describe('the folder of a peer that joined by a snapshot', () => {
  test('is shown from there, with the snapshot', async () => {
    const { report, joined } = await imported([...files.snapshot, ...files.chain]);
    expect(report).toMatchObject({
      channelId: 'mychannel',
      lastBlockInSnapshot: LAST_IN_SNAPSHOT,
      blocks: 30,
      codeDifferenceCount: 0,
      commitHashDifferenceCount: 0,
      lastCommitHash: expectedBlocks.at(-1)?.commitHash,
    });
    expect(report.stopped).toBeUndefined();
    if (!joined) throw new Error('nothing was joined');
    const views = await queryBlocks(joined, { from: 45, limit: 20 });
    expect(views.map(({ number }) => number)).toEqual([45, 44, 43, 42, 41]);
  });

  test('is not called damaged without it: which one is needed is said', async () => {
    await expect(imported(files.chain)).rejects.toMatchObject({
      code: 'LEDGER_FROM_SNAPSHOT',
      data: { file: String(LAST_IN_SNAPSHOT) },
    });
    await expect(imported([...files.other, ...files.chain])).rejects.toMatchObject({
      code: 'LEDGER_FROM_SNAPSHOT',
    });
  });

  test('goes on from the snapshot without the file that names it, too', async () => {
    const { report } = await imported([...files.snapshot, ...files.chain.slice(1)]);
    expect(report).toMatchObject({ blocks: 30, codeDifferenceCount: 0 });
    await expect(imported([...files.other, ...files.chain.slice(1)])).rejects.toMatchObject({
      code: 'LEDGER_NO_GENESIS',
    });
  });

  test('is refused with a file that no peer wrote', async () => {
    const wrong = new File(['not a message'], BOOTSTRAPPING_SNAPSHOT_FILE);
    await expect(ledgerPartsOf([wrong])).rejects.toMatchObject({ code: 'BOOTSTRAP_MALFORMED' });
  });
});
