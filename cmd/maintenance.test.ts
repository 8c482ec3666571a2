// SPDX-License-Identifier: Apache-2.0
// Maintenance of ledgers on the command line, on real chains: what it comes to is what the real peer had at that block.
import { readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { common } from '../src/common/protos/index.ts';
import { systemClock } from '../src/common/runtime/clock.ts';
import { expectedBlocks, readBlock } from '../src/common/testdata/mychannel.ts';
import { parseBlock, replaceMetadata } from '../src/ledger/blkstorage/index.ts';
import { LedgerProvider } from '../src/ledger/kvledger/ledger-provider.ts';
import { LevelDBKVStoreProvider } from '../src/ledger/leveldb/leveldb-kv-store.ts';
import { BlockStoreLedgerFactory } from '../src/orderer/index.ts';
import { CommandLine, LOAD500_FILE, PEER_FILE, REAL_SNAPSHOT } from './testing/command-line.ts';

const line = new CommandLine();
const LEDGERS = line.path('ledgers');
afterAll(() => line[Symbol.dispose]());

const ledger = (...args: readonly string[]) => line.run('ledger', ...args);
const answerOf = async (...args: readonly string[]): Promise<unknown> =>
  (await line.json('ledger', ...args)).answer;

/** What the real peer had after a block. */
function tipAt(blockNum: number): object {
  const { headerHash, commitHash = '' } = expectedBlocks[blockNum] ?? {};
  return { height: blockNum + 1, lastBlockHash: headerHash, lastCommitHash: commitHash };
}

describe('ledgers of a peer', () => {
  beforeAll(async () => {
    await ledger('replay', PEER_FILE, '--store', 'leveldb', LEDGERS);
    await ledger('replay', LOAD500_FILE, '--store', 'leveldb', LEDGERS);
  }, 120_000);

  test('are listed', async () => {
    expect(await answerOf('list', LEDGERS)).toMatchObject([
      { channelId: 'load500', kind: 'peer', status: 'ACTIVE', height: 37 },
      { channelId: 'mychannel', kind: 'peer', status: 'ACTIVE', ...tipAt(70) },
    ]);
    const { code, stdout } = await ledger('list', LEDGERS);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^channel +mychannel$/m);
  });

  test('must be told apart', async () => {
    expect(await ledger('export', LEDGERS, '--out', line.path('none'))).toEqual({
      code: 2,
      stdout: '',
      stderr: 'tabric: say which --channel: load500, mychannel\n',
    });
    expect(await ledger('rollback', LEDGERS, '--block', '3')).toMatchObject({
      stderr: 'tabric: say which --channel: load500, mychannel\n',
    });
    expect(await ledger('pause', LEDGERS, '--channel', 'none')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no such ledger in .*; there are: load500, mychannel/),
    });
  });

  test('are exported in ranges, the first block of which is named when it is no genesis block', async () => {
    const out = line.path('range');
    const flags = ['--channel', 'mychannel', '--from', '5', '--to', '9', '--out', out];
    expect(await ledger('export', LEDGERS, ...flags)).toEqual({
      code: 0,
      stdout: '5 blocks of mychannel in blockfile_000000\n',
      stderr: 'tabric: block 5 is the first of these files, and not a genesis block\n',
    });
    expect(await answerOf('inspect', out)).toMatchObject({ firstBlock: 5, lastBlock: 9 });
    expect(await ledger('export', LEDGERS, '--channel', 'mychannel', '--to', '71')).toMatchObject({
      code: 2,
      stderr: 'tabric: mychannel has blocks 0 to 70\n',
    });
  });

  test('are inspected, verified and replayed where they are', async () => {
    const flags = ['--channel', 'mychannel'];
    expect(await answerOf('inspect', LEDGERS, ...flags)).toMatchObject({ transactions: 83 });
    expect(await answerOf('verify', LEDGERS, ...flags)).toMatchObject({ blocks: 71, problems: [] });
    expect(await answerOf('replay', LEDGERS, ...flags)).toMatchObject({
      blocks: 71,
      codeDifferences: [],
      commitHashDifferences: [],
    });
  }, 30_000);

  test('are rebuilt from their blocks, all or one', async () => {
    rmSync(`${LEDGERS}/peer%2Fmychannel%2Fstate/CURRENT`);
    const { code, answer } = await line.json('ledger', 'rebuild', LEDGERS);
    expect(code).toBe(0);
    expect(answer).toMatchObject([
      { channelId: 'load500', height: 37, keys: 6474 },
      { channelId: 'mychannel', keys: 107, ...tipAt(70) },
    ]);
    const { stdout } = await ledger('rebuild', LEDGERS, '--channel', 'mychannel');
    expect(stdout).toMatch(/^state +107 keys/m);
    const out = line.path('of-rebuilt');
    await ledger('snapshot', 'create', LEDGERS, '--channel', 'mychannel', '--out', out);
    for (const name of ['public_state.data', 'txids.data', '_snapshot_signable_metadata.json']) {
      const [found, real] = await Promise.all(
        [out, REAL_SNAPSHOT].map((path) => readFile(`${path}/${name}`)),
      );
      expect(real && found?.equals(real), name).toBe(true);
    }
  }, 60_000);

  test('are kept from being opened while they are paused', async () => {
    const flags = [LEDGERS, '--channel', 'mychannel'];
    expect(await ledger('pause', ...flags)).toMatchObject({ stdout: 'mychannel is paused\n' });
    expect(await answerOf('list', LEDGERS)).toMatchObject([
      {},
      { status: 'INACTIVE', ...tipAt(70) },
    ]);
    const out = ['--out', line.path('paused')];
    expect(await ledger('snapshot', 'create', ...flags, ...out)).toMatchObject({
      code: 2,
      stderr: 'tabric: ledger mychannel is paused; resume it to open it\n',
    });
    expect(await ledger('resume', ...flags)).toMatchObject({ stdout: 'mychannel is active\n' });
    expect(await answerOf('list', LEDGERS)).toMatchObject([{}, { status: 'ACTIVE' }]);
  }, 30_000);

  test('go back to a block, to their first, and away', async () => {
    const flags = [LEDGERS, '--channel', 'mychannel'];
    expect(await answerOf('rollback', ...flags, '--block', '40')).toMatchObject([tipAt(40)]);
    expect(await answerOf('verify', ...flags)).toMatchObject({ blocks: 41, problems: [] });
    expect(await ledger('rollback', ...flags, '--block', '40')).toMatchObject({ code: 2 });
    expect(await answerOf('reset', LEDGERS)).toMatchObject([
      { channelId: 'load500', height: 1 },
      { channelId: 'mychannel', ...tipAt(0) },
    ]);
    expect(await line.start('ledger', 'unjoin', ...flags).outcome).toEqual({
      code: 2,
      stdout: '',
      stderr: 'tabric: there is no terminal to ask on whether to delete it: say --yes\n',
    });
    expect(await ledger('unjoin', ...flags, '--yes')).toMatchObject({ code: 0 });
    expect(await answerOf('list', LEDGERS)).toMatchObject([{ channelId: 'load500' }]);
    expect(await ledger('replay', PEER_FILE, '--store', 'leveldb', LEDGERS)).toMatchObject({
      code: 0,
    });
  }, 60_000);

  test('are not touched while another process has them', async () => {
    const held = await new LevelDBKVStoreProvider(LEDGERS).open('peer/ledgerProvider');
    try {
      for (const command of ['list', 'rebuild', 'reset']) {
        const { code, stderr } = await ledger(command, LEDGERS);
        expect([code, stderr]).toEqual([
          2,
          `tabric: another process uses the ledgers in ${LEDGERS}; stop it (a relay, or another command) and try again\n`,
        ]);
      }
    } finally {
      await held.close();
    }
  });
});

