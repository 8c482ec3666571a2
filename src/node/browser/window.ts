// SPDX-License-Identifier: Apache-2.0
// What a page has on its window.
import type { TabricLedger } from '../api/ledger-report.ts';
import type { Tabric } from '../api/tabric.ts';

declare global {
  interface Window {
    /** There once `#/ledger` was looked at. */
    tabricLedger?: TabricLedger;
    /** There before the page's `load`; it can be read once this tab's peer begins to join. */
    tabric: Tabric;
  }
}
