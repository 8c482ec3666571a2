// SPDX-License-Identifier: Apache-2.0
// A real network for tests: its relay in a process of its own, on a free port and a fresh data folder, that a test can kill and bring back.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { relayCommand } from './relay-command.ts';

/** The line that `--json` prints. */
interface ReadyLine {
  readonly url: string;
  readonly join: Readonly<Record<string, string>>;
  readonly invite: string;
  readonly administrators: Readonly<Record<string, string>>;
}

/** A chaincode of the network's channel, with the fields of a network file. */
export interface ChaincodeOptions {
  readonly name: string;
  readonly version?: string;
  readonly endorsementPolicy?: string;
  readonly initRequired?: boolean;
  /** Fabric's collection JSON. */
  readonly collections?: readonly object[];
  /** Folder of sources, or a package, from the working directory; or the name of a sample: asset-transfer-basic, asset-transfer-private-data. */
  readonly package: string;
}

export interface NetworkOptions {
  /** Before a block is cut: Fabric's duration; 200ms when absent and there is no `config`, so that tests wait for the network and not for the timer. */
  readonly batchTimeout?: string;
  /** Of mychannel, instead of the sample `basic`. */
  readonly chaincodes?: readonly ChaincodeOptions[];
  /** Contents of a network file, for everything else; then `chaincodes` are its. */
  readonly config?: string;
  /** More flags of the relay. */
  readonly args?: readonly string[];
  /** 127.0.0.1 when absent. */
  readonly host?: string;
}

const START_TIMEOUT_MS = 90_000;

/** A running network. */
export class TestNetwork {
  readonly #options: NetworkOptions;
  readonly #folder: string;
  readonly port: number;
  #process: ChildProcess | undefined;
  #ready: ReadyLine | undefined;
  /** What it wrote to stderr, for a failing test's report. */
  stderr = '';

  private constructor(options: NetworkOptions, folder: string, port: number) {
    this.#options = options;
    this.#folder = folder;
    this.port = port;
  }

  static async start(options: NetworkOptions = {}): Promise<TestNetwork> {
    const folder = mkdtempSync(join(tmpdir(), 'tabric-e2e-'));
    const relay = new TestNetwork(options, folder, await freePort());
    const config = options.config ?? configOf(options);
    if (config !== undefined) writeFileSync(join(folder, 'network.yaml'), config);
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

  /** The join link of an organisation, by its MSP id or its name. */
  join(organisation: string): string {
    const { join: links } = this.#require();
    const link = links[organisation] ?? links[`${organisation}MSP`];
    if (link) return link;
    const known = Object.keys(links).join(', ');
    throw new Error(`the network has no organisation ${organisation}; it has ${known}`);
  }

  /** The page with the invitations of all organisations. */
  get invite(): string {
    return this.#require().invite;
  }

  /** The administrator's link of an organisation, by its MSP id. */
  administrator(mspId: string): string {
    return this.#require().administrators[mspId] ?? '';
  }

  /** Starts it, again or for the first time, on the same port and data. */
  async start(): Promise<void> {
    const { args = [], host = '127.0.0.1' } = this.#options;
    const { batchTimeout = this.#options.config === undefined ? '200ms' : undefined } =
      this.#options;
    const flags = ['--json', '--host', host, '--port', String(this.port)];
    flags.push('--data', this.data, ...args);
    if (batchTimeout !== undefined) flags.push('--batch-timeout', batchTimeout);
    const config = join(this.#folder, 'network.yaml');
    if (existsSync(config)) flags.push('--config', config);
    const child = spawn(process.execPath, [...relayCommand(), ...flags], {
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

// JSON is YAML.
function configOf({ chaincodes }: NetworkOptions): string | undefined {
  if (!chaincodes) return undefined;
  const all = chaincodes.map((one) => ({
    ...one,
    package: /^[a-z0-9][a-z0-9_-]*$/.test(one.package) ? one.package : resolve(one.package),
  }));
  return JSON.stringify({ channels: [{ name: 'mychannel', chaincodes: all }] });
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
