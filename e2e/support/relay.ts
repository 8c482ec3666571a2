// SPDX-License-Identifier: Apache-2.0
// A real relay in a process of its own, on a free port and a fresh data folder, that a test can kill and bring back.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The line that `--json` prints. */
export interface ReadyLine {
  readonly url: string;
  readonly join: Readonly<Record<string, string>>;
}

export interface RelayOptions {
  /** Contents of network.yaml. */
  readonly config?: string;
  readonly args?: readonly string[];
  readonly host?: string;
}

const START_TIMEOUT_MS = 90_000;

export class TestRelay {
  readonly #options: RelayOptions;
  readonly #folder: string;
  readonly port: number;
  #process: ChildProcess | undefined;
  #ready: ReadyLine | undefined;
  /** What it wrote to stderr, for a failing test's report. */
  stderr = '';

  private constructor(options: RelayOptions, folder: string, port: number) {
    this.#options = options;
    this.#folder = folder;
    this.port = port;
  }

  static async start(options: RelayOptions = {}): Promise<TestRelay> {
    const folder = mkdtempSync(join(tmpdir(), 'tabric-e2e-'));
    const relay = new TestRelay(options, folder, await freePort());
    if (options.config) writeFileSync(join(folder, 'network.yaml'), options.config);
    await relay.start();
    return relay;
  }

  get url(): string {
    return this.#require().url;
  }

  /** Its data directory. */
  get data(): string {
    return join(this.#folder, 'data');
  }

  /** Its process. */
  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('the relay is not running');
    return pid;
  }

  /** The join link of an organisation. */
  join(mspId: string): string {
    const link = this.#require().join[mspId];
    if (!link) throw new Error(`the relay gave no link for ${mspId}`);
    return link;
  }

  /** Starts it, again or for the first time, on the same port and data. */
  async start(): Promise<void> {
    const { config, args = [], host = '127.0.0.1' } = this.#options;
    const flags = ['--json', '--host', host, '--port', String(this.port)];
    flags.push('--data', this.data, ...args);
    if (config) flags.push('--config', join(this.#folder, 'network.yaml'));
    const child = spawn(process.execPath, [...startArguments(), ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.#ready = await readyLine(child, () => this.stderr);
  }

  /** Ctrl-C: a clean stop. */
  async stop(): Promise<number | null> {
    return this.#end('SIGINT');
  }

  /** Pulls the plug. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async dispose(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  }

  #require(): ReadyLine {
    if (!this.#ready) throw new Error('the relay is not running');
    return this.#ready;
  }
}

// What `npm start` gives to Node.
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  return scripts.start.split(' ').slice(1);
}

async function readyLine(child: ChildProcess, stderr: () => string): Promise<ReadyLine> {
  const { stdout } = child;
  if (!stdout) throw new Error('the relay has no stdout');
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the relay was not ready in time:\n${stderr()}`)),
      START_TIMEOUT_MS,
    );
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the relay ended with ${code}:\n${stderr()}`));
    });
    createInterface({ input: stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      clearTimeout(timer);
      resolve(JSON.parse(line) as ReadyLine);
    });
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
