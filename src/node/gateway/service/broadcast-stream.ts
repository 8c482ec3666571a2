// SPDX-License-Identifier: Apache-2.0
// One long Broadcast call for all transactions of a client, as Fabric's SDKs keep it: a call for each would cost the relay more than the
// transaction itself. Answers come in the order of the envelopes. The orderer ends the stream after a refusal; the next envelope opens a new one.
import { orderer } from '../../../common/protos/index.ts';
import { AsyncQueue } from '../../../common/runtime/async-queue.ts';
import { FabricError } from '../../../common/runtime/errors.ts';
import type { ServiceClient } from '../../../common/wire/service.ts';
import type { BroadcastStatus } from './components.ts';

export const BROADCAST_METHOD = '/orderer.AtomicBroadcast/Broadcast';

interface Waiting {
  readonly resolve: (status: BroadcastStatus) => void;
  readonly reject: (error: unknown) => void;
}

interface OpenStream {
  readonly requests: AsyncQueue<Uint8Array>;
  readonly waiting: Waiting[];
  readonly close: AbortController;
}

/** Envelopes that may be on their way at once. */
const MAX_WAITING = 10_000;

export class BroadcastStream {
  readonly #client: ServiceClient;
  #open: OpenStream | undefined;

  constructor(client: ServiceClient) {
    this.#client = client;
  }

  /** Sends an envelope; resolves with the orderer's answer. Rejects when the stream breaks before it, or the signal is aborted. */
  send(envelope: Uint8Array, { signal }: { signal: AbortSignal }): Promise<BroadcastStatus> {
    const stream = this.#open ?? this.#begin();
    return new Promise((resolve, reject) => {
      // The place in the order of answers stays taken; a stream that does not answer is of no use to others either.
      const abort = (): void => this.#fail(stream, signal.reason);
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      const settled = (): void => signal.removeEventListener('abort', abort);
      stream.waiting.push({
        resolve: (status) => {
          settled();
          resolve(status);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      stream.requests.push(envelope);
    });
  }

  #begin(): OpenStream {
    const requests = new AsyncQueue<Uint8Array>(MAX_WAITING);
    const stream = { requests, waiting: [], close: new AbortController() };
    this.#open = stream;
    void this.#read(stream);
    return stream;
  }

  async #read(stream: OpenStream): Promise<void> {
    const { signal } = stream.close;
    try {
      for await (const bytes of this.#client.call(BROADCAST_METHOD, stream.requests, { signal })) {
        const { status, info } = orderer.BroadcastResponse.decode(bytes);
        stream.waiting.shift()?.resolve({ status, info });
      }
      this.#fail(stream, new FabricError('STREAM_ENDED', 'the orderer ended the stream'));
    } catch (error) {
      this.#fail(stream, error);
    }
  }

  #fail(stream: OpenStream, error: unknown): void {
    if (this.#open === stream) this.#open = undefined;
    stream.requests.end();
    stream.close.abort(error);
    for (const { reject } of stream.waiting.splice(0)) reject(error);
  }
}
