// SPDX-License-Identifier: Apache-2.0
// The newest blocks for a view that shows them. They are read only while one does.
import { useEffect } from 'preact/hooks';
import type { BlockView } from '../../node/api/ledger-views.ts';
import type { LedgerStore } from '../model/ledger-store.ts';

interface FeedOptions {
  /** How many of the newest are needed; absent for a page of them. */
  readonly least?: number;
  /** Stands still meanwhile. */
  readonly isHeld?: boolean;
}

/** Newest first, without holes; follows the height of the ledger. */
export function useFeed(
  { feed, height }: LedgerStore,
  { least, isHeld = false }: FeedOptions = {},
): readonly BlockView[] {
  const { value } = height;
  useEffect(() => {
    if (!isHeld) feed.follow(value, least).catch(reportError);
  }, [feed, value, least, isHeld]);
  return feed.blocks.value;
}
