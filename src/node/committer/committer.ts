// SPDX-License-Identifier: Apache-2.0
// Takes blocks in order from the payloads buffer, validates and commits them (Fabric's core/committer). Signatures of
// the blocks behind are checked while one commits.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { common } from '../../common/protos/index.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import { headerHashIn, type SerializedBlock } from '../../ledger/blkstorage/index.ts';
import type { CommitResult, PeerLedger } from '../../ledger/types.ts';
import { type ValidationLedger, validateBlock } from './block-validator.ts';
import { parseReceived } from './block-verifier.ts';
import type { DefinitionTracker, NamespaceDefinition } from './definition-tracker.ts';
import { LIFECYCLE_NAMESPACE } from './namespace-policies.ts';
import type { SignatureStage } from './signatures/signature-stage.ts';
import { codeName, type TxVerdict } from './verdict.ts';

/** The channel's configuration as the commits so far leave it. */
export interface ConfigTracker {
  readonly bundle: ChannelConfigBundle;
  /** Checks that a config envelope may follow; throws FabricError CONFIG_REJECTED, which stops the channel. */
  prepare(configEnvelope: Uint8Array): Promise<ChannelConfigBundle>;
  /** Makes a prepared configuration the current one, after its block was committed. */
  apply(bundle: ChannelConfigBundle): void;
}

/** Where the private data of a block comes from. */
export interface PrivateDataSource {
  /** Serialized rwset.TxPvtReadWriteSet by the number of the transaction, as far as there is any. */
  retrievePvtdata(
    block: SerializedBlock,
    verdicts: readonly TxVerdict[],
    flags: Uint8Array,
  ): Promise<ReadonlyMap<number, Uint8Array>>;
  /** Told of every block that is durable. */
  purge(blockNum: number, txIds: readonly string[]): void;
}

export interface CommitterComponents {
  readonly peerName: string;
  readonly ledger: PeerLedger;
  readonly validationLedger: ValidationLedger;
  readonly config: ConfigTracker;
  readonly definitions: DefinitionTracker;
  readonly signatureStage: SignatureStage;
  /** Without it, all private data is missing. */
  readonly privateData?: PrivateDataSource;
  readonly clock: Clock;
  readonly trace: TraceBus;
  readonly log: Logger;
}

/** A commit, and the block in the form that every stage of it has used. */
export interface Committed extends CommitResult {
  readonly block: SerializedBlock;
}

interface Pending {
  readonly block: SerializedBlock;
  readonly sequence: number;
  readonly definitions: Promise<readonly NamespaceDefinition[]>;
  readonly verdicts: Promise<TxVerdict[]>;
}

/** Blocks whose signatures are checked before their turn; as many as the payloads buffer may run ahead. */
const MAX_ANTICIPATED = 16;

/** Commits one block at a time, in the order of the calls. */
export class Committer {
  readonly #components: CommitterComponents;
  readonly #anticipated = new Map<string, Pending>();
  #tail: Promise<unknown> = Promise.resolve();

  constructor(components: CommitterComponents) {
    this.#components = components;
  }

  /** Begins to check the signatures of a verified block that will be committed soon, and keeps it for that. */
  anticipate(block: SerializedBlock): void {
    if (this.#anticipated.size >= MAX_ANTICIPATED) return;
    this.#anticipated.set(toHex(block.headerHash), this.#begin(block));
  }

  /**
   * Validates and commits the next block. Several may be under way: their signatures are checked at once, their commits
   * follow one another. Rejects with BlockRejectedError, LedgerError or CONFIG_REJECTED; the ledger is then as before.
   */
  async commit(received: Uint8Array | SerializedBlock): Promise<Committed> {
    const pending = this.#take(received);
    const commit = this.#tail.then(() => this.#finish(pending));
    this.#tail = commit.catch(() => {});
    return { ...(await commit), block: pending.block };
  }

  // What was begun for this block; anything begun for lower numbers has had its turn. A header hash covers number, previous
  // hash and data hash: an anticipated block of the same hash holds the same transactions, was verified, and is parsed.
  #take(received: Uint8Array | SerializedBlock): Pending {
    const hash = received instanceof Uint8Array ? headerHashIn(received) : received.headerHash;
    const pending =
      (hash && this.#anticipated.get(toHex(hash))) ??
      this.#begin(received instanceof Uint8Array ? parseReceived(received) : received);
    for (const [other, { block }] of this.#anticipated) {
      if (block.number <= pending.block.number) this.#anticipated.delete(other);
    }
    return pending;
  }

  #begin(block: SerializedBlock): Pending {
    const { config, definitions: tracker, signatureStage } = this.#components;
    const { bundle } = config;
    const definitions = tracker.current();
    const verdicts = definitions.then((known) => signatureStage(block, bundle, known));
    verdicts.catch(() => {});
    return { block, sequence: bundle.sequence, definitions, verdicts };
  }

