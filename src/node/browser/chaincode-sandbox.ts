// SPDX-License-Identifier: Apache-2.0
// The page's side of chaincode: makes sandboxes and hands the peer worker the port of each. A sandbox that was killed takes
// most of a second to replace, so one more than needed is kept ready.
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { ChaincodeLogLine } from '../chaincode/chaincode-logs.ts';
import type { LaunchRequest } from '../chaincode/launcher.ts';
import { SandboxProgram } from './chaincode-sandbox-program.ts';

export interface ChaincodeSandboxComponents {
  readonly document: Document;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onLog: (line: ChaincodeLogLine) => void;
}

export interface ChaincodeSandboxOptions {
  /** URLs relative to the page's. */
  readonly frameUrl: string;
  readonly runtimeUrl: string;
  readonly bootTimeoutMs: number;
  readonly startTimeoutMs: number;
  /** Whether to keep a sandbox ready for the next launch. */
  readonly spare: boolean;
}

export const DEFAULT_CHAINCODE_SANDBOX_OPTIONS: ChaincodeSandboxOptions = Object.freeze({
  frameUrl: 'chaincode-sandbox.html',
  runtimeUrl: 'chaincode-runtime.js',
  bootTimeoutMs: 30_000,
  startTimeoutMs: 20_000,
  spare: true,
});

/** Runs the chaincodes of this tab. */
export class ChaincodeSandbox {
  readonly #components: ChaincodeSandboxComponents;
  readonly #options: ChaincodeSandboxOptions;
  readonly #programs = new Map<string, SandboxProgram>();
  #runtime: Promise<string> | undefined;
  #spare: SandboxProgram | undefined;
  #stopped = false;

  constructor(
    components: ChaincodeSandboxComponents,
    options: Partial<ChaincodeSandboxOptions> = {},
  ) {
    this.#components = components;
    this.#options = { ...DEFAULT_CHAINCODE_SANDBOX_OPTIONS, ...options };
  }

  /**
   * Starts a chaincode, in place of one with the same id. The port is to be transferred to the peer worker. Rejects with FabricError
   * CHAINCODE_START_FAILED, whose message is the chaincode's own error, or RUNTIME_UNAVAILABLE when the runtime cannot be fetched.
   */
  async launch(request: LaunchRequest): Promise<MessagePort> {
    const { ccid } = request;
    this.kill(ccid);
    const runtime = await this.#loadRuntime();
    if (this.#stopped) throw new FabricError('STOPPED', 'the peer stops');
    const program = this.#spare ?? this.#newProgram(runtime);
    this.#spare = undefined;
    this.#programs.set(ccid, program);
    try {
      return await program.start(request);
    } catch (error) {
      if (this.#programs.get(ccid) === program) this.kill(ccid);
      else program.dispose();
      throw error;
    } finally {
      this.#keepSpare(runtime);
    }
  }

  /** Ends a chaincode, whatever it is doing. */
  kill(ccid: string): void {
    this.#programs.get(ccid)?.dispose();
    this.#programs.delete(ccid);
  }

  /** Fetches the runtime and makes a sandbox ready, before it is needed. */
  async warm(): Promise<void> {
    this.#keepSpare(await this.#loadRuntime());
    await this.#spare?.boot();
  }

  stop(): void {
    this.#stopped = true;
    this.#spare?.dispose();
    this.#spare = undefined;
    for (const ccid of [...this.#programs.keys()]) this.kill(ccid);
  }

  #keepSpare(runtime: string): void {
    if (!this.#options.spare || this.#stopped || this.#spare) return;
    const spare = this.#newProgram(runtime);
    this.#spare = spare;
    spare.boot().catch((error) => {
      this.#components.logger.warn(`no spare sandbox: ${messageOf(error)}`);
      spare.dispose();
      if (this.#spare === spare) this.#spare = undefined;
    });
  }

  #newProgram(runtime: string): SandboxProgram {
    const { document, clock, onLog } = this.#components;
    const { bootTimeoutMs, startTimeoutMs, frameUrl } = this.#options;
    return new SandboxProgram(document, clock, {
      frameUrl: new URL(frameUrl, document.baseURI).href,
      runtime,
      bootTimeoutMs,
      startTimeoutMs,
      onLog: (line) => onLog({ at: clock.now(), ...line }),
    });
  }

  #loadRuntime(): Promise<string> {
    this.#runtime ??= this.#fetchRuntime().catch((error) => {
      this.#runtime = undefined;
      throw error;
    });
    return this.#runtime;
  }

  async #fetchRuntime(): Promise<string> {
    const url = new URL(this.#options.runtimeUrl, this.#components.document.baseURI);
    const signal = AbortSignal.timeout(this.#options.bootTimeoutMs);
    try {
      const response = await fetch(url, { signal });
      const type = response.headers.get('content-type') ?? '';
      // A server that answers any path with the page would otherwise be noticed much later.
      if (!response.ok || !type.includes('javascript'))
        throw new Error(`HTTP ${response.status} ${type}`);
      return await response.text();
    } catch (cause) {
      const text = `the chaincode runtime could not be fetched from ${url}: ${messageOf(cause)}`;
      throw new FabricError('RUNTIME_UNAVAILABLE', text, { cause });
    }
  }
}
