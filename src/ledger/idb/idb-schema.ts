// SPDX-License-Identifier: Apache-2.0
// The versions of a database, and how each is made from the one before. Browser only.
import { openDB, unwrap } from 'idb';

/** The object store of version 1: values by binary keys. */
export const STORE = 'kv';

/**
 * Makes a database of one version into the next, in the transaction of the upgrade. It must await nothing but requests of that
 * transaction, and the last of them, so that the next migration finds it done.
 */
export type Migration = (db: IDBDatabase, tx: IDBTransaction) => void | Promise<void>;

/** The migration at index n makes version n + 1; the last one's version is the one that this code reads. Only ever appended to. */
export const SCHEMA: readonly Migration[] = Object.freeze([
  (db: IDBDatabase) => {
    db.createObjectStore(STORE);
  },
]);

export interface Connection {
  /** Somebody wants to upgrade the database, or with `undefined` to delete it, and waits for this connection to close. */
  readonly onVersionChange: (db: IDBDatabase, newVersion: number | undefined) => void;
  /** The browser closed the connection. */
  readonly onClose: () => void;
}

/**
 * Opens a database and brings it to the newest version of `schema`. Rejects with what the browser or a migration throws; the database
 * is then as it was before.
 */
export async function openMigrated(
  name: string,
  schema: readonly Migration[],
  { onVersionChange, onClose }: Connection,
): Promise<IDBDatabase> {
  let failure: unknown;
  try {
    const opened = await openDB(name, schema.length, {
      upgrade: (db, oldVersion, _newVersion, transaction) => {
        const tx = unwrap(transaction) as IDBTransaction;
        // Of an upgrade that fails, opening tells only that it was aborted.
        tx.addEventListener('abort', () => {
          failure ??= tx.error ?? undefined;
        });
        transaction.done.catch(() => {});
        migrate(unwrap(db), tx, schema.slice(oldVersion)).catch((error: unknown) => {
          failure ??= error;
          abort(tx);
        });
      },
      blocking: (_version, newVersion, { target }) =>
        onVersionChange(target as IDBDatabase, newVersion ?? undefined),
      terminated: onClose,
    });
    return unwrap(opened);
  } catch (error) {
    throw failure ?? error;
  }
}

async function migrate(
  db: IDBDatabase,
  tx: IDBTransaction,
  migrations: readonly Migration[],
): Promise<void> {
  for (const migration of migrations) await migration(db, tx);
}

function abort(tx: IDBTransaction): void {
  try {
    tx.abort();
  } catch {
    // It has ended already: aborted by the browser, or a migration awaited what it must not.
  }
}