test('a ledger of a snapshot keeps the others from being rebuilt without a name', async () => {
  const store = line.path('joined');
  await ledger('snapshot', 'join', REAL_SNAPSHOT, '--store', 'leveldb', store);
  for (const command of [['rebuild'], ['reset'], ['rollback', '--block', '3']]) {
    const [name = '', ...flags] = command;
    expect(await ledger(name, store, ...flags)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('mychannel was made from a snapshot'),
    });
  }
  expect(await answerOf('list', store)).toMatchObject([{ height: 71, firstBlock: 71 }]);
}, 30_000);

test('a ledger that went on from a snapshot is exported from its first block on, and says so', async () => {
  const [full, snapshot, store, out] = ['full', 'at40', 'went-on', 'from41'].map((n) =>
    line.path(n),
  );
  await ledger('replay', PEER_FILE, '--store', 'leveldb', full ?? '');
  await ledger('rollback', full ?? '', '--block', '40');
  await ledger('snapshot', 'create', full ?? '', '--out', snapshot ?? '');
  await ledger('snapshot', 'join', snapshot ?? '', '--store', 'leveldb', store ?? '');
  const stores = new LevelDBKVStoreProvider(store ?? '');
  const provider = await LedgerProvider.open(stores, 'peer', systemClock);
  const joined = await provider.open('mychannel');
  for (const { number, transactionsFilter } of expectedBlocks.slice(41)) {
    await joined.commit(readBlock(number), Uint8Array.from(transactionsFilter));
  }
  await provider.close();
  expect(await answerOf('list', store ?? '')).toMatchObject([{ firstBlock: 41, ...tipAt(70) }]);
  expect(await ledger('export', store ?? '', '--out', out ?? '')).toMatchObject({
    code: 0,
    stdout:
      '30 blocks of mychannel in blockfile_000000\nbootstrappingSnapshot.info says that they go on from block 40\n',
    stderr: '',
  });
  expect(await answerOf('inspect', out ?? '')).toMatchObject({ firstBlock: 41, lastBlock: 70 });
  for (const path of [store, out]) {
    expect(await answerOf('verify', path ?? '')).toMatchObject({ blocks: 30, problems: [] });
  }
  // Without the file beside them, nothing tells what they go on from.
  rmSync(`${out}/bootstrappingSnapshot.info`);
  for (const command of ['verify', 'replay']) {
    expect(await ledger(command, out ?? '')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'tabric: the chain begins with block 41, and there is no bootstrappingSnapshot.info beside it: without the genesis block or a snapshot there is nothing to check it by\n',
    });
  }
}, 30_000);

