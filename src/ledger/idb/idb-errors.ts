// SPDX-License-Identifier: Apache-2.0
// What IndexedDB throws, as errors of the ledger: a code, and a text that says what a person can do.
import { messageOf } from '../../common/runtime/errors.ts';
import { LedgerError } from '../types.ts';

type Code = ConstructorParameters<typeof LedgerError>[0];
type Meaning = readonly [code: Code, text: string];

const REFUSED: Meaning = ['STORAGE_REFUSED', 'the browser refuses storage to this page'];
const DAMAGED: Meaning = [
  'STORE_UNREADABLE',
  'the browser cannot read back what it stored: clear the data of this site and join again',
];

const MEANINGS: Readonly<Record<string, Meaning>> = {
  QuotaExceededError: ['QUOTA_EXCEEDED', 'the storage of this site is full; free disk space'],
  // Site data are blocked; or there is no `indexedDB` at all.
  SecurityError: REFUSED,
  NotAllowedError: REFUSED,
  ReferenceError: REFUSED,
  InvalidStateError: ['STORE_CLOSED', 'the database is closed'],
  AbortError: ['STORE_FAILED', 'the browser gave the operation up; nothing of it was stored'],
  // Chromium and Firefox keep large values in files of their own, which can be lost.
  DataError: DAMAGED,
  NotReadableError: DAMAGED,
  VersionError: [
    'STORE_UNREADABLE',
    'the database was made by a newer version of Tabric; reload the page to get that version',
  ],
};

const MEANINGS_ON_OPEN: Readonly<Record<string, Meaning>> = {
  // Firefox's private windows. Once a database is open, it means that the connection is closed.
  InvalidStateError: REFUSED,
  // Chromium's, for a backing store that it cannot read or write.
  UnknownError: [
    'STORE_FAILED',
    'the browser cannot open its database; restart the browser, and if that does not help, clear the data of this site and join again',
  ],
};

const FAILED: Meaning = ['STORE_FAILED', 'the database failed; reload the page'];

/** @param name of the database. */
export function storeError(error: unknown, name: string): LedgerError {
  return translated(error, name, MEANINGS);
}

/** As storeError, of what opening a database throws. */
export function openError(error: unknown, name: string): LedgerError {
  return translated(error, name, { ...MEANINGS, ...MEANINGS_ON_OPEN });
}

export function foreign(name: string): LedgerError {
  return new LedgerError('STORE_UNREADABLE', `${name} holds records that Tabric did not write`);
}

function translated(
  error: unknown,
  name: string,
  meanings: Readonly<Record<string, Meaning>>,
): LedgerError {
  if (error instanceof LedgerError) return error;
  const [code, text] = meanings[error instanceof Error ? error.name : ''] ?? FAILED;
  return new LedgerError(code, `${text} (${name}: ${messageOf(error)})`, { cause: error });
}
