// SPDX-License-Identifier: Apache-2.0
import type { TabricLedger } from '../api/ledger-report.ts';
import type { Tabric } from '../api/tabric.ts';

/** What a page has on its window. */
export interface PageGlobals {
  /** There once `#/ledger` was looked at. */
  tabricLedger?: TabricLedger;
  /** There before the page's `load`; it can be read once this tab's peer begins to join. */
  tabric: Tabric;
}

declare global {
  interface Window extends PageGlobals {}
}
