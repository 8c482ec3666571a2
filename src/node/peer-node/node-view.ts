// SPDX-License-Identifier: Apache-2.0
// What a page or a console shows of a node and its channels: immutable views, made again when something in them changes, and not more often
// than somebody can look.
import { pkiIdOf } from '../../common/msp/index.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { Me, NetworkView, PeerInfo } from '../api/network-view.ts';
import type { ChannelMember } from '../gossip/channel/gossip-channel.ts';
import { neighbourTag } from '../gossip/discovery/peer-metadata.ts';
import type { NodeChannel } from './node-channel.ts';
import type { PeerNode } from './peer-node.ts';

/** What the place knows of its storage. */
export type StorageUse = Pick<NetworkView['storage'], 'persisted' | 'usage' | 'quota'>;

/** A view is made at most this often. */
const REFRESH_MS = 100;

const CHANGES = [
  'changed',
  'channel:joined',
  'chaincode:installed',
  'block:committed',
  'leader:changed',
  'store:lost',
] as const;

export interface NodeViewEvents {
  'network:changed': NetworkView;
  'peers:changed': { readonly count: number };
}

export interface NodeViewOptions {
  readonly secureContext: boolean;
}

export class NodeView {
  readonly events = new TypedEventTarget<NodeViewEvents>();
  readonly #node: PeerNode;
  readonly #options: NodeViewOptions;
  readonly #pkiId: string;
  #storage: StorageUse = {};
  #view: NetworkView;
  #isDue = false;

  constructor(node: PeerNode, options: NodeViewOptions) {
    this.#node = node;
    this.#options = options;
    this.#pkiId = toHex(pkiIdOf(node.identity));
    this.#view = this.#make();
    for (const event of CHANGES) node.events.on(event, () => this.refresh());
  }

  /** The view as it is now, of the node and its default channel. */
  get network(): NetworkView {
    if (this.#isDue) this.#view = this.#make();
    return this.#view;
  }

  /** Everybody on a channel, this peer first, the orderer last. */
  peers(channel: NodeChannel | undefined): readonly PeerInfo[] {
    if (!channel) return [this.#myInfo(undefined)];
    const members = channel.members();
    const ids = this.#idsByTag(members);
    const others = members.map((member) => this.#info(member, ids));
    const orderer = this.#orderer(channel);
    return [this.#myInfo(channel), ...others, ...(orderer ? [orderer] : [])];
  }

  me(channel: NodeChannel | undefined): Me {
    const { name, displayName, mspId, transport, network } = this.#node;
    return {
      name,
      ...(displayName !== undefined && { displayName }),
      mspId,
      peerId: transport?.peerId ?? '',
      pkiId: this.#pkiId,
      isLeader: channel?.isLeader ?? false,
      height: channel?.height ?? 0,
      channel: channel?.name ?? network.channels[0]?.name ?? '',
    };
  }

  useStorage(use: StorageUse): void {
    this.#storage = use;
    this.refresh();
  }

  /** Makes the view again, soon. */
  refresh(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#node.clock.setTimer(() => {
      this.#isDue = false;
      const before = this.#view.peers.length;
      this.#view = this.#make();
      const count = this.#view.peers.length;
      if (count !== before) this.events.emit('peers:changed', { count });
      this.events.emit('network:changed', this.#view);
    }, REFRESH_MS);
  }

  #make(): NetworkView {
    const { network, transport, faults, stored } = this.#node;
    const channels = this.#node.channels();
    const channel = channels.find(({ name }) => name === network.channels[0]?.name) ?? channels[0];
    const defaultFirst = channel ? [channel, ...channels.filter((one) => one !== channel)] : [];
    const { state = 'starting', detail } = transport?.connections.status ?? {};
    const me = this.me(channel);
    return {
      networkId: network.networkId,
      channel: me.channel,
      channels: defaultFirst.map((one) => ({
        name: one.name,
        height: one.height,
        isLeader: one.isLeader,
        buffered: one.buffered(),
      })),
      connection: state,
      ...(detail !== undefined && { connectionDetail: detail }),
      me,
      peers: this.peers(channel),
      buffered: channel?.buffered() ?? [],
      storage: { kind: stored ? 'indexeddb' : 'memory', ...this.#storage },
      secureContext: this.#options.secureContext,
      faults: faults.all,
    };
  }

  #idsByTag(members: readonly ChannelMember[]): ReadonlyMap<string, string> {
    const { transport, network } = this.#node;
    const all = [
      ...members.map(({ member }) => member.metadata.peerId),
      transport?.peerId ?? '',
      network.relay.peerId,
    ];
    return new Map(all.map((peerId) => [neighbourTag(peerId), peerId]));
  }

  #info({ member, ledger, isLeader }: ChannelMember, ids: ReadonlyMap<string, string>): PeerInfo {
    const { id, mspId, endpoint, metadata, status, lastSeen } = member;
    const { transport } = this.#node;
    const link = transport?.connections.link(metadata.peerId) ?? 'none';
    const { displayName } = metadata;
    return {
      name: endpoint,
      ...(displayName !== undefined && { displayName }),
      mspId,
      peerId: metadata.peerId,
      pkiId: id,
      role: 'peer',
      height: ledger?.height ?? 0,
      isLeader,
      link: status === 'dead' ? 'none' : link,
      status,
      lastSeen,
      chaincodes: ledger?.chaincodes.map(({ name }) => name) ?? [],
      neighbours: metadata.neighbours.flatMap((tag) => ids.get(tag) ?? []),
    };
  }

  #myInfo(channel: NodeChannel | undefined): PeerInfo {
    const { name, displayName, mspId, peerId, pkiId, isLeader, height } = this.me(channel);
    const { transport, clock } = this.#node;
    return {
      name,
      ...(displayName !== undefined && { displayName }),
      mspId,
      peerId,
      pkiId,
      role: 'peer',
      height,
      isLeader,
      link: 'self',
      status: 'alive',
      lastSeen: clock.now(),
      chaincodes: channel?.chaincodes() ?? [],
      neighbours: transport?.connections.neighbours() ?? [],
    };
  }

  // The relay, with the ordering service behind it, once it has proven itself.
  #orderer(channel: NodeChannel): PeerInfo | undefined {
    const { transport, network, clock } = this.#node;
    const binding = transport?.bindings.get(network.relay.peerId);
    if (!transport || !binding) return undefined;
    const { name, mspId, peerId, pkiId } = binding;
    return {
      name,
      mspId,
      peerId,
      pkiId: toHex(pkiId),
      role: 'orderer',
      height: channel.maxHeight(),
      isLeader: false,
      link: transport.connections.link(peerId),
      status: 'alive',
      lastSeen: clock.now(),
      chaincodes: [],
      neighbours: [],
    };
  }
}
