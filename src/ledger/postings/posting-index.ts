// SPDX-License-Identifier: Apache-2.0
// An index from keys to the transactions they occur in. Fabric writes one LevelDB entry an occurrence
// (`t` keys of blkstorage/blockindex.go, the keys of history/db.go). In a tab the price of storage is per put,
// so postings gather in memory and are written as sorted segments of a few records each; small segments
// are merged into larger ones, as in a log-structured merge tree.
//
// What is in memory only is not lost in a crash: segments say which blocks they cover, and the owner
// adds the blocks behind them again when it opens.
import { concat } from '../../common/runtime/bytes.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import { LedgerError } from '../types.ts';
import { uint64Bytes } from '../util/codec.ts';
import { lowerBound } from '../util/sorted-map.ts';
import {
  decodeChunk,
  decodeManifest,
  encodeManifest,
  encodeSegment,
  type Manifest,
  type Posting,
  type Postings,
} from './segment.ts';

export interface PostingIndexOptions {
  /** Postings in memory from which on a segment is due. */
  readonly flushPostings: number;
  /** Blocks in memory from which on a segment is due, since each must be read again after a crash. */
  readonly flushBlocks: number;
  /** This many segments of one level become one of the next. */
  readonly fanIn: number;
  /** Segments are not merged into larger ones than this, which bounds the memory and time of a merge. */
  readonly maxSegmentPostings: number;
}

export const DEFAULT_POSTING_INDEX_OPTIONS: PostingIndexOptions = Object.freeze({
  flushPostings: 4096,
  flushBlocks: 128,
  fanIn: 8,
  maxSegmentPostings: 512 * 1024,
});

const MANIFEST = 0x6d; // m
const CHUNK = 0x63; // c
const CACHED_CHUNKS = 16;
const HARD_FACTOR = 4;

/** What a flush writes, and how to make it count once it is written. */
export interface Flush {
  readonly operations: KVOperation[];
  apply(): void;
}

export class PostingIndex {
  readonly #store: KVStore;
  readonly #options: PostingIndexOptions;
  #segments: Manifest[];
  #pending: Postings = new Map();
  #pendingCount = 0;
  #end: number;
  readonly #cache = new Map<string, Postings>();

  private constructor(store: KVStore, segments: Manifest[], options: PostingIndexOptions) {
    this.#store = store;
    this.#segments = segments;
    this.#options = options;
    this.#end = segments.at(-1)?.end ?? 0;
  }

  /** Opens the index that a store, or a part of one, holds. */
  static async open(
    store: KVStore,
    options: Partial<PostingIndexOptions> = {},
  ): Promise<PostingIndex> {
    const segments: Manifest[] = [];
    const range = { gte: Uint8Array.of(MANIFEST), lt: Uint8Array.of(MANIFEST + 1) };
    for await (const [, value] of store.range(range)) segments.push(decodeManifest(value));
    segments.forEach(({ first }, i) => {
      const expected = segments[i - 1]?.end ?? first;
      if (first !== expected) {
        throw new LedgerError(
          'LEDGER_CORRUPT',
          `index covers no blocks from ${expected} to ${first}`,
        );
      }
    });
    return new PostingIndex(store, segments, { ...DEFAULT_POSTING_INDEX_OPTIONS, ...options });
  }

  /** The block to be added next. */
  get nextBlock(): number {
    return this.#end;
  }

  /** The first block that is not in a segment, thus lost with the memory. */
  get flushedBlocks(): number {
    return this.#segments.at(-1)?.end ?? 0;
  }

  /** Adds a block: each key with the number of a transaction, in ascending order of these. */
  add(blockNum: number, keys: Iterable<readonly [key: string, txNum: number]>): void {
    if (blockNum !== this.#end) {
      throw new LedgerError('LEDGER_CORRUPT', `index expects block ${this.#end}, not ${blockNum}`);
    }
    for (const [key, txNum] of keys) {
      const list = this.#pending.get(key);
      if (list) list.push({ blockNum, txNum });
      else this.#pending.set(key, [{ blockNum, txNum }]);
      this.#pendingCount++;
    }
    this.#end++;
  }

  /** Where `key` occurs, first to last or, with `reverse`, last to first. Blocks may be added meanwhile. */
  async *find(key: string, { reverse = false } = {}): AsyncGenerator<Posting> {
    yield* reverse ? this.#backward(key) : this.#forward(key);
  }

