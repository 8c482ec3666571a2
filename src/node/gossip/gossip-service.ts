// SPDX-License-Identifier: Apache-2.0
// Gossip of one channel at one peer: who is there, who leads, and how blocks come (Fabric's gossip/service/gossip_service.go). Everything it stands on is
// given to it, so that the same code runs in a tab, in Node, and on a network in memory.
import { pkiIdOf } from '../../common/msp/index.ts';
import type { GossipSettings } from '../../common/network/types.ts';
import { EMPTY_BYTES, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { withDeadline } from '../../common/runtime/deadline.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import { type CallContext, type ServiceTable, unaryHandler } from '../../common/wire/service.ts';
import type { PeerInfo } from '../api/network-view.ts';
import { nameOfIdentity } from '../comm/identity-check.ts';
import type { DeliverClientOptions } from '../deliverclient/deliver-client.ts';
import { StateInfoChannel } from './channel/state-info.ts';
import { Discovery, type SelfDescription } from './discovery/discovery.ts';
import { askForMembers, membersService } from './discovery/introduction.ts';
import { memberProbe } from './discovery/member-probe.ts';
import type { Member } from './discovery/membership.ts';
import { Leadership } from './election/leadership.ts';
import type {
  GossipCandidate,
  GossipServiceComponents,
  GossipServiceEvents,
} from './gossip-components.ts';
import { openEnvelope } from './message.ts';
import { ordererInfo, peerInfo } from './peer-infos.ts';
import { MEMBERS_METHOD, PING_METHOD, STATE_METHOD } from './services.ts';
import type { BlockHolder } from './state/anti-entropy.ts';
import { GossipState } from './state/gossip-state.ts';
import { stateService } from './state/state-service.ts';
import { type TopicKind, topicName } from './topics.ts';

export class GossipService {
  readonly events = new TypedEventTarget<GossipServiceEvents>();
  /** Name of this peer. */
  readonly name: string;
  readonly #components: GossipServiceComponents;
  readonly #settings: GossipSettings;
  readonly #channelBytes: Uint8Array;
  readonly #pkiId: string;
  readonly #discovery: Discovery;
  readonly #stateInfo: StateInfoChannel;
  readonly #leadership: Leadership;
  readonly #state: GossipState;
  #stop: AbortController | undefined;

  /** Throws GossipError SETTINGS when the settings contradict each other. */
  constructor(
    components: GossipServiceComponents,
    settings: GossipSettings,
    deliver: Partial<DeliverClientOptions> = {},
  ) {
    this.#components = components;
    this.#settings = settings;
    this.#channelBytes = utf8(components.channel);
    const identity = components.signer.serialize();
    this.name = nameOfIdentity(identity);
    this.#pkiId = toHex(pkiIdOf(identity));
    this.#discovery = this.#newDiscovery();
    this.#stateInfo = this.#newStateInfo();
    this.#leadership = this.#newLeadership();
    this.#state = this.#newState({ isStaticLeader: settings.orgLeader, ...deliver });
    this.#connect();
  }

  /** Members of the channel besides this peer, and the relay. */
  peers(): PeerInfo[] {
    const { bindings, relayPeerId, link, clock } = this.#components;
    const sources = {
      state: (id: string) => this.#stateInfo.get(id),
      link,
      mspId: this.#components.signer.mspId,
      leader: this.#leadership.leader,
    };
    const members = this.#discovery.members().map((member) => peerInfo(member, sources));
    const relay = bindings.get(relayPeerId);
    if (!relay) return members;
    const height = Math.max(this.#state.height, this.#stateInfo.maxHeight());
    return [...members, ordererInfo(relay, { link: link(relayPeerId), height, now: clock.now() })];
  }

  /** Members that a direct connection may be made to. */
  candidates(): GossipCandidate[] {
    return this.#discovery.aliveMembers().map(({ endpoint, metadata }) => ({
      peerId: metadata.peerId,
      name: endpoint,
      webrtc: metadata.webrtc,
    }));
  }

  get isLeader(): boolean {
    return this.#leadership.isLeader;
  }

  /** Numbers of blocks held back because an earlier one is missing. */
  buffered(): number[] {
    return this.#state.buffered();
  }

  /** What other peers may ask of this one; to be mounted on the node's stream services. */
  services(): ServiceTable {
    const { ledger, signer, mayRead } = this.#components;
    const inOrganisation = async ({ mspId, identity }: CallContext['remote']): Promise<boolean> =>
      mspId === signer.mspId && identity !== undefined && mayRead(identity);
    const { batchSize } = this.#settings.state;
    return new Map([
      [PING_METHOD, unaryHandler(async () => EMPTY_BYTES)],
      [
        MEMBERS_METHOD,
        membersService((channel, { mspId }, self) => this.#introductions(channel, mspId, self)),
      ],
      [
        STATE_METHOD,
        stateService({
          channel: this.#channelBytes,
          block: (n) => ledger.block(n),
          mayRead: inOrganisation,
          batchSize,
        }),
      ],
    ]);
  }

  /** Starts; the ledger must hold the genesis block. Best after the relay is bound: topics are joined at once then. */
  async start(): Promise<void> {
    if (this.#stop) return;
    this.#stop = new AbortController();
    this.#state.start();
    this.#stateInfo.start(this.#topics('state-info'));
    await this.#discovery.start(this.#topics('alive'));
    this.#leadership.start();
    void this.#getIntroduced(this.#stop.signal);
  }

  /** Says goodbye and stops. */
  async stop(): Promise<void> {
    if (!this.#stop) return;
    this.#stop.abort(new Error('gossip stops'));
    this.#stop = undefined;
    this.#leadership.stop();
    await this.#discovery.stop();
    this.#stateInfo.stop();
    this.#state.stop();
  }

  /** See GossipState.catchUp. */
  catchUp(
    onProgress: (done: number, total: number) => void,
    options: { signal: AbortSignal },
  ): Promise<void> {
    return this.#state.catchUp(onProgress, options);
  }

  /** The relay is connected anew: meets the others again, and fetches what was missed. */
  async reconnected(): Promise<void> {
    const signal = this.#stop?.signal;
    if (!signal) return;
    await this.#getIntroduced(signal);
    await this.#discovery.announce();
    await this.catchUp(() => {}, { signal }).catch((error) => {
      this.#components.log.debug('not caught up', { reason: messageOf(error) });
    });
  }

  /** The channel has a new configuration: other organisations may have come or gone. */
  configChanged(): void {
    if (!this.#stop) return;
    this.#discovery.setTopics(this.#topics('alive'));
    this.#stateInfo.setTopics(this.#topics('state-info'));
  }

  /** Chaincodes were installed or removed. */
  chaincodesChanged(): void {
    this.#stateInfo.changed();
  }

  /** Connections changed: the others draw them too. */
  linksChanged(): void {
    void this.#discovery.announce();
    this.#peersChanged();
  }

  /** The tab was hidden or shown again. */
  setHidden(hidden: boolean): void {
    this.#discovery.setHidden(hidden);
  }

  /** For `pagehide`: others drop this peer at once. */
  sayGoodbye(): void {
    this.#discovery.sayGoodbye().catch(() => {});
  }

  #newDiscovery(): Discovery {
    const { signer, describeSelf, log } = this.#components;
    const describe = (): SelfDescription => ({ ...describeSelf(), leader: this.isLeader });
    const self = { signer, describe };
    const probe = memberProbe(this.#components, this.#settings.state.responseTimeoutMs);
    return new Discovery(
      { ...this.#components, self, probe, log: log.child('discovery') },
      this.#settings,
    );
  }

  #newStateInfo(): StateInfoChannel {
    const { log } = this.#components;
    return new StateInfoChannel(
      {
        ...this.#components,
        channel: this.#channelBytes,
        member: (pkiId) => this.#discovery.member(pkiId),
        height: () => this.#state.height,
        log: log.child('state-info'),
      },
      this.#settings,
    );
  }

  #newLeadership(): Leadership {
    const { log } = this.#components;
    return new Leadership(
      {
        ...this.#components,
        channel: this.#channelBytes,
        topic: this.#ownTopic('leadership'),
        member: (pkiId) => this.#discovery.member(pkiId),
        aliveMembers: () => this.#discovery.aliveMembers(),
        leadershipChanged: (isLeader) => this.#state.lead(isLeader),
        leaderChanged: (leader) => this.#leaderChanged(leader),
        log: log.child('election'),
      },
      this.#settings,
    );
  }

  #newState(deliver: Partial<DeliverClientOptions>): GossipState {
    const { log } = this.#components;
    return new GossipState(
      {
        ...this.#components,
        channelBytes: this.#channelBytes,
        peer: this.name,
        topic: this.#ownTopic('blocks'),
        holders: () => this.#holders(),
        maxHeight: () => this.#stateInfo.maxHeight(),
        isNeeded: (seqNum) =>
          this.#organisation().some(({ id }) => (this.#stateInfo.get(id)?.height ?? 0) <= seqNum),
        giveUp: () => this.#leadership.yield(),
        log: log.child('state'),
      },
      this.#settings.state,
      deliver,
    );
  }

  #connect(): void {
    const changed = (): void => this.#peersChanged();
    this.#discovery.events.on('members:changed', changed);
    this.#discovery.events.on('identity:conflict', (detail) =>
      this.events.emit('identity:conflict', detail),
    );
    this.#discovery.events.on('member:lost', ({ id }) => {
      this.#leadership.memberLost(id);
      this.#stateInfo.forget(id);
    });
    this.#stateInfo.events.on('state:changed', ({ height }) => {
      if (height > this.#state.height) this.#state.checkSoon();
      changed();
    });
    this.#state.events.on('block:received', (detail) => this.events.emit('block:received', detail));
    this.#state.events.on('commit:failed', (detail) => this.events.emit('commit:failed', detail));
    this.#state.events.on('height:changed', (detail) => {
      this.#stateInfo.changed();
      this.events.emit('height:changed', detail);
    });
  }

  #peersChanged(): void {
    this.events.emit('peers:changed', {});
  }

  #leaderChanged(pkiId: string | undefined): void {
    const isMe = pkiId === this.#pkiId;
    const leader = isMe ? this.name : pkiId && this.#discovery.member(pkiId)?.endpoint;
    this.events.emit('leader:changed', { ...(leader ? { leader } : {}), isMe });
    // Other organisations learn it from the next alive message.
    void this.#discovery.announce();
    this.#peersChanged();
  }

  // Members of the own organisation that are not dead.
  #organisation(): Member[] {
    const { mspId } = this.#components.signer;
    return this.#discovery.aliveMembers().filter((member) => member.mspId === mspId);
  }

  #holders(): BlockHolder[] {
    const { bindings, client } = this.#components;
    return this.#organisation().flatMap(({ id, endpoint, metadata }) => {
      const height = this.#stateInfo.get(id)?.height ?? 0;
      return bindings.has(metadata.peerId)
        ? { name: endpoint, height, client: client(metadata.peerId) }
        : [];
    });
  }

  #introductions(
    channel: string,
    mspId: string | undefined,
    self: Uint8Array | undefined,
  ): { alive: Uint8Array[]; states: Uint8Array[] } | undefined {
    if (channel !== this.#components.channel || !this.#components.mspIds().includes(mspId ?? ''))
      return undefined;
    if (self) void this.#discovery.introduce([self]);
    return { alive: this.#discovery.introductions(), states: this.#stateInfo.snapshot() };
  }

  async #getIntroduced(signal: AbortSignal): Promise<void> {
    const { client, relayPeerId, clock, log } = this.#components;
    const timeoutMs = this.#settings.state.responseTimeoutMs;
    try {
      const { alive, states } = await withDeadline(
        clock,
        timeoutMs,
        'the introduction',
        (bounded) =>
          askForMembers(client(relayPeerId), this.#channelBytes, this.#discovery.lastAlive, {
            signal: bounded,
          }),
        { signal },
      );
      await this.#discovery.introduce(alive);
      for (const state of states) await this.#introduceState(state);
    } catch (error) {
      // The members' own messages come within an interval anyway.
      if (!signal.aborted) log.debug('not introduced', { reason: messageOf(error) });
    }
  }

  async #introduceState(envelope: Uint8Array): Promise<void> {
    const pkiId = openEnvelope(envelope).message.state_info?.pki_id;
    const member = pkiId && this.#discovery.member(toHex(pkiId));
    if (member) await this.#stateInfo.receive(envelope, member.mspId);
  }

  #topics(kind: TopicKind): Map<string, string> {
    const { networkId, channel, mspIds } = this.#components;
    return new Map(
      mspIds().map((mspId) => [mspId, topicName({ networkId, channel, mspId, kind })]),
    );
  }

  #ownTopic(kind: TopicKind): string {
    const { networkId, channel, signer } = this.#components;
    return topicName({ networkId, channel, mspId: signer.mspId, kind });
  }
}

export type {
  GossipCandidate,
  GossipServiceComponents,
  GossipServiceEvents,
} from './gossip-components.ts';
