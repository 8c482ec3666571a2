// SPDX-License-Identifier: Apache-2.0
// The running peer, and the ledger that is looked at, for every view below the frame.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { LedgerStore } from '../model/ledger-store.ts';
import type { PeerStore } from '../model/peer-store.ts';
import { hrefOf, type LedgerRoute } from '../router.ts';

export const PeerContext = createContext<PeerStore | undefined>(undefined);
export const LedgerContext = createContext<LedgerStore | undefined>(undefined);

export function usePeer(): PeerStore {
  const store = useContext(PeerContext);
  if (!store) throw new Error('usePeer outside of a running peer');
  return store;
}

/** The peer when the ledger is a running peer's. */
export function usePeerIfAny(): PeerStore | undefined {
  return useContext(PeerContext);
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
