// SPDX-License-Identifier: Apache-2.0
// Spreads blocks over signature workers, so that block n+1 is checked while block n commits. Channels share the workers: each
// worker keeps the rules of every channel that it has worked for, and is told them once a channel and change.
import type { ChannelConfigBundle } from '../../../common/channelconfig/types.ts';
import type { NamespaceDefinition, SignatureStage } from '../index.ts';
import type { SignatureWorker } from './signature-worker.ts';

interface Rules {
  readonly bundle: ChannelConfigBundle;
  readonly definitions: readonly NamespaceDefinition[];
}

interface Lane {
  readonly worker: SignatureWorker;
  /** By channel, least recently used first: what the worker was last told. Messages to a worker keep their order. */
  readonly rules: Map<string, Rules>;
  /** Bytes of the blocks given to it and not answered. */
  busy: number;
}

export interface SignaturePoolOptions {
  /** Channels whose rules a worker keeps; those of one are a few hundred kilobytes. */
  readonly maxChannels: number;
}

export const DEFAULT_SIGNATURE_POOL_OPTIONS: SignaturePoolOptions = Object.freeze({
  maxChannels: 32,
});

export class SignaturePool {
  readonly #lanes: readonly Lane[];
  readonly #options: SignaturePoolOptions;

  /** @param workers take over the bytes that they are given. */
  constructor(workers: readonly SignatureWorker[], options: Partial<SignaturePoolOptions> = {}) {
    if (workers.length === 0) throw new RangeError('a pool needs a worker');
    this.#options = { ...DEFAULT_SIGNATURE_POOL_OPTIONS, ...options };
    this.#lanes = workers.map((worker) => ({ worker, rules: new Map(), busy: 0 }));
  }

  /** The block goes to the worker with the least to do. */
  readonly verify: SignatureStage = async ({ bytes }, bundle, definitions) => {
    const lane = this.#lanes.reduce((least, one) => (one.busy < least.busy ? one : least));
    lane.busy += bytes.length;
    try {
      const configured = this.#configure(lane, { bundle, definitions });
      // The only copy: the block's own bytes are still needed for the commit.
      const verdicts = lane.worker.verify(bundle.channelId, bytes.slice());
      return (await Promise.all([verdicts, configured]))[0];
    } finally {
      lane.busy -= bytes.length;
    }
  };

  async #configure({ worker, rules: known }: Lane, rules: Rules): Promise<void> {
    const { bundle, definitions } = rules;
    const { channelId, configBytes: config } = bundle;
    const before = known.get(channelId);
    const isKnown = before?.bundle === bundle && before.definitions === definitions;
    known.delete(channelId);
    known.set(channelId, isKnown ? before : rules);
    if (isKnown) return;
    const [oldest] = known.keys();
    const forgotten =
      oldest !== undefined && known.size > this.#options.maxChannels && known.delete(oldest)
        ? worker.forget(oldest)
        : undefined;
    try {
      await Promise.all([worker.configure({ channelId, config, definitions }), forgotten]);
    } catch (error) {
      if (known.get(channelId) === rules) known.delete(channelId);
      throw error;
    }
  }
}
