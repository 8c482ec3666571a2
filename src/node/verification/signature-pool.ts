// SPDX-License-Identifier: Apache-2.0
// Spreads blocks over signature workers, so that block n+1 is checked while block n commits.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { NamespaceDefinition, SignatureStage } from '../committer/index.ts';
import type { SignatureWorker } from './signature-worker.ts';

interface Lane {
  readonly worker: SignatureWorker;
  /** What it was last told; messages to a worker keep their order. */
  rules: { bundle: ChannelConfigBundle; definitions: readonly NamespaceDefinition[] } | undefined;
  /** Bytes of the blocks given to it and not answered. */
  busy: number;
}

export class SignaturePool {
  readonly #lanes: readonly Lane[];

  /** @param workers take the bytes over: what they are given is a copy, since the block is still needed for the commit. */
  constructor(workers: readonly SignatureWorker[]) {
    if (workers.length === 0) throw new RangeError('a pool needs a worker');
    this.#lanes = workers.map((worker) => ({ worker, rules: undefined, busy: 0 }));
  }

  /** The block goes to the worker with the least to do. */
  readonly verify: SignatureStage = async (bytes, _block, bundle, definitions) => {
    const lane = this.#lanes.reduce((least, one) => (one.busy < least.busy ? one : least));
    lane.busy += bytes.length;
    try {
      const configured = this.#configure(lane, bundle, definitions);
      const [verdicts] = await Promise.all([lane.worker.verify(bytes.slice()), configured]);
      return verdicts;
    } finally {
      lane.busy -= bytes.length;
    }
  };

  async #configure(
    lane: Lane,
    bundle: ChannelConfigBundle,
    definitions: readonly NamespaceDefinition[],
  ): Promise<void> {
    if (lane.rules?.bundle === bundle && lane.rules.definitions === definitions) return;
    const rules = { bundle, definitions };
    lane.rules = rules;
    const { channelId, configBytes: config } = bundle;
    try {
      await lane.worker.configure({ channelId, config, definitions });
    } catch (error) {
      if (lane.rules === rules) lane.rules = undefined;
      throw error;
    }
  }
}
