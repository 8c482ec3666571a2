// SPDX-License-Identifier: Apache-2.0
// Takes blocks in order from the payloads buffer, validates and commits them (Fabric's core/committer). Signatures of
// the blocks behind are checked while one commits.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { common } from '../../common/protos/index.ts';
import { blockHeaderHash, blockNumber } from '../../common/protoutil/index.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import type { CommitResult, PeerLedger } from '../../ledger/types.ts';
import { type ValidationLedger, validateBlock } from './block-validator.ts';
import { decodeBlock } from './block-verifier.ts';
import type { DefinitionTracker, NamespaceDefinition } from './definition-tracker.ts';
import { LIFECYCLE_NAMESPACE } from './namespace-policies.ts';
import { codeName, type TxVerdict } from './verdict.ts';

/** Checks signatures of a block, in this thread or another. Keeps its hands off `bytes`. */
export type SignatureStage = (
  bytes: Uint8Array,
  block: common.Block,
  bundle: ChannelConfigBundle,
  /** What is deployed on the channel. */
  definitions: readonly NamespaceDefinition[],
) => Promise<TxVerdict[]>;

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
    block: common.Block,
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

interface Pending {
  readonly block: common.Block;
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

  /** Begins to check the signatures of a verified block that will be committed soon. */
  anticipate(bytes: Uint8Array): void {
    if (this.#anticipated.size >= MAX_ANTICIPATED) return;
    const pending = this.#begin(bytes);
    this.#anticipated.set(keyOf(pending.block), pending);
  }

  /**
   * Validates and commits the next block. Several may be under way: their signatures are checked at once, their commits
   * follow one another. Rejects with BlockRejectedError, LedgerError or CONFIG_REJECTED; the ledger is then as before.
   */
  async commit(bytes: Uint8Array): Promise<CommitResult> {
    const pending = this.#take(bytes) ?? this.#begin(bytes);
    const commit = this.#tail.then(() => this.#finish(bytes, pending));
    this.#tail = commit.catch(() => {});
    return commit;
  }

  // What was begun for this block; anything begun for lower numbers has had its turn.
  #take(bytes: Uint8Array): Pending | undefined {
    const block = decodeBlock(bytes);
    const key = keyOf(block);
    const pending = this.#anticipated.get(key);
    for (const [other, { block: begun }] of this.#anticipated) {
      if (blockNumber(begun) <= blockNumber(block)) this.#anticipated.delete(other);
    }
    return pending;
  }

  #begin(bytes: Uint8Array): Pending {
    const { config, definitions: tracker, signatureStage } = this.#components;
    const block = decodeBlock(bytes);
    const { bundle } = config;
    const definitions = tracker.current();
    const verdicts = definitions.then((known) => signatureStage(bytes, block, bundle, known));
    verdicts.catch(() => {});
    return { block, sequence: bundle.sequence, definitions, verdicts };
  }

  async #finish(bytes: Uint8Array, pending: Pending): Promise<CommitResult> {
    const { clock, config, definitions, ledger, validationLedger, privateData } = this.#components;
    const began = clock.now();
    const verdicts = await this.#currentVerdicts(bytes, pending);
    const flags = await validateBlock(pending.block, verdicts, config.bundle, validationLedger);
    const next = await this.#nextConfig(pending.block, verdicts, flags);
    const validated = clock.now();
    const clear = await privateData?.retrievePvtdata(pending.block, verdicts, flags);
    const result = await ledger.commit(bytes, flags, clear);
    privateData?.purge(result.blockNum, result.txIds);
    if (next) config.apply(next);
    if (changesDefinitions(verdicts, result.flags)) definitions.invalidate();
    this.#tell(result, { validate: validated - began, commit: clock.now() - validated });
    return result;
  }

  // A configuration, or a definition, that came between may judge differently.
  async #currentVerdicts(bytes: Uint8Array, pending: Pending): Promise<TxVerdict[]> {
    const { config, definitions: tracker, signatureStage } = this.#components;
    const { block, sequence, verdicts } = pending;
    const definitions = await tracker.current();
    const began = await pending.definitions.catch(() => undefined);
    if (config.bundle.sequence === sequence && definitions === began) return verdicts;
    return signatureStage(bytes, block, config.bundle, definitions);
  }

  async #nextConfig(
    block: common.Block,
    verdicts: readonly TxVerdict[],
    flags: Uint8Array,
  ): Promise<ChannelConfigBundle | undefined> {
    const index = verdicts.findIndex(({ type }) => type === common.HeaderType.CONFIG);
    const envelope = block.data?.data[index];
    if (index < 0 || !envelope) return undefined;
    if (flags[index] !== 0 || verdicts.length !== 1) {
      const reason = verdicts[index]?.reason ?? 'it does not stand alone in its block';
      throw new FabricError(
        'CONFIG_REJECTED',
        `the configuration in block ${blockNumber(block)} is not acceptable: ${reason}`,
      );
    }
    const { payload } = common.Envelope.decode(envelope);
    return await this.#components.config.prepare(common.Payload.decode(payload).data);
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

// Whether a valid transaction wrote to the public state of `_lifecycle`.
function changesDefinitions(verdicts: readonly TxVerdict[], flags: Uint8Array): boolean {
  return verdicts.some(
    ({ namespaces }, index) =>
      flags[index] === 0 &&
      namespaces.some((one) => one.namespace === LIFECYCLE_NAMESPACE && one.writtenKeys.length > 0),
  );
}

// The header hash covers number, previous hash and data hash: two blocks with one key hold the same transactions.
function keyOf({ header }: common.Block): string {
  return header ? toHex(blockHeaderHash(header)) : '';
}
