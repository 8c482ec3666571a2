// SPDX-License-Identifier: Apache-2.0
// Spreads blocks over verify workers, so that block n+1 is checked while block n commits.
import * as Comlink from 'comlink';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { ChaincodeDefinition } from '../../common/network/types.ts';
import type { NamespaceDefinition, SignatureStage } from '../committer/index.ts';
import type { VerifyWorkerApi } from './verify-worker.ts';

interface Lane {
  readonly worker: Comlink.Remote<VerifyWorkerApi>;
  /** The configuration it was last given; messages to a worker keep their order. */
  bundle: ChannelConfigBundle | undefined;
  committed: readonly NamespaceDefinition[] | undefined;
  busy: number;
}

export class VerifyPool {
  readonly #lanes: readonly Lane[];
  readonly #definitions: readonly ChaincodeDefinition[];

  constructor(size: number, definitions: readonly ChaincodeDefinition[]) {
    this.#definitions = definitions;
    this.#lanes = Array.from({ length: size }, () => ({
      worker: Comlink.wrap<VerifyWorkerApi>(
        new Worker(new URL('./verify-worker.ts', import.meta.url), { type: 'module' }),
      ),
      bundle: undefined,
      committed: undefined,
      busy: 0,
    }));
  }

  /** The block goes to the worker with the least to do, as a copy: its bytes are still needed for the commit. */
  readonly verify: SignatureStage = async (bytes, _block, bundle, committed) => {
    const [lane] = [...this.#lanes].sort((a, b) => a.busy - b.busy);
    if (!lane) throw new Error('the pool has no worker');
    lane.busy += bytes.length;
    try {
      if (lane.bundle !== bundle || lane.committed !== committed) {
        lane.bundle = bundle;
        lane.committed = committed;
        const { channelId, configBytes } = bundle;
        await lane.worker.configure(channelId, configBytes, this.#definitions, committed);
      }
      const copy = bytes.slice();
      return await lane.worker.verify(Comlink.transfer(copy, [copy.buffer]));
    } finally {
      lane.busy -= bytes.length;
    }
  };
}
