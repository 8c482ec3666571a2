// SPDX-License-Identifier: Apache-2.0
// Snapshots on the command line, against the one that a real peer made of mychannel at block 70.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { expectedBlocks } from '../src/common/testdata/mychannel.ts';
import { NewSnapshotFolder } from './snapshot-folder.ts';
import { CommandLine, PEER_FILE, REAL_SNAPSHOT } from './testing/command-line.ts';

const LAST = expectedBlocks.at(-1);
const SNAPSHOT_HASH = '67a0dce862710d7803cedb5df8eec10a4ec2c4c9b226bace7ac21d9415d591fd';
const line = new CommandLine();
const REPLAYED = line.path('replayed');
const JOINED = line.path('joined');
beforeAll(async () => {
  await line.run('ledger', 'replay', PEER_FILE, '--store', 'leveldb', REPLAYED);
}, 60_000);
afterAll(() => line[Symbol.dispose]());

function expectSameFiles(folder: string, expected: string): void {
  const names = readdirSync(expected);
  expect(readdirSync(folder).sort()).toEqual(names.sort());
  for (const name of names) {
    const [found, other] = [folder, expected].map((path) => readFileSync(`${path}/${name}`));
    expect(other && found?.equals(other), name).toBe(true);
  }
}

const expectRealFiles = (folder: string): void => expectSameFiles(folder, REAL_SNAPSHOT);

async function copyWith(name: string, change: (bytes: Buffer) => Buffer): Promise<string> {
  const copy = line.path(`changed-${name}-${String(change).length}`);
  cpSync(REAL_SNAPSHOT, copy, { recursive: true });
  await chmod(`${copy}/${name}`, 0o600);
  writeFileSync(`${copy}/${name}`, change(readFileSync(`${copy}/${name}`)));
  return copy;
}

const flip = (bytes: Buffer): Buffer => {
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return bytes;
};

describe('replay --snapshot', () => {
  test('makes snapshots after their blocks, and tells of those that were not made', async () => {
    const folder = line.path('snapshots');
    const replay = (...more: readonly string[]) =>
      line.json('ledger', 'replay', PEER_FILE, '--snapshots', folder, ...more);
    expect(await replay('--snapshot', '40', '--snapshot', '70')).toMatchObject({
      code: 0,
      answer: { snapshots: [{ block: 40 }, { block: 70 }] },
    });
    expectRealFiles(`${folder}/completed/mychannel/70`);
    expect(readdirSync(`${folder}/completed/mychannel`).sort()).toEqual(['40', '70']);
    const late = await replay('--snapshot', '99');
    expect(late).toMatchObject({ code: 1, answer: { snapshots: [{ block: 99 }] } });
    expect(readdirSync(`${folder}/completed/mychannel`)).toHaveLength(2);
    // Not over one that is there.
    expect(await replay('--snapshot', '70')).toMatchObject({
      code: 1,
      answer: { snapshots: [{ block: 70 }] },
    });
    expectRealFiles(`${folder}/completed/mychannel/70`);
  }, 60_000);
});

describe('snapshot create', () => {
  test('writes what the real peer wrote, byte for byte, and never over something', async () => {
    const out = line.path('made', '70');
    expect(await line.json('ledger', 'snapshot', 'create', REPLAYED, '--out', out)).toMatchObject({
      code: 0,
      answer: { channelName: 'mychannel', lastBlockNumber: 70, snapshotHash: SNAPSHOT_HASH },
    });
    expectRealFiles(out);
    expect(readdirSync(line.path('made'))).toEqual(['70']);
    expect(await line.run('ledger', 'snapshot', 'create', REPLAYED, '--out', out)).toEqual({
      code: 2,
      stdout: '',
      stderr: `tabric: ${out} exists already\n`,
    });
  }, 30_000);

  test('writes one of an earlier block, as a ledger that was rolled back to it does', async () => {
    const create = (directory: string, out: string, ...more: readonly string[]) =>
      line.json('ledger', 'snapshot', 'create', directory, '--out', out, ...more);
    const at40 = line.path('at40');
    const at70 = line.path('at70');
    const rolledBack = line.path('rolled-back');
    vi.stubEnv('TMPDIR', line.path('temporary'));
    mkdirSync(line.path('temporary'));
    expect(await create(REPLAYED, at40, '--block', '40')).toMatchObject({
      code: 0,
      answer: { lastBlockNumber: 40, lastBlockCommitHash: expectedBlocks[40]?.commitHash },
    });
    await create(REPLAYED, at70, '--block', '70');
    expectRealFiles(at70);
    vi.unstubAllEnvs();
    expect(readdirSync(line.path('temporary'))).toEqual([]);
    const copy = line.path('copy');
    cpSync(REPLAYED, copy, { recursive: true });
    await line.run('ledger', 'rollback', copy, '--block', '40');
    await create(copy, rolledBack);
    expectSameFiles(at40, rolledBack);
    expect(await line.json('ledger', 'list', REPLAYED)).toMatchObject({ answer: [{ height: 71 }] });
  }, 60_000);

  test('writes none of a block that is not there, nor in front of a snapshot', async () => {
    const out = line.path('none');
    const create = (directory: string, block: string) =>
      line.run('ledger', 'snapshot', 'create', directory, '--out', out, '--block', block);
    expect(await create(REPLAYED, '71')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'tabric: mychannel has blocks 0 to 70\n',
    });
    expect(await create(REPLAYED, 'x')).toMatchObject({ code: 2 });
    const joined = line.path('joined-before');
    await line.run('ledger', 'snapshot', 'join', REAL_SNAPSHOT, '--store', 'leveldb', joined);
    expect(await create(joined, '70')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^tabric: mychannel was made from a snapshot/),
    });
    expect(readdirSync(line.path()).filter((name) => name.startsWith('none'))).toEqual([]);
  }, 30_000);

  test('leaves nothing when it is interrupted, and nothing that looks whole when it is killed', async () => {
    const parent = line.path('interrupted');
    const stop = new AbortController();
    {
      await using folder = await NewSnapshotFolder.make(`${parent}/70`, stop.signal);
      const sink = folder.write('txids.data');
      await sink.write(Uint8Array.of(1, 2));
      await sink.close();
      const [left = '', ...more] = readdirSync(parent);
      expect([left, more]).toEqual([expect.stringMatching(/^70\.incomplete-/), []]);
      expect(await line.run('ledger', 'snapshot', 'verify', `${parent}/${left}`)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('there is no snapshot in'),
      });
      stop.abort();
      await expect(folder.write('txids.metadata').write(Uint8Array.of(1))).rejects.toThrow();
      await expect(folder.complete()).rejects.toThrow();
    }
    expect(readdirSync(parent)).toEqual([]);
  });

  test('does not replace a folder that came meanwhile', async () => {
    const path = line.path('race');
    await using folder = await NewSnapshotFolder.make(path, new AbortController().signal);
    mkdirSync(path);
    await expect(folder.complete()).rejects.toMatchObject({ code: 'FILE_EXISTS' });
  });
});