  // Both walks remember only which block they have come to, because segments may be merged under them.
  async *#forward(key: string): AsyncGenerator<Posting> {
    for (let from = 0; ; ) {
      const segment = this.#segments.find(({ end, bloom }) => end > from && bloom.mayHave(key));
      const list = segment ? await this.#list(segment, key) : this.#pending.get(key)?.slice();
      if (list !== 'replaced') {
        for (const posting of list ?? []) if (posting.blockNum >= from) yield posting;
        if (!segment) return;
        from = segment.end;
      }
    }
  }

  async *#backward(key: string): AsyncGenerator<Posting> {
    let before = this.flushedBlocks;
    yield* this.#pending.get(key)?.toReversed() ?? [];
    for (;;) {
      const segment = this.#segments.findLast(
        ({ first, bloom }) => first < before && bloom.mayHave(key),
      );
      if (!segment) return;
      const list = await this.#list(segment, key);
      if (list !== 'replaced') {
        for (const posting of list.toReversed()) if (posting.blockNum < before) yield posting;
        before = segment.first;
      }
    }
  }

  /** All keys, in no order; one may come twice. Nothing may be added meanwhile. */
  async *keys(): AsyncGenerator<string> {
    for (const segment of this.#segments) {
      for (const [number] of segment.chunkKeys.entries()) {
        const bytes = await this.#store.get(chunkKey(segment, number));
        yield* decodeChunk(present(bytes), segment.first).keys();
      }
    }
    yield* this.#pending.keys();
  }

  /** True when `key` occurs anywhere. */
  async has(key: string): Promise<boolean> {
    if (this.#pending.has(key)) return true;
    for await (const _ of this.find(key)) return true;
    return false;
  }

  /** True when a segment should be written. */
  get flushDue(): boolean {
    return this.#exceeds(1);
  }

  /** True when so much is in memory that nothing should be added before a segment is written. */
  get flushOverdue(): boolean {
    return this.#exceeds(HARD_FACTOR);
  }

  #exceeds(factor: number): boolean {
    const { flushPostings, flushBlocks } = this.#options;
    const blocks = this.#end - this.flushedBlocks;
    return this.#pendingCount >= factor * flushPostings || blocks >= factor * flushBlocks;
  }

  /** Prepares to write what is in memory as a segment; nothing may be added until it is applied or given up. */
  async prepareFlush(): Promise<Flush | undefined> {
    if (this.#end === this.flushedBlocks) return undefined;
    const span = { first: this.flushedBlocks, end: this.#end };
    const victims = this.#victims();
    const first = victims[0]?.first ?? span.first;
    const level = (victims[0]?.level ?? -1) + 1;
    const postings = await this.#merged(victims);
    const { manifest, chunks } = encodeSegment(postings, { first, end: span.end, level });
    const operations: KVOperation[] = victims.flatMap((victim) => removals(victim));
    operations.push({ type: 'put', key: manifestKey(manifest), value: encodeManifest(manifest) });
    chunks.forEach((value, i) => {
      operations.push({ type: 'put', key: chunkKey(manifest, i), value });
    });
    return {
      operations,
      apply: () => {
        this.#segments = [
          ...this.#segments.slice(0, this.#segments.length - victims.length),
          manifest,
        ];
        this.#pending = new Map();
        this.#pendingCount = 0;
      },
    };
  }

  // Segments to be merged with what is in memory: the last ones of equal level when they are enough, and then
  // those of the next level when the result would complete them, and so on.
  #victims(): Manifest[] {
    const { fanIn, maxSegmentPostings } = this.#options;
    let taken = 0;
    let size = this.#pendingCount;
    for (let level = 0; ; level++) {
      const rest = this.#segments.slice(0, this.#segments.length - taken);
      const run = rest.slice(rest.findLastIndex((segment) => segment.level !== level) + 1);
      const runSize = run.reduce((sum, { postings }) => sum + postings, 0);
      if (run.length < fanIn - 1 || size + runSize > maxSegmentPostings) break;
      taken += run.length;
      size += runSize;
    }
    return this.#segments.slice(this.#segments.length - taken);
  }

  async #merged(victims: readonly Manifest[]): Promise<Postings> {
    if (victims.length === 0) return this.#pending;
    const merged: Postings = new Map();
    const addAll = (postings: Postings): void => {
      for (const [key, list] of postings) {
        const known = merged.get(key);
        if (known) known.push(...list);
        else merged.set(key, [...list]);
      }
    };
    for (const victim of victims) {
      const chunks = await this.#store.getMany(victim.chunkKeys.map((_, i) => chunkKey(victim, i)));
      for (const chunk of chunks) addAll(decodeChunk(present(chunk), victim.first));
    }
    addAll(this.#pending);
    return merged;
  }

  async #list(segment: Manifest, key: string): Promise<readonly Posting[] | 'replaced'> {
    const at = lowerBound(segment.chunkKeys, key);
    const number = segment.chunkKeys[at] === key ? at : at - 1;
    if (number < 0) return [];
    const id = `${segment.first}/${segment.level}/${number}`;
    let chunk = this.#cache.get(id);
    if (!chunk) {
      const bytes = await this.#store.get(chunkKey(segment, number));
      if (!bytes && !this.#segments.includes(segment)) return 'replaced';
      chunk = decodeChunk(present(bytes), segment.first);
    }
    this.#remember(id, chunk);
    return chunk.get(key) ?? [];
  }

  #remember(id: string, chunk: Postings): void {
    this.#cache.delete(id);
    this.#cache.set(id, chunk);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > CACHED_CHUNKS && oldest !== undefined) this.#cache.delete(oldest);
  }
}

function present(chunk: Uint8Array | undefined): Uint8Array {
  if (chunk) return chunk;
  throw new LedgerError('LEDGER_CORRUPT', 'a chunk of an index is missing; rebuild the databases');
}

function manifestKey({ first, level }: Manifest): Uint8Array {
  return concat(Uint8Array.of(MANIFEST), uint64Bytes(first), Uint8Array.of(level));
}

function chunkKey({ first, level }: Manifest, number: number): Uint8Array {
  return concat(
    Uint8Array.of(CHUNK),
    uint64Bytes(first),
    Uint8Array.of(level),
    uint64Bytes(number),
  );
}

function removals(segment: Manifest): KVOperation[] {
  const keys = [manifestKey(segment), ...segment.chunkKeys.map((_, i) => chunkKey(segment, i))];
  return keys.map((key) => ({ type: 'delete', key }));
}
