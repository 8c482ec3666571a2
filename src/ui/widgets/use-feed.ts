// SPDX-License-Identifier: Apache-2.0
// The newest blocks for a view that shows them. They are read only while one does.
import { useEffect } from 'preact/hooks';
import type { BlockView } from '../../node/api/ledger-views.ts';
import type { LedgerStore } from '../model/ledger-store.ts';

/** Newest first, without holes; follows the height of the ledger. */
export function useFeed({ feed, height }: LedgerStore): readonly BlockView[] {
  const { value } = height;
  useEffect(() => {
    feed.follow(value).catch(reportError);
  }, [feed, value]);
  return feed.blocks.value;
}
