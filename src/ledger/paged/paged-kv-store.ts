// SPDX-License-Identifier: Apache-2.0
// An ordered store for a platform that charges by the record, as IndexedDB does: 500 puts into it cost some 80 ms, one put of
// the same bytes 2 ms. Here
// - a write is one journal record, and its entries stay in memory;
// - when enough have gathered, a checkpoint merges them into pages of a hundred entries or so, a few pages at a time, and
//   then drops their journal records;
// - a read looks into memory first, then into one page.
// A checkpoint may be cut off after any step: the journal still has all of it, and is read again on open.
//
//   j number     -> operations of a write that are in no page yet
//   p separator  -> a page: the entries from that key on, up to the next separator
//   x            -> all separators, stored with the pages whenever they change
import type { KeyRange, KVEntry, KVOperation, KVStore } from '../kv-store.ts';
import { LedgerError } from '../types.ts';
import { fromBinary, toBinary } from '../util/binary-string.ts';
import { readUint64, uint64Bytes } from '../util/codec.ts';
import { Mutex } from '../util/mutex.ts';
import type { BinaryRange } from '../util/sorted-map.ts';
import { Overlay } from './overlay.ts';
import { PageIndex } from './page-index.ts';
import { mergeParts, partsByPage } from './page-merge.ts';
import {
  type Change,
  decodeIndex,
  decodeJournal,
  encodeIndex,
  encodeJournal,
  entriesOf,
  findInPage,
  overlay,
  PAGE,
  type PageEntry,
  storedKey,
} from './records.ts';

export interface PagedKVStoreOptions {
  /** Pages are about as large as this. */
  readonly pageBytes: number;
  /** Journal records are not much larger than this. */
  readonly journalRecordBytes: number;
  /** A checkpoint is due when memory holds this many bytes, or a quarter of what the pages hold if that is more, … */
  readonly checkpointBytes: number;
  /** … or this many. */
  readonly maxCheckpointBytes: number;
  /** Pages that a checkpoint merges at a time; bounds its memory, and how long reads wait for it. */
  readonly pagesPerStep: number;
}

export const DEFAULT_PAGED_KV_STORE_OPTIONS: PagedKVStoreOptions = Object.freeze({
  pageBytes: 16 * 1024,
  journalRecordBytes: 1024 * 1024,
  checkpointBytes: 2 * 1024 * 1024,
  maxCheckpointBytes: 16 * 1024 * 1024,
  pagesPerStep: 32,
});

const PAGES_FRACTION = 4;
/** At this multiple of what makes a checkpoint due, writes wait for it. */
const HARD_FACTOR = 2;
const MOST_PAGES_READ_AHEAD = 16;

const JOURNAL = 'j';
const INDEX = fromBinary('x');

export class PagedKVStore implements KVStore {
  readonly #store: KVStore;
  readonly #options: PagedKVStoreOptions;
  readonly #writing = new Mutex();
  #index: PageIndex;
  #recent: Overlay;
  /** What a checkpoint is merging. */
  #frozen: Overlay | undefined;
  #nextRecord: number;
  /** Even while no step that moves keys between pages is under way. */
  #moves = 0;
  #moving: Promise<void> | undefined;
  #checkpointing: Promise<void> | undefined;
  #closed = false;

  private constructor(
    store: KVStore,
    options: PagedKVStoreOptions,
    found: { index: PageIndex; recent: Overlay; nextRecord: number },
  ) {
    this.#store = store;
    this.#options = options;
    this.#index = found.index;
    this.#recent = found.recent;
    this.#nextRecord = found.nextRecord;
  }

  /**
   * Opens what a store holds; closing closes that as well. Throws LedgerError STORE_UNREADABLE when something else was written
   * into it.
   */
  static async open(
    store: KVStore,
    options: Partial<PagedKVStoreOptions> = {},
  ): Promise<PagedKVStore> {
    for await (const _ of store.range({ lt: fromBinary(JOURNAL), limit: 1 })) {
      throw new LedgerError('STORE_UNREADABLE', 'the store holds entries that are in no page');
    }
    return PagedKVStore.openUnchecked(store, options);
  }

