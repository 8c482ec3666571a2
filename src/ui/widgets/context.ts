// SPDX-License-Identifier: Apache-2.0
// The running peer, the channel and the ledger that are looked at, for every view below the frame.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ChannelStore } from '../model/channel-store.ts';
import type { LedgerStore } from '../model/ledger-store.ts';
import type { PeerStore } from '../model/peer-store.ts';
import { type ChannelRoute, hrefOf, type LedgerRoute } from '../router.ts';

export const PeerContext = createContext<PeerStore | undefined>(undefined);
export const ChannelContext = createContext<ChannelStore | undefined>(undefined);
export const LedgerContext = createContext<LedgerStore | undefined>(undefined);

export function usePeer(): PeerStore {
  const store = useContext(PeerContext);
  if (!store) throw new Error('usePeer outside of a running peer');
  return store;
}

export function useChannel(): ChannelStore {
  const store = useContext(ChannelContext);
  if (!store) throw new Error('useChannel outside of a channel');
  return store;
}

/** The channel when the ledger is a running peer's. */
export function useChannelIfAny(): ChannelStore | undefined {
  return useContext(ChannelContext);
}

export function useLedger(): LedgerStore {
  const store = useContext(LedgerContext);
  if (!store) throw new Error('useLedger outside of a ledger');
  return store;
}

/** Gives links to pages of the ledger that is looked at. */
export function useHref(): (route: LedgerRoute) => string {
  const { place } = useLedger();
  return (route) => hrefOf(place(route));
}

/** Gives links to pages of the channel. */
export function useChannelHref(): (route: ChannelRoute) => string {
  const { place } = useChannel();
  return (route) => hrefOf(place(route));
}
