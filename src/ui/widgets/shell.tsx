// SPDX-License-Identifier: Apache-2.0
// The frame of a running peer: navigation beside (wide) or below (phone), search and connection on top, banners, the page.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatNumber } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { hrefOf, page, type Route } from '../router.ts';
import { Banners } from './banners.tsx';
import { DottedName } from './bits.tsx';
import { usePeer } from './context.ts';
import { Icon, type IconName, Logo } from './icon.tsx';
import { LiveRegion } from './live-region.tsx';
import { Preferences } from './preferences.tsx';
import { SearchBox } from './search-box.tsx';

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
  unknown: undefined,
};

export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
  const m = useMessages();
  const { route } = page.value;
  const main = useRef<HTMLElement>(null);
  const href = hrefOf(route);
  const shown = useRef(href);
  // A new page takes the focus, as a loaded one would, so that keyboard and screen reader start at its top.
  useEffect(() => {
    if (shown.current === href) return;
    shown.current = href;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [href]);
  return (
    <div class="shell">
      <a
        class="skip"
        href={href}
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {m.app.skip}
      </a>
      <Navigation current={TAB_OF[route.view]} />
      <header class="top">
        <a class="brand top-brand" href={hrefOf({ view: 'home' })} aria-label="Tabric">
          <Logo />
        </a>
        <SearchBox />
        <ConnectionBadge />
        <Preferences />
      </header>
      <main ref={main} tabIndex={-1}>
        <Banners />
        {children}
      </main>
      <LiveRegion />
    </div>
  );
}

function Navigation({ current }: { current: Tab | undefined }): JSX.Element {
  const m = useMessages();
  return (
    <nav class="nav" aria-label={m.app.navigation}>
      <a class="brand nav-brand" href={hrefOf({ view: 'home' })}>
        <Logo />
        <span>Tabric</span>
      </a>
      <ul>
        {TABS.map(({ view, icon }) => (
          <li key={view}>
            <a href={hrefOf({ view })} aria-current={current === view ? 'page' : undefined}>
              <Icon name={icon} size={22} />
              <span>{m.nav[view]}</span>
            </a>
          </li>
        ))}
      </ul>
      <NavigationFoot />
    </nav>
  );
}

function NavigationFoot(): JSX.Element {
  const m = useMessages();
  const store = usePeer();
  const { me } = store.network.value;
  return (
    <div class="nav-foot">
      <strong>
        <DottedName name={me.name} />
      </strong>
      <span>
        {m.home.height} {formatNumber(store.height.value, language.value)} · {me.channel}
      </span>
    </div>
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
