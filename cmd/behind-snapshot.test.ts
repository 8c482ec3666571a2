// SPDX-License-Identifier: Apache-2.0
// Chains that begin behind a snapshot, as a peer keeps them that joined by one: blocks and snapshots of real peers of Fabric 3.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  decodeBootstrappingSnapshot,
  encodeBootstrappingSnapshot,
} from '../src/ledger/blkstorage/blockfile/index.ts';
import { CommandLine } from './testing/command-line.ts';
import { snapshotFiles } from './testing/snapshot-archive.ts';

const testdata = (name: string): URL =>
  new URL(`../src/node/replay/testdata/${name}`, import.meta.url);
const FILE = {
  bft: fileURLToPath(testdata('fabric3_bft_blockfile_000000.gz')),
  raft: fileURLToPath(testdata('fabric3_raft_blockfile_000000.gz')),
};
const INFO = 'bootstrappingSnapshot.info';
const line = new CommandLine();
const SNAPSHOT = { bft: line.path('bft-64'), raft: line.path('raft-100') };
const CHAIN = { bft: line.path('bft-chain'), raft: line.path('raft-chain') };
afterAll(() => line[Symbol.dispose]());

function unpack(archive: string, folder: string): void {
  mkdirSync(folder);
  for (const [name, bytes] of snapshotFiles(testdata(archive))) {
    writeFileSync(`${folder}/${name}`, bytes);
  }
}

// What Fabric's peer keeps after it has joined and has committed the rest: export of a ledger of ours that did the same.
async function keep(channel: 'bft' | 'raft'): Promise<void> {
  const store = line.path(`${channel}-store`);
  const from = ['--from-snapshot', SNAPSHOT[channel]];
  const replayed = await line.run(
    'ledger',
    'replay',
    FILE[channel],
    ...from,
    '--store',
    'leveldb',
    store,
  );
  expect(replayed).toMatchObject({ code: 0 });
  const out = ['--out', CHAIN[channel]];
  expect(await line.run('ledger', 'export', store, ...out)).toMatchObject({ code: 0, stderr: '' });
}

beforeAll(async () => {
  unpack('fabric3_bft_snapshot_64.tar.gz', SNAPSHOT.bft);
  unpack('fabric3_raft_snapshot_100.tar.gz', SNAPSHOT.raft);
  await keep('bft');
  await keep('raft');
}, 60_000);

describe('replay --from-snapshot', () => {
  test('finds the codes and commit hashes of the real peers behind their snapshots', async () => {
    const replay = (channel: 'bft' | 'raft') =>
      line.json('ledger', 'replay', FILE[channel], '--from-snapshot', SNAPSHOT[channel]);
    const whole = await line.json('ledger', 'replay', FILE.bft);
    const { lastBlockHash, lastCommitHash } = whole.answer as Record<string, string>;
    expect(await replay('bft')).toMatchObject({
      code: 0,
      answer: {
        lastBlockInSnapshot: 64,
        blocks: 34,
        codeDifferences: [],
        commitHashDifferences: [],
        blocksWithoutCodes: 0,
        blocksWithoutCommitHash: 0,
        lastBlockHash,
        lastCommitHash,
      },
    });
    // Block 101 is a configuration.
    expect(await replay('raft')).toMatchObject({
      code: 0,
      answer: { blocks: 2, codeDifferences: [], commitHashDifferences: [], blocksWithoutCodes: 0 },
    });
  }, 60_000);

  test('reads the folder of a peer, and without the snapshot says which one it needs', async () => {
    const from = ['--from-snapshot', SNAPSHOT.bft];
    expect(await line.run('ledger', 'replay', CHAIN.bft, ...from)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/codes of 34 blocks, 34 commit hashes/),
    });
    expect(await line.run('ledger', 'replay', CHAIN.bft)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'tabric: the chain begins with block 65, behind a snapshot: to replay it, give the snapshot of block 64 with --from-snapshot FOLDER\n',
    });
  }, 30_000);

  test('refuses another snapshot, and leaves no ledger of it', async () => {
    const store = line.path('other');
    const flags = ['--from-snapshot', SNAPSHOT.raft, '--store', 'leveldb', store];
    expect(await line.run('ledger', 'replay', CHAIN.bft, ...flags)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/goes on from block 64 .* but the snapshot is of block 100/),
    });
    expect(await line.json('ledger', 'list', store)).toEqual({ code: 0, answer: [] });
  }, 30_000);
});

