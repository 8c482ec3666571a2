// SPDX-License-Identifier: Apache-2.0
// The page: joining until a peer runs, then the view that the address names.
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { type Messages, prefetchLanguages, useMessages } from './i18n/index.ts';
import type { PeerStore } from './model/peer-store.ts';
import type { Session } from './model/session.ts';
import { type ChannelRoute, isChannelRoute, navigate, page, type Route } from './router.ts';
import { Home } from './views/home.tsx';
import { AlreadyJoined, Join } from './views/join.tsx';
import { UnknownPage } from './views/unknown.tsx';
import { ChannelContext, LedgerContext, PeerContext } from './widgets/context.ts';
import { lazyView } from './widgets/lazy-view.tsx';
import { Shell } from './widgets/shell.tsx';

// Not needed to join and to transact. The picture apart: it brings the force layout with it.
const explorer = lazyView(() => import('./views/explorer.tsx').then((chunk) => chunk.Explorer));
const ledger = lazyView(() => import('./views/explorer.tsx').then((chunk) => chunk.Ledger));
const invite = lazyView(() => import('./views/explorer.tsx').then((chunk) => chunk.Invite));
const network = lazyView(() => import('./views/network.tsx').then((chunk) => chunk.Network));

export function App({ session }: { session: Session }): JSX.Element {
  const state = session.state.value;
  const { route } = page.value;
  // Needs no peer, and leaves one that runs or begins to as it is.
  if (route.view === 'ledger') return <ledger.View route={route} session={session} />;
  if (route.view === 'invite') return <invite.View route={route} session={session} />;
  if (state.phase !== 'running') return <Join session={session} state={state} />;
  return <Running store={state.store} route={route} />;
}

type PeerRoute = Exclude<Route, { view: 'ledger' | 'invite' }>;

function Running({ store, route }: { store: PeerStore; route: PeerRoute }): JSX.Element {
  const m = useMessages();
  const { me, channels } = store.network.value;
  const name = route.view === 'channel' ? route.channel : store.tabric.name;
  // A channel may be joined while its address is open.
  const known = channels.includes(name);
  const joined = useMemo(() => (known ? store.channel(name) : undefined), [store, name, known]);
  const channel = joined ?? store.defaultChannel;
  const shown: Shown = route.view === 'channel' && joined ? route.page : route;
  useEffect(() => {
    document.title = `${titleOf(shown, m)} · ${me.name}`;
  }, [shown, m, me.name]);
  // Addresses that name no channel lead to the default one's; the start keeps its own.
  useEffect(() => {
    if (isChannelRoute(route) && route.view !== 'home')
      navigate(store.defaultChannel.place(route), { replace: true });
  }, [store, route]);
  // The relay may go away: what has not been fetched by then could not be shown.
  useEffect(() => {
    void Promise.allSettled([explorer.load(), network.load(), prefetchLanguages()]);
  }, []);
  return (
    <PeerContext.Provider value={store}>
      <ChannelContext.Provider value={channel}>
        <LedgerContext.Provider value={channel}>
          <Shell view={isChannelRoute(shown) ? shown.view : undefined}>
            <View key={channel.channel} route={shown} />
          </Shell>
        </LedgerContext.Provider>
      </ChannelContext.Provider>
    </PeerContext.Provider>
  );
}

/** A page of the channel, or one that belongs to none. */
type Shown = ChannelRoute | Exclude<PeerRoute, ChannelRoute>;

function View({ route }: { route: Shown }): JSX.Element {
  switch (route.view) {
    case 'home':
      return <Home />;
    case 'join':
      return <AlreadyJoined route={route} />;
    case 'network':
      return <network.View />;
    // A channel that this peer has not joined.
    case 'channel':
    case 'unknown':
      return <UnknownPage />;
    default:
      return <explorer.View route={route} />;
  }
}

function titleOf(route: Shown, m: Messages): string {
  switch (route.view) {
    case 'block':
      return `${m.blocks.number} ${route.number}`;
    case 'tx':
      return `${m.tx.title} ${route.txId.slice(0, 8)}`;
    case 'key':
      return route.key;
    case 'join':
      return m.join.title;
    case 'channel':
    case 'unknown':
      return m.app.unknownPage;
    default:
      return m.nav[route.view];
  }
}
