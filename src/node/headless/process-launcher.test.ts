// SPDX-License-Identifier: Apache-2.0
// The real fabric-shim in processes of Node, and chaincode that tries to get out of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildChaincodeRuntime } from '../../../scripts/build-chaincode-runtime.ts';
import { protos } from '../../common/protos/index.ts';
import { systemClock } from '../../common/runtime/clock.ts';
import { createLogger } from '../../common/runtime/log.ts';
import { encodeMessage, MessageType } from '../chaincode/chaincode-message.ts';
import type { SourceFiles } from '../chaincode/runtime/control-messages.ts';
import {
  BASIC_SAMPLE,
  type BenchOptions,
  CHANNEL,
  ChaincodeBench,
  contractFiles,
  inputOf,
  proposalOf,
} from '../chaincode/testing/fixtures.ts';
import { type Frame, FrameKind, FrameReader, frameHeader } from './chaincode-frames.ts';
import { isolationFlags } from './chaincode-process.ts';
import { ProcessGuard } from './process-guard.ts';
import { ProcessLauncher, type ProcessLauncherOptions } from './process-launcher.ts';

let runtime: string;
const launchers: ProcessLauncher[] = [];
const guard = new ProcessGuard();

beforeAll(async () => {
  runtime = readFileSync(await buildChaincodeRuntime(), 'utf8');
}, 60_000);
afterAll(() => {
  for (const launcher of launchers) launcher.stop();
  guard.stop();
});

interface Made {
  readonly bench: ChaincodeBench;
  readonly launcher: ProcessLauncher;
  readonly logs: string[];
}

function benchOf(
  chaincodes: Readonly<Record<string, SourceFiles>>,
  options: BenchOptions & Partial<ProcessLauncherOptions> = {},
): Made {
  const logs: string[] = [];
  const packages = new Map(
    Object.entries(chaincodes).map(([name, files]) => [`${name}_1:00`, { files }]),
  );
  const launcher = new ProcessLauncher(
    {
      packages: { get: async (id) => packages.get(id) },
      mspId: 'Org1MSP',
      runtime: async () => runtime,
      guard,
      clock: systemClock,
      log: createLogger('test', 'debug', (_level, _name, text) => logs.push(text)),
    },
    options,
  );
  launchers.push(launcher);
  const bench = new ChaincodeBench(launcher, options);
  for (const name of Object.keys(chaincodes)) bench.define(name);
  return { bench, launcher, logs };
}

const contract = (methods: string, before = ''): SourceFiles =>
  contractFiles(`
const { Contract } = require('fabric-contract-api');
${before}
class Probe extends Contract {
  async ping() { return 'pong'; }
  ${methods}
}
module.exports.contracts = [Probe];
`);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('asset-transfer-basic in a process', () => {
  let made: Made;
  beforeAll(() => {
    made = benchOf({ basic: BASIC_SAMPLE });
  });

  it('writes, reads and queries', async () => {
    const { bench, launcher } = made;
    expect((await bench.submit('basic', 'InitLedger')).status).toBe(200);
    const { payload } = await bench.call({ chaincode: 'basic', args: ['ReadAsset', 'asset1'] });
    expect(JSON.parse(payload)).toMatchObject({ ID: 'asset1', Color: 'blue' });
    const all = await bench.call({ chaincode: 'basic', args: ['GetAllAssets'] });
    expect(JSON.parse(all.payload)).toHaveLength(6);
    expect(launcher.pidOf('basic_1:00')).toBeGreaterThan(0);
  });

  it('answers many transactions at once', async () => {
    const { bench } = made;
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        bench.call({ chaincode: 'basic', args: ['AssetExists', `asset${(i % 6) + 1}`] }),
      ),
    );
    expect(answers.map(({ payload }) => payload)).toEqual(Array(50).fill('true'));
  });
});

const ESCAPES = contract(
  `
  async run(ctx, code) {
    try { return String(await new Function('require', 'return (async () => { ' + code + ' })()')(require)); }
    catch (error) { return 'threw ' + (error.code ?? error.name) + ': ' + error.message; }
  }
  async bytes(ctx, size) {
    await ctx.stub.putState('big', Buffer.alloc(Number(size), 0xfe));
    return (await ctx.stub.getState('big') ?? '').length;
  }
`,
);

