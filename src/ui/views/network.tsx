// SPDX-License-Identifier: Apache-2.0
// The network as this tab sees it: a picture, and the same as a table.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { personText } from '../format.ts';
import { useMessages } from '../i18n/index.ts';
import { Card, Fact, Facts, Hash } from '../widgets/bits.tsx';
import { useChannel, useChannelHref } from '../widgets/context.ts';
import { NetworkGraph } from '../widgets/network-graph.tsx';
import { NetworkLegend } from '../widgets/network-legend.tsx';
import { PeerTable } from '../widgets/peer-table.tsx';

export function Network(): JSX.Element {
  const m = useMessages();
  const hrefOf = useChannelHref();
  const [selected, setSelected] = useState<string>();
  return (
    <div class="view network">
      <header class="view-head">
        <h1>{m.network.title}</h1>
        <Summary />
        <a class="neighbours" href={hrefOf({ view: 'class' })}>
          {m.network.members}
        </a>
      </header>
      <div class="network-body">
        <section class="card graph-card" aria-label={m.network.picture}>
          <NetworkGraph selected={selected} select={setSelected} />
          <AloneNote />
          <NetworkLegend />
        </section>
        <div class="network-side">
          <Card title={m.network.table} class="table-card">
            <PeerTable selected={selected} select={setSelected} />
          </Card>
          {selected !== undefined && <NodeCard peerId={selected} />}
        </div>
      </div>
    </div>
  );
}

function useLivingPeers(): readonly { readonly mspId: string }[] {
  const { peers } = useChannel();
  return peers.value.filter(({ role, status }) => role === 'peer' && status !== 'dead');
}

function Summary(): JSX.Element {
  const m = useMessages();
  const peers = useLivingPeers();
  const organisations = new Set(peers.map(({ mspId }) => mspId));
  return <span class="help">{m.network.summary(peers.length, organisations.size)}</span>;
}

function AloneNote(): JSX.Element | null {
  const m = useMessages();
  return useLivingPeers().length < 2 ? <p class="note">{m.network.alone}</p> : null;
}

function NodeCard({ peerId }: { peerId: string }): JSX.Element | null {
  const m = useMessages();
  const peers = useChannel().peers.value;
  const peer = peers.find((other) => other.peerId === peerId);
  if (!peer) return null;
  const nameOf = (neighbour: string): string =>
    personText(peers.find((other) => other.peerId === neighbour)) || neighbour;
  return (
    <Card title={personText(peer)}>
      <Facts>
        <Fact name={m.network.neighbours}>
          {peer.neighbours.map(nameOf).join(', ') || m.app.none}
        </Fact>
        <Fact name={m.network.chaincodes}>{peer.chaincodes.join(', ') || m.app.none}</Fact>
        <Fact name={m.network.peerId}>
          <Hash value={peer.peerId} />
        </Fact>
        {peer.pkiId !== '' && (
          <Fact name={m.network.pkiId}>
            <Hash value={peer.pkiId} />
          </Fact>
        )}
      </Facts>
    </Card>
  );
}