  /** Opens the pages of a store that may hold something else beside them. */
  static async openUnchecked(
    store: KVStore,
    options: Partial<PagedKVStoreOptions> = {},
  ): Promise<PagedKVStore> {
    const stored = await store.get(INDEX);
    const index = new PageIndex(stored ? decodeIndex(stored) : undefined);
    const journal = { gte: fromBinary(JOURNAL), lt: fromBinary('k') };
    let recent: Overlay | undefined;
    let nextRecord = 0;
    for await (const [key, record] of store.range(journal)) {
      const number = readUint64(key, 1);
      recent ??= new Overlay(number);
      recent.apply(decodeJournal(record));
      nextRecord = number + 1;
    }
    recent ??= new Overlay(nextRecord);
    const all = { ...DEFAULT_PAGED_KV_STORE_OPTIONS, ...options };
    return new PagedKVStore(store, all, { index, recent, nextRecord });
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const [value] = await this.getMany([key]);
    return value;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#check();
    const wanted = keys.map(toBinary);
    const found = new Map<string, Uint8Array | undefined>();
    let missing: string[] = [];
    for (const key of wanted) {
      const change = this.#recent.get(key) ?? this.#frozen?.get(key);
      if (change) found.set(key, change.value?.slice());
      else missing.push(key);
    }
    while (missing.length > 0) {
      const pages = await this.#readPages(missing.map((key) => this.#index.pageOf(key)));
      if (pages === 'moved') continue;
      for (const key of missing) {
        found.set(key, findInPage(pages.get(this.#index.pageOf(key)), key)?.slice());
      }
      missing = [];
    }
    return wanted.map((key) => found.get(key));
  }

  async *range({ gte, lt, reverse = false, limit }: KeyRange): AsyncGenerator<KVEntry> {
    this.#check();
    let lower = gte ? toBinary(gte) : '';
    let upper = lt && toBinary(lt);
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (let pages = 1; left > 0; pages = Math.min(2 * pages, MOST_PAGES_READ_AHEAD)) {
      if (upper !== undefined && lower >= upper) return;
      const span = this.#spanOf({ gte: lower, lt: upper }, pages, reverse);
      const entries = await this.#readSpan(span);
      if (entries === 'moved') continue;
      for (const [key, value] of reverse ? entries.reverse() : entries) {
        if (left-- <= 0) return;
        this.#check();
        yield [fromBinary(key), value.slice()];
      }
      if (span.isLast) return;
      if (reverse) upper = span.gte;
      else lower = span.lt ?? '';
    }
  }

  async write(operations: readonly KVOperation[], options?: { durable?: boolean }): Promise<void> {
    this.#check();
    await this.#writing.run(async () => {
      if (this.#isDue(HARD_FACTOR)) await this.#checkpoint();
      const records = encodeJournal(operations, this.#options.journalRecordBytes);
      const puts = records.map((value, i): KVOperation => {
        return { type: 'put', key: journalKey(this.#nextRecord + i), value };
      });
      await this.#store.write(puts, options);
      this.#nextRecord += records.length;
      for (const record of records) this.#recent.apply(decodeJournal(record));
    });
    // What fails behind a write is tried again after the next one; when memory is full, writes wait for it and fail with it.
    if (this.#isDue(1)) this.#checkpoint().catch(() => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing.run(async () => {});
    await this.#checkpointing?.catch(() => {});
    await this.#store.close();
  }

  #isDue(factor: number): boolean {
    const { pageBytes, checkpointBytes, maxCheckpointBytes } = this.#options;
    const share = (this.#index.size * pageBytes) / PAGES_FRACTION;
    const due = Math.min(Math.max(share, checkpointBytes), maxCheckpointBytes);
    return this.#recent.bytes >= factor * due;
  }

  #checkpoint(): Promise<void> {
    this.#checkpointing ??= this.#mergeIntoPages().finally(() => {
      this.#checkpointing = undefined;
    });
    return this.#checkpointing;
  }

  async #mergeIntoPages(): Promise<void> {
    if (!this.#frozen) {
      this.#frozen = this.#recent;
      this.#recent = new Overlay(this.#nextRecord);
    }
    const frozen = this.#frozen;
    const changes = frozen.slice({});
    for (let next = 0; next < changes.length; ) {
      if (this.#closed) return;
      next = await this.#mergeStep(changes, next);
    }
    const drops: KVOperation[] = [];
    for (let number = frozen.firstRecord; number < this.#recent.firstRecord; number++) {
      drops.push({ type: 'delete', key: journalKey(number) });
    }
    await this.#store.write(drops);
    this.#frozen = undefined;
  }

  // Merges changes from `next` on into the pages that they fall into; gives where to go on.
  async #mergeStep(changes: readonly Change[], next: number): Promise<number> {
    const { pagesPerStep, pageBytes } = this.#options;
    const { parts, end } = partsByPage(this.#index, changes, next, pagesPerStep);
    const pages = await this.#readPages([...parts.keys()]);
    if (pages === 'moved') throw new Error('only a checkpoint moves keys');
    const { operations, replacements } = mergeParts(this.#index, parts, pages, pageBytes);
    await this.#replacePages(operations, replacements);
    return end;
  }

  async #replacePages(
    operations: KVOperation[],
    replacements: ReadonlyMap<string, readonly string[]>,
  ): Promise<void> {
    if (replacements.size === 0) return this.#store.write(operations);
    const index = this.#index.replaced(replacements);
    const value = encodeIndex(index.separators);
    this.#moves++;
    const written = this.#store.write([...operations, { type: 'put', key: INDEX, value }]);
    this.#moving = written.catch(() => {});
    try {
      await written;
      this.#index = index;
    } finally {
      this.#moves++;
      this.#moving = undefined;
    }
  }

  // Pages by their numbers; 'moved' when these mean other keys by now.
  async #readPages(
    numbers: readonly number[],
  ): Promise<Map<number, Uint8Array | undefined> | 'moved'> {
    const moves = this.#moves;
    if (this.#moving) {
      await this.#moving;
      return 'moved';
    }
    const unique = [...new Set(numbers)];
    const keys = unique.map((page) => storedKey(PAGE, this.#index.span(page).separator));
    const pages = await this.#store.getMany(keys);
    if (moves !== this.#moves) {
      await this.#moving;
      this.#check();
      return 'moved';
    }
    return new Map(unique.map((page, i) => [page, pages[i]]));
  }

  // The pages to be read next, cut to the range: its first ones, or its last.
  #spanOf({ gte = '', lt }: BinaryRange, count: number, reverse: boolean): PagesSpan {
    const [lowest, highest] = [this.#index.pageOf(gte), this.#index.lastBelow(lt)];
    const first = reverse ? Math.max(lowest, highest - count + 1) : lowest;
    const last = reverse ? highest : Math.min(highest, lowest + count - 1);
    const { separator } = this.#index.span(first);
    const { end } = this.#index.span(last);
    return {
      first,
      last,
      gte: first === lowest ? gte : separator,
      lt: last === highest ? lt : end,
      isLast: reverse ? first === lowest : last === highest,
    };
  }

  async #readSpan({ first, last, gte, lt }: PagesSpan): Promise<PageEntry[] | 'moved'> {
    // Before the pages: what a checkpoint puts into them meanwhile is in here as well.
    const changes = this.#changesIn({ gte, lt });
    const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const pages = await this.#readPages(numbers);
    if (pages === 'moved') return pages;
    const stored = numbers.flatMap((number) =>
      [...entriesOf(pages.get(number))].filter(
        ([key]) => key >= gte && (lt === undefined || key < lt),
      ),
    );
    return [...overlay(stored, changes)];
  }

  #changesIn(range: BinaryRange): readonly Change[] {
    const recent = this.#recent.slice(range);
    const older = this.#frozen?.slice(range) ?? [];
    if (older.length === 0) return recent;
    const changes = new Map([...older, ...recent]);
    return [...changes].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #check(): void {
    if (this.#closed) throw new LedgerError('STORE_CLOSED', 'the store is closed');
  }
}

interface PagesSpan {
  readonly first: number;
  readonly last: number;
  readonly gte: string;
  readonly lt: string | undefined;
  /** Nothing of the range is left behind these pages. */
  readonly isLast: boolean;
}

function journalKey(number: number): Uint8Array<ArrayBuffer> {
  return storedKey(JOURNAL, toBinary(uint64Bytes(number)));
}
