// SPDX-License-Identifier: Apache-2.0
// The nodes of the network as a table: everything that the picture shows, in words.
import type { JSX } from 'preact';
import type { PeerInfo } from '../../node/api/network-view.ts';
import { formatNumber, shortId } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { Age, OrgChip } from './bits.tsx';
import { useChannel, usePeer } from './context.ts';
import { Icon } from './icon.tsx';
import { Person } from './person.tsx';

export function PeerTable(props: {
  selected: string | undefined;
  select: (peerId: string | undefined) => void;
}): JSX.Element {
  const m = useMessages();
  const { me } = usePeer().network.value;
  const peers = useChannel().peers.value;
  const tip = Math.max(0, ...peers.map(({ height }) => height));
  const sorted = [...peers].sort(byOrganisation);
  return (
    <table class="peer-table">
      <thead>
        <tr>
          <th scope="col">{m.network.name}</th>
          <th scope="col" class="is-number">
            {m.network.height}
          </th>
          <th scope="col">{m.network.link}</th>
          <th scope="col">{m.network.status}</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((peer) => (
          <Row
            key={peer.peerId}
            peer={peer}
            isMe={peer.peerId === me.peerId}
            lag={tip - peer.height}
            selected={props.selected === peer.peerId}
            select={props.select}
          />
        ))}
      </tbody>
    </table>
  );
}

function byOrganisation(a: PeerInfo, b: PeerInfo): number {
  if (a.role !== b.role) return a.role === 'orderer' ? -1 : 1;
  return (
    a.mspId.localeCompare(b.mspId) || a.name.localeCompare(b.name, undefined, { numeric: true })
  );
}

interface RowProps {
  readonly peer: PeerInfo;
  readonly isMe: boolean;
  readonly lag: number;
  readonly selected: boolean;
  readonly select: (peerId: string | undefined) => void;
}

function Row({ peer, isMe, lag, selected, select }: RowProps): JSX.Element {
  const m = useMessages();
  return (
    <tr
      data-testid={`peer-row-${shortId(peer.peerId)}`}
      data-name={peer.name}
      data-status={peer.status}
      data-link={peer.link}
      data-leader={peer.isLeader}
      data-me={isMe}
      data-selected={selected}
    >
      <th scope="row">
        <button
          type="button"
          class="link-button peer-name"
          aria-pressed={selected}
          onClick={() => select(selected ? undefined : peer.peerId)}
        >
          <Person {...peer} />
        </button>
        <span class="row tight">
          <OrgChip mspId={peer.mspId} />
          {isMe && <span class="chip">{m.network.me}</span>}
          {peer.isLeader && (
            <span class="chip is-leader" data-testid="leader-badge">
              <Icon name="crown" size={12} />
              {m.network.leader}
            </span>
          )}
        </span>
      </th>
      <td class="is-number" data-testid="peer-height" data-height={peer.height}>
        {formatNumber(peer.height, language.value)}
        {lag > 0 && peer.status !== 'dead' && <small class="help">{m.network.lag(lag)}</small>}
      </td>
      <td>{m.link[peer.link]}</td>
      <td>
        {m.status[peer.status]}
        {peer.status !== 'alive' && (
          <small class="help">
            <Age at={peer.lastSeen} />
          </small>
        )}
      </td>
    </tr>
  );
}
