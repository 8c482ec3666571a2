// SPDX-License-Identifier: Apache-2.0
// What the views of a ledger need of it: a channel's of the running peer, or one that was opened from files.
import type { ReadonlySignal } from '@preact/signals';
import type { ChannelFacade } from '../../node/api/tabric.ts';
import type { LedgerRoute, Route } from '../router.ts';
import type { BlockFeed } from './block-feed.ts';

export type LedgerReader = Pick<
  ChannelFacade,
  'block' | 'blocks' | 'tx' | 'state' | 'states' | 'history' | 'blockfileEntry'
>;

export interface LedgerStore {
  readonly channel: string;
  readonly reader: LedgerReader;
  readonly height: ReadonlySignal<number>;
  /** The first block that is here, when that is not the genesis block. */
  readonly firstBlock?: number;
  /** The height at this moment; `height` follows it at the views' pace. */
  heightNow(): number;
  /** Whether more blocks may come. */
  readonly live: ReadonlySignal<boolean>;
  /** What of the world state can be looked at. */
  readonly namespaces: ReadonlySignal<readonly string[]>;
  readonly feed: BlockFeed;
  /** Where a page of this ledger is. */
  readonly place: (route: LedgerRoute) => Route;
}
