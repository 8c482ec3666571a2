// SPDX-License-Identifier: Apache-2.0
// A peer whose process is killed while it commits: what it had told of is there at the next start, and the ledger is whole.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { endorsedWrite, enrolMember, Member } from '../bench/support/member.ts';
import { Relay } from '../relay/relay.ts';
import { silentLogger } from '../src/common/runtime/log.ts';
import { fetchNetwork } from '../src/node/headless/relay-files.ts';
import { runTabric } from './run-tabric.ts';

/** Blocks after which a process is killed. */
const KILLED_AFTER = [1, 7, 3];

let folder: string;
let relay: Relay;
let links: Map<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-killed-'));
  relay = new Relay(
    { log: silentLogger, root: process.cwd(), version: '0' },
    {
      host: '127.0.0.1',
      port: 0,
      data: join(folder, 'relay'),
      batch: { batchTimeoutMs: 20 },
      invitation: { ttlMs: 3_600_000, maxUses: 100 },
      build: false,
    },
  );
  await relay.start();
  const { join: all } = await relay.status();
  links = new Map(all.map(({ mspId, link }) => [mspId, link]));
});
afterAll(async () => {
  await relay.stop();
  rmSync(folder, { recursive: true });
});

/** Orders one transaction after the other until it is disposed of. */
async function ordering(): Promise<AsyncDisposable> {
  const { client, peer } = await enrolMember(links.get('Org2MSP') ?? '');
  const { url } = await relay.status();
  const member = await Member.connect(url, await fetchNetwork(new URL(url)), peer);
  const target = { channel: 'mychannel', chaincode: 'basic', version: '1.0' };
  let going = true;
  const done = (async () => {
    for (let i = 0; going; i++) {
      await member.broadcast([
        await endorsedWrite({ client, peers: [peer] }, target, `k${i}`, 'v'),
      ]);
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      going = false;
      await done;
      await member.close();
    },
  };
}

class PeerProcess {
  readonly process: ChildProcess;
  /** Its height when its ledger was opened, and the greatest that it has told of. */
  opened = 0;
  height = 0;
  committed = 0;
  ready = false;

  constructor(...args: readonly string[]) {
    const all = [
      'cmd/tabric.ts',
      'peer',
      'start',
      '--data',
      join(folder, 'peer'),
      '--json',
      ...args,
    ];
    this.process = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (!this.process.stdout) throw new Error('it has no stdout');
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      const { event, height } = JSON.parse(line);
      if (event === 'joined') this.opened = height;
      if (event === 'committed') this.committed++;
      if (event === 'ready') this.ready = true;
      if (typeof height === 'number') this.height = Math.max(this.height, height);
    });
  }

  async end(signal: 'SIGKILL' | 'SIGINT'): Promise<number | null> {
    const closed = once(this.process, 'close');
    this.process.kill(signal);
    const [code] = await closed;
    return code;
  }
}

it('loses nothing that it has told of, and goes on', { timeout: 120_000 }, async () => {
  const told: number[] = [0];
  const patience = { timeout: 30_000 };
  {
    await using _ = await ordering();
    for (const [nth, blocks] of KILLED_AFTER.entries()) {
      const link = nth === 0 ? ['--join', links.get('Org1MSP') ?? ''] : [];
      const peer = new PeerProcess(...link);
      await expect.poll(() => peer.committed, patience).toBeGreaterThanOrEqual(blocks);
      expect(await peer.end('SIGKILL')).toBeNull();
      expect(peer.opened).toBeGreaterThanOrEqual(told.at(-1) ?? 0);
      told.push(peer.height);
    }
  }
  const last = new PeerProcess();
  await expect.poll(() => last.ready, patience).toBe(true);
  expect(last.opened).toBeGreaterThanOrEqual(told.at(-1) ?? 0);
  const [channel] = (await relay.status()).channels;
  await expect.poll(() => last.height, patience).toBe(channel?.height);
  expect(last.height).toBeGreaterThan(KILLED_AFTER.reduce((sum, blocks) => sum + blocks));
  const interrupted = performance.now();
  expect(await last.end('SIGINT')).toBe(0);
  // Nothing keeps the process when the peer has stopped, such as a deadline of 20 s.
  expect(performance.now() - interrupted).toBeLessThan(10_000);

  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const code = await runTabric(
    ['ledger', 'verify', join(folder, 'peer', '0', 'ledgersData')],
    new AbortController().signal,
  );
  vi.restoreAllMocks();
  expect(out).toMatch(new RegExp(`^blocks +${last.height} with `, 'm'));
  expect(code).toBe(0);
});