describe('chaincode in a process cannot', () => {
  let made: Made;
  let folder: string;
  beforeAll(() => {
    made = benchOf({ escapes: ESCAPES });
    folder = mkdtempSync(join(tmpdir(), 'tabric-escape-'));
    writeFileSync(join(folder, 'secret'), 'secret');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = async (code: string): Promise<string> => {
    const { payload, message } = await made.bench.call({
      chaincode: 'escapes',
      args: ['run', code],
    });
    return payload || message;
  };

  it.each([
    ['net', 'connect'],
    ['http', 'request'],
    ['dgram', 'createSocket'],
    ['dns', 'lookup'],
    ['tls', 'connect'],
    ['child_process', 'execSync'],
    ['worker_threads', 'Worker'],
    ['vm', 'runInThisContext'],
    ['module', 'createRequire'],
  ])('load %s', async (name, fn) => {
    const refused = `${name}.${fn} is not available to chaincode`;
    expect(await run(`return require('${name}').${fn}('x')`)).toContain(refused);
    expect(await run(`return new (require('node:${name}').${fn})('x')`)).toContain(refused);
    const text = /dynamic import callback/;
    expect(await run(`return Object.keys(await import('node:${name}'))`)).toMatch(text);
    expect(await run(`return Object.keys(await eval("import('node:${name}')"))`)).toMatch(text);
  });

  it('see a file', async () => {
    const path = join(folder, 'secret');
    const answer = await run(`return require('fs').readFileSync(${JSON.stringify(path)}, 'utf8')`);
    expect(answer).toMatch(/^threw/);
    expect(answer).not.toBe('secret');
    expect(await run(`return typeof (await import(${JSON.stringify(path)})).default`)).toMatch(
      /dynamic import callback/,
    );
  });

  it('get at Node’s process, its environment or the network by any global', async () => {
    const names =
      'fetch WebSocket EventSource XMLHttpRequest Worker require postMessage crypto navigator performance WebAssembly SharedArrayBuffer MessageChannel BroadcastChannel';
    const found = await run(
      `return '${names}'.split(' ').filter((name) => globalThis[name] !== undefined).join()`,
    );
    expect(found).toBe('');
    // Of the shim itself.
    expect(await run('return Object.keys(process.env).sort()')).toBe(
      'CORE_CHAINCODE_ID_NAME,CORE_CHAINCODE_LOGGING_LEVEL,CORE_PEER_LOCALMSPID,GRPC_SSL_CIPHER_SUITES',
    );
    expect(
      await run('return [typeof process.binding, typeof process.getBuiltinModule, process.pid]'),
    ).toBe('undefined,undefined,1');
    expect(await run("return this.constructor?.constructor('return process.pid')()")).toMatch(
      /^(1|threw)/,
    );
  });

  it('know the machine’s time zone', async () => {
    expect(await run('return new Date(2020, 0, 1).getTimezoneOffset()')).toBe('0');
  });

  it('lose a byte of a message of 20 MB', async () => {
    const size = 20 * 1024 * 1024;
    const { simulator } = await made.bench.call({
      chaincode: 'escapes',
      args: ['bytes', `${size}`],
    });
    const value = simulator.writes.get('escapes')?.get('big');
    expect(value?.length).toBe(size);
    expect(value?.every((byte) => byte === 0xfe)).toBe(true);
  });
});

// The walls one by one: what the program takes away would be of no use to who got hold of it in spite of the others.
describe('in the process itself', () => {
  it('modules are empty', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    let connections = 0;
    server.on('connection', () => connections++);
    const program = fileURLToPath(new URL('./chaincode-program.ts', import.meta.url));
    const frames = fileURLToPath(new URL('./chaincode-frames.ts', import.meta.url));
    const args = [`--allow-fs-read=${program}`, `--allow-fs-read=${frames}`];
    const child = spawn(process.execPath, ['--permission', ...args, '--no-warnings', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {},
    });
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    // In place of the runtime: a program that has Node's process.
    const source = `
      const tried = {};
      const attempt = (name, action) => { try { tried[name] = String(action()); } catch (error) { tried[name] = error.code ?? error.name; } };
      attempt('binding', () => process.binding('tcp_wrap'));
      attempt('module', () => process.getBuiltinModule('net'));
      attempt('execve', () => process.execve('/bin/true'));
      attempt('require', () => require('net'));
      attempt('fetch', () => { fetch('http://127.0.0.1:${port}').then(() => 0, () => 0); return 'called'; });
      postMessage({ type: 'log', level: 'info', text: JSON.stringify(tried) });
    `;
    child.stdin.write(frameHeader(FrameKind.runtime, Buffer.byteLength(source)));
    child.stdin.write(source);
    const reader = new FrameReader(1_000_000);
    let frame: Frame | undefined;
    for await (const chunk of child.stdout) {
      [frame] = [...reader.push(chunk)];
      if (frame) break;
    }
    child.kill('SIGKILL');
    server.close();
    const { text } = JSON.parse(Buffer.from(frame?.body ?? '').toString()) as { text: string };
    expect(JSON.parse(text)).toMatchObject({
      binding: 'TypeError',
      module: 'TypeError',
      execve: 'TypeError',
      require: 'ReferenceError',
    });
    expect(connections).toBe(0);
  });
});

describe('the permission model', () => {
  it.each([
    ['reads a file', "require('fs').readFileSync('/etc/hostname')"],
    ['reads the data of a peer', "require('fs').readdirSync('.')"],
    ['writes a file', "require('fs').writeFileSync('written', 'x')"],
    ['starts a process', "require('child_process').spawnSync('true')"],
    ['starts a thread', "new (require('worker_threads').Worker)('0', { eval: true })"],
    ['loads an addon', "process.dlopen({ exports: {} }, 'x.node')"],
    ['opens the inspector', "require('inspector').open(0)"],
  ])('denies a program that %s', async (_what, source) => {
    const child = spawn(process.execPath, [...isolationFlags(64), '-e', source], { env: {} });
    child.stderr.setEncoding('utf8');
    let said = '';
    child.stderr.on('data', (text: string) => {
      said += text;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(said).toMatch(/ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED/);
  });
});

describe('chaincode that misbehaves', () => {
  it('says why it does not start', async () => {
    const { bench } = benchOf(
      {
        thrower: contract('', "throw new Error('not today');"),
        missing: { 'package.json': '{"name":"x","main":"gone.js"}' },
        leaver: contract('', 'process.exit(3);'),
        sleeper: contract('', 'for (;;);'),
      },
      { startTimeoutMs: 3_000 },
    );
    const ping = (chaincode: string) => bench.call({ chaincode, args: ['ping'] });
    await expect(ping('thrower')).rejects.toThrow('not today');
    await expect(ping('missing')).rejects.toThrow(
      "gone.js, the 'main' of package.json, is not in the package",
    );
    await expect(ping('leaver')).rejects.toThrow('process.exit(3)');
    await expect(ping('sleeper')).rejects.toThrow('did not start within 3000 ms');
  }, 30_000);

  it('is killed when a transaction does not end, and started again by the next', async () => {
    const { bench, launcher } = benchOf(
      { looper: contract('async loop() { for (;;); }') },
      { executeTimeoutMs: 500 },
    );
    expect((await bench.call({ chaincode: 'looper', args: ['ping'] })).payload).toBe('pong');
    const pid = launcher.pidOf('looper_1:00') ?? 0;
    await expect(bench.call({ chaincode: 'looper', args: ['loop'] })).rejects.toThrow(
      'timeout expired',
    );
    expect((await bench.call({ chaincode: 'looper', args: ['ping'] })).payload).toBe('pong');
    expect(launcher.pidOf('looper_1:00')).not.toBe(pid);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('ends its transaction at once when it crashes, and says how', async () => {
    const { bench, logs } = benchOf(
      {
        crasher: contract(`
        async crash() { setTimeout(() => { throw new Error('from a timer'); }, 0); await new Promise(() => {}); }
        async leave() { process.exit(7); await new Promise(() => {}); }
        async eat() { const all = []; for (;;) all.push(new Array(1e5).fill(Math.random())); }
      `),
      },
      { memoryMb: 64 },
    );
    const call = (name: string) => bench.call({ chaincode: 'crasher', args: [name] });
    await expect(call('crash')).rejects.toThrow('chaincode stream terminated');
    expect(logs.join('\n')).toContain('from a timer');
    await expect(call('leave')).rejects.toThrow('chaincode stream terminated');
    expect(logs.join('\n')).toContain('process.exit(7)');
    await expect(call('eat')).rejects.toThrow('chaincode stream terminated');
    expect((await call('ping')).payload).toBe('pong');
  }, 30_000);

  it('fills nobody’s memory by what it logs or asks', async () => {
    const { bench, logs, launcher } = benchOf(
      {
        flooder: contract(`
        async log() { for (let i = 0; i < 1e5; i++) console.log('x'.repeat(1000)); }
        async ask(ctx) { for (let i = 0; i < 200; i++) ctx.stub.getState('big').catch(() => {}); await new Promise(() => {}); }
        async fill(ctx) { await ctx.stub.putState('big', Buffer.alloc(1024 * 1024)); }
      `),
      },
      { executeTimeoutMs: 2_000 },
    );
    await bench.submit('flooder', 'log');
    expect(logs.length).toBeLessThanOrEqual(400);
    await bench.submit('flooder', 'fill');
    await expect(bench.call({ chaincode: 'flooder', args: ['ask'] })).rejects.toThrow();
    expect((await bench.call({ chaincode: 'flooder', args: ['ping'] })).payload).toBe('pong');
    expect(launcher.pidOf('flooder_1:00')).toBeGreaterThan(0);
  }, 30_000);

  it('is ended when it does not read what is sent to it', async () => {
    const { launcher } = benchOf(
      { deaf: contract('async loop() { for (;;); }') },
      { maxWaitingBytes: 1024 * 1024 },
    );
    const port = await launcher.launch('deaf_1:00', { signal: AbortSignal.timeout(10_000) });
    const closed = new Promise<Event>((resolve) => port.addEventListener('close', resolve));
    port.start();
    const pid = launcher.pidOf('deaf_1:00') ?? 0;
    const send = (message: protos.IChaincodeMessage): void => {
      const bytes = encodeMessage(message);
      port.postMessage(bytes, [bytes]);
    };
    const call = { chaincode: 'deaf', args: ['loop'] };
    const { signedProposal, txId } = proposalOf(call);
    const payload = protos.ChaincodeInput.encode(inputOf(call)).finish();
    send({ type: MessageType.REGISTERED });
    send({ type: MessageType.READY });
    send({
      type: MessageType.TRANSACTION,
      payload,
      txid: txId,
      channel_id: CHANNEL,
      proposal: signedProposal,
    });
    const large = { type: MessageType.KEEPALIVE, payload: new Uint8Array(300_000) };
    for (let i = 0; i < 10; i++) send(large);
    expect(await closed).toMatchObject({ reason: expect.stringContaining('does not read') });
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it.runIf(process.platform !== 'win32')('does not outlive a peer that is killed', async () => {
    const file = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
    const files = contract('', "setTimeout(() => { console.log('looping'); for (;;); }, 100);");
    const source = `
      import { readFileSync } from 'node:fs';
      const { ProcessLauncher } = await import(${file('./process-launcher.ts')});
      const { ProcessGuard } = await import(${file('./process-guard.ts')});
      const { systemClock } = await import(${file('../../common/runtime/clock.ts')});
      const { silentLogger } = await import(${file('../../common/runtime/log.ts')});
      const launcher = new ProcessLauncher({
        packages: { get: async () => ({ files: ${JSON.stringify(files)} }) },
        mspId: 'Org1MSP',
        runtime: async () => readFileSync(process.argv[1], 'utf8'),
        guard: new ProcessGuard(),
        clock: systemClock,
        log: { ...silentLogger, child: () => ({ ...silentLogger, info: console.log }) },
      });
      await launcher.launch('loop:00', { signal: AbortSignal.timeout(10000) });
      console.log(launcher.pidOf('loop:00'));
      setInterval(() => {}, 1000);`;
    const bundle = await buildChaincodeRuntime();
    const args = ['--input-type=module', '-e', source, bundle];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    for await (const text of parent.stdout.setEncoding('utf8')) {
      said += text;
      if (said.includes('looping') && /^\d+$/m.test(said)) break;
    }
    const pid = Number(/^\d+$/m.exec(said)?.[0]);
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
  });

  it('is not there for who has not installed it', async () => {
    const { bench } = benchOf({});
    bench.define('absent');
    await expect(bench.call({ chaincode: 'absent', args: ['ping'] })).rejects.toThrow(
      'is not installed at this peer',
    );
  });
});
