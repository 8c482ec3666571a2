// SPDX-License-Identifier: Apache-2.0
// My peer: who I am, how far my ledger is, how I am connected; and the place to transact.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatBytes, formatNumber } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { OtherTabs } from '../model/other-tabs.ts';
import { hrefOf as pageHref } from '../router.ts';
import { Card, Fact, Facts, OrgChip } from '../widgets/bits.tsx';
import { BlockRow } from '../widgets/block-row.tsx';
import { useChannel, useChannelHref, usePeer } from '../widgets/context.ts';
import { Icon } from '../widgets/icon.tsx';
import { NameForm } from '../widgets/name-form.tsx';
import { Person } from '../widgets/person.tsx';
import { TransactPanel } from '../widgets/transact-panel.tsx';
import { useFeed } from '../widgets/use-feed.ts';

const RECENT_BLOCKS = 5;
const OPEN_LEDGER = pageHref({ view: 'ledger' });
const otherTabs = new OtherTabs();

export function Home(): JSX.Element {
  return (
    <div class="view home">
      <div class="home-side">
        <MeCard />
        <RecentBlocks />
      </div>
      <div class="home-main">
        <TransactPanel />
      </div>
    </div>
  );
}

function MeCard(): JSX.Element {
  const m = useMessages();
  const { me } = usePeer().network.value;
  const { isLeader } = useChannel();
  return (
    <section class="card me" aria-label={m.home.title}>
      <header class="me-head">
        <div>
          <h1>
            <Person {...me} />
          </h1>
          <div class="row">
            <OrgChip mspId={me.mspId} />
            {isLeader.value && (
              <span class="chip is-leader" data-testid="leader-badge" title={m.home.leaderHelp}>
                <Icon name="crown" size={14} />
                {m.home.leader}
              </span>
            )}
          </div>
        </div>
        <Height />
      </header>
      <NameForm />
      <Buffered />
      <ConnectionFacts />
      <OtherTabsNote />
    </section>
  );
}

function Height(): JSX.Element {
  const m = useMessages();
  const { updates, height } = useChannel();
  const { value } = height;
  return (
    <p class="me-height" title={m.home.heightHelp}>
      <small>{m.home.height}</small>
      <strong
        key={updates.busy.value ? 'busy' : value}
        class="flash"
        data-testid="peer-height"
        data-height={value}
      >
        {formatNumber(value, language.value)}
      </strong>
    </p>
  );
}

function Buffered(): JSX.Element | null {
  const m = useMessages();
  const buffered = useChannel().buffered.value;
  if (buffered.length === 0) return null;
  return <p class="note">{m.home.buffered(buffered.slice(0, 8).join(', '))}</p>;
}

function ConnectionFacts(): JSX.Element {
  const m = useMessages();
  const { connection, connectionDetail, secureContext } = usePeer().network.value;
  return (
    <Facts>
      <Fact name={m.home.connection} help={m.connection.explain[connection]}>
        {m.connection.state[connection]}
        {connectionDetail !== undefined && connection !== 'online' && (
          <small class="help">
            <code>{connectionDetail}</code>
          </small>
        )}
      </Fact>
      <Fact name={m.home.channel}>
        <PeersHere />
      </Fact>
      <StorageFact />
      {!secureContext && (
        <Fact name={m.home.insecure} help={m.home.insecureHelp}>
          {window.location.protocol.replace(':', '')}
        </Fact>
      )}
    </Facts>
  );
}

function PeersHere(): JSX.Element {
  const m = useMessages();
  const { channel, peers } = useChannel();
  return (
    <>
      {channel} · {m.home.peersHere(peers.value.filter(isLivingPeer).length)}
    </>
  );
}

const isLivingPeer = (peer: { role: string; status: string }): boolean =>
  peer.role === 'peer' && peer.status !== 'dead';

function StorageFact(): JSX.Element {
  const m = useMessages();
  const { storage } = usePeer().network.value;
  const bytes = (value: number): string => formatBytes(value, language.value);
  const promise = storage.persisted ? m.home.persisted : m.home.notPersisted;
  return (
    <Fact name={m.home.storage} help={storage.kind === 'memory' ? m.home.memoryHelp : promise}>
      {m.home.storageKind[storage.kind]}
      {storage.usage !== undefined &&
        storage.quota !== undefined &&
        ` · ${m.home.usage(bytes(storage.usage), bytes(storage.quota))}`}
    </Fact>
  );
}

function OtherTabsNote(): JSX.Element | null {
  const m = useMessages();
  const { networkId, me } = usePeer().network.value;
  useEffect(() => otherTabs.start(me.name, networkId), [me.name, networkId]);
  const names = otherTabs.names.value;
  if (names.length === 0) return null;
  return (
    <p class="note">
      <Icon name="info" size={16} />
      {m.home.otherTabs(new Intl.ListFormat(language.value).format(names))}
    </p>
  );
}

function RecentBlocks(): JSX.Element {
  const m = useMessages();
  const hrefOf = useChannelHref();
  const blocks = useFeed(useChannel(), { least: RECENT_BLOCKS }).slice(0, RECENT_BLOCKS);
  const [newest] = useState(() => blocks[0]?.number ?? -1);
  return (
    <Card
      title={m.home.recentBlocks}
      class="recent"
      aside={<a href={hrefOf({ view: 'blocks' })}>{m.home.allBlocks}</a>}
    >
      {blocks.length === 0 && <p class="help">{m.blocks.empty}</p>}
      <ol class="block-list" reversed>
        {blocks.map((block) => (
          <BlockRow key={block.number} block={block} isNew={block.number > newest} />
        ))}
      </ol>
      <a class="open-ledger" href={OPEN_LEDGER}>
        {m.nav.ledger}
      </a>
    </Card>
  );
}
