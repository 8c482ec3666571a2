// SPDX-License-Identifier: Apache-2.0
// Gossip of one node, whatever channels it has joined (Fabric's gossip/gossip/gossip_impl.go): who is there, by which certificate, and how a
// newcomer meets the others. Everything it stands on is given to it, so that the same code runs in a tab, in Node, and on a network in memory.
import type { MSPManager, SigningIdentity } from '../../common/msp/index.ts';
import type { GossipSettings } from '../../common/network/types.ts';
import { fromUtf8 } from '../../common/runtime/bytes.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { withDeadline } from '../../common/runtime/deadline.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type {
  CallContext,
  ServiceClient,
  ServiceHandler,
  ServiceTable,
} from '../../common/wire/service.ts';
import type { Bindings } from '../comm/bindings.ts';
import { Discovery, type DiscoveryEvents, type SelfDescription } from './discovery/discovery.ts';
import { memberProbe } from './discovery/member-probe.ts';
import {
  askForMembers,
  type KnownMembers,
  membersService,
  type OwnMessages,
} from './discovery/members-exchange.ts';
import type { Member } from './discovery/membership.ts';
import { IdentityStore } from './identity/identity-store.ts';
import { openEnvelope } from './message.ts';
import type { Pace } from './pace.ts';
import type { Pubsub } from './pubsub.ts';
import { IDENTITIES_METHOD, MEMBERS_METHOD, STATE_METHOD } from './services.ts';
import { dispatchByChannel } from './state/state-dispatch.ts';
import { topicName } from './topics.ts';

export interface GossipNodeComponents {
  readonly networkId: string;
  readonly signer: SigningIdentity;
  readonly pubsub: Pubsub;
  readonly bindings: Pick<Bindings, 'get' | 'has' | 'all' | 'events'>;
  readonly client: (peerId: string) => ServiceClient;
  readonly relayPeerId: string;
  readonly describeSelf: () => Omit<SelfDescription, 'leads'>;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly log: Logger;
}

/** A channel that this node has joined, as far as the node's own gossip needs it; see channel/gossip-channel.ts. */
export interface JoinedChannel {
  readonly name: string;
  /** Of its application organisations. */
  mspIds(): readonly string[];
  readonly mspManager: MSPManager;
  readonly leadTag: string | undefined;
  /** State-info messages of its members, this peer's included. */
  stateInfos(): readonly Uint8Array[];
  readonly ownStateInfo: Uint8Array | undefined;
  introduce(stateInfos: readonly Uint8Array[], from: string): Promise<void>;
  readonly stateService: ServiceHandler;
  membersChanged(): void;
  memberLost(id: string, isGone: boolean): void;
}

/** A member that could be dialled. */
export interface GossipCandidate {
  readonly peerId: string;
  readonly name: string;
  readonly webrtc: boolean;
}

/** Every so often two nodes compare whom they know; how often does not depend on how many there are. */
const EXCHANGE_MS = 30_000;

export class GossipNode {
  readonly events = new TypedEventTarget<
    Pick<DiscoveryEvents, 'members:changed' | 'identity:conflict'> & {
      /** Dead or gone. */
      'member:lost': { readonly peerId: string };
    }
  >();
  readonly components: GossipNodeComponents;
  readonly identities: IdentityStore;
  readonly #settings: GossipSettings;
  readonly #discovery: Discovery;
  readonly #channels = new Map<string, JoinedChannel>();
  #stop: AbortController | undefined;

