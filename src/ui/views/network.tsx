// SPDX-License-Identifier: Apache-2.0
// The network as this tab sees it: a picture, and the same as a table.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PeerInfo } from '../../node/api/network-view.ts';
import { useMessages } from '../i18n/index.ts';
import { Card, Fact, Facts, Hash } from '../widgets/bits.tsx';
import { usePeer } from '../widgets/context.ts';
import { NetworkGraph } from '../widgets/network-graph.tsx';
import { NetworkLegend } from '../widgets/network-legend.tsx';
import { PeerTable } from '../widgets/peer-table.tsx';

export function Network(): JSX.Element {
  const m = useMessages();
  const view = usePeer().network.value;
  const [selected, setSelected] = useState<string>();
  const peers = view.peers.filter(({ role, status }) => role === 'peer' && status !== 'dead');
  const chosen = view.peers.find(({ peerId }) => peerId === selected);
  return (
    <div class="view network">
      <header class="view-head">
        <h1>{m.network.title}</h1>
        <span class="help">
          {m.network.summary(peers.length, new Set(peers.map(({ mspId }) => mspId)).size)}
        </span>
      </header>
      <div class="network-body">
        <section class="card graph-card" aria-label={m.network.picture}>
          <NetworkGraph selected={selected} select={setSelected} />
          {peers.length < 2 && <p class="note">{m.network.alone}</p>}
          <NetworkLegend />
        </section>
        <div class="network-side">
          <Card title={m.network.table} class="table-card">
            <PeerTable selected={selected} select={setSelected} />
          </Card>
          {chosen && <NodeCard peer={chosen} />}
        </div>
      </div>
    </div>
  );
}

function NodeCard({ peer }: { peer: PeerInfo }): JSX.Element {
  const m = useMessages();
  const { peers } = usePeer().network.value;
  const nameOf = (peerId: string): string =>
    peers.find((other) => other.peerId === peerId)?.name ?? peerId;
  return (
    <Card title={peer.name}>
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
