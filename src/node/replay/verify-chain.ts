// SPDX-License-Identifier: Apache-2.0
// Checks that a stored chain is whole: its links, the hashes of its data, the orderers' signatures under the configuration
// that the chain itself holds for each block, and the commit hashes that its peer stored. Transactions' own signatures are
// not looked at: that is what a replay does. A chain that begins behind a snapshot is verified from there: all of it when the
// snapshot is at hand, and otherwise without commit hashes, and without signatures up to its first configuration.
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
import { verifyBlock, verifyBlockContents } from '../committer/index.ts';
import { ChannelConfig, configEnvelopeOf } from '../peer/channel-config.ts';
import type { ChainOrigin } from './chain-origin.ts';
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
  /** In hex. What the rest hangs on: compare it with one you trust. Absent when the chain begins behind a snapshot. */
  readonly genesisHash?: string;
  /** The same for a chain that begins behind a snapshot: its last block, the hash in hex. */
  readonly snapshot?: { readonly lastBlockNum: number; readonly lastBlockHash: string };
  /** Blocks whose signatures could not be verified, since there was no configuration to tell who may sign. */
  readonly signaturesUnverified: number;
  /** The configuration block that was taken as it is, for want of one before it. */
  readonly firstConfig?: number;
  readonly lastBlockHash: string;
  readonly problems: readonly ChainProblem[];
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  readonly onBlock?: (blockNum: number) => void;
  /** Where the chain begins, when not with its genesis block. */
  readonly origin?: ChainOrigin | undefined;
}

/**
 * Verifies serialized common.Blocks from the genesis block on, or from `origin`. Commit hashes are computed in a ledger made for it in
 * `ledgers`, or in that of the snapshot. Throws when there is no genesis block or its configuration cannot be read, and what reading `blocks` throws; everything else is in the report.
 */
export async function verifyChain(
  blocks: AsyncIterable<Uint8Array>,
  ledgers: LedgerProvider,
  { signal, onBlock, origin }: VerifyOptions = {},
): Promise<VerifyReport> {
  let verifier = origin && (await ChainVerifier.behind(origin));
  let blockNum = origin ? origin.info.lastBlockNum + 1 : 0;
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
  /** The block before the first that `next` is given. */
  readonly #first: { readonly number: number; readonly hash: Uint8Array };
  readonly #isGenesis: boolean;
  readonly #problems: ChainProblem[] = [];
  #channelId: string | undefined;
  #bundle: ChannelConfigBundle | undefined;
  #ledger: PeerLedger | undefined;
  #lastHash: Uint8Array;
  #next: number;
  #transactions = 0;
  #commitHashes = 0;
  #unverified = 0;
  #firstConfig: number | undefined;

  private constructor(
    first: { readonly number: number; readonly hash: Uint8Array },
    isGenesis: boolean,
  ) {
    this.#first = first;
    this.#isGenesis = isGenesis;
    this.#lastHash = first.hash;
    this.#next = first.number + 1;
  }

  static async begin(genesis: Uint8Array, ledgers: LedgerProvider): Promise<ChainVerifier> {
    const bundle = await createBundleFromBlock(genesis);
    const { received, stored } = splitOutcome(genesis);
    const verifier = new ChainVerifier({ number: 0, hash: received.headerHash }, true);
    verifier.#bundle = bundle;
    verifier.#channelId = bundle.channelId;
    verifier.#transactions = 1;
    await verifier.#attempt(0, 'BLOCK_REJECTED', () => verifyBlock(received, 0, bundle));
    // An orderer's blocks have no commit hashes.
    if (stored.flags)
      verifier.#ledger = await verifier.#attempt(0, 'COMMIT_STOPPED', () =>
        ledgers.create(received.bytes),
      );
    return verifier;
  }

  static async behind({ info, ledger }: ChainOrigin): Promise<ChainVerifier> {
    const first = { number: info.lastBlockNum, hash: info.lastBlockHash };
    const verifier = new ChainVerifier(first, false);
    if (!ledger) return verifier;
    verifier.#bundle = (await ChannelConfig.load(ledger)).bundle;
    verifier.#channelId = ledger.ledgerId;
    verifier.#ledger = ledger;
    return verifier;
  }

  async next(bytes: Uint8Array): Promise<void> {
    const blockNum = this.#next++;
    const { received, stored } = splitOutcome(bytes);
    const { previousHash } = received;
    this.#transactions += stored.transactions;
    await this.#attempt(blockNum, 'BLOCK_REJECTED', () => this.#verify(received, blockNum));
    if (!equalBytes(previousHash, this.#lastHash)) {
      const text = `it follows ${toHex(previousHash)}, but the block before is ${toHex(this.#lastHash)}`;
      this.#problem(blockNum, 'HASH_MISMATCH', text);
    }
    this.#lastHash = received.headerHash;
    if (holdsConfig(received)) {
      await this.#attempt(blockNum, 'CONFIG_REJECTED', () => this.#configure(received));
    }
    await this.#checkCommitHash(received, stored);
  }

  report(): VerifyReport {
    const { number, hash } = this.#first;
    const hex = toHex(hash);
    return {
      channelId: this.#channelId ?? '',
      blocks: this.#next - number - (this.#isGenesis ? 0 : 1),
      transactions: this.#transactions,
      commitHashesChecked: this.#commitHashes,
      ...(this.#isGenesis
        ? { genesisHash: hex }
        : { snapshot: { lastBlockNum: number, lastBlockHash: hex } }),
      signaturesUnverified: this.#unverified,
      ...(this.#firstConfig !== undefined && { firstConfig: this.#firstConfig }),
      lastBlockHash: toHex(this.#lastHash),
      problems: this.#problems,
    };
  }

  // Before the first configuration, the first block tells which channel this is.
  async #verify(received: SerializedBlock, blockNum: number): Promise<void> {
    if (this.#bundle) {
      await verifyBlock(received, blockNum, this.#bundle);
      return;
    }
    this.#unverified++;
    this.#channelId ??= received.transactions[0]?.channelHeader.channel_id ?? '';
    await verifyBlockContents(received, blockNum, this.#channelId);
  }

  async #configure(received: SerializedBlock): Promise<void> {
    const envelope = configEnvelopeOf(received.bytes);
    const before = this.#bundle;
    if (before) await validateConfigEnvelope(before, envelope);
    const next = await createBundle(this.#channelId ?? '', envelope);
    if (before) validateNew(before, next);
    else this.#firstConfig = received.number;
    this.#bundle = next;
  }

  // The stored codes are taken as they are, and must then give the stored hash.
  async #checkCommitHash(received: SerializedBlock, stored: StoredOutcome): Promise<void> {
    const { blockNum, flags, commitHash } = stored;
    // An orderer's blocks have no codes.
    if (!this.#isGenesis && blockNum === this.#first.number + 1 && !flags) this.#ledger = undefined;
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