describe('snapshot verify', () => {
  test('finds the real one whole, and counts what is in it', async () => {
    expect(await line.json('ledger', 'snapshot', 'verify', REAL_SNAPSHOT)).toMatchObject({
      code: 0,
      answer: {
        channelName: 'mychannel',
        lastBlockNumber: 70,
        lastBlockHash: LAST?.headerHash,
        lastBlockCommitHash: LAST?.commitHash,
        snapshotHash: SNAPSHOT_HASH,
        publicState: { '': 1, _lifecycle: 20, basic: 7, both: 13, one: 4 },
        privateStateHashes: { pvt$$hcolBoth: 1 },
        txIds: 81,
        collectionConfigs: 1,
        problems: [],
        notes: [],
      },
    });
    const { stdout } = await line.run('ledger', 'snapshot', 'verify', REAL_SNAPSHOT);
    expect(stdout).toMatch(/^state +SimpleKeyValueDB: 45 keys/m);
    expect(stdout).toContain('the snapshot is whole');
  });

  test.each([
    ['public_state.data', /^public_state\.data: has hash \w+, but \w+ was promised$/m],
    ['confighistory.metadata', /^confighistory\.metadata: has hash/m],
    ['_snapshot_signable_metadata.json', /^metadata: _snapshot_signable_metadata\.json has hash/m],
  ])('names %s when a byte of it is flipped', async (name, expected) => {
    const { code, stdout } = await line.run(
      'ledger',
      'snapshot',
      'verify',
      await copyWith(name, flip),
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(expected);
    expect(stdout).toContain('1 problem(s) in it');
  });

  test('names what is missing, and what does not belong', async () => {
    const copy = line.path('other');
    cpSync(REAL_SNAPSHOT, copy, {
      recursive: true,
      filter: (path) => !path.endsWith('txids.data'),
    });
    writeFileSync(`${copy}/stranger`, 'x');
    const { code, stdout, stderr } = await line.run('ledger', 'snapshot', 'verify', copy);
    expect(code).toBe(1);
    expect(stdout).toContain('txids.data: is missing');
    expect(stderr).toBe('tabric: stranger does not belong to the snapshot\n');
  });

  test('says when there is none', async () => {
    expect(await line.run('ledger', 'snapshot', 'verify', REPLAYED)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no snapshot in'),
    });
  });
});

describe('snapshot join', () => {
  const join = (folder: string, store: string) =>
    line.run('ledger', 'snapshot', 'join', folder, '--store', 'leveldb', store);

  test('makes a ledger that gives the same snapshot again, and has no blocks yet', async () => {
    expect(await join(REAL_SNAPSHOT, JOINED)).toMatchObject({ code: 0, stderr: '' });
    expect(await line.json('ledger', 'list', JOINED)).toMatchObject({
      answer: [{ channelId: 'mychannel', status: 'ACTIVE', height: 71, firstBlock: 71 }],
    });
    const again = line.path('again');
    await line.run('ledger', 'snapshot', 'create', JOINED, '--out', again);
    expectRealFiles(again);
    const noBlock = 'tabric: mychannel has no block yet, since it was made from a snapshot\n';
    for (const command of ['export', 'inspect', 'verify']) {
      expect(await line.run('ledger', command, JOINED)).toMatchObject({ code: 2, stderr: noBlock });
    }
    expect(await join(REAL_SNAPSHOT, JOINED)).toMatchObject({
      code: 2,
      stderr: 'tabric: ledger mychannel exists already\n',
    });
  }, 30_000);

  test('leaves no ledger when a file is not what was promised', async () => {
    const store = line.path('refused');
    const { code, stderr } = await join(await copyWith('txids.data', flip), store);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^tabric: snapshot file txids\.data has hash .*\n$/);
    expect(await line.json('ledger', 'list', store)).toEqual({ code: 0, answer: [] });
    expect(existsSync(`${store}/peer%2Fmychannel%2Fstate`)).toBe(false);
  });
});
