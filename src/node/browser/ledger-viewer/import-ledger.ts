// SPDX-License-Identifier: Apache-2.0
// From block files to a ledger and a report: the chain runs through our own peer, and whatever ends it early, a damaged
// file, a block that is refused or a person, leaves a report of what came before.
import type { ChaincodeDefinition } from '../../../common/network/types.ts';
import { common } from '../../../common/protos/index.ts';
import { blockHeaderHash } from '../../../common/protoutil/index.ts';
import { equalBytes, toHex } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../../common/runtime/errors.ts';
import { TraceBus } from '../../../common/runtime/trace.ts';
import {
  type BlockfileSource,
  type BootstrappingSnapshotInfo,
  readBlockfiles,
  type TornTail,
} from '../../../ledger/blkstorage/blockfile/index.ts';
import type { CommitResult, LedgerProvider, PeerLedger } from '../../../ledger/types.ts';
import type { LedgerReport } from '../../api/ledger-report.ts';
import type { SignatureStage } from '../../committer/index.ts';
import { ReplayError, type ReplayReport, replayChain } from '../../replay/index.ts';
import { StageClock } from './stage-times.ts';

export interface ImportComponents {
  readonly ledgers: Pick<LedgerProvider, 'create'>;
  readonly clock: Clock;
  readonly signatureStage?: SignatureStage;
}

export interface ImportOptions {
  readonly signal?: AbortSignal;
  /** Chaincodes that the network defines beside the chain. */
  readonly described?: readonly ChaincodeDefinition[];
  /** Made from the snapshot that the blocks go on from; earlier ones are passed over. */
  readonly joined?: PeerLedger | undefined;
  /** What the files themselves say that they go on from. */
  readonly info?: BootstrappingSnapshotInfo | undefined;
  /** Called after each commit, with the stored bytes that were read until then. */
  readonly onCommit?: (result: CommitResult, bytesRead: number) => void;
}

/** A report without what only the page knows. */
export type ImportReport = Omit<LedgerReport, 'id' | 'files' | 'bytes'>;

type Stopped = NonNullable<LedgerReport['stopped']>;

/** More differences than this are only counted. */
const MAX_LISTED = 500;
/** Blocks under way whose places in the files are remembered; a replay has fewer. */
const MAX_PLACES = 32;

/**
 * Imports the files from the genesis block on, or behind a snapshot. Rejects when not even the first block can be committed:
 * LEDGER_NO_GENESIS, LEDGER_FROM_SNAPSHOT when it goes on from a snapshot that is not here or another, REPLAY_EMPTY,
 * what is wrong with the file, or what is wrong with the block.
 */
export async function importLedger(
  sources: readonly BlockfileSource[],
  { ledgers, clock, signatureStage }: ImportComponents,
  { signal, described = [], joined, info, onCommit }: ImportOptions = {},
): Promise<ImportReport> {
  checkSnapshot(info, joined);
  const stages = new StageClock();
  const trace = new TraceBus();
  trace.on(({ stage, ms = 0 }) => stages.add(stage, ms));
  const reading = new Reading(sources, signal, joined?.getBlockchainInfo().height ?? 0);
  const began = performance.now();
  const replay = await replayed(reading, () =>
    replayChain(
      reading.blocks(),
      { ledgers, clock, trace, ...(signatureStage && { signatureStage }) },
      {
        described,
        joined,
        onCommit: (result) => {
          for (const [stage, ms] of Object.entries(result.ms)) stages.add(stage, ms);
          onCommit?.(result, reading.bytesRead);
        },
      },
    ),
  );
  return {
    ...shortened(replay.report),
    ms: performance.now() - began,
    stages: stages.times(),
    ...(reading.torn && { torn: reading.torn }),
    ...(replay.stopped && { stopped: replay.stopped }),
  };
}

/** The hash of the first block's header, in hex; undefined when there is no such block. What is wrong, the import tells. */
export async function firstHeaderHash(
  sources: readonly BlockfileSource[],
): Promise<string | undefined> {
  try {
    for await (const { block } of readBlockfiles(sources)) {
      const { header } = common.Block.decode(block);
      return header ? toHex(blockHeaderHash(header)) : undefined;
    }
  } catch {
    // The import reads it again.
  }
  return undefined;
}

/** Reads blocks for the replay. A failure ends the blocks, so that the replay ends in order with a report, and is kept. */
class Reading {
  readonly #sources: readonly BlockfileSource[];
  readonly #signal: AbortSignal | undefined;
  readonly #places = new Map<number, { file: string; offset: number }>();
  #next: number;
  #isFirst = true;
  bytesRead = 0;
  torn: TornTail | undefined;
  failure: unknown;

