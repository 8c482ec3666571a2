// SPDX-License-Identifier: Apache-2.0
// Chaincodes of a headless peer, each in a process of its own (Fabric's core/container). Only what the operator has installed is ever run.
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { ChaincodeLauncher, ChaincodePort } from '../chaincode/launcher.ts';
import type { SourceFiles } from '../chaincode/runtime/control-messages.ts';
import { withPlace } from '../chaincode/start-failure.ts';
import { ChaincodeProcess } from './chaincode-process.ts';
import { needPermissionModel } from './permission-model.ts';
import type { ProcessGuard } from './process-guard.ts';

export interface ProcessLauncherComponents {
  /** A package that the operator has installed, by its id. */
  readonly packages: {
    get(packageId: string): Promise<{ readonly files: SourceFiles } | undefined>;
  };
  readonly mspId: string;
  /** Source of the chaincode runtime; asked for when the first chaincode is launched. */
  readonly runtime: () => Promise<string>;
  /** Shared by all launchers of a process. */
  readonly guard: ProcessGuard;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface ProcessLauncherOptions {
  /** Megabytes of V8's heap a chaincode has. */
  readonly memoryMb: number;
  readonly startTimeoutMs: number;
  readonly maxWaitingBytes: number;
  /** CRITICAL, ERROR, WARNING, INFO or DEBUG: what the shim itself logs. */
  readonly logLevel: string;
}

export const DEFAULT_PROCESS_LAUNCHER_OPTIONS: ProcessLauncherOptions = Object.freeze({
  memoryMb: 256,
  startTimeoutMs: 30_000,
  // Ten results of the largest size that a query page has by default.
  maxWaitingBytes: 64 * 1024 * 1024,
  logLevel: 'WARNING',
});

/** Lines of one chaincode that are logged in a second. */
const MAX_LINES_PER_SECOND = 200;

export class ProcessLauncher implements ChaincodeLauncher {
  readonly #components: ProcessLauncherComponents;
  readonly #options: ProcessLauncherOptions;
  readonly #processes = new Map<string, ChaincodeProcess>();
  readonly #killAll = (): void => this.stop();

  constructor(
    components: ProcessLauncherComponents,
    options: Partial<ProcessLauncherOptions> = {},
  ) {
    this.#components = components;
    this.#options = { ...DEFAULT_PROCESS_LAUNCHER_OPTIONS, ...options };
  }

  /** Its process id, for whoever watches; undefined when it does not run. */
  pidOf(ccid: string): number | undefined {
    return this.#processes.get(ccid)?.pid;
  }

  async launch(ccid: string, { signal }: { signal: AbortSignal }): Promise<ChaincodePort> {
    needPermissionModel('CHAINCODE_START_FAILED', 'chaincode in a process of its own');
    const { packages, mspId, runtime, clock, log } = this.#components;
    const found = await packages.get(ccid);
    if (!found) {
      const text = `chaincode package ${ccid} is not installed at this peer`;
      throw new FabricError('CHAINCODE_NOT_INSTALLED', text);
    }
    const source = await runtime();
    signal.throwIfAborted();
    this.kill(ccid);
    const { memoryMb, startTimeoutMs, maxWaitingBytes, logLevel } = this.#options;
    const program = new ChaincodeProcess(clock, {
      runtime: source,
      memoryMb,
      startTimeoutMs,
      maxWaitingBytes,
      onLog: limitedLog(log.child(ccid.split(':')[0] ?? ccid), clock),
      onEnd: () => this.#forget(ccid, program),
    });
    this.#remember(ccid, program);
    try {
      return await program.start({ ccid, files: found.files, mspId, logLevel });
    } catch (error) {
      throw await withPlace(error, found.files);
    }
  }

  kill(ccid: string): void {
    this.#processes.get(ccid)?.kill('the chaincode was stopped');
  }

  /** Ends all of them. */
  stop(): void {
    for (const program of this.#processes.values()) program.kill('the peer stops');
  }

  // A process of its own does not end with this one, not while it computes: on exit it is killed here, on kill -9 by the guard.
  #remember(ccid: string, program: ChaincodeProcess): void {
    if (this.#processes.size === 0) process.on('exit', this.#killAll);
    this.#processes.set(ccid, program);
    this.#components.guard.add(program.pid);
  }

  #forget(ccid: string, program: ChaincodeProcess): void {
    this.#components.guard.remove(program.pid);
    if (this.#processes.get(ccid) !== program) return;
    this.#processes.delete(ccid);
    if (this.#processes.size === 0) process.off('exit', this.#killAll);
  }
}

function limitedLog(log: Logger, clock: Clock): (level: string, text: string) => void {
  let second = 0;
  let lines = 0;
  return (level, text) => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== second) [second, lines] = [now, 0];
    if (lines++ < MAX_LINES_PER_SECOND) log.info(text, { level });
  };
}
