// SPDX-License-Identifier: Apache-2.0
// The command line as a person meets it: processes of their own.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = new URL('./main.ts', import.meta.url).pathname;
let folder: string;
let taken: Server;
let takenPort: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-cli-'));
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  takenPort = String(typeof address === 'object' ? address?.port : '');
});
afterAll(() => {
  taken.close();
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<number | null>;
}

function run(args: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [MAIN, '--no-build', ...args], {
    env: { ...process.env, ...env },
  });
  children.add(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  return { child, out: () => out, err: () => err, ended };
}

const data = (name: string): string => join(folder, name);

describe('the relay command', () => {
  it('explains its flags and their defaults', async () => {
    const { ended, out } = run(['--help']);
    expect(await ended).toBe(0);
    for (const text of [
      '--port',
      '7050',
      '--batch-timeout',
      '2s',
      '--config',
      '--data',
      './data',
      '--json',
      '--open',
    ]) {
      expect(out()).toContain(text);
    }
  });

  it('prints a line of JSON, stops cleanly on Ctrl-C, and starts again on the same data', async () => {
    const first = run(['--json', '--port', '0', '--data', data('one')]);
    await expect.poll(first.out, { timeout: 15_000 }).toContain('\n');
    const ready = JSON.parse(first.out());
    expect(ready).toMatchObject({
      networkId: expect.any(String),
      peerId: expect.stringMatching(/^12D3/),
    });
    expect(ready.join.Org1MSP).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#\/join\?org=Org1MSP&secret=/);
    expect((await fetch(`${ready.url}/healthz`)).status).toBe(200);

    const second = run(['--port', '0', '--data', data('one')]);
    expect(await second.ended).toBe(1);
    expect(second.err()).toMatch(/^tabric: another relay is using the data directory .*\n$/m);

    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
    const again = run(['--port', '0', '--data', data('one')], {
      FABRIC_LOGGING_SPEC: 'gossip=debug:error',
    });
    await expect.poll(again.out, { timeout: 15_000 }).toContain('Ctrl-C');
    expect(again.out()).toContain(ready.networkId);
    expect(again.out()).toContain('█');
    again.child.kill('SIGTERM');
    expect(await again.ended).toBe(0);
  }, 40_000);

  it('takes its port from where Fabric does', async () => {
    const { ended, err } = run(['--data', data('env')], { ORDERER_GENERAL_LISTENPORT: takenPort });
    expect(await ended).toBe(1);
    expect(err()).toContain(`tabric: port ${takenPort} is taken`);
  });

  it('says in one line what is wrong', async () => {
    const config = data('network.yaml');
    writeFileSync(config, 'channels:\n  - name: one\n    batchTimeout: soon\n');
    writeFileSync(data('file'), '');
    const cases: [string[], RegExp][] = [
      [
        ['--port', takenPort, '--data', data('a')],
        /^tabric: port \d+ is taken by another program; choose one with --port\n$/m,
      ],
      [['--data', data('file')], /^tabric: cannot use the data directory .*file: .*\n$/m],
      [
        ['--data', data('b'), '--config', config],
        /^tabric: network\.yaml:3: channels\[0\]\.batchTimeout must be a duration .*\n$/m,
      ],
      [
        ['--data', data('c'), '--config', data('none.yaml')],
        /^tabric: cannot read the configuration .*none\.yaml: ENOENT.*\n$/m,
      ],
      [
        ['--port', 'many'],
        /^error: option '--port <number>' argument 'many' is invalid\. It must be a whole number from 0 to 65535\.\n$/m,
      ],
      [['--batch-timeout', '2'], /must be a duration such as 2s/],
      [['--endorsement', 'XOR'], /AND, OR/],
      [['--endorsement', 'AND', '--config', 'any.yaml'], /--config says endorsementPolicy/],
      [['--cert', config], /^tabric: --cert and --key go together\n$/m],
      [
        ['--host', '192.0.2.1', '--data', data('d')],
        /^tabric: 192\.0\.2\.1 is no address of this machine/m,
      ],
      [['--what'], /unknown option '--what'/],
    ];
    const results = await Promise.all(
      cases.map(async ([args]) => {
        const one = run(args, { FABRIC_LOGGING_SPEC: 'error' });
        return { code: await one.ended, err: one.err(), out: one.out() };
      }),
    );
    for (const [i, [, expected]] of cases.entries()) {
      expect(results[i]?.err).toMatch(expected);
      expect(results[i]).toMatchObject({ code: 1, out: '' });
    }
  }, 40_000);
});
