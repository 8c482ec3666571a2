// SPDX-License-Identifier: Apache-2.0
// My peer: who I am, how far my ledger is, how I am connected; and the place to transact.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatBytes, formatNumber } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { OtherTabs } from '../model/other-tabs.ts';
import { hrefOf } from '../router.ts';
import { Card, DottedName, Fact, Facts, OrgChip } from '../widgets/bits.tsx';
import { BlockRow } from '../widgets/block-row.tsx';
import { usePeer } from '../widgets/context.ts';
import { Icon } from '../widgets/icon.tsx';
import { TransactPanel } from '../widgets/transact-panel.tsx';

const RECENT_BLOCKS = 5;
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
  const store = usePeer();
  const view = store.network.value;
  const height = store.height.value;
  return (
    <section class="card me" aria-label={m.home.title}>
      <header class="me-head">
        <div>
          <h1>
            <DottedName name={view.me.name} />
          </h1>
          <div class="row">
            <OrgChip mspId={view.me.mspId} />
            {view.me.isLeader && (
              <span class="chip is-leader" data-testid="leader-badge" title={m.home.leaderHelp}>
                <Icon name="crown" size={14} />
                {m.home.leader}
              </span>
            )}
          </div>
        </div>
        <p class="me-height" title={m.home.heightHelp}>
          <small>{m.home.height}</small>
          <strong key={height} class="flash" data-testid="peer-height" data-height={height}>
            {formatNumber(height, language.value)}
          </strong>
        </p>
      </header>
      {view.buffered.length > 0 && (
        <p class="note">{m.home.buffered(view.buffered.slice(0, 8).join(', '))}</p>
      )}
      <ConnectionFacts />
      <OtherTabsNote />
    </section>
  );
}

function ConnectionFacts(): JSX.Element {
  const m = useMessages();
  const { network } = usePeer();
  const { channel, connection, connectionDetail, peers, secureContext } = network.value;
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
        {channel} · {m.home.peersHere(peers.filter(isLivingPeer).length)}
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
  const blocks = usePeer().feed.blocks.value.slice(0, RECENT_BLOCKS);
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
      <a class="open-ledger" href={hrefOf({ view: 'ledger' })}>
        {m.nav.ledger}
      </a>
    </Card>
  );
}