  constructor(sources: readonly BlockfileSource[], signal: AbortSignal | undefined, first: number) {
    this.#sources = sources;
    this.#signal = signal;
    this.#next = first;
  }

  async *blocks(): AsyncGenerator<Uint8Array> {
    try {
      for await (const { number, block, file, offset } of this.#read()) {
        if (number < this.#next) continue;
        if (this.#isFirst && number !== this.#next) throw noGenesis(file, number);
        this.#isFirst = false;
        this.#next = number + 1;
        this.#places.set(number, { file, offset });
        this.#places.delete(number - MAX_PLACES);
        yield block;
      }
    } catch (error) {
      this.failure = this.#signal?.aborted
        ? new FabricError('CANCELLED', 'the import was cancelled', { cause: error })
        : error;
    }
  }

  /** What ended the reading, in words and with its place. */
  stopped(): Stopped | undefined {
    const { failure } = this;
    if (failure === undefined) return undefined;
    if (this.#signal?.aborted) return wordsOf(failure);
    return { ...wordsOf(failure), blockNum: this.#next, ...placeIn(failure) };
  }

  /** What the replay refused, and where it stands in the files. */
  refused(error: ReplayError): Stopped {
    const { blockNum } = error.data;
    const known = typeof blockNum === 'number' ? { blockNum, ...this.#places.get(blockNum) } : {};
    return { ...wordsOf(error), ...known };
  }

  #read() {
    return readBlockfiles(this.#sources, {
      signal: this.#signal,
      onProgress: ({ bytesRead }) => {
        this.bytesRead = bytesRead;
      },
      onTornTail: (tail) => {
        this.torn = tail;
      },
    });
  }
}

async function replayed(
  reading: Reading,
  run: () => Promise<ReplayReport>,
): Promise<{ report: ReplayReport; stopped?: Stopped | undefined }> {
  try {
    const report = await run();
    // Of a snapshot alone there is nothing to tell.
    if (report.blocks === 0 && reading.failure !== undefined) throw reading.failure;
    return { report, stopped: reading.stopped() };
  } catch (error) {
    if (error instanceof ReplayError && error.report) {
      return { report: error.report, stopped: reading.refused(error) };
    }
    // Nothing was replayed: what kept the blocks from coming says more than that there were none.
    throw reading.failure ?? error;
  }
}

// To validate transactions takes the state before them.
function checkSnapshot(info?: BootstrappingSnapshotInfo, joined?: PeerLedger): void {
  if (!info) return;
  const { height, currentBlockHash } = joined?.getBlockchainInfo() ?? {};
  const isSame = height === info.lastBlockNum + 1;
  if (isSame && currentBlockHash && equalBytes(currentBlockHash, info.lastBlockHash)) return;
  const wanted = `the snapshot of block ${info.lastBlockNum}`;
  const text = joined
    ? `the files go on from ${wanted}, and this is another snapshot`
    : `the files go on from ${wanted}, which is needed with them`;
  // Pages put what stands under `file` into their words, and the block is what a person needs to know here.
  const data = { file: String(info.lastBlockNum), number: info.lastBlockNum };
  throw new FabricError('LEDGER_FROM_SNAPSHOT', text, { data });
}

function noGenesis(file: string, number: number): FabricError {
  const text = `${file} begins with block ${number}: a replay needs the chain from its genesis block on, or from the end of its snapshot`;
  return new FabricError('LEDGER_NO_GENESIS', text, { data: { file, number } });
}

function wordsOf(error: unknown): Pick<Stopped, 'code' | 'message'> {
  const code = error instanceof FabricError ? (error.data.reason ?? error.code) : 'UNKNOWN';
  return { code: String(code), message: messageOf(error) };
}

function placeIn(error: unknown): Partial<Stopped> {
  if (!(error instanceof FabricError)) return {};
  const { file, offset, blockNum } = error.data;
  return {
    ...(typeof file === 'string' && { file }),
    ...(typeof offset === 'number' && { offset }),
    ...(typeof blockNum === 'number' && { blockNum }),
  };
}

function shortened(
  report: ReplayReport,
): ReplayReport & Pick<LedgerReport, 'codeDifferenceCount' | 'commitHashDifferenceCount'> {
  const { codeDifferences, commitHashDifferences } = report;
  return {
    ...report,
    codeDifferences: codeDifferences.slice(0, MAX_LISTED),
    commitHashDifferences: commitHashDifferences.slice(0, MAX_LISTED),
    codeDifferenceCount: codeDifferences.length,
    commitHashDifferenceCount: commitHashDifferences.length,
  };
}
