// SPDX-License-Identifier: Apache-2.0
// The running peer, for every view below the shell.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PeerStore } from '../model/peer-store.ts';

export const PeerContext = createContext<PeerStore | undefined>(undefined);

export function usePeer(): PeerStore {
  const store = useContext(PeerContext);
  if (!store) throw new Error('usePeer outside of a running peer');
  return store;
}
