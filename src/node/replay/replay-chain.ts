// SPDX-License-Identifier: Apache-2.0
// Runs a whole chain through our own peer: each block is verified, validated and committed as if it had just come from the
// orderer, and what comes out is compared with what a real peer made of it. MSPs, policies, definitions and collections
// come from the chain itself.
import type { ChaincodeDefinition } from '../../common/network/types.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { type Logger, silentLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { holdsConfig, type SerializedBlock } from '../../ledger/blkstorage/index.ts';
import type { CommitResult, LedgerProvider, PeerLedger } from '../../ledger/types.ts';
import { type SignatureStage, verifyBlock } from '../committer/index.ts';
import { Channel } from '../peer/channel.ts';
import { type ReplayReport, ReplayReportBuilder } from './replay-report.ts';
import { type StoredOutcome, splitOutcome } from './stored-outcome.ts';

export interface ReplayComponents {
  /** The chain's ledger is made here, and must not exist. */
  readonly ledgers: Pick<LedgerProvider, 'create'>;
  readonly clock: Clock;
  readonly log?: Logger;
  /** Is told how long each stage took. */
  readonly trace?: TraceBus;
  /** Checks signatures elsewhere; in this thread when absent. */
  readonly signatureStage?: SignatureStage;
}

export interface ReplayOptions {
  readonly signal?: AbortSignal;
  /** Called after each commit. */
  readonly onCommit?: (result: CommitResult) => void;
  /** Chaincodes that the network defines beside the chain, as Tabric's network file does. */
  readonly described?: readonly ChaincodeDefinition[];
  /** Snapshots are made after these blocks, by a ledger that has a place for them. */
  readonly snapshotsAt?: readonly number[];
  /** Most blocks under way at a time; bounds memory. */
  readonly blocksAhead?: number;
  /** A ledger made from a snapshot: the blocks are those behind it, and are committed to it. */
  readonly joined?: PeerLedger | undefined;
}

/** The chain cannot be replayed on from this block. */
export class ReplayError extends FabricError {
  override readonly name: string = 'ReplayError';
  readonly blockNum: number;
  /** What was found in the blocks that were committed. */
  readonly report: ReplayReport | undefined;

  constructor(blockNum: number, cause: unknown, report?: ReplayReport) {
    const { message, code } = cause instanceof FabricError ? cause : { message: String(cause) };
    super('REPLAY_STOPPED', `the replay stopped at block ${blockNum}: ${message}`, {
      cause,
      data: { blockNum, ...(code !== undefined && { reason: code }) },
    });
    this.blockNum = blockNum;
    this.report = report;
  }
}

const DEFAULT_BLOCKS_AHEAD = 6;

/**
 * Replays serialized common.Blocks from the genesis block on, or on a ledger made from a snapshot. Throws ReplayError when a block is refused (its signature, its
 * place in the chain, a configuration), and what reading `blocks` throws. The ledger stays open.
 */
export async function replayChain(
  blocks: AsyncIterable<Uint8Array>,
  components: ReplayComponents,
  options: ReplayOptions = {},
): Promise<ReplayReport> {
  const { joined } = options;
  let replay = joined && (await ChainReplay.behind(joined, components, options));
  try {
    for await (const bytes of blocks) {
      options.signal?.throwIfAborted();
      if (replay) await replay.next(bytes);
      else replay = await ChainReplay.begin(bytes, components, options);
    }
    await replay?.drain();
  } catch (error) {
    await replay?.settle();
    // Blocks before the refused one may have been under way still.
    if (!replay || !(error instanceof ReplayError)) throw error;
    throw new ReplayError(error.blockNum, error.cause, replay.report());
  }
  if (!replay) throw new FabricError('REPLAY_EMPTY', 'there is no block to replay');
  return replay.report();
}

class ChainReplay {
  readonly #channel: Channel;
  readonly #options: ReplayOptions;
  readonly #report: ReplayReportBuilder;
  #next: number;
  #underWay: Promise<void>[] = [];

  private constructor(channel: Channel, options: ReplayOptions, report: ReplayReportBuilder) {
    this.#channel = channel;
    this.#options = options;
    this.#report = report;
    this.#next = channel.height;
  }

  static async begin(
    genesis: Uint8Array,
    components: ReplayComponents,
    options: ReplayOptions,
  ): Promise<ChainReplay> {
    try {
      const { received, stored } = splitOutcome(genesis);
      const ledger = await components.ledgers.create(received.bytes);
      const report = new ReplayReportBuilder();
      report.genesis(stored);
      return await ChainReplay.#on(ledger, components, options, report);
    } catch (error) {
      throw new ReplayError(0, error);
    }
  }

  /** Goes on where a snapshot ended. */
  static async behind(
    ledger: PeerLedger,
    components: ReplayComponents,
    options: ReplayOptions,
  ): Promise<ChainReplay> {
    try {
      return await ChainReplay.#on(ledger, components, options, new ReplayReportBuilder());
    } catch (error) {
      throw new ReplayError(ledger.getBlockchainInfo().height, error);
    }
  }

  static async #on(
    ledger: PeerLedger,
    { ledgers: _, ...components }: ReplayComponents,
    options: ReplayOptions,
    report: ReplayReportBuilder,
  ): Promise<ChainReplay> {
    for (const blockNum of options.snapshotsAt ?? []) await ledger.submitSnapshotRequest(blockNum);
    const { log = silentLogger, trace = new TraceBus() } = components;
    const about = { ...components, log, trace, peerName: 'replay', ledger };
    return new ChainReplay(await Channel.open(about, options.described ?? []), options, report);
  }

  // Blocks follow one another closely, except around a configuration: the next is verified under it.
  async next(bytes: Uint8Array): Promise<void> {
    const blockNum = this.#next++;
    const { blocksAhead = DEFAULT_BLOCKS_AHEAD } = this.#options;
    await this.#leaveUnderWay(blocksAhead - 1);
    try {
      const { received, stored } = splitOutcome(bytes);
      await verifyBlock(received, blockNum, this.#channel.bundle);
      const commit = this.#commit(received, stored);
      commit.catch(() => {});
      this.#underWay.push(commit);
      if (holdsConfig(received)) await this.drain();
    } catch (error) {
      throw this.#stopped(blockNum, error);
    }
  }

  /** Waits for all commits. */
  drain(): Promise<void> {
    return this.#leaveUnderWay(0);
  }

  /** Waits for all commits, whatever becomes of them. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  report(): ReplayReport {
    const { ledger, name } = this.#channel;
    return this.#report.build(name, ledger.getBlockchainInfo());
  }

  async #commit(received: SerializedBlock, stored: StoredOutcome): Promise<void> {
    try {
      const result = await this.#channel.commit(received);
      this.#report.add(stored, result);
      this.#options.onCommit?.(result);
    } catch (error) {
      throw this.#stopped(stored.blockNum, error);
    }
  }

  async #leaveUnderWay(count: number): Promise<void> {
    while (this.#underWay.length > count) await this.#underWay.shift();
  }

  #stopped(blockNum: number, error: unknown): ReplayError {
    return error instanceof ReplayError ? error : new ReplayError(blockNum, error);
  }
}
