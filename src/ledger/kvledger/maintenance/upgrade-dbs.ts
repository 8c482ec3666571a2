// SPDX-License-Identifier: Apache-2.0
// The format of what is stored, and how older ones become it (kvledger/upgrade_dbs.go and common/ledger/dataformat). Fabric has one
// step, which drops the databases, and a command for it; here there is a list of steps, done at the start.
//
// A step may be interrupted, and is then done again from its beginning, so it must do no harm to what it did before. The format
// is written behind each step.
import { fromUtf8, utf8 } from '../../../common/runtime/bytes.ts';
import type { KVStore } from '../../kv-store.ts';
import { LedgerError } from '../../types.ts';
import { IdStore } from '../id-store.ts';
import type { LedgerFiles } from '../ledger-files.ts';
import { isWhole } from './drop-dbs.ts';

export interface Migration {
  readonly from: string;
  readonly to: string;
  /** Must bear being done again after a power cut at any write. */
  run(idStore: KVStore, files: LedgerFiles): Promise<void>;
}

/** In order; the last one leads to the format of this version. */
export const MIGRATIONS: readonly Migration[] = Object.freeze([
  {
    from: 'tabric-1',
    to: 'tabric-2',
    // The state in IndexedDB goes into pages. What may be stored changes as well: blocks without index, and maintenance that was
    // begun. An older version would take a ledger without index for an empty one.
    run: async (idStore, files) => {
      for (const [ledgerId, metadata] of await new IdStore(idStore).list()) {
        if (isWhole(metadata)) await files.moveStateIntoPages(ledgerId);
      }
    },
  },
]);

const FORMAT_KEY = utf8('f');

/**
 * Brings what is stored to the last format of a list of migrations. Throws LedgerError STORE_UNREADABLE when it is of none of
 * their formats.
 */
export async function upgradeDBs(
  idStore: KVStore,
  files: LedgerFiles,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const target = migrations.at(-1)?.to ?? '';
  const stored = await idStore.get(FORMAT_KEY);
  if (!stored) return setFormat(idStore, target);
  for (let format = fromUtf8(stored); format !== target; ) {
    const migration = migrations.find(({ from }) => from === format);
    if (!migration) unknown(format, target);
    await migration.run(idStore, files);
    format = migration.to;
    await setFormat(idStore, format);
  }
}

async function setFormat(idStore: KVStore, format: string): Promise<void> {
  const value = utf8(format);
  await idStore.write([{ type: 'put', key: FORMAT_KEY, value }], { durable: true });
}

function unknown(format: string, target: string): never {
  const text = `ledgers are stored in format ${format.slice(0, 80)}, which is newer than ${target}, the newest that this version reads; update Tabric`;
  throw new LedgerError('STORE_UNREADABLE', text);
}
