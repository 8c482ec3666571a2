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
import { verifyBlock } from '../committer/index.ts';
import { configEnvelopeOf } from '../peer/channel-config.ts';
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
  /** In hex. That of the genesis block is what the rest hangs on: compare it with one you trust. */
  readonly genesisHash: string;
  readonly lastBlockHash: string;
  readonly problems: readonly ChainProblem[];
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  readonly onBlock?: (blockNum: number) => void;
}

/**
 * Verifies serialized common.Blocks from the genesis block on. Commit hashes are computed in a ledger made for it in
 * `ledgers`. Throws when there is no genesis block or its configuration cannot be read, and what reading `blocks` throws; everything else is in the report.
 */
export async function verifyChain(
  blocks: AsyncIterable<Uint8Array>,
  ledgers: LedgerProvider,
  { signal, onBlock }: VerifyOptions = {},
): Promise<VerifyReport> {
  let verifier: ChainVerifier | undefined;
  let blockNum = 0;
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
  readonly #genesisHash: Uint8Array;
  readonly #problems: ChainProblem[] = [];
  #bundle: ChannelConfigBundle;
  #ledger: PeerLedger | undefined;
  #lastHash: Uint8Array;
  #next = 1;
  #transactions = 1;
  #commitHashes = 0;

  private constructor(bundle: ChannelConfigBundle, genesisHash: Uint8Array) {
    this.#bundle = bundle;
    this.#genesisHash = genesisHash;
    this.#lastHash = genesisHash;
  }

  static async begin(genesis: Uint8Array, ledgers: LedgerProvider): Promise<ChainVerifier> {
    const bundle = await createBundleFromBlock(genesis);
    const { received, stored } = splitOutcome(genesis);
    const verifier = new ChainVerifier(bundle, received.headerHash);
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
    await this.#attempt(blockNum, 'BLOCK_REJECTED', () =>
      verifyBlock(received, blockNum, this.#bundle),
    );
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
      channelId: this.#bundle.channelId,
      blocks: this.#next,
      transactions: this.#transactions,
      commitHashesChecked: this.#commitHashes,
      genesisHash: toHex(this.#genesisHash),
      lastBlockHash: toHex(this.#lastHash),
      problems: this.#problems,
    };
  }

  async #configure(block: Uint8Array): Promise<void> {
    const envelope = configEnvelopeOf(block);
    await validateConfigEnvelope(this.#bundle, envelope);
    const next = await createBundle(this.#bundle.channelId, envelope);
    validateNew(this.#bundle, next);
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
