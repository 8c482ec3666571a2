// SPDX-License-Identifier: Apache-2.0
// The command line as a user runs it, on the ledgers of a real network.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { expectedBlocks } from '../src/common/testdata/mychannel.ts';
import {
  CommandLine,
  LOAD500_FILE,
  ORDERER_FILE,
  type Outcome,
  PEER_FILE,
  PROGRAM,
} from './testing/command-line.ts';

const LAST = expectedBlocks.at(-1);
const line = new CommandLine();
const { folder } = line;
afterAll(() => line[Symbol.dispose]());

const tabric = (...args: readonly string[]): Promise<Outcome> => line.run(...args);
const json = (...args: readonly string[]): ReturnType<CommandLine['json']> => line.json(...args);

function file(name: string, bytes: Uint8Array): string {
  const path = line.path(name);
  writeFileSync(path, bytes);
  return path;
}

describe('tabric ledger inspect', () => {
  test('sums up what is in a file', async () => {
    const { code, answer } = await json('ledger', 'inspect', PEER_FILE);
    expect(code).toBe(0);
    expect(answer).toMatchObject({
      channelIds: ['mychannel'],
      firstBlock: 0,
      lastBlock: 70,
      transactions: 83,
      configBlocks: [0, 13, 14, 15],
      chaincodes: { _lifecycle: 15, both: 41, basic: 7 },
      codes: { VALID: 59, MVCC_READ_CONFLICT: 5 },
    });
    const { stdout } = await tabric('ledger', 'inspect', ORDERER_FILE);
    expect(stdout).toMatch(/channel\s+mychannel/);
    expect(stdout).toContain('an orderer');
  });

  test('shows one block', async () => {
    const { code, stdout } = await line.start('ledger', 'inspect', PEER_FILE, '--block', '38')
      .outcome;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      number: 38,
      transactions: [{ status: 'VALID' }, { status: 'MVCC_READ_CONFLICT' }, {}],
    });
    expect(await tabric('ledger', 'inspect', PEER_FILE, '--block', '71')).toMatchObject({
      code: 2,
      stderr: 'tabric: there is no block 71 here\n',
    });
    const empty = file('empty', new Uint8Array());
    expect(await tabric('ledger', 'inspect', empty)).toMatchObject({
      code: 2,
      stderr: `tabric: there is no block in ${empty}\n`,
    });
  });
});

test('tabric ledger inspect shows one transaction, by the beginning of its id', async () => {
  const txId = expectedBlocks[20]?.txs[0]?.txid ?? '';
  const { code, stdout } = await tabric('ledger', 'inspect', PEER_FILE, '--tx', txId.slice(0, 20));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ txId, block: 20, index: 0 });
  expect(await tabric('ledger', 'inspect', PEER_FILE, '--tx', 'nothing')).toMatchObject({
    code: 2,
    stderr: 'tabric: there is no transaction nothing here\n',
  });
});

describe('tabric ledger verify', () => {
  test('finds real ledgers whole', async () => {
    expect(await json('ledger', 'verify', PEER_FILE)).toMatchObject({
      code: 0,
      answer: {
        blocks: 71,
        commitHashesChecked: 70,
        lastBlockHash: LAST?.headerHash,
        problems: [],
      },
    });
    const { code, stdout } = await tabric('ledger', 'verify', ORDERER_FILE);
    expect(code).toBe(0);
    expect(stdout).toContain('the chain is whole');
  });

  test('says what is wrong, by its exit code too', async () => {
    const bytes = readFileSync(PEER_FILE);
    const at = bytes.length - 700;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const { code, stdout } = await tabric('ledger', 'verify', file('changed', bytes));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^block 70: [A-Z_]+: /m);
    expect(stdout).toContain('problem(s) in the chain');
  });
});

