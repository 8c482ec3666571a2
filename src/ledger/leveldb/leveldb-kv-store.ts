// SPDX-License-Identifier: Apache-2.0
// The storage port over LevelDB, the database of Fabric's own peer and orderer. Node only.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { messageOf } from '../../common/runtime/errors.ts';
import type { KeyRange, KVEntry, KVOperation, KVStore, KVStoreProvider } from '../kv-store.ts';
import { LedgerError } from '../types.ts';

type Level = ClassicLevel<Uint8Array, Uint8Array>;

/** A LevelDB directory. */
export class LevelDBKVStore implements KVStore {
  readonly #db: Level;
  readonly #directory: string;

  /** @param db an open database. */
  constructor(db: Level, directory: string) {
    this.#db = db;
    this.#directory = directory;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#run(async () => plain(await this.#db.get(key)));
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const values = await this.#run(() => this.#db.getMany([...keys]));
    return values.map(plain);
  }

  async *range({ gte, lt, reverse = false, limit = -1 }: KeyRange): AsyncGenerator<KVEntry> {
    const bounds = { ...(gte && { gte }), ...(lt && { lt }) };
    const iterator = await this.#run(async () => this.#db.iterator({ ...bounds, reverse, limit }));
    try {
      for (;;) {
        const entry = await this.#run(() => iterator.next());
        if (entry === undefined) return;
        yield [plain(entry[0]), plain(entry[1])];
      }
    } finally {
      await iterator.close();
    }
  }

  async write(
    operations: readonly KVOperation[],
    { durable = false }: { durable?: boolean } = {},
  ): Promise<void> {
    const batch = operations.map((operation) =>
      operation.type === 'delete' ? { type: 'del' as const, key: operation.key } : operation,
    );
    await this.#run(() => this.#db.batch(batch, { sync: durable }));
  }

  async close(): Promise<void> {
    await this.#db.close();
  }

  async #run<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw storeError(cause, this.#directory);
    }
  }
}

/** LevelDB's own sizes where one is absent: 4 MB, 8 MB and 1000. */
export interface LevelDBOptions {
  /** What is written is kept in memory up to here, and up to as much again while it goes to a table. */
  readonly writeBufferSize?: number;
  /** Blocks of tables that were read, in bytes. */
  readonly cacheSize?: number;
  readonly maxOpenFiles?: number;
}

/** LevelDB directories below one root directory. */
export class LevelDBKVStoreProvider implements KVStoreProvider {
  readonly #root: string;
  readonly #options: LevelDBOptions;

  constructor(root: string, options: LevelDBOptions = {}) {
    this.#root = root;
    this.#options = options;
  }

  async open(name: string): Promise<KVStore> {
    const directory = this.#directory(name);
    const encodings = { keyEncoding: 'view', valueEncoding: 'view' } as const;
    const db: Level = new ClassicLevel(directory, { ...this.#options, ...encodings });
    try {
      await mkdir(this.#root, { recursive: true });
      await db.open();
    } catch (cause) {
      throw storeError(cause, directory, 'STORE_UNREADABLE');
    }
    return new LevelDBKVStore(db, directory);
  }

  async list(): Promise<string[]> {
    const entries = await readdir(this.#root, { withFileTypes: true }).catch((cause: unknown) => {
      if (codeOf(cause) === 'ENOENT') return [];
      throw storeError(cause, this.#root);
    });
    const directories = entries.filter((entry) => entry.isDirectory());
    return directories.map((entry) => decodeURIComponent(entry.name)).sort();
  }

  async destroy(name: string): Promise<void> {
    const directory = this.#directory(name);
    try {
      // LevelDB's own destruction takes its lock first, so an open store is refused.
      await ClassicLevel.destroy(directory);
      await rm(directory, { recursive: true, force: true });
    } catch (cause) {
      throw storeError(cause, directory);
    }
  }

  // Letters in a name may mean different stores while the file system takes them for one; channel names
  // are lower-case, and `%` escapes keep a name from leaving the root.
  #directory(name: string): string {
    if (name === '') throw new LedgerError('STORE_FAILED', 'a store must have a name');
    return join(this.#root, encodeURIComponent(name).replaceAll('.', '%2E'));
  }
}

// The library hands out Buffers.
function plain(bytes: Uint8Array): Uint8Array;
function plain(bytes: Uint8Array | undefined): Uint8Array | undefined;
function plain(bytes: Uint8Array | undefined): Uint8Array | undefined {
  if (bytes === undefined) return undefined;
  const { buffer, byteOffset, byteLength } = bytes;
  const own = byteLength === buffer.byteLength;
  return own
    ? new Uint8Array(buffer)
    : new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

type Code = ConstructorParameters<typeof LedgerError>[0];

// A closed database has no cause of being so; one that did not open has.
const KINDS: readonly (readonly [RegExp, Code, string])[] = [
  [/LEVEL_LOCKED|LOCK: .*unavailable/, 'STORE_LOCKED', 'the database is in use; stop who uses it'],
  [/no space left|ENOSPC|quota/i, 'QUOTA_EXCEEDED', 'the disk is full'],
  [/corruption/i, 'STORE_UNREADABLE', 'the database is damaged'],
  [/^LEVEL_(DATABASE|ITERATOR)_NOT_OPEN/, 'STORE_CLOSED', 'the database is closed'],
];

function storeError(
  error: unknown,
  directory: string,
  otherwise: Code = 'STORE_FAILED',
): LedgerError {
  if (error instanceof LedgerError) return error;
  // The library wraps the cause of a failure to open.
  const root = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = `${codeOf(root)} ${messageOf(root)}`;
  const [, code, message] = KINDS.find(([pattern]) => pattern.test(text)) ?? [
    undefined,
    otherwise,
    'the database failed',
  ];
  return new LedgerError(code, `${message} (${directory}: ${messageOf(root)})`, { cause: error });
}
