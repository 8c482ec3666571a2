// SPDX-License-Identifier: Apache-2.0
// Checks that a stored chain is whole: its links, the hashes of its data, the orderers' signatures under the configuration
// that the chain itself holds for each block, and the commit hashes that its peer stored. Transactions' own signatures are
// not looked at: that is what a replay does.
import {
  createBundle,
  createBundleFromBlock,
  validateConfigEnvelope,
  validateNew,
} from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { equalBytes, toHex } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { holdsConfig, type SerializedBlock } from '../../ledger/blkstorage/index.ts';
import type { LedgerProvider, PeerLedger } from '../../ledger/types.ts';
import { checkContents, verifyBlock } from '../committer/index.ts';
import { ChannelConfig, configEnvelopeOf } from '../peer/channel-config.ts';
import { type StoredOutcome, splitOutcome } from './stored-outcome.ts';

/**
 * - BLOCK_REJECTED: it is not this channel's, its data hash is wrong, or its orderers did not sign it
 * - HASH_MISMATCH: it does not follow the block before
 * - CONFIG_REJECTED: its configuration may not follow the one before
 * - COMMIT_HASH_MISMATCH, CODES_MISMATCH: the state that its peer had cannot be that of these transactions
 * - COMMIT_STOPPED: commit hashes could not be computed from here on
 */
export interface ChainProblem {
  readonly blockNum: number;
  readonly code: string;
  readonly message: string;
}

/** Plain data, fit for JSON. */
export interface VerifyReport {
  readonly channelId: string;
  readonly blocks: number;
  readonly transactions: number;
  readonly commitHashesChecked: number;
  /** The first block that was there. */
  readonly firstBlock: number;
  /** In hex, that of the genesis block, or of the last block of the snapshot: what the rest hangs on, so compare it with one you trust. */
  readonly trustedHash: string;
  /** The same, of a chain that begins with its genesis block. */
  readonly genesisHash?: string;
  /** Blocks whose signatures could not be checked: those before the first configuration of a chain that begins late. */
  readonly blocksWithoutConfig: number;
  readonly lastBlockHash: string;
  readonly problems: readonly ChainProblem[];
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  readonly onBlock?: (blockNum: number) => void;
  /**
   * Where a chain begins that has no genesis block. A ledger that was made from the snapshot has the configuration and the state, so that all is
   * checked; of the hash alone hang the links, and signatures from the first configuration on.
   */
  readonly begin?: PeerLedger | ChainBegin;
}

/** The last block of a snapshot (bootstrappingSnapshotInfo of common/ledger/blkstorage/storage.proto). */
export interface ChainBegin {
  readonly lastBlockNumber: number;
  readonly lastBlockHash: Uint8Array;
}

/**
 * Verifies serialized common.Blocks from the genesis block on, or from where `begin` says. Commit hashes are computed in a ledger made for it in
 * `ledgers`. Throws when there is no genesis block or its configuration cannot be read, and what reading `blocks` throws; everything else is in the report.
 */
export async function verifyChain(
  blocks: AsyncIterable<Uint8Array>,
  ledgers: LedgerProvider,
  { signal, onBlock, begin }: VerifyOptions = {},
): Promise<VerifyReport> {
  let verifier = begin && (await ChainVerifier.from(begin));
  let blockNum = verifier?.nextBlock ?? 0;
  for await (const bytes of blocks) {
    signal?.throwIfAborted();
    if (verifier) await verifier.next(bytes);
    else verifier = await ChainVerifier.begin(bytes, ledgers);
    onBlock?.(blockNum++);
  }
  if (!verifier) throw new FabricError('REPLAY_EMPTY', 'there is no block to verify');
  return verifier.report();
}

class ChainVerifier {
  readonly #trustedHash: Uint8Array;
  readonly #firstBlock: number;
  readonly #problems: ChainProblem[] = [];
  #bundle: ChannelConfigBundle | undefined;
  #ledger: PeerLedger | undefined;
  #lastHash: Uint8Array;
  #next: number;
  #transactions = 0;
  #commitHashes = 0;
  #withoutConfig = 0;
  /** Of the first block, as long as there is no configuration that names it. */
  #channelId: string | undefined;

  private constructor(
    bundle: ChannelConfigBundle | undefined,
    firstBlock: number,
    hash: Uint8Array,
  ) {
    this.#bundle = bundle;
    this.#firstBlock = firstBlock;
    this.#next = firstBlock;
    this.#trustedHash = hash;
    this.#lastHash = hash;
  }

  get nextBlock(): number {
    return this.#next;
  }

