// SPDX-License-Identifier: Apache-2.0
// `tabric peer start` as a user types it, rightly and wrongly, at a real relay.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Relay } from '../relay/relay.ts';
import { silentLogger } from '../src/common/runtime/log.ts';
import { runTabric } from './run-tabric.ts';

let relay: Relay;
let relayFolder: string;
let folder: string;
let link: string;

beforeAll(async () => {
  relayFolder = mkdtempSync(join(tmpdir(), 'tabric-start-relay-'));
  relay = new Relay(
    { log: silentLogger, root: process.cwd(), version: '0' },
    {
      host: '127.0.0.1',
      port: 0,
      data: relayFolder,
      batch: {},
      invitation: { ttlMs: 3_600_000, maxUses: 100 },
      build: false,
    },
  );
  await relay.start();
  link = (await relay.status()).join[0]?.link ?? '';
});
afterAll(async () => {
  await relay.stop();
  rmSync(relayFolder, { recursive: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-start-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

interface Running {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Ctrl-C. */
  stop(): void;
  readonly code: Promise<number>;
}

function peerStart(...args: readonly string[]): Running {
  const read = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      read[name] += String(text);
      return true;
    });
  }
  const controller = new AbortController();
  return {
    stdout: () => read.stdout,
    stderr: () => read.stderr,
    stop: () => controller.abort(),
    code: runTabric(['peer', 'start', ...args], controller.signal),
  };
}

const eventsOf = ({ stdout }: Running): { event: string; name?: string; height?: number }[] =>
  stdout()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function refusal(...args: readonly string[]): Promise<string> {
  const running = peerStart(...args);
  expect(await running.code).toBe(2);
  expect(running.stdout()).toBe('');
  return running.stderr();
}

describe('tabric peer start', { timeout: 60_000 }, () => {
  it('tells programs what happens, and ends by Ctrl-C', async () => {
    const data = join(folder, 'data');
    const running = peerStart('--join', link, '--data', data, '--count', '2', '--json');
    const ready = () => eventsOf(running).filter(({ event }) => event === 'ready');
    await expect.poll(() => ready().length, { timeout: 30_000 }).toBe(2);
    expect(ready()[0]).toMatchObject({ name: expect.stringMatching(/^peer\d+\.org1/), height: 1 });
    running.stop();
    expect(await running.code).toBe(0);
    const kinds = eventsOf(running).map(({ event }) => event);
    expect(kinds.filter((kind) => kind === 'stopped')).toHaveLength(2);
    expect(new Set(kinds)).toEqual(new Set(['enrolled', 'joined', 'ready', 'stopped']));
    expect(existsSync(join(data, '1', 'msp', 'keystore', 'priv_sk'))).toBe(true);
    expect(running.stderr()).toBe('');
  });

  it('tells people in words, and needs no link the second time', async () => {
    const data = join(folder, 'data');
    for (const args of [['--join', link], []]) {
      const running = peerStart(...args, '--data', data, '--name', 'class');
      await expect.poll(running.stdout, { timeout: 30_000 }).toMatch(/at the tip, 1 block/);
      running.stop();
      expect(await running.code).toBe(0);
      expect(running.stdout()).toMatch(/^peer\d+\.org1\.example\.com: stopped$/m);
    }
    expect(existsSync(join(data, 'class', 'peer.json'))).toBe(true);
  });

  it('keeps nothing without --data', async () => {
    const running = peerStart('--join', link, '--memory');
    await expect.poll(running.stdout, { timeout: 30_000 }).toContain('at the tip');
    running.stop();
    expect(await running.code).toBe(0);
    expect(running.stdout()).toContain('has its certificate, in memory');
  });

  it('stops before it is ready', async () => {
    const running = peerStart('--join', link, '--count', '20');
    await expect.poll(running.stdout, { timeout: 30_000 }).toContain('has its certificate');
    running.stop();
    expect(await running.code).toBe(130);
  });
});

describe('tabric peer start refuses in one line', () => {
  const oneLine = /^(tabric|error): .+\n$/;

  it.each([
    ['no network', [], 'say which network to join: --join LINK'],
    ['a link that is none', ['--join', 'http://127.0.0.1:7050/'], 'It must be a whole link'],
    ['half a link', ['--join', '#/join?org=Org1MSP&secret=a'], 'It must be a whole link'],
    ['no number', ['--data', 'x', '--count', 'many'], 'a whole number from 1 to 200'],
    ['too many', ['--data', 'x', '--count', '201'], 'a whole number from 1 to 200'],
    ['a name that leaves the folder', ['--data', 'x', '--name', '../y'], 'letters, digits'],
    ['a name for no folder', ['--memory', '--name', 'x'], '--name names a folder of --data'],
    ['memory and data', ['--memory', '--data', 'x'], 'exclude each other'],
    ['a level that is none', ['--log-level', 'loud'], 'Allowed choices are'],
    ['a chaincode without a name', ['--chaincode', '=x.tar.gz'], 'NAME or NAME=FILE'],
    ['a chaincode twice', ['--chaincode', 'a', '--chaincode', 'a'], 'a is named twice'],
    ['an option that is none', ['--frobnicate'], "unknown option '--frobnicate'"],
  ])('%s', async (_what, args, text) => {
    const said = await refusal(...args);
    expect(said).toContain(text);
    expect(said).toMatch(oneLine);
  });

  it('a package that is none', async () => {
    const file = join(folder, 'x.tar.gz');
    const args = ['--join', link, '--chaincode', `basic=${file}`];
    expect(await refusal(...args)).toMatch(/--chaincode basic=.*ENOENT/);
    writeFileSync(file, 'rubbish');
    const said = await refusal(...args);
    expect(said).toMatch(oneLine);
    expect(said).toContain(`--chaincode basic=${file}: `);
  });

  it('a chaincode of which the network has no package', async () => {
    const said = await refusal('--join', link, '--chaincode', 'unknown');
    expect(said).toBe(
      'tabric: the network has no package of chaincode unknown: say --chaincode unknown=FILE\n',
    );
  });

  it('a relay that is not there, a wrong secret, a folder without a peer, one of others', async () => {
    const nowhere = 'http://127.0.0.1:1/#/join?org=Org1MSP&secret=a';
    expect(await refusal('--join', nowhere)).toMatch(oneLine);
    const guessed = link.replace(/secret=.*/, 'secret=guessed');
    expect(await refusal('--join', guessed)).toMatch(/^tabric: .+\n$/);
    expect(await refusal('--data', folder)).toContain(`there is no peer in ${folder} yet`);
    writeFileSync(join(folder, 'file'), '');
    expect(await refusal('--data', join(folder, 'file'), '--join', link)).toMatch(oneLine);
  });
});
