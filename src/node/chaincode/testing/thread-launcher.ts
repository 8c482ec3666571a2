// SPDX-License-Identifier: Apache-2.0
// Runs chaincode in threads of Node with the same bundle as in a tab: for tests, where the real fabric-shim is wanted and a
// browser is not. A thread of Node is no wall: never run a stranger's chaincode in it.
// biome-ignore lint/style/noRestrictedImports: this is the Node counterpart of the browser's sandbox
import { readFileSync } from 'node:fs';
// biome-ignore lint/style/noRestrictedImports: as above
import { Worker } from 'node:worker_threads';
import { FabricError } from '../../../common/runtime/errors.ts';
import type { ChaincodeLauncher, LaunchRequest } from '../launcher.ts';
import { parseWorkerMessage } from '../runtime/control-messages.ts';

// Gives the bundle the worker scope of a browser, and runs it. Node loads MessageEvent when a port first gets a message, and
// by then the globals that it is made of would be gone.
const BOOT = `
const { parentPort, workerData } = require('node:worker_threads');
globalThis.postMessage = (message) => parentPort.postMessage(message);
globalThis.onmessage = null;
void globalThis.MessageEvent;
// As fabric-shim does it in a program of its own (lib/logger.js).
process.on('unhandledRejection', (reason) =>
  parentPort.postMessage({ type: 'log', level: 'error', text: 'Unhandled Rejection reason ' + reason }));
parentPort.on('message', (data) => globalThis.onmessage?.({ data }));
require('node:vm').runInThisContext(workerData);
`;

/** Launches the chaincodes it was given, each in a thread. */
export class ThreadLauncher implements ChaincodeLauncher {
  readonly #bundle: string;
  readonly #requests: ReadonlyMap<string, LaunchRequest>;
  readonly #workers = new Map<string, Worker>();
  readonly logs: string[] = [];
  launches = 0;

  constructor(bundlePath: string, requests: readonly LaunchRequest[]) {
    this.#bundle = readFileSync(bundlePath, 'utf8');
    this.#requests = new Map(requests.map((request) => [request.ccid, request]));
  }

  async launch(ccid: string): Promise<MessagePort> {
    const request = this.#requests.get(ccid);
    if (!request) throw new FabricError('CHAINCODE_NOT_INSTALLED', `${ccid} is not installed`);
    this.launches++;
    const worker = new Worker(BOOT, { eval: true, workerData: this.#bundle });
    this.#workers.set(ccid, worker);
    const { port1, port2 } = new MessageChannel();
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', (data: unknown) => {
        const message = parseWorkerMessage(data);
        if (message?.type === 'booted') {
          const start = { type: 'start', logLevel: 'ERROR', ...request, port: port2 };
          worker.postMessage(start, [
            port2 as unknown as import('node:worker_threads').MessagePort,
          ]);
        } else if (message?.type === 'started') resolve();
        else if (message?.type === 'failed') {
          reject(new FabricError('CHAINCODE_START_FAILED', message.message));
        } else if (message?.type === 'log') this.logs.push(`${message.level}: ${message.text}`);
      });
    });
    return port1;
  }

  kill(ccid: string): void {
    void this.#workers.get(ccid)?.terminate();
    this.#workers.delete(ccid);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.terminate()));
    this.#workers.clear();
  }
}
