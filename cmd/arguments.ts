// SPDX-License-Identifier: Apache-2.0
// Arguments that commands share.
import { InvalidArgumentError } from 'commander';

/** A whole number from 0 on. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It must be a whole number.');
}

/** The same of a flag that may be given again. */
export function addWholeNumber(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, wholeNumber(text)];
}

/** What `inspect`, `verify` and `replay` read. */
export const CHAIN_PATH =
  'a block file, packed (.gz) or not, a directory of blockfile_NNNNNN, or of LevelDB databases of ours';

/** What holds ledgers of ours. */
export const LEDGER_DIRECTORY =
  'directory of LevelDB databases, as `replay --store leveldb` and `snapshot join` leave it';

/** The same, or what a relay keeps. */
export const CHAIN_DIRECTORY = `${LEDGER_DIRECTORY}, or the data directory of a stopped relay`;

export const CHANNEL_FLAG = ['--channel <name>', 'which one, when there are several'] as const;