describe('export of a ledger made from a snapshot', () => {
  test('writes what the real peer would have, and where it begins', async () => {
    const info = decodeBootstrappingSnapshot(Uint8Array.from(readFileSync(`${CHAIN.bft}/${INFO}`)));
    const metadata = JSON.parse(
      readFileSync(`${SNAPSHOT.bft}/_snapshot_signable_metadata.json`, 'utf8'),
    );
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect([info.lastBlockNum, hex(info.lastBlockHash), hex(info.previousBlockHash)]).toEqual([
      64,
      metadata.last_block_hash,
      metadata.previous_block_hash,
    ]);
    const out = line.path('again');
    const store = line.path('bft-store');
    mkdirSync(out);
    writeFileSync(`${out}/${INFO}`, 'there already');
    expect(await line.run('ledger', 'export', store, '--out', out)).toMatchObject({ code: 2 });
    expect(existsSync(`${out}/blockfile_000000`)).toBe(false);
    const part = line.path('part');
    await line.run('ledger', 'export', store, '--from', '70', '--out', part);
    expect(existsSync(`${part}/${INFO}`)).toBe(false);
  });
});

describe('inspect', () => {
  test('tells where the chain begins', async () => {
    expect(await line.json('ledger', 'inspect', CHAIN.bft)).toMatchObject({
      code: 0,
      answer: { firstBlock: 65, lastBlock: 98, snapshot: { lastBlockNum: 64 } },
    });
  });
});

describe('verify', () => {
  test('checks links, and signatures from the first configuration on', async () => {
    expect(await line.json('ledger', 'verify', CHAIN.raft)).toMatchObject({
      code: 0,
      answer: {
        blocks: 2,
        snapshot: { lastBlockNum: 100 },
        signaturesUnverified: 1,
        firstConfig: 101,
        commitHashesChecked: 0,
        problems: [],
      },
    });
    const { code, stdout } = await line.run('ledger', 'verify', line.path('bft-store'));
    expect(code).toBe(0);
    expect(stdout).toContain('not verified in 34 block(s)');
    expect(stdout).toContain('none: that needs the snapshot');
    expect(stdout).toContain('the chain is whole');
  });

  test('checks everything when the snapshot is given', async () => {
    const from = ['--from-snapshot', SNAPSHOT.bft];
    expect(await line.json('ledger', 'verify', CHAIN.bft, ...from)).toMatchObject({
      code: 0,
      answer: { blocks: 34, signaturesUnverified: 0, commitHashesChecked: 34, problems: [] },
    });
  }, 30_000);

  function copyOf(name: string, change: (info: Buffer) => Uint8Array): string {
    const folder = line.path(name);
    cpSync(CHAIN.bft, folder, { recursive: true });
    writeFileSync(`${folder}/${INFO}`, change(readFileSync(`${folder}/${INFO}`)));
    return folder;
  }

  test('finds that the first block does not follow the snapshot', async () => {
    const folder = copyOf('changed', (bytes) => {
      const info = decodeBootstrappingSnapshot(Uint8Array.from(bytes));
      return encodeBootstrappingSnapshot({ ...info, lastBlockHash: new Uint8Array(32) });
    });
    expect(await line.json('ledger', 'verify', folder)).toMatchObject({
      code: 1,
      answer: { problems: [{ blockNum: 65, code: 'HASH_MISMATCH' }] },
    });
  });

  test('refuses a file that is no Fabric peer’s, or of an earlier snapshot', async () => {
    const torn = copyOf('torn', (bytes) => bytes.subarray(0, 20));
    expect(await line.run('ledger', 'verify', torn)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bootstrappingSnapshot.info cannot be read'),
    });
    const early = copyOf('early', (bytes) => {
      const info = decodeBootstrappingSnapshot(Uint8Array.from(bytes));
      return encodeBootstrappingSnapshot({ ...info, lastBlockNum: 60 });
    });
    expect(await line.run('ledger', 'verify', early)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('begins with block 65, but the snapshot that goes before it'),
    });
  });
});
