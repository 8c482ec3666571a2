// SPDX-License-Identifier: Apache-2.0
// A tab's PeerHost: starts the peer worker, lends it the sandboxes that only a page can make, and passes on what it tells.
import * as Comlink from 'comlink';
import type { ChannelDescription } from '../../common/network/types.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import type { Logger } from '../../common/runtime/log.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import { PortServices } from '../../common/wire/port-services.ts';
import type { ChannelState, HostState, PeerHost, PeerHostEvents } from '../peer/peer-host.ts';
import { ChaincodeSandbox } from './chaincode-sandbox.ts';
import type {
  PageLauncher,
  PeerWorkerApi,
  PeerWorkerOptions,
  WorkerEvent,
} from './peer-worker-api.ts';
import { startVerifyWorkers, type VerifyWorkers } from './verify-workers.ts';
import { carryErrors } from './worker-errors.ts';

export interface WorkerPeerHostComponents {
  readonly clock: Clock;
  readonly log: Logger;
}

export class WorkerPeerHost implements PeerHost {
  readonly events = new TypedEventTarget<PeerHostEvents>();
  readonly services: PortServices;
  readonly #api: Comlink.Remote<PeerWorkerApi>;
  readonly #options: PeerWorkerOptions;
  readonly #worker: Worker;
  readonly #verifying: VerifyWorkers;
  readonly #sandbox: ChaincodeSandbox;
  readonly #servicesPort: MessagePort;

  constructor({ clock, log }: WorkerPeerHostComponents, options: PeerWorkerOptions) {
    carryErrors();
    this.#options = options;
    this.#worker = new Worker(new URL('./worker-main.ts', import.meta.url), {
      type: 'module',
      name: 'peer',
    });
    this.#worker.addEventListener('error', ({ message }) => {
      this.services.close(`the peer worker failed: ${message}`);
      this.events.emit('crashed', { message });
    });
    this.#verifying = startVerifyWorkers((message) => this.events.emit('crashed', { message }));
    this.#api = Comlink.wrap<PeerWorkerApi>(this.#worker);
    this.#sandbox = new ChaincodeSandbox({
      document,
      clock,
      logger: log.child('chaincode'),
      onLog: (line) => this.events.emit('chaincode:log', line),
    });
    const { port1, port2 } = new MessageChannel();
    this.services = new PortServices(port1);
    this.#servicesPort = port2;
  }

  start(): Promise<HostState> {
    const launcher: PageLauncher = {
      launch: async (request) => {
        const port = await this.#sandbox.launch(request);
        return Comlink.transfer(port, [port]);
      },
      kill: (ccid) => this.#sandbox.kill(ccid),
    };
    const ports = { services: this.#servicesPort, verify: this.#verifying.ports };
    return this.#api.start(
      this.#options,
      Comlink.transfer(ports, [ports.services, ...ports.verify]),
      Comlink.proxy((events: readonly WorkerEvent[]) => {
        for (const event of events) this.#tell(event);
      }),
      Comlink.proxy(launcher),
    );
  }

  join(description: ChannelDescription, genesis: Uint8Array): Promise<ChannelState> {
    return this.#api.join(description, genesis);
  }

  verifyBlock(channel: string, number: number, block: Uint8Array): Promise<void> {
    return this.#api.verifyBlock(channel, number, block);
  }

  /** The bytes are gone from this thread afterwards. */
  commit(channel: string, block: Uint8Array): Promise<void> {
    const own = ownBuffer(block);
    return this.#api.commit(channel, Comlink.transfer(own, [own.buffer]));
  }

  /** See LocalPeerHost.rebuildDBs. */
  rebuildDBs(channel: string): Promise<void> {
    return this.#api.rebuildDBs(channel);
  }

  async stop(): Promise<void> {
    this.#sandbox.stop();
    await this.#api.stop();
    this.services.close('the peer has stopped');
    this.#worker.terminate();
    this.#verifying.stop();
  }

  #tell<Name extends keyof PeerHostEvents>(event: {
    readonly name: Name;
    readonly detail: PeerHostEvents[Name];
  }): void {
    this.events.emit(event.name, event.detail);
  }
}

// A view of a larger buffer would take all of that buffer along.
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength;
  return whole ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
}
