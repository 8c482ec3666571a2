// SPDX-License-Identifier: Apache-2.0
// Spreads blocks over signature workers, so that block n+1 is checked while block n commits.
import type { ChannelConfigBundle } from '../../../common/channelconfig/types.ts';
import type { ChaincodeDefinition } from '../../../common/network/types.ts';
import type { NamespaceDefinition, SignatureStage } from '../index.ts';
import type { SignatureWorker } from './signature-worker.ts';

interface Lane {
  readonly worker: SignatureWorker;
  /** What it was last told; messages to a worker keep their order. */
  rules: { bundle: ChannelConfigBundle; committed: readonly NamespaceDefinition[] } | undefined;
  /** Bytes of the blocks given to it and not answered. */
  busy: number;
}

export class SignaturePool {
  readonly #lanes: readonly Lane[];
  readonly #described: readonly ChaincodeDefinition[];

  /**
   * @param workers take the bytes over: what they are given is a copy, since the block is still needed for the commit.
   * @param described chaincodes that the network defines beside the chain.
   */
  constructor(workers: readonly SignatureWorker[], described: readonly ChaincodeDefinition[] = []) {
    if (workers.length === 0) throw new RangeError('a pool needs a worker');
    this.#described = described;
    this.#lanes = workers.map((worker) => ({ worker, rules: undefined, busy: 0 }));
  }

  /** The block goes to the worker with the least to do. */
  readonly verify: SignatureStage = async (bytes, _block, bundle, committed) => {
    const lane = this.#lanes.reduce((least, one) => (one.busy < least.busy ? one : least));
    lane.busy += bytes.length;
    try {
      const configured = this.#configure(lane, bundle, committed);
      const [verdicts] = await Promise.all([lane.worker.verify(bytes.slice()), configured]);
      return verdicts;
    } finally {
      lane.busy -= bytes.length;
    }
  };

  async #configure(
    lane: Lane,
    bundle: ChannelConfigBundle,
    committed: readonly NamespaceDefinition[],
  ): Promise<void> {
    if (lane.rules?.bundle === bundle && lane.rules.committed === committed) return;
    const rules = { bundle, committed };
    lane.rules = rules;
    const { channelId, configBytes: config } = bundle;
    try {
      await lane.worker.configure({ channelId, config, described: this.#described, committed });
    } catch (error) {
      if (lane.rules === rules) lane.rules = undefined;
      throw error;
    }
  }
}