describe('an orderer’s chains', () => {
  const data = line.path('data');

  beforeEach(async () => {
    rmSync(data, { recursive: true, force: true });
    const factory = new BlockStoreLedgerFactory(new LevelDBKVStoreProvider(`${data}/chains`));
    const chain = await factory.getOrCreate('mychannel');
    for (let number = 0; number < 20; number++) await chain.append(readBlock(number));
    await factory.close();
  });

  test('are read from the data directory of a relay', async () => {
    expect(await answerOf('list', data)).toMatchObject([{ kind: 'orderer', height: 20 }]);
    expect(await answerOf('inspect', data)).toMatchObject({ lastBlock: 19 });
    expect(await answerOf('verify', data)).toMatchObject({ blocks: 20, problems: [] });
    expect(await ledger('export', data, '--out', line.path('ordered'))).toMatchObject({
      stdout: '20 blocks of mychannel in blockfile_000000\n',
    });
  }, 30_000);

  test('are exported as a peer stores them, or as they are when somebody says so', async () => {
    rmSync(data, { recursive: true, force: true });
    const chains = new LevelDBKVStoreProvider(`${data}/chains`);
    const factory = new BlockStoreLedgerFactory(chains);
    const chain = await factory.getOrCreate('mychannel');
    const none = new Map([
      [common.BlockMetadataIndex.TRANSACTIONS_FILTER, new Uint8Array()],
      [common.BlockMetadataIndex.COMMIT_HASH, new Uint8Array()],
    ]);
    for (let number = 0; number < 20; number++) {
      await chain.append(replaceMetadata(parseBlock(readBlock(number)), none).bytes);
    }
    await factory.close();
    const export_ = (out: string, ...flags: readonly string[]) =>
      ledger('export', data, '--out', line.path(out), ...flags);
    expect(await export_('as-peer')).toMatchObject({ code: 0, stderr: '' });
    // Block for block what the real peer has in its own file.
    const peers = readFileSync(PEER_FILE);
    const made = readFileSync(line.path('as-peer', 'blockfile_000000'));
    expect(made.equals(peers.subarray(0, made.length))).toBe(true);
    await export_('as-peer-range', '--from', '10', '--to', '12');
    const range = readFileSync(line.path('as-peer-range', 'blockfile_000000'));
    expect(made.indexOf(range)).toBeGreaterThan(0);
    expect(await export_('as-orderer', '--as-orderer')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('no validation codes'),
    });
    expect(await answerOf('inspect', line.path('as-orderer'))).toMatchObject({ codes: {} });
  }, 60_000);

  test('are no ledgers of a peer', async () => {
    for (const command of [['rebuild'], ['reset'], ['snapshot', 'create', '--out', 'x']]) {
      expect(await ledger(...command, data)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: `tabric: ${data} holds an orderer's chains, which are blocks only: use export, inspect, list or verify\n`,
      });
    }
  });
});
