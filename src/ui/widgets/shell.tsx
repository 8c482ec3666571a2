// SPDX-License-Identifier: Apache-2.0
// The frame of a running peer: its pages, its connection, banners, the page.
import type { ComponentChildren, JSX } from 'preact';
import { formatNumber } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { type ChannelRoute, navigate, page } from '../router.ts';
import { Banners } from './banners.tsx';
import { DottedName } from './bits.tsx';
import { useChannel, useChannelHref, usePeer } from './context.ts';
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

const TAB_OF: Readonly<Record<ChannelRoute['view'], Tab>> = {
  home: 'home',
  network: 'network',
  class: 'network',
  blocks: 'blocks',
  block: 'blocks',
  tx: 'blocks',
  state: 'state',
  key: 'state',
  chaincode: 'chaincode',
};

/** `view`: the page of the channel that is shown. */
export function Shell(props: {
  view: ChannelRoute['view'] | undefined;
  children: ComponentChildren;
}): JSX.Element {
  const m = useMessages();
  const hrefOf = useChannelHref();
  const current = props.view && TAB_OF[props.view];
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
        <ChannelSwitcher />
        {props.children}
      </Frame>
      <LiveRegion />
    </>
  );
}

function NavigationFoot(): JSX.Element {
  const m = useMessages();
  const { me } = usePeer().network.value;
  const { channel } = useChannel();
  return (
    <>
      <strong>
        <DottedName name={me.name} />
      </strong>
      <span>
        {m.home.height} <HeightText /> · {channel}
      </span>
    </>
  );
}

function HeightText(): JSX.Element {
  return <>{formatNumber(useChannel().height.value, language.value)}</>;
}

/** Only where there is something to choose. */
function ChannelSwitcher(): JSX.Element | null {
  const m = useMessages();
  const { channels } = usePeer().network.value;
  const { channel } = useChannel();
  if (channels.length < 2) return null;
  return (
    <label class="picker channel-switcher">
      <span>{m.home.channel}</span>
      <select
        value={channel}
        data-testid="channel-switcher"
        onChange={(event) => switchTo(event.currentTarget.value)}
      >
        {channels.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

// What is shown of one channel is not there in another: the same list of it is.
function switchTo(channel: string): void {
  const { route } = page.peek();
  const view = route.view === 'channel' ? TAB_OF[route.page.view] : 'home';
  navigate({ view: 'channel', channel, page: { view } });
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
