// SPDX-License-Identifier: Apache-2.0
// The frame of a running peer: its pages, its connection, banners, the page.
import type { ComponentChildren, JSX } from 'preact';
import { formatNumber } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { hrefOf, page, type Route } from '../router.ts';
import { Banners } from './banners.tsx';
import { DottedName } from './bits.tsx';
import { usePeer } from './context.ts';
import { Frame } from './frame.tsx';
import type { IconName } from './icon.tsx';
import { LiveRegion } from './live-region.tsx';

type Tab = 'home' | 'network' | 'blocks' | 'state' | 'chaincode';

const TABS: readonly { readonly view: Tab; readonly icon: IconName }[] = [
  { view: 'home', icon: 'peer' },
  { view: 'network', icon: 'network' },
  { view: 'blocks', icon: 'blocks' },
  { view: 'state', icon: 'state' },
  { view: 'chaincode', icon: 'chaincode' },
];

const TAB_OF: Readonly<Record<Route['view'], Tab | undefined>> = {
  home: 'home',
  join: undefined,
  network: 'network',
  blocks: 'blocks',
  block: 'blocks',
  tx: 'blocks',
  state: 'state',
  key: 'state',
  chaincode: 'chaincode',
  ledger: undefined,
  unknown: undefined,
};

export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
  const m = useMessages();
  const current = TAB_OF[page.value.route.view];
  return (
    <>
      <Frame
        home={hrefOf({ view: 'home' })}
        tabs={TABS.map(({ view, icon }) => ({
          href: hrefOf({ view }),
          icon,
          label: m.nav[view],
          current: current === view,
        }))}
        foot={<NavigationFoot />}
        top={<ConnectionBadge />}
      >
        <Banners />
        {children}
      </Frame>
      <LiveRegion />
    </>
  );
}

function NavigationFoot(): JSX.Element {
  const m = useMessages();
  const store = usePeer();
  const { me } = store.network.value;
  return (
    <>
      <strong>
        <DottedName name={me.name} />
      </strong>
      <span>
        {m.home.height} {formatNumber(store.height.value, language.value)} · {me.channel}
      </span>
    </>
  );
}

function ConnectionBadge(): JSX.Element {
  const m = useMessages();
  const { connection } = usePeer().network.value;
  return (
    <span
      class="connection"
      data-testid="connection-state"
      data-state={connection}
      title={m.connection.explain[connection]}
    >
      <span class="connection-dot" aria-hidden="true" />
      {m.connection.state[connection]}
    </span>
  );
}