  static async from(begin: PeerLedger | ChainBegin): Promise<ChainVerifier> {
    if ('lastBlockHash' in begin) {
      const { lastBlockNumber, lastBlockHash } = begin;
      return new ChainVerifier(undefined, lastBlockNumber + 1, lastBlockHash);
    }
    const { height, currentBlockHash } = begin.getBlockchainInfo();
    const { bundle } = await ChannelConfig.load(begin);
    const verifier = new ChainVerifier(bundle, height, currentBlockHash);
    verifier.#ledger = begin;
    return verifier;
  }

  static async begin(genesis: Uint8Array, ledgers: LedgerProvider): Promise<ChainVerifier> {
    const bundle = await createBundleFromBlock(genesis);
    const { received, stored } = splitOutcome(genesis);
    const verifier = new ChainVerifier(bundle, 0, received.headerHash);
    verifier.#next = 1;
    verifier.#transactions = 1;
    await verifier.#attempt(0, 'BLOCK_REJECTED', () => verifyBlock(received, 0, bundle));
    // An orderer's blocks have no commit hashes.
    if (stored.flags)
      verifier.#ledger = await verifier.#attempt(0, 'COMMIT_STOPPED', () =>
        ledgers.create(received.bytes),
      );
    return verifier;
  }

  async next(bytes: Uint8Array): Promise<void> {
    const blockNum = this.#next++;
    const { received, stored } = splitOutcome(bytes);
    const { previousHash } = received;
    this.#transactions += stored.transactions;
    const bundle = this.#bundle;
    if (bundle) {
      const check = () => verifyBlock(received, blockNum, bundle);
      await this.#attempt(blockNum, 'BLOCK_REJECTED', check);
    } else {
      this.#withoutConfig++;
      this.#channelId ??= received.transactions[0]?.channelHeader.channel_id;
      await this.#attempt(blockNum, 'BLOCK_REJECTED', () =>
        checkContents(received, blockNum, this.#channelId),
      );
    }
    if (!equalBytes(previousHash, this.#lastHash)) {
      const text = `it follows ${toHex(previousHash)}, but the block before is ${toHex(this.#lastHash)}`;
      this.#problem(blockNum, 'HASH_MISMATCH', text);
    }
    this.#lastHash = received.headerHash;
    if (holdsConfig(received)) {
      await this.#attempt(blockNum, 'CONFIG_REJECTED', () => this.#configure(received.bytes));
    }
    await this.#checkCommitHash(received, stored);
  }

  report(): VerifyReport {
    return {
      channelId: this.#bundle?.channelId ?? this.#channelId ?? '',
      firstBlock: this.#firstBlock,
      blocks: this.#next - this.#firstBlock,
      blocksWithoutConfig: this.#withoutConfig,
      transactions: this.#transactions,
      commitHashesChecked: this.#commitHashes,
      trustedHash: toHex(this.#trustedHash),
      ...(this.#firstBlock === 0 && { genesisHash: toHex(this.#trustedHash) }),
      lastBlockHash: toHex(this.#lastHash),
      problems: this.#problems,
    };
  }

  async #configure(block: Uint8Array): Promise<void> {
    const envelope = configEnvelopeOf(block);
    const before = this.#bundle;
    // The first of a chain that begins late is taken as it is, since it is linked to what is trusted.
    if (!before) {
      this.#bundle = await createBundleFromBlock(block);
      return;
    }
    await validateConfigEnvelope(before, envelope);
    const next = await createBundle(before.channelId, envelope);
    validateNew(before, next);
    this.#bundle = next;
  }

  // The stored codes are taken as they are, and must then give the stored hash.
  async #checkCommitHash(received: SerializedBlock, stored: StoredOutcome): Promise<void> {
    const { blockNum, flags, commitHash } = stored;
    const ledger = this.#ledger;
    if (!ledger) return;
    const done = await this.#attempt(blockNum, 'COMMIT_STOPPED', () =>
      ledger.commit(received, flags?.slice() ?? new Uint8Array()),
    );
    if (!done) {
      this.#ledger = undefined;
      return;
    }
    if (flags && !equalBytes(done.flags, flags)) {
      this.#problem(blockNum, 'CODES_MISMATCH', 'reads are called valid that were not');
    }
    if (!commitHash) return;
    this.#commitHashes++;
    if (equalBytes(done.commitHash, commitHash)) return;
    const text = `the commit hash is ${toHex(done.commitHash)}, not ${toHex(commitHash)}`;
    this.#problem(blockNum, 'COMMIT_HASH_MISMATCH', text);
  }

  async #attempt<T>(
    blockNum: number,
    code: string,
    action: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.#problem(blockNum, code, messageOf(error));
      return undefined;
    }
  }

  #problem(blockNum: number, code: string, message: string): void {
    this.#problems.push({ blockNum, code, message });
  }
}