  async #finish(pending: Pending): Promise<CommitResult> {
    const { clock, config, definitions, ledger, validationLedger, privateData } = this.#components;
    const began = clock.now();
    const verdicts = await this.#currentVerdicts(pending);
    const flags = await validateBlock(pending.block, verdicts, config.bundle, validationLedger);
    const next = await this.#nextConfig(pending.block, verdicts, flags);
    const validated = clock.now();
    const clear = await privateData?.retrievePvtdata(pending.block, verdicts, flags);
    const result = await ledger.commit(pending.block, flags, clear);
    privateData?.purge(result.blockNum, result.txIds);
    if (next) config.apply(next);
    if (changesDefinitions(verdicts, result.flags)) definitions.invalidate();
    this.#tell(result, { validate: validated - began, commit: clock.now() - validated });
    return result;
  }

  // A configuration, or a definition, that came between may judge differently.
  async #currentVerdicts(pending: Pending): Promise<TxVerdict[]> {
    const { config, definitions: tracker, signatureStage } = this.#components;
    const { block, sequence, verdicts } = pending;
    const definitions = await tracker.current();
    const began = await pending.definitions.catch(() => undefined);
    if (config.bundle.sequence === sequence && definitions === began) return verdicts;
    return signatureStage(block, config.bundle, definitions);
  }

  async #nextConfig(
    block: SerializedBlock,
    verdicts: readonly TxVerdict[],
    flags: Uint8Array,
  ): Promise<ChannelConfigBundle | undefined> {
    const index = verdicts.findIndex(({ type }) => type === common.HeaderType.CONFIG);
    const tx = block.transactions[index];
    if (!tx) return undefined;
    if (flags[index] !== 0 || verdicts.length !== 1) {
      const reason = verdicts[index]?.reason ?? 'it does not stand alone in its block';
      throw new FabricError(
        'CONFIG_REJECTED',
        `the configuration in block ${block.number} is not acceptable: ${reason}`,
      );
    }
    return await this.#components.config.prepare(tx.payload.data);
  }

  #tell(result: CommitResult, ms: { validate: number; commit: number }): void {
    const { peerName, ledger, trace, clock, log } = this.#components;
    const { blockNum, txIds, flags } = result;
    const codes = Array.from(flags, codeName);
    const about = { at: clock.now(), peer: peerName, channel: ledger.ledgerId, block: blockNum };
    const data = { txIds, codes };
    trace.emit({ ...about, stage: 'validate', ms: ms.validate, data });
    trace.emit({ ...about, stage: 'commit', ms: ms.commit, data });
    log.info(
      `committed block ${blockNum} of ${ledger.ledgerId} with ${txIds.length} transaction(s)`,
      {
        ...ms,
        ...result.ms,
        invalid: codes.filter((code) => code !== 'VALID').length,
      },
    );
  }
}

// Whether a valid transaction wrote to the public state of `_lifecycle` or of `lscc`.
function changesDefinitions(verdicts: readonly TxVerdict[], flags: Uint8Array): boolean {
  return verdicts.some(
    ({ namespaces, writesLscc }, index) =>
      flags[index] === 0 &&
      (writesLscc ||
        namespaces.some(
          (one) => one.namespace === LIFECYCLE_NAMESPACE && one.writtenKeys.length > 0,
        )),
  );
}
