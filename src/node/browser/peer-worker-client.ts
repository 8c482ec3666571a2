// SPDX-License-Identifier: Apache-2.0
// The page's end of the peer worker: starts it, lends it the sandboxes that only a page can make, and passes on what it
// tells.
import * as Comlink from 'comlink';
import type { Clock } from '../../common/runtime/clock.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceEvent } from '../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import { ChaincodeSandbox } from './chaincode-sandbox.ts';
import type {
  CommittedBlock,
  PageLauncher,
  PeerWorkerApi,
  PeerWorkerCallbacks,
  PeerWorkerOptions,
  WorkerState,
} from './peer-worker-api.ts';
import { carryErrors } from './worker-errors.ts';

export interface PeerWorkerEvents {
  committed: CommittedBlock;
  'config:changed': Uint8Array;
  trace: TraceEvent;
  /** The ledger was taken away; nothing works any more. */
  'store:lost': { readonly code: string; readonly message: string };
  /** The worker's script failed; nothing works any more. */
  crashed: string;
}

export interface PeerWorkerClientComponents {
  readonly clock: Clock;
  readonly log: Logger;
}

export class PeerWorkerClient {
  readonly events = new TypedEventTarget<PeerWorkerEvents>();
  readonly api: Comlink.Remote<PeerWorkerApi>;
  readonly #worker: Worker;
  readonly #sandbox: ChaincodeSandbox;

  constructor({ clock, log }: PeerWorkerClientComponents) {
    carryErrors();
    this.#worker = new Worker(new URL('./worker-main.ts', import.meta.url), {
      type: 'module',
      name: 'peer',
    });
    this.#worker.addEventListener('error', ({ message }) => this.events.emit('crashed', message));
    this.api = Comlink.wrap<PeerWorkerApi>(this.#worker);
    this.#sandbox = new ChaincodeSandbox({ document, clock, logger: log.child('chaincode') });
  }

  /** Opens the ledger. Rejects with LedgerError codes when it cannot. */
  start(options: PeerWorkerOptions): Promise<WorkerState> {
    const callbacks: PeerWorkerCallbacks = {
      committed: (block) => this.events.emit('committed', block),
      configChanged: (config) => this.events.emit('config:changed', config),
      traced: (event) => this.events.emit('trace', event),
      storeLost: (why) => this.events.emit('store:lost', why),
    };
    const launcher: PageLauncher = {
      launch: async (request) => {
        const port = await this.#sandbox.launch(request);
        return Comlink.transfer(port, [port]);
      },
      kill: (ccid) => this.#sandbox.kill(ccid),
    };
    return this.api.start(options, Comlink.proxy(callbacks), Comlink.proxy(launcher));
  }

  /** Hands a block over to be committed; its bytes are gone from this thread. */
  commit(block: Uint8Array): Promise<void> {
    const own = ownBuffer(block);
    return this.api.commit(Comlink.transfer(own, [own.buffer]));
  }

  /** Makes the first sandbox before a person waits for it. */
  warm(): Promise<void> {
    return this.#sandbox.warm();
  }

  async stop(): Promise<void> {
    this.#sandbox.stop();
    await this.api.stop();
    this.#worker.terminate();
  }
}

// A view of a larger buffer would take all of that buffer along.
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return whole ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
}
