// SPDX-License-Identifier: Apache-2.0
// One process with a chaincode in it (see chaincode-program.ts for what keeps it in). A loop that does not end, or a process that
// answers no more, is killed by whoever waits for it.
import { type ChildProcess, spawn } from 'node:child_process';
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MAX_MESSAGE_BYTES } from '../../common/protoutil/unmarshalers.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { ChaincodePort, LaunchRequest } from '../chaincode/launcher.ts';
import { parseWorkerMessage, type WorkerMessage } from '../chaincode/runtime/control-messages.ts';
import { FrameKind, FrameReader, frameHeader } from './chaincode-frames.ts';
import { ProcessPort } from './process-port.ts';

export interface ChaincodeProcessOptions {
  /** Source of the runtime. */
  readonly runtime: string;
  /** Of V8's heap, in megabytes; beyond it the process ends. Bytes of buffers come on top. */
  readonly memoryMb: number;
  /** Time for the process to come up and read the runtime, and for the chaincode to load. */
  readonly startTimeoutMs: number;
  /** Bytes that may wait for a chaincode which does not read. One message may, however large it is. */
  readonly maxWaitingBytes: number;
  readonly onLog: (level: string, text: string) => void;
  /** Told once, when the process has ended for whatever reason. */
  readonly onEnd: () => void;
}

/** Of what the process says on stderr, which is V8's own: the rest of a long death is left out. */
const MAX_STDERR_CHARS = 4_000;

const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const fileBeside = (name: string): string =>
  fileURLToPath(new URL(`./${name}.${EXTENSION}`, import.meta.url));
const PROGRAM = fileBeside('chaincode-program');
// In a bundle the program is one file.
const READABLE = EXTENSION === 'ts' ? [PROGRAM, fileBeside('chaincode-frames')] : [PROGRAM];

/** A chaincode may be loaded into it once; `kill` ends it whatever it does. */
export class ChaincodeProcess {
  readonly #clock: Clock;
  readonly #options: ChaincodeProcessOptions;
  readonly #child: ChildProcess;
  readonly #port: ProcessPort;
  readonly #reader = new FrameReader(MAX_MESSAGE_BYTES);
  readonly #booted = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<void>();
  #stderr = '';
  #reason: string | undefined;
  #ended = false;

  constructor(clock: Clock, options: ChaincodeProcessOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#booted.promise.catch(() => {});
    this.#started.promise.catch(() => {});
    this.#port = new ProcessPort({
      send: (message) => this.#send(FrameKind.message, message),
      close: () => this.kill('the peer has closed its stream'),
    });
    this.#child = spawnProgram(options.memoryMb);
    this.#listen();
    this.#send(FrameKind.runtime, utf8(options.runtime));
  }

  /** Undefined when it could not even be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Loads a chaincode; the result is the peer's end of its stream. Rejects with FabricError CHAINCODE_START_FAILED. */
  async start({ ccid, files, mspId, logLevel = 'WARNING' }: LaunchRequest): Promise<ChaincodePort> {
    const { startTimeoutMs } = this.#options;
    const expire = (): void => this.kill(`the chaincode did not start within ${startTimeoutMs} ms`);
    const cancel = this.#clock.setTimer(expire, startTimeoutMs);
    try {
      await this.#booted.promise;
      const start = { type: 'start', ccid, files, mspId, logLevel };
      this.#send(FrameKind.control, utf8(JSON.stringify(start)));
      await this.#started.promise;
      return this.#port;
    } finally {
      cancel();
    }
  }

  /** Ends the process. `reason` is what its port will say, unless there is one already. */
  kill(reason: string): void {
    this.#reason ??= reason;
    this.#fail(this.#reason);
    this.#child.kill('SIGKILL');
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.#child;
    stdout?.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = `${this.#stderr}${text}`.slice(0, MAX_STDERR_CHARS);
    });
    // It ended while something was on its way to it; `close` tells why.
    stdin?.on('error', () => {});
    this.#child.on('error', (error) => this.#end(`its process: ${messageOf(error)}`));
    this.#child.on('close', (code, signal) => this.#end(this.#lastWords(code, signal)));
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const { kind, body } of this.#reader.push(chunk)) {
        if (this.#reason !== undefined) return;
        if (kind === FrameKind.message) this.#port.receive(body.buffer);
        else if (kind === FrameKind.control) this.#control(parseWorkerMessage(parseJson(body)));
        else throw new RangeError(`a frame of kind ${kind}`);
      }
    } catch (error) {
      this.kill(`the chaincode's process sent ${messageOf(error)}`);
    }
  }

  #control(message: WorkerMessage | undefined): void {
    switch (message?.type) {
      case 'booted':
        this.#booted.resolve();
        break;
      case 'started':
        this.#started.resolve();
        break;
      case 'failed':
        this.#options.onLog('error', message.message);
        this.kill(message.message);
        break;
      case 'log':
        this.#options.onLog(message.level, message.text);
        break;
      case 'exit':
        this.#options.onLog('error', `the chaincode called process.exit(${message.code})`);
        this.kill(`the chaincode called process.exit(${message.code})`);
        break;
      default:
    }
  }

  #send(kind: number, body: Uint8Array): void {
    const { stdin } = this.#child;
    if (!stdin || this.#reason !== undefined || this.#ended) return;
    const waiting = stdin.writableLength;
    if (waiting > 0 && waiting + body.length > this.#options.maxWaitingBytes) {
      this.kill(`the chaincode does not read: ${waiting} bytes wait for it`);
      return;
    }
    stdin.write(frameHeader(kind, body.length));
    stdin.write(body);
  }

  #lastWords(code: number | null, signal: string | null): string {
    if (this.#reason !== undefined) return this.#reason;
    const how = signal === null ? `exit code ${code}` : signal;
    if (/heap out of memory|heap limit/i.test(this.#stderr)) {
      return `the chaincode needed more than the ${this.#options.memoryMb} MB of memory that it has`;
    }
    const said = this.#stderr.trim();
    return `the chaincode's process ended (${how})${said === '' ? '' : `: ${said}`}`;
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reason ??= reason;
    this.#fail(this.#reason);
    this.#port.ended(this.#reason);
    this.#options.onEnd();
  }

  #fail(reason: string): void {
    const error = new FabricError('CHAINCODE_START_FAILED', reason);
    this.#booted.reject(error);
    this.#started.reject(error);
  }
}

/** Flags of Node for a process with chaincode in it: whatever the permission model denies by default stays denied. */
export function isolationFlags(memoryMb: number): string[] {
  return [
    '--permission',
    ...READABLE.map((path) => `--allow-fs-read=${path}`),
    `--max-old-space-size=${memoryMb}`,
    '--no-warnings',
  ];
}

// The environment is empty, since keys are often in it; the time zone is one for all peers.
function spawnProgram(memoryMb: number): ChildProcess {
  return spawn(process.execPath, [...isolationFlags(memoryMb), PROGRAM], {
    cwd: parse(process.execPath).root,
    env: { TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(body));
  } catch {
    return undefined;
  }
}
