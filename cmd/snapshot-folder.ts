// SPDX-License-Identifier: Apache-2.0
// A folder with the files of a snapshot. One is written under another name and gets its own when it is complete, so that
// what an interruption leaves does not look whole.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import type {
  SnapshotReader,
  SnapshotSink,
  SnapshotWriter,
} from '../src/ledger/kvledger/snapshot/snapshot-files.ts';
import { SIGNABLE_METADATA } from '../src/ledger/kvledger/snapshot/snapshot-metadata.ts';
import { ProgressBar } from './progress-bar.ts';

const CHUNK_BYTES = 256 * 1024;

export interface SnapshotFolderOptions {
  readonly signal: AbortSignal;
  /** How often every file will be read. */
  readonly passes?: number;
}

/** Reads a snapshot, with a progress bar. */
export class SnapshotFolder implements SnapshotReader {
  /** Bytes of each file. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #bar = new ProgressBar('MB');
  readonly #total: number;
  #read = 0;

  private constructor(
    folder: string,
    sizes: ReadonlyMap<string, number>,
    { signal, passes = 1 }: SnapshotFolderOptions,
  ) {
    this.#folder = folder;
    this.sizes = sizes;
    this.#total = [...sizes.values()].reduce((sum, size) => sum + size, 0) * passes;
    this.#signal = signal;
  }

  /** Throws FabricError SNAPSHOT_NOT_FOUND. */
  static async open(folder: string, options: SnapshotFolderOptions): Promise<SnapshotFolder> {
    const sizes = new Map<string, number>();
    try {
      for (const name of (await readdir(folder)).sort()) {
        const found = await stat(join(folder, name));
        if (found.isFile()) sizes.set(name, found.size);
      }
    } catch (cause) {
      throw new FabricError('SNAPSHOT_NOT_FOUND', `cannot read ${folder}: ${messageOf(cause)}`);
    }
    if (sizes.has(SIGNABLE_METADATA)) return new SnapshotFolder(folder, sizes, options);
    const text = `there is no snapshot in ${folder}: it has no ${SIGNABLE_METADATA}`;
    throw new FabricError('SNAPSHOT_NOT_FOUND', text);
  }

  /** Of one that is not in the folder it throws FabricError FILE_MISSING. */
  async *read(name: string): AsyncGenerator<Uint8Array> {
    if (!this.sizes.has(name)) {
      throw new FabricError('FILE_MISSING', `snapshot file ${name} is missing`);
    }
    const stream = createReadStream(join(this.#folder, name), { highWaterMark: CHUNK_BYTES });
    try {
      for await (const chunk of stream) {
        this.#signal.throwIfAborted();
        this.#read += chunk.length;
        this.#bar.update({ done: this.#read, total: this.#total, count: this.#read });
        yield new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      }
    } catch (cause) {
      this.#signal.throwIfAborted();
      throw new FabricError('FILE_UNREADABLE', `cannot read ${name}: ${messageOf(cause)}`, {
        cause,
      });
    } finally {
      stream.destroy();
    }
  }

  /** Takes the progress bar away. */
  [Symbol.dispose](): void {
    this.#bar.end();
  }
}

/** Writes a snapshot, with a progress bar; what is not completed is deleted when it is disposed. */
export class NewSnapshotFolder implements SnapshotWriter, AsyncDisposable {
  readonly path: string;
  readonly #unfinished: string;
  readonly #signal: AbortSignal;
  readonly #bar = new ProgressBar('MB');
  #written = 0;

  private constructor(path: string, unfinished: string, signal: AbortSignal) {
    this.path = path;
    this.#unfinished = unfinished;
    this.#signal = signal;
  }

  /** Throws FabricError FILE_EXISTS when there is something already. */
  static async make(folder: string, signal: AbortSignal): Promise<NewSnapshotFolder> {
    const path = resolve(folder);
    await refuseExisting(path, folder);
    const unfinished = `${path}.incomplete-${randomBytes(4).toString('hex')}`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await mkdir(unfinished);
    } catch (cause) {
      throw new FabricError('FILE_FAILED', `cannot make ${folder}: ${messageOf(cause)}`, { cause });
    }
    return new NewSnapshotFolder(path, unfinished, signal);
  }

  get bytesWritten(): number {
    return this.#written;
  }

  write(name: string): SnapshotSink {
    let handle: FileHandle | undefined;
    return {
      write: async (bytes) => {
        this.#signal.throwIfAborted();
        handle ??= await open(join(this.#unfinished, name), 'wx');
        await handle.writeFile(bytes);
        this.#written += bytes.length;
        this.#bar.update({ done: this.#written, count: this.#written });
      },
      close: async () => {
        await handle?.sync();
        await handle?.close();
      },
    };
  }

  /** Gives it its name. */
  async complete(): Promise<void> {
    this.#signal.throwIfAborted();
    await syncFolder(this.#unfinished);
    await refuseExisting(this.path, this.path);
    await rename(this.#unfinished, this.path);
    await syncFolder(dirname(this.path));
    this.#bar.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#bar.end();
    await rm(this.#unfinished, { recursive: true, force: true });
  }
}

async function refuseExisting(path: string, name: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) throw new FabricError('FILE_EXISTS', `${name} exists already`);
}

// Not every platform can; there a rename is durable by itself or not at all.
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
