// SPDX-License-Identifier: Apache-2.0
// The words of the views that are loaded after the peer. Both languages come with those views, so that switching needs no
// network.
import { type ExplorerMessages, explorerEn } from './explorer-en.ts';
import { explorerZh } from './explorer-zh.ts';
import { type Language, language } from './index.ts';
import type { LedgerMessages } from './ledger-en.ts';

export type { ExplorerMessages } from './explorer-en.ts';
export type { LedgerMessages } from './ledger-en.ts';

const messages: Readonly<Record<Language, ExplorerMessages>> = { en: explorerEn, zh: explorerZh };

/** The words in the language of the page; a component that calls it is redrawn when the language changes. */
export function useExplorerMessages(): ExplorerMessages {
  return messages[language.value];
}

/** Those of ledgers that were opened from files. */
export function useLedgerMessages(): LedgerMessages {
  return messages[language.value].ledger;
}
