// SPDX-License-Identifier: Apache-2.0
// The page: joining until a peer runs, then the view that the address names.
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Messages, prefetchLanguages, useMessages } from './i18n/index.ts';
import type { PeerStore } from './model/peer-store.ts';
import type { Session } from './model/session.ts';
import { page, type Route } from './router.ts';
import { Home } from './views/home.tsx';
import { AlreadyJoined, Join } from './views/join.tsx';
import { UnknownPage } from './views/unknown.tsx';
import { LedgerContext, PeerContext } from './widgets/context.ts';
import { lazyView } from './widgets/lazy-view.tsx';
import { Shell } from './widgets/shell.tsx';

// Not needed to join and to transact. The picture apart: it brings the force layout with it.
const explorer = lazyView(() => import('./views/explorer.tsx').then((chunk) => chunk.Explorer));
const ledger = lazyView(() => import('./views/explorer.tsx').then((chunk) => chunk.Ledger));
const network = lazyView(() => import('./views/network.tsx').then((chunk) => chunk.Network));

export function App({ session }: { session: Session }): JSX.Element {
  const state = session.state.value;
  const { route } = page.value;
  // Needs no peer, and leaves one that runs or begins to as it is.
  if (route.view === 'ledger') return <ledger.View route={route} session={session} />;
  if (state.phase !== 'running') return <Join session={session} state={state} />;
  return <Running store={state.store} route={route} />;
}

type PeerRoute = Exclude<Route, { view: 'ledger' }>;

function Running({ store, route }: { store: PeerStore; route: PeerRoute }): JSX.Element {
  const m = useMessages();
  const { name } = store.network.value.me;
  useEffect(() => {
    document.title = `${titleOf(route, m)} · ${name}`;
  }, [route, m, name]);
  // The relay may go away: what has not been fetched by then could not be shown.
  useEffect(() => {
    void Promise.allSettled([explorer.load(), network.load(), prefetchLanguages()]);
  }, []);
  return (
    <PeerContext.Provider value={store}>
      <LedgerContext.Provider value={store}>
        <Shell>
          <View route={route} />
        </Shell>
      </LedgerContext.Provider>
    </PeerContext.Provider>
  );
}

function View({ route }: { route: PeerRoute }): JSX.Element {
  switch (route.view) {
    case 'home':
      return <Home />;
    case 'join':
      return <AlreadyJoined route={route} />;
    case 'network':
      return <network.View />;
    case 'unknown':
      return <UnknownPage />;
    default:
      return <explorer.View route={route} />;
  }
}

function titleOf(route: PeerRoute, m: Messages): string {
  switch (route.view) {
    case 'block':
      return `${m.blocks.number} ${route.number}`;
    case 'tx':
      return `${m.tx.title} ${route.txId.slice(0, 8)}`;
    case 'key':
      return route.key;
    case 'join':
      return m.join.title;
    case 'unknown':
      return m.app.unknownPage;
    default:
      return m.nav[route.view];
  }
}
