// SPDX-License-Identifier: Apache-2.0
// The page: joining until a peer runs, then the view that the address names.
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../common/runtime/errors.ts';
import { type Messages, useMessages } from './i18n/index.ts';
import type { PeerStore } from './model/peer-store.ts';
import type { Session } from './model/session.ts';
import { page, type Route } from './router.ts';
import { BlockPage } from './views/block.tsx';
import { Blocks } from './views/blocks.tsx';
import { ChaincodePage } from './views/chaincode.tsx';
import { Home } from './views/home.tsx';
import { AlreadyJoined, Join } from './views/join.tsx';
import { KeyPage } from './views/key.tsx';
import { State } from './views/state.tsx';
import { TxPage } from './views/tx.tsx';
import { UnknownPage } from './views/unknown.tsx';
import { Failed, Loading } from './widgets/bits.tsx';
import { PeerContext } from './widgets/context.ts';
import { Shell } from './widgets/shell.tsx';

export function App({ session }: { session: Session }): JSX.Element {
  const state = session.state.value;
  if (state.phase !== 'running') return <Join session={session} state={state} />;
  return <Running store={state.store} />;
}

function Running({ store }: { store: PeerStore }): JSX.Element {
  const m = useMessages();
  const { route } = page.value;
  const { name } = store.network.value.me;
  useEffect(() => {
    document.title = `${titleOf(route, m)} · ${name}`;
  }, [route, m, name]);
  return (
    <PeerContext.Provider value={store}>
      <Shell>
        <View route={route} />
      </Shell>
    </PeerContext.Provider>
  );
}

function View({ route }: { route: Route }): JSX.Element {
  switch (route.view) {
    case 'home':
      return <Home />;
    case 'join':
      return <AlreadyJoined route={route} />;
    case 'network':
      return <LazyNetwork />;
    case 'blocks':
      return <Blocks />;
    case 'block':
      return <BlockPage number={route.number} />;
    case 'tx':
      return <TxPage txId={route.txId} />;
    case 'state':
      return <State chaincode={route.chaincode} prefix={route.prefix ?? ''} />;
    case 'key':
      return <KeyPage chaincode={route.chaincode} name={route.key} />;
    case 'chaincode':
      return <ChaincodePage />;
    default:
      return <UnknownPage />;
  }
}

function titleOf(route: Route, m: Messages): string {
  switch (route.view) {
    case 'block':
      return m.block.title(String(route.number));
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

let networkView: ComponentType | undefined;

// The picture brings the force layout with it, so it is loaded when it is first looked at.
function LazyNetwork(): JSX.Element {
  const [View, setView] = useState<ComponentType | undefined>(() => networkView);
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    import('./views/network.tsx')
      .then(({ Network }) => {
        networkView = Network;
        setView(() => Network);
      })
      .catch((error: unknown) => setFailure(messageOf(error)));
  }, []);
  if (failure !== undefined) return <Failed message={failure} />;
  return View ? <View /> : <Loading />;
}