describe('tabric ledger replay', () => {
  test('finds nothing that differs in a real ledger', async () => {
    const { code, answer } = await json('ledger', 'replay', PEER_FILE);
    expect(code).toBe(0);
    expect(answer).toMatchObject({
      blocks: 71,
      codeDifferences: [],
      commitHashDifferences: [],
      lastBlockHash: LAST?.headerHash,
      lastCommitHash: LAST?.commitHash,
    });
  });

  test('says that there is nothing to compare with in an orderer’s blocks', async () => {
    const { code, stdout } = await tabric('ledger', 'replay', ORDERER_FILE);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^nothing was compared: the blocks hold no codes, as those of an orderer$/m,
    );
    expect(stdout).not.toContain('0 code(s)');
  });

  test('tells what differs, by its exit code too', async () => {
    const bytes = readFileSync(PEER_FILE);
    // The last byte of the file is one of the last commit hash.
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const { code, stdout } = await line.start('ledger', 'replay', file('lied', bytes)).outcome;
    expect(code).toBe(1);
    expect(stdout).toContain('0 code(s) and 1 commit hash(es) differ');
    expect(stdout).toContain(`replayed ${LAST?.commitHash}`);
  });

  test('reads packed files and directories, up to a torn end', async () => {
    const bytes = readFileSync(PEER_FILE);
    file('blockfile_000000.gz', gzipSync(bytes.subarray(0, -10)));
    const { code, stdout, stderr } = await tabric('ledger', 'replay', folder);
    expect(code).toBe(1);
    expect(stdout).toContain('70 with 82 transactions');
    expect(stderr).toContain('ends within a block');
    rmSync(line.path('blockfile_000000.gz'));
  });

  test('a busy chain goes through threads into LevelDB, and comes out as it was', async () => {
    const store = line.path('store');
    const flags = ['--store', 'leveldb', store, '--threads', '2'];
    expect(await json('ledger', 'replay', LOAD500_FILE, ...flags)).toMatchObject({
      code: 0,
      answer: {
        blocks: 37,
        transactions: 6432,
        codes: { VALID: 6432 },
        codeDifferences: [],
        commitHashDifferences: [],
        blocksWithoutCommitHash: 0,
      },
    });
    const out = line.path('out');
    const { code, stdout } = await tabric('ledger', 'export', store, '--out', out);
    expect(code).toBe(0);
    expect(stdout).toBe('37 blocks of load500 in blockfile_000000\n');
    const original = gunzipSync(readFileSync(LOAD500_FILE));
    expect(original.equals(readFileSync(line.path('out', 'blockfile_000000')))).toBe(true);
    expect(await tabric('ledger', 'export', store, '--out', out)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cannot make'),
    });
    expect(
      await tabric('ledger', 'replay', LOAD500_FILE, '--store', 'leveldb', store),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ledger load500 exists already'),
    });
  }, 120_000);
});

describe('Ctrl-C', () => {
  test('stops a replay; the ledger is whole up to there', async () => {
    const store = line.path('stopped');
    const args = ['ledger', 'replay', LOAD500_FILE, '--store', 'leveldb', store, '--threads', '0'];
    const { child, outcome } = line.start(...args);
    await vi.waitFor(
      () => expect(readdirSync(store)).toContain('peer%2Fload500%2Fpvtdata'),
      30_000,
    );
    child.kill('SIGINT');
    expect(await outcome).toEqual({ code: 130, stdout: '', stderr: 'tabric: stopped\n' });
    const { answer } = await json('ledger', 'list', store);
    const [{ height }] = answer as [{ height: number }];
    expect(height).toBeLessThan(37);
    expect(await json('ledger', 'verify', store)).toMatchObject({
      code: 0,
      answer: { blocks: height, problems: [] },
    });
  }, 60_000);

  test('leaves no half of an export', async () => {
    const store = line.path('whole');
    await tabric('ledger', 'replay', LOAD500_FILE, '--store', 'leveldb', store);
    const { child, outcome } = line.start('ledger', 'export', store, '--out', line.path('half'));
    await vi.waitFor(() => readdirSync(line.path('half')), { timeout: 30_000, interval: 1 });
    child.kill('SIGINT');
    const { code } = await outcome;
    // It may have been done by then; what is there must be all or nothing.
    const files = readdirSync(line.path('half'));
    expect(files).toEqual(code === 0 ? ['blockfile_000000'] : []);
  }, 60_000);
});

describe('what cannot be done', () => {
  test.each([
    ['no such file', ['ledger', 'replay', 'nothing'], /cannot read nothing/],
    ['no block file', ['ledger', 'verify', PROGRAM], /not a block|no orderer makes/],
    ['no such store', ['ledger', 'replay', PEER_FILE, '--store', 'tape'], /--store is/],
    ['no such ledger', ['ledger', 'export', 'nowhere'], /no ledgers in nowhere/],
    ['no such command', ['ledger', 'burn'], /unknown command/],
    ['no number', ['ledger', 'inspect', PEER_FILE, '--block', 'x'], /whole number/],
  ])('%s: exit code 2 and one line', async (_name, args, text) => {
    const { code, stdout, stderr } = await tabric(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(text);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  test('a gap between files', async () => {
    const gap = mkdtempSync(line.path('gap-'));
    for (const name of ['blockfile_000000', 'blockfile_000002']) {
      cpSync(PEER_FILE, `${gap}/${name}`);
    }
    expect(await tabric('ledger', 'verify', gap)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('blockfile_000001 is missing'),
    });
    expect(await tabric('ledger', 'verify', mkdtempSync(line.path('empty-')))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no blockfile_000000'),
    });
  });
});
