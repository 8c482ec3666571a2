// SPDX-License-Identifier: Apache-2.0
// The folder of one headless peer, of which one process at a time makes use (LevelDB's lock). Keys lie in it, so nobody else may look inside.
//
//   peer.json              who it is, and where its relay was; written last: without it nothing else counts
//   msp/, user/msp/        the peer's and its user's certificate and key, as Fabric's msp folders have them
//   libp2p/key.pem         the key of its libp2p node, PKCS#8
//   ledgersData/           LevelDB: ledgers, chaincode packages; `tabric ledger` reads it while the peer is stopped
import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { KVStore, KVStoreProvider } from '../../ledger/kv-store.ts';
import {
  LevelDBKVStoreProvider,
  type LevelDBOptions,
} from '../../ledger/leveldb/leveldb-kv-store.ts';
import { LedgerError } from '../../ledger/types.ts';
import { PACKAGES_STORE } from '../peer/peer-storage.ts';

/** Before the names of ledgers' stores, as `tabric ledger` expects it. */
export const LEDGER_STORES = 'peer';

const LEDGERS_FOLDER = 'ledgersData';
const OURS: ReadonlySet<string> = new Set(['peer.json', 'msp', 'user', 'libp2p', LEDGERS_FOLDER]);
const MAX_FILE_BYTES = 64 * 1024;

export class PeerDirectory implements AsyncDisposable {
  readonly path: string;
  /** Opens the stores of ledgers and packages; `close` closes them. */
  readonly stores: KVStoreProvider;
  readonly #opened: KVStore[];

  private constructor(path: string, provider: LevelDBKVStoreProvider, lock: KVStore) {
    this.path = path;
    this.#opened = [lock];
    this.stores = {
      // It has been open since the directory is, to keep other processes out.
      open: async (name) => {
        if (name === PACKAGES_STORE) return lock;
        const store = await provider.open(name);
        this.#opened.push(store);
        return store;
      },
      list: () => provider.list(),
      destroy: (name) => provider.destroy(name),
    };
  }

  /** Opens the directory, making it when needed. Rejects with FabricError DATA_UNREADABLE or DATA_IN_USE, whose message says what to do. */
  static async open(path: string, options: LevelDBOptions = {}): Promise<PeerDirectory> {
    const root = resolve(path);
    try {
      await mkdir(root, { recursive: true, mode: 0o700 });
      await refuseForeign(root);
      await chmod(root, 0o700);
    } catch (cause) {
      throw unreadable(root, cause);
    }
    const provider = new LevelDBKVStoreProvider(join(root, LEDGERS_FOLDER), options);
    return new PeerDirectory(root, provider, await openLock(root, provider));
  }

  /** The text of a file, undefined when it is not there. Rejects with FabricError DATA_UNREADABLE. */
  async read(name: string): Promise<string | undefined> {
    const file = join(this.path, name);
    try {
      const bytes = await readFile(file);
      if (bytes.length > MAX_FILE_BYTES) throw new Error(`it has ${bytes.length} bytes`);
      return bytes.toString('utf8');
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
      throw damaged(file, messageOf(cause), cause);
    }
  }

  /** Writes a file that only its owner may read: the whole of it, on the disk, or none. */
  async write(name: string, text: string): Promise<void> {
    const file = join(this.path, name);
    const unfinished = `${file}.tmp`;
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(unfinished, text, { mode: 0o600, flush: true });
      await rename(unfinished, file);
    } catch (cause) {
      throw unreadable(this.path, cause);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((store) => store.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** What a person can do about a file that is not what it should be. */
export function damaged(file: string, what: string, cause?: unknown): FabricError {
  const text = `cannot use ${file}: ${what}; restore it, or move its folder away and join again with --join`;
  return new FabricError('DATA_UNREADABLE', text, { cause });
}

async function refuseForeign(root: string): Promise<void> {
  const names = await readdir(root);
  if (names.includes('peer.json')) return;
  const foreign = names.find((name) => !OURS.has(name.replace(/\.tmp$/, '')));
  if (foreign !== undefined) throw new Error(`there are other files in it (${foreign})`);
}

async function openLock(root: string, provider: LevelDBKVStoreProvider): Promise<KVStore> {
  try {
    return await provider.open(PACKAGES_STORE);
  } catch (cause) {
    if (cause instanceof LedgerError && cause.code === 'STORE_LOCKED') {
      const text = `another process is the peer of ${root}; stop it, or choose another --data or --name`;
      throw new FabricError('DATA_IN_USE', text, { cause });
    }
    throw unreadable(root, cause);
  }
}

function unreadable(root: string, cause: unknown): FabricError {
  const text = `cannot use the folder ${root}: ${messageOf(cause)}; choose another with --data`;
  return new FabricError('DATA_UNREADABLE', text, { cause });
}
