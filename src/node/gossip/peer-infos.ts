// SPDX-License-Identifier: Apache-2.0
// The view of the channel's members that the page draws.
import { toHex } from '../../common/runtime/bytes.ts';
import type { PeerInfo } from '../api/network-view.ts';
import type { Binding } from '../comm/bindings.ts';
import type { PeerLink } from '../comm/links.ts';
import type { LedgerState } from './channel/state-info.ts';
import type { Member } from './discovery/membership.ts';

export interface PeerInfoSources {
  readonly state: (pkiId: string) => LedgerState | undefined;
  readonly link: (peerId: string) => PeerLink;
  /** MSP id of the own organisation, and hex PKI-ID of its leader. */
  readonly mspId: string;
  readonly leader: string | undefined;
}

/** A member as the page shows it. */
export function peerInfo(
  member: Member,
  { state, link, leader, mspId: own }: PeerInfoSources,
): PeerInfo {
  const { id, mspId, endpoint, metadata, status, lastSeen } = member;
  const ledger = state(id);
  return {
    name: endpoint,
    mspId,
    peerId: metadata.peerId,
    pkiId: id,
    role: 'peer',
    height: ledger?.height ?? 0,
    // Elections stay inside an organisation: of others there is only what a peer says of itself.
    isLeader: mspId === own ? leader === id : metadata.leader && status !== 'dead',
    link: status === 'dead' ? 'none' : link(metadata.peerId),
    status,
    lastSeen,
    chaincodes: ledger?.chaincodes.map(({ name }) => name) ?? [],
    neighbours: metadata.neighbours,
  };
}

/** The relay, with the ordering service behind it. */
export function ordererInfo(
  { name, mspId, peerId, pkiId }: Binding,
  about: { link: PeerLink; height: number; now: number },
): PeerInfo {
  return {
    name,
    mspId,
    peerId,
    pkiId: toHex(pkiId),
    role: 'orderer',
    height: about.height,
    isLeader: false,
    link: about.link,
    status: 'alive',
    lastSeen: about.now,
    chaincodes: [],
    neighbours: [],
  };
}
