// SPDX-License-Identifier: Apache-2.0
// Saves a ledger as Fabric's block files. Where a browser lets the page write to a file that a person picks, blocks go there as
// they come; elsewhere, and for the files after the first, a file is put together from parts and downloaded.
import {
  type BlockfilePart,
  blockfileName,
  splitIntoFiles,
} from '../../ledger/blkstorage/blockfile/split-into-files.ts';
import { download } from './download.ts';
import type { LedgerStore } from './ledger-store.ts';

/** Blocks that are asked for before the first of them is here. */
const BLOCKS_AHEAD = 8;
/** Small writes are put together to this size. */
const WRITE_BYTES = 1024 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

interface FileSink {
  write(parts: Bytes[]): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

type OpenSink = (name: string) => Promise<FileSink>;

/** Not in every browser. */
interface PickerWindow {
  readonly showSaveFilePicker?: (options: {
    suggestedName: string;
  }) => Promise<FileSystemFileHandle>;
}

/**
 * Call from a press of a button, since a browser asks for the file only then. Resolves with the names of the files; with none when
 * the person picks no file.
 */
export async function saveBlockfiles(
  store: Pick<LedgerStore, 'reader' | 'heightNow' | 'firstBlock'>,
  onProgress: (blocks: number, height: number) => void,
): Promise<string[]> {
  const first = await pickFile(blockfileName(0));
  if (first === 'none') return [];
  const height = store.heightNow();
  const { reader, firstBlock = 0 } = store;
  const range = { from: firstBlock, height };
  const entries = entriesOf(reader, range, (done) => onProgress(done, height));
  return writeFiles(splitIntoFiles(entries), async (name) =>
    first && name === blockfileName(0) ? first : downloadSink(name),
  );
}

async function writeFiles(parts: AsyncIterable<BlockfilePart>, open: OpenSink): Promise<string[]> {
  const names: string[] = [];
  let sink: FileSink | undefined;
  let waiting: Bytes[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<void> => {
    const ready = waiting;
    waiting = [];
    waitingBytes = 0;
    await sink?.write(ready);
  };
  try {
    for await (const { file, bytes } of parts) {
      if (names.at(-1) !== file) {
        await flush();
        await sink?.close();
        sink = await open(file);
        names.push(file);
      }
      waiting.push(bytes as Bytes);
      waitingBytes += bytes.length;
      if (waitingBytes >= WRITE_BYTES) await flush();
    }
    await flush();
    await sink?.close();
    return names;
  } catch (error) {
    await sink?.abort();
    throw error;
  }
}

async function* entriesOf(
  reader: LedgerStore['reader'],
  { from, height }: { readonly from: number; readonly height: number },
  onDone: (blocks: number) => void,
): AsyncGenerator<Uint8Array> {
  const asked: Promise<Uint8Array | undefined>[] = [];
  for (let number = from; number < height; number++) {
    for (let next = number + asked.length; next < height && asked.length < BLOCKS_AHEAD; next++) {
      const entry = reader.blockfileEntry(next);
      // It is awaited in its turn.
      entry.catch(() => undefined);
      asked.push(entry);
    }
    const entry = await asked.shift();
    if (!entry) throw new Error(`block ${number} is not here`);
    yield entry;
    onDone(number + 1);
  }
}

async function pickFile(suggestedName: string): Promise<FileSink | 'none' | undefined> {
  const { showSaveFilePicker } = window as PickerWindow;
  if (!showSaveFilePicker) return undefined;
  try {
    const file = await showSaveFilePicker.call(window, { suggestedName });
    const stream = await file.createWritable();
    return {
      write: (parts) => stream.write(new Blob(parts)),
      close: () => stream.close(),
      abort: () => stream.abort(),
    };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return 'none';
    throw error;
  }
}

async function downloadSink(name: string): Promise<FileSink> {
  // Of another type, a browser would give the name an ending.
  const type = 'application/octet-stream';
  let file = new Blob([], { type });
  return {
    // A blob of blobs is no copy, and need not stay in memory.
    write: async (parts) => {
      file = new Blob([file, ...parts], { type });
    },
    close: async () => {
      download(name, file);
    },
    abort: async () => {},
  };
}
