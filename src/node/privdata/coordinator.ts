// SPDX-License-Identifier: Apache-2.0
// Finds the private data of a block before it is committed, and tidies up after it (gossip/privdata/coordinator.go and
// pvtdataprovider.go). It looks in the transient store only: peers do not ask one another for private data yet, so what
// this peer did not endorse is missing. The ledger records that, and whether this peer should have had it.
//
// Fabric also keeps the private data of transactions that turn out invalid, for reconciliation; here they have none.
import { sha256 } from '@noble/hashes/sha2.js';
import { rwset } from '../../common/protos/index.ts';
import { equalBytes } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { SerializedBlock } from '../../ledger/blkstorage/index.ts';
import type {
  EndorserPvtSimulationResults,
  TransientStore,
} from '../../ledger/transientstore/index.ts';
import type { TxVerdict } from '../committer/index.ts';
import {
  type CollectionPvtdataInfo,
  type TxPvtdataInfo,
  txPvtdataInfosOf,
} from './block-pvtdata.ts';
import { type CollectionStore, memberOrgs } from './collection-store.ts';

export interface CoordinatorComponents {
  /** The peer's organisation. */
  readonly mspId: string;
  readonly collections: Pick<CollectionStore, 'find'>;
  readonly transientStore: TransientStore;
  readonly log: Logger;
}

export interface CoordinatorOptions {
  /** peer.gossip.pvtData.transientstoreMaxBlockRetention, by the default of Fabric's code; core.yaml says 20000. */
  readonly transientBlockRetention: number;
}

export const DEFAULT_COORDINATOR_OPTIONS: CoordinatorOptions = Object.freeze({
  transientBlockRetention: 1000,
});

interface FoundSet extends CollectionPvtdataInfo {
  readonly rwset: Uint8Array;
}

export class Coordinator {
  readonly #components: CoordinatorComponents;
  readonly #options: CoordinatorOptions;
  #purging: Promise<void> = Promise.resolve();

  constructor(
    components: CoordinatorComponents,
    options: CoordinatorOptions = DEFAULT_COORDINATOR_OPTIONS,
  ) {
    this.#components = components;
    this.#options = options;
  }

  /**
   * What this peer has of a block's private data and may keep: serialized rwset.TxPvtReadWriteSet by the number of the
   * transaction.
   */
  async retrievePvtdata(
    block: SerializedBlock,
    verdicts: readonly TxVerdict[],
    flags: Uint8Array,
  ): Promise<ReadonlyMap<number, Uint8Array>> {
    const found = new Map<number, Uint8Array>();
    const missing: string[] = [];
    for (const info of txPvtdataInfosOf(block, verdicts, flags)) {
      const eligible = await this.#eligible(info.collections);
      if (eligible.length === 0) continue;
      const sets = await this.#fromTransientStore(info, eligible);
      if (sets.length > 0) found.set(info.seqInBlock, encode(sets));
      for (const { namespace, collection } of eligible) {
        const isThere = sets.some((s) => s.namespace === namespace && s.collection === collection);
        if (!isThere) missing.push(`${info.seqInBlock}/${namespace}/${collection}`);
      }
    }
    if (missing.length > 0) {
      const text = `block ${block.number} is committed with missing private write sets: ${missing.join(', ')}`;
      this.#components.log.warn(text);
    }
    return found;
  }

  /** Forgets, in the background, what nobody needs once a block is durable. */
  purge(blockNum: number, txIds: readonly string[]): void {
    const { transientStore, log } = this.#components;
    const { transientBlockRetention } = this.#options;
    const isDue = blockNum % transientBlockRetention === 0 && blockNum > transientBlockRetention;
    if (!isDue && !txIds.some((txId) => transientStore.has(txId))) return;
    this.#purging = this.#purging.then(async () => {
      try {
        await transientStore.purgeByTxids(txIds);
        if (isDue) await transientStore.purgeBelowHeight(blockNum - transientBlockRetention);
      } catch (error) {
        log.warn(`the transient store was not purged at block ${blockNum}: ${messageOf(error)}`);
      }
    });
  }

  /** Resolves when all purging so far has ended. */
  async stop(): Promise<void> {
    await this.#purging;
  }

  async #eligible(
    infos: readonly CollectionPvtdataInfo[],
  ): Promise<readonly CollectionPvtdataInfo[]> {
    const { collections, mspId } = this.#components;
    const eligible = await Promise.all(
      infos.map(async ({ namespace, collection }) => {
        const config = await collections.find(namespace, collection);
        return config !== undefined && memberOrgs(config).includes(mspId);
      }),
    );
    return infos.filter((_, i) => eligible[i]);
  }

  // Endorsers may have simulated differently; the block says whose outcome it was.
  async #fromTransientStore(
    { txId }: TxPvtdataInfo,
    wanted: readonly CollectionPvtdataInfo[],
  ): Promise<FoundSet[]> {
    const { transientStore, log } = this.#components;
    let results: readonly EndorserPvtSimulationResults[];
    try {
      results = await transientStore.getTxPvtRWSetByTxid(txId);
    } catch (error) {
      log.warn(`failed fetching private data from transient store: ${messageOf(error)}`);
      return [];
    }
    const sets = results.flatMap((one) => setsIn(one));
    return wanted.flatMap((info) => {
      const found = sets.find(
        ({ namespace, collection, rwset: bytes }) =>
          namespace === info.namespace &&
          collection === info.collection &&
          equalBytes(sha256(bytes), info.expectedHash),
      );
      return found ? [{ ...info, rwset: found.rwset }] : [];
    });
  }
}

function setsIn({ results }: EndorserPvtSimulationResults): Omit<FoundSet, 'expectedHash'>[] {
  return (results.pvt_rwset?.ns_pvt_rwset ?? []).flatMap(({ namespace, collection_pvt_rwset }) =>
    (collection_pvt_rwset ?? []).map(({ collection_name, rwset: bytes }) => ({
      namespace: namespace ?? '',
      collection: collection_name ?? '',
      rwset: bytes ?? new Uint8Array(),
    })),
  );
}

function encode(sets: readonly FoundSet[]): Uint8Array {
  const namespaces = [...new Set(sets.map(({ namespace }) => namespace))];
  const ns_pvt_rwset = namespaces.map((namespace) => ({
    namespace,
    collection_pvt_rwset: sets
      .filter((set) => set.namespace === namespace)
      .map(({ collection, rwset: bytes }) => ({ collection_name: collection, rwset: bytes })),
  }));
  return rwset.TxPvtReadWriteSet.encode({ ns_pvt_rwset }).finish();
}
