// SPDX-License-Identifier: Apache-2.0
// The relay's data directory: private keys lie in it, so nobody else may look inside, and only one relay may use it at a time (LevelDB's lock).
//
//   relay/            LevelDB: the network with its keys, the CAs' registries, invitations
//   chains/           LevelDB: the orderer's blocks, a store a channel
//   chaincode/        programs that were built from chaincode packages, and npm's cache
//   registrars.json   enrolment secrets of the CAs' registrars, for fabric-ca-client
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FabricError, messageOf } from '../../src/common/runtime/errors.ts';
import type { KVStore, KVStoreProvider } from '../../src/ledger/kv-store.ts';
import { LevelDBKVStoreProvider } from '../../src/ledger/leveldb/leveldb-kv-store.ts';
import { LedgerError } from '../../src/ledger/types.ts';

export interface DataDirectory {
  readonly path: string;
  /** The relay's own store; open while the relay runs. */
  readonly store: KVStore;
  /** Opens the stores of chains. */
  readonly chains: KVStoreProvider;
  writeSecretFile(name: string, text: string): Promise<void>;
}

/** Opens the directory, making it when needed. Rejects with FabricError DATA_UNREADABLE or DATA_IN_USE, whose message says what to do. */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const root = resolve(path);
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    await chmod(root, 0o700);
  } catch (cause) {
    throw unreadable(root, cause);
  }
  return {
    path: root,
    store: await openStore(root),
    chains: new LevelDBKVStoreProvider(join(root, 'chains')),
    writeSecretFile: (name, text) => writeFile(join(root, name), text, { mode: 0o600 }),
  };
}

async function openStore(root: string): Promise<KVStore> {
  try {
    return await new LevelDBKVStoreProvider(root).open('relay');
  } catch (cause) {
    if (cause instanceof LedgerError && cause.code === 'STORE_LOCKED') {
      const message = `another relay is using the data directory ${root}; stop it, or choose another with --data`;
      throw new FabricError('DATA_IN_USE', message, { cause });
    }
    throw unreadable(root, cause);
  }
}

function unreadable(root: string, cause: unknown): FabricError {
  const message = `cannot use the data directory ${root}: ${messageOf(cause)}; choose another with --data`;
  return new FabricError('DATA_UNREADABLE', message, { cause });
}
