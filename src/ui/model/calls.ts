// SPDX-License-Identifier: Apache-2.0
// The calls that a person made from this page, newest first, and what became of them.
import { signal } from '@preact/signals';
import type { TraceEvent, TraceStage } from '../../common/runtime/trace.ts';
import type { ChannelFacade } from '../../node/api/tabric.ts';
import { textField } from '../../node/inspect/text-field.ts';
import { type CallError, callErrorOf } from './call-error.ts';

export interface CallRequest {
  readonly kind: 'submit' | 'evaluate';
  readonly chaincode: string;
  readonly fn: string;
  readonly args: readonly string[];
}

export interface Call extends CallRequest {
  readonly id: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly state: 'running' | 'done' | 'failed';
  readonly txId?: string;
  readonly block?: number;
  /** Name of the validation code, once the transaction is in a block. */
  readonly status?: string;
  readonly result?: string;
  readonly resultBase64?: string;
  readonly error?: CallError;
}

const MAX_CALLS = 50;
/** Of all channels: which call is shown is kept by its number. */
let nextId = 1;

/** Listens to trace events; the result stops it. */
type OnTrace = (listener: (event: TraceEvent) => void) => () => void;

export class Calls {
  readonly list = signal<readonly Call[]>([]);
  readonly #channel: Pick<ChannelFacade, 'submit' | 'evaluateBytes'>;
  readonly #onTrace: OnTrace;

  constructor(channel: Pick<ChannelFacade, 'submit' | 'evaluateBytes'>, onTrace: OnTrace) {
    this.#channel = channel;
    this.#onTrace = onTrace;
  }

  /** Runs a call and keeps its outcome; never rejects. */
  async run(request: CallRequest): Promise<Call> {
    const id = nextId++;
    const call: Call = { ...request, id, startedAt: Date.now(), state: 'running' };
    this.list.value = [call, ...this.list.value].slice(0, MAX_CALLS);
    const outcome = await (request.kind === 'submit' ? this.#submit(call) : this.#evaluate(call));
    return this.#update(id, { ...outcome, endedAt: Date.now() }) ?? call;
  }

  clear(): void {
    this.list.value = this.list.value.filter((call) => call.state === 'running');
  }

  async #evaluate({ chaincode, fn, args }: Call): Promise<Partial<Call>> {
    try {
      const result = await this.#channel.evaluateBytes(chaincode, fn, ...args);
      return { state: 'done', ...textField('result', result) };
    } catch (thrown) {
      return { state: 'failed', error: callErrorOf(thrown) };
    }
  }

  async #submit({ id, chaincode, fn, args }: Call): Promise<Partial<Call>> {
    const stopWatching = this.#learnTxId(id);
    try {
      const { blockNumber: block, ...outcome } = await this.#channel.submit(chaincode, fn, ...args);
      return { state: 'done', block, ...outcome };
    } catch (thrown) {
      const error = callErrorOf(thrown);
      const { txId, status, block } = error;
      return {
        state: 'failed',
        error,
        ...(txId === undefined ? {} : { txId }),
        ...(status === undefined ? {} : { status }),
        ...(block === undefined ? {} : { block }),
      };
    } finally {
      stopWatching();
    }
  }

  // submit() tells the transaction id only at the end; the strip wants it from the first event on.
  #learnTxId(id: number): () => void {
    const stop = this.#onTrace((event) => {
      if (event.stage !== 'propose' || event.txId === undefined) return;
      if (this.list.value.some((call) => call.txId === event.txId)) return;
      this.#update(id, { txId: event.txId });
      stop();
    });
    return stop;
  }

  #update(id: number, change: Partial<Call>): Call | undefined {
    this.list.value = this.list.value.map((call) =>
      call.id === id ? { ...call, ...change } : call,
    );
    return this.list.value.find((call) => call.id === id);
  }
}

/** The stage at which a failed call stopped, for the strip. */
export function failedStageOf(call: Call): TraceStage | undefined {
  if (call.status !== undefined && call.status !== 'VALID') return 'validate';
  if (call.error?.at === 'endorse') return 'endorse';
  return call.error?.at === 'submit' ? 'submit' : undefined;
}
