// SPDX-License-Identifier: Apache-2.0
// One sandbox: an iframe of opaque origin with a worker in it, which holds the chaincode runtime and at most one chaincode.
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { ChaincodeLogLine } from '../chaincode/chaincode-logs.ts';
import type { LaunchRequest } from '../chaincode/launcher.ts';
import { parseWorkerMessage, type WorkerMessage } from '../chaincode/runtime/control-messages.ts';

export interface SandboxProgramOptions {
  /** URL of the sandbox document. */
  readonly frameUrl: string;
  /** Source of the runtime. */
  readonly runtime: string;
  /** Time for the frame to load and the worker to read the runtime. */
  readonly bootTimeoutMs: number;
  /** Time for the chaincode to load. */
  readonly startTimeoutMs: number;
  readonly onLog: (line: Omit<ChaincodeLogLine, 'at'>) => void;
}

/** Chaincode may be loaded into it once; `dispose` ends it whatever it does. */
export class SandboxProgram {
  readonly #frame: HTMLIFrameElement;
  readonly #control: MessagePort;
  readonly #clock: Clock;
  readonly #options: SandboxProgramOptions;
  readonly #booted = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<void>();
  #packageId = '';

  constructor(document: Document, clock: Clock, options: SandboxProgramOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#booted.promise.catch(() => {});
    this.#started.promise.catch(() => {});
    const { port1, port2 } = new MessageChannel();
    this.#control = port1;
    port1.onmessage = ({ data }) => this.#receive(parseWorkerMessage(data));
    const frame = document.createElement('iframe');
    this.#frame = frame;
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.title = 'chaincode';
    frame.hidden = true;
    frame.addEventListener(
      'load',
      // The frame's origin is opaque, so no target origin but any can be named; only this frame gets it.
      () => frame.contentWindow?.postMessage(options.runtime, '*', [port2]),
      { once: true },
    );
    frame.src = options.frameUrl;
    (document.body ?? document.documentElement).append(frame);
  }

  /** Resolves when the runtime is ready for a chaincode. */
  async boot(): Promise<void> {
    await this.#within(
      this.#booted.promise,
      this.#options.bootTimeoutMs,
      'the sandbox did not open',
    );
  }

  /** Loads a chaincode; the result is the peer's end of its stream. */
  async start({ ccid, files, mspId, logLevel = 'WARNING' }: LaunchRequest): Promise<MessagePort> {
    await this.boot();
    this.#packageId = ccid;
    const { port1, port2 } = new MessageChannel();
    const message = { type: 'start', ccid, files, mspId, logLevel, port: port2 };
    this.#control.postMessage(message, [port2]);
    const { startTimeoutMs } = this.#options;
    await this.#within(this.#started.promise, startTimeoutMs, 'the chaincode did not start');
    return port1;
  }

  dispose(): void {
    this.#fail('the sandbox was closed');
    this.#control.close();
    this.#frame.remove();
  }

  #receive(message: WorkerMessage | undefined): void {
    switch (message?.type) {
      case 'booted':
        this.#booted.resolve();
        break;
      case 'started':
        this.#started.resolve();
        break;
      case 'failed':
        this.#fail(message.message);
        break;
      case 'log':
        this.#log(message);
        break;
      case 'exit':
        this.#log({ level: 'error', text: `the chaincode called process.exit(${message.code})` });
        this.#fail(`the chaincode called process.exit(${message.code})`);
        break;
      default:
    }
  }

  #log({ level, text, txId }: { level: string; text: string; txId?: string }): void {
    const about = { packageId: this.#packageId, level, text };
    this.#options.onLog(txId === undefined ? about : { ...about, txId });
  }

  #fail(reason: string): void {
    const error = new FabricError('CHAINCODE_START_FAILED', reason);
    this.#booted.reject(error);
    this.#started.reject(error);
  }

  async #within(promise: Promise<void>, ms: number, complaint: string): Promise<void> {
    const cancel = this.#clock.setTimer(() => this.#fail(`${complaint} within ${ms} ms`), ms);
    try {
      await promise;
    } finally {
      cancel();
    }
  }
}