  constructor(components: GossipNodeComponents, settings: GossipSettings) {
    this.components = components;
    this.#settings = settings;
    const { clock, client, describeSelf, log } = components;
    const mspManagers = (): MSPManager[] => this.#joined().map(({ mspManager }) => mspManager);
    const { responseTimeoutMs } = settings.state;
    this.identities = new IdentityStore({ mspManagers, client, clock }, { responseTimeoutMs });
    this.#discovery = new Discovery(
      {
        ...components,
        describe: () => ({ ...describeSelf(), leads: this.#leads() }),
        mspManagers,
        identities: this.identities,
        probe: memberProbe(components, responseTimeoutMs),
        log: log.child('discovery'),
      },
      settings,
    );
    this.#connect();
  }

  /** Members of all channels besides this peer. */
  members(): readonly Member[] {
    return this.#discovery.members();
  }

  aliveMembers(): readonly Member[] {
    return this.#discovery.aliveMembers();
  }

  member(id: string): Member | undefined {
    return this.#discovery.member(id);
  }

  /** The rhythm of a network of this size. */
  get pace(): Pace {
    return this.#discovery.pace;
  }

  /** Members that a direct connection may be made to. */
  candidates(): readonly GossipCandidate[] {
    return this.aliveMembers().map(({ endpoint, metadata }) => ({
      peerId: metadata.peerId,
      name: endpoint,
      webrtc: metadata.webrtc,
    }));
  }

  /** What others may ask of this peer; to be mounted on the node's stream services. */
  services(): ServiceTable {
    const exchange = membersService({
      known: (remote) => this.#known(remote),
      take: (own, remote) => void this.#take(own, remote.address),
    });
    const channelOf = (request: Uint8Array): string =>
      fromUtf8(openEnvelope(request).message.channel);
    const stateOf = (channel: string): ServiceHandler | undefined =>
      this.#channels.get(channel)?.stateService;
    return new Map([
      [IDENTITIES_METHOD, this.identities.service],
      [MEMBERS_METHOD, exchange],
      [STATE_METHOD, dispatchByChannel(channelOf, stateOf)],
    ]);
  }

  /** Begins to speak when the first channel is joined: before, there is nobody to speak to. */
  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const { bindings } = this.components;
    for (const { identity } of bindings.all()) this.identities.put(identity);
    bindings.events.on('binding:added', ({ identity }) => this.identities.put(identity), {
      signal,
    });
    bindings.events.on('binding:removed', ({ peerId }) => this.#discovery.connectionLost(peerId), {
      signal,
    });
    void this.#compare(signal);
  }

  /** Says goodbye and stops; channels must have been stopped. */
  async stop(): Promise<void> {
    this.#stop?.abort(new Error('gossip stops'));
    this.#stop = undefined;
    await this.#discovery.stop();
  }

  /** Called by a channel that starts. */
  async join(channel: JoinedChannel): Promise<void> {
    const isFirst = this.#channels.size === 0;
    this.#channels.set(channel.name, channel);
    if (isFirst) await this.#discovery.start(this.#aliveTopics());
    else this.configChanged();
    const signal = this.#stop?.signal;
    if (signal) void this.#exchange(this.components.relayPeerId, signal);
  }

  /** Called by a channel that stops. */
  leave(channel: JoinedChannel): void {
    if (this.#channels.get(channel.name) !== channel) return;
    this.#channels.delete(channel.name);
    if (this.#channels.size > 0) this.configChanged();
  }

  /** Organisations of some channel have come or gone. */
  configChanged(): void {
    if (this.#stop) this.#discovery.setTopics(this.#aliveTopics());
  }

  /** The relay is connected again: meets the others again. */
  async reconnected(): Promise<void> {
    const signal = this.#stop?.signal;
    if (!signal || this.#channels.size === 0) return;
    await this.#exchange(this.components.relayPeerId, signal);
    await this.#discovery.announce();
  }

  /** Something that the alive message says has changed: neighbours, leadership. */
  changed(): void {
    this.#discovery.changed();
  }

  heardFrom(id: string): void {
    this.#discovery.heardFrom(id);
  }

  /** The tab was hidden or shown again. */
  setHidden(hidden: boolean): void {
    this.#discovery.setHidden(hidden);
  }

  /** For `pagehide`: others drop this peer at once. */
  sayGoodbye(): void {
    this.#discovery.sayGoodbye().catch(() => {});
  }

  #connect(): void {
    const { events } = this.#discovery;
    events.on('members:changed', () => {
      this.events.emit('members:changed', {});
      for (const channel of this.#channels.values()) channel.membersChanged();
    });
    events.on('identity:conflict', (detail) => this.events.emit('identity:conflict', detail));
    events.on('member:lost', ({ id, metadata }) => {
      this.events.emit('member:lost', { peerId: metadata.peerId });
      const isGone = this.#discovery.member(id) === undefined;
      for (const channel of this.#channels.values()) channel.memberLost(id, isGone);
    });
  }

  #joined(): JoinedChannel[] {
    return [...this.#channels.values()];
  }

  #leads(): string[] {
    return this.#joined().flatMap(({ leadTag }) => leadTag ?? []);
  }

  #aliveTopics(): Map<string, string> {
    const { networkId } = this.components;
    const mspIds = new Set(this.#joined().flatMap((channel) => channel.mspIds()));
    return new Map(
      [...mspIds].map((mspId) => [mspId, topicName({ networkId, mspId, kind: 'alive' })]),
    );
  }

  // What a member of this organisation may know: who shares a channel with it.
  #known({ mspId }: CallContext['remote']): KnownMembers | undefined {
    const shared = this.#joined().filter((channel) => channel.mspIds().includes(mspId ?? ''));
    if (shared.length === 0) return undefined;
    const organisations = new Set(shared.flatMap((channel) => channel.mspIds()));
    const { lastAlive } = this.#discovery;
    const authors = new Map<Uint8Array, string>();
    for (const { envelope, id, mspId: of } of this.aliveMembers())
      if (organisations.has(of)) authors.set(envelope, id);
    return {
      alive: [...(lastAlive ? [lastAlive] : []), ...authors.keys()],
      identityOf: (envelope) => {
        const id = authors.get(envelope);
        return id === undefined ? this.components.signer.serialize() : this.identities.get(id);
      },
      states: new Map(shared.map((channel) => [channel.name, channel.stateInfos()])),
    };
  }

  async #take({ alive, states }: OwnMessages, from: string): Promise<void> {
    await this.#discovery.introduce(alive ? [alive] : [], from);
    for (const channel of this.#channels.values()) await channel.introduce(states, from);
  }

  async #compare(signal: AbortSignal): Promise<void> {
    const { clock, random, bindings } = this.components;
    while (!signal.aborted) {
      await clock.sleep(EXCHANGE_MS * (0.75 + 0.5 * random()), { signal }).catch(() => {});
      const neighbours = bindings.all();
      const partner = neighbours[Math.floor(random() * neighbours.length)];
      if (!signal.aborted && partner && this.#channels.size > 0)
        await this.#exchange(partner.peerId, signal);
    }
  }

  async #exchange(peerId: string, signal: AbortSignal): Promise<void> {
    const { client, clock, log } = this.components;
    const channels = this.#joined();
    const alive = this.#discovery.lastAlive;
    const states = channels.flatMap(({ ownStateInfo }) => ownStateInfo ?? []);
    const known = [
      ...(alive ? [alive] : []),
      ...this.members().map(({ envelope }) => envelope),
      ...channels.flatMap((channel) => channel.stateInfos()),
    ];
    try {
      const learnt = await withDeadline(
        clock,
        this.#settings.state.responseTimeoutMs,
        'the introduction',
        (bounded) => askForMembers(client(peerId), { alive, states }, known, { signal: bounded }),
        { signal },
      );
      for (const identity of learnt.identities)
        await this.identities.learn(identity).catch(() => {});
      await this.#discovery.introduce(learnt.alive, peerId);
      for (const [name, envelopes] of learnt.states)
        await this.#channels.get(name)?.introduce(envelopes, peerId);
    } catch (error) {
      // The members' own messages come anyway.
      if (!signal.aborted) log.debug('not introduced', { reason: messageOf(error) });
    }
  }
}
