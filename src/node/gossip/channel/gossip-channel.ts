// SPDX-License-Identifier: Apache-2.0
// Gossip of one channel at one peer: who leads, what others say of their ledgers, and how blocks come (Fabric's gossip/service/gossip_service.go
// and gossip/gossip/channel). Stands on the node's gossip, which knows who is there.
import { type MSPManager, pkiIdOf, type SigningIdentity } from '../../../common/msp/index.ts';
import type { GossipSettings } from '../../../common/network/types.ts';
import { toHex, utf8 } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import type { Logger } from '../../../common/runtime/log.ts';
import type { TraceBus } from '../../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import type { CallContext, ServiceHandler } from '../../../common/wire/service.ts';
import type { Binding } from '../../comm/bindings.ts';
import { nameOfIdentity } from '../../comm/identity-check.ts';
import type { BlocksRequester } from '../../deliverclient/blocks-requester.ts';
import type { DeliverClientOptions } from '../../deliverclient/deliver-client.ts';
import type { Member } from '../discovery/membership.ts';
import { leadTag } from '../discovery/peer-metadata.ts';
import { Leadership } from '../election/leadership.ts';
import type { GossipNode, JoinedChannel } from '../gossip-node.ts';
import type { BlockHolder } from '../state/anti-entropy.ts';
import { type GossipLedger, GossipState, type GossipStateEvents } from '../state/gossip-state.ts';
import { stateService } from '../state/state-service.ts';
import { type ChannelTopicKind, topicName } from '../topics.ts';
import { type InstalledChaincode, type LedgerState, StateInfoChannel } from './state-info.ts';

export interface GossipChannelComponents {
  readonly node: GossipNode;
  readonly channel: string;
  /** The channel's MSPs, and the MSP ids of its application organisations, as its configuration is now. */
  readonly mspManager: () => MSPManager;
  readonly mspIds: () => readonly string[];
  readonly ledger: GossipLedger;
  /** Chaincodes that this peer can run now. */
  readonly chaincodes: () => readonly InstalledChaincode[];
  /** See StateInfoComponents. */
  readonly commitHash: (height: number) => Uint8Array;
  readonly requester: BlocksRequester;
  /** Whether an identity of this peer's organisation satisfies the channel's Readers policy. */
  readonly mayRead: (identity: Uint8Array) => Promise<boolean>;
  /** Of whole blocks: the platform's, as BCCSP has it. */
  readonly sha256: (bytes: Uint8Array) => Promise<Uint8Array>;
  readonly trace: Pick<TraceBus, 'emit'>;
  readonly log: Logger;
}

export interface GossipChannelEvents
  extends Pick<GossipStateEvents, 'block:received' | 'height:changed' | 'commit:failed'> {
  /** A member has told of its ledger. */
  'ledger:heard': { readonly pkiId: string };
  /** Somebody came or went, or something that `members()` shows changed. */
  'members:changed': Record<string, never>;
  /** Name of the leader of this peer's organisation, when known. */
  'leader:changed': { readonly leader?: string; readonly isMe: boolean };
}

/** A member of the channel, as far as gossip knows. */
export interface ChannelMember {
  readonly member: Member;
  readonly ledger: LedgerState | undefined;
  readonly isLeader: boolean;
}

export class GossipChannel implements JoinedChannel {
  readonly events = new TypedEventTarget<GossipChannelEvents>();
  readonly name: string;
  readonly #components: GossipChannelComponents;
  readonly #settings: GossipSettings;
  readonly #signer: SigningIdentity;
  readonly #clock: Clock;
  readonly #bytes: Uint8Array;
  readonly #stateInfo: StateInfoChannel;
  readonly #leadership: Leadership;
  readonly #state: GossipState;
  readonly #peer: { readonly name: string; readonly id: string; readonly pkiId: Uint8Array };
  #stop: AbortController | undefined;

  /** Throws GossipError SETTINGS when the settings contradict each other. */
  constructor(
    components: GossipChannelComponents,
    settings: GossipSettings,
    deliver: Partial<DeliverClientOptions> = {},
  ) {
    const { node, channel } = components;
    this.name = channel;
    this.#components = components;
    this.#settings = settings;
    this.#signer = node.components.signer;
    this.#clock = node.components.clock;
    this.#bytes = utf8(channel);
    const identity = this.#signer.serialize();
    const pkiId = pkiIdOf(identity);
    this.#peer = { name: nameOfIdentity(identity), id: toHex(pkiId), pkiId };
    this.#stateInfo = this.#newStateInfo();
    this.#leadership = this.#newLeadership();
    this.#state = this.#newState({ isStaticLeader: settings.orgLeader, ...deliver });
    this.#connect();
  }

  /** Members of the channel besides this peer: those that have told of a ledger. */
  members(): ChannelMember[] {
    const { node, mspIds } = this.#components;
    const organisations = new Set(mspIds());
    return node.members().flatMap((member) => {
      const ledger = this.#stateInfo.get(member.id);
      if (!ledger || !organisations.has(member.mspId)) return [];
      return [{ member, ledger, isLeader: this.#leads(member) }];
    });
  }

  /** MSP ids of the channel's application organisations. */
  mspIds(): readonly string[] {
    return this.#components.mspIds();
  }

  get mspManager(): MSPManager {
    return this.#components.mspManager();
  }

  get isLeader(): boolean {
    return this.#leadership.isLeader;
  }

  /** How the leader of this peer's organisation is named in alive messages; undefined unless that is this peer. */
  get leadTag(): string | undefined {
    return this.isLeader ? leadTag(this.#peer.pkiId, this.#bytes) : undefined;
  }

  /** The greatest height that is known of any ledger of the channel. */
  maxHeight(): number {
    return Math.max(this.#state.height, this.#stateInfo.maxHeight());
  }

  /** Numbers of blocks held back because an earlier one is missing. */
  buffered(): number[] {
    return this.#state.buffered();
  }

  /** State-info messages of all members of the channel. */
  stateInfos(): readonly Uint8Array[] {
    return this.#stateInfo.snapshot();
  }

  /** This peer's own, once there is one. */
  get ownStateInfo(): Uint8Array | undefined {
    return this.#stateInfo.own;
  }

  /** Takes in state-info messages that `from` handed over. */
  introduce(envelopes: readonly Uint8Array[], from: string): Promise<void> {
    return this.#stateInfo.introduce(envelopes, from);
  }

  /** State transfer to peers of this organisation. */
  get stateService(): ServiceHandler {
    const { ledger, mayRead } = this.#components;
    const inOrganisation = async ({ mspId, identity }: CallContext['remote']): Promise<boolean> =>
      mspId === this.#signer.mspId && identity !== undefined && mayRead(identity);
    return stateService({
      channel: this.#bytes,
      block: (n) => ledger.block(n),
      mayRead: inOrganisation,
      batchSize: this.#settings.state.batchSize,
    });
  }

  /** Starts; the ledger must hold the genesis block, and the node's gossip must have started. */
  async start(): Promise<void> {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { node } = this.#components;
    this.#state.start();
    await this.#stateInfo.start(this.#topics('state-info'));
    await node.join(this);
    this.#leadership.start();
  }

  async stop(): Promise<void> {
    if (!this.#stop) return;
    this.#stop.abort(new Error('gossip stops'));
    this.#stop = undefined;
    this.#leadership.stop();
    this.#components.node.leave(this);
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

  /** The relay is connected again: fetches what was missed. */
  async reconnected(): Promise<void> {
    const signal = this.#stop?.signal;
    if (!signal) return;
    this.#leadership.ordererBack();
    this.#state.ordererBack();
    await this.catchUp(() => {}, { signal }).catch((error: unknown) => {
      this.#components.log.debug('not caught up', { reason: messageOf(error) });
    });
  }

  /** The channel has a new configuration: other organisations may have come or gone. */
  configChanged(): void {
    if (this.#stop) this.#stateInfo.setTopics(this.#topics('state-info'));
  }

  /** Chaincodes were installed or removed. */
  chaincodesChanged(): void {
    this.#stateInfo.changed();
  }

  /** Somebody on the node's list of members came, went or changed. */
  membersChanged(): void {
    this.events.emit('members:changed', {});
  }

  /** A member of the node is dead, or gone for good. */
  memberLost(id: string, isGone: boolean): void {
    this.#leadership.memberLost(id);
    if (isGone) this.#stateInfo.forget(id);
  }

  // Elections stay inside an organisation: of others there is only what a peer says of itself.
  #leads({ id, mspId, pkiId, metadata, status }: Member): boolean {
    if (mspId === this.#signer.mspId) return this.#leadership.leader === id;
    return status !== 'dead' && metadata.leads.includes(leadTag(pkiId, this.#bytes));
  }

  // Members of the channel and its orderers, which is what the relay is.
  readonly #mayHear = ({ mspId }: Binding): boolean => this.mspManager.mspIds.includes(mspId);

  #newStateInfo(): StateInfoChannel {
    const { node, mspManager, chaincodes, log } = this.#components;
    return new StateInfoChannel({
      channel: this.#bytes,
      pubsub: node.components.pubsub,
      mayHear: this.#mayHear,
      signer: this.#signer,
      mspManager,
      identities: node.identities,
      pace: () => node.pace,
      heardFrom: (id) => node.heardFrom(id),
      height: () => this.#state.height,
      commitHash: (height) => this.#components.commitHash(height),
      chaincodes,
      clock: this.#clock,
      random: node.components.random,
      log: log.child('state-info'),
    });
  }

  #newLeadership(): Leadership {
    const { node, mspManager, log } = this.#components;
    return new Leadership(
      {
        channel: this.#bytes,
        topic: this.#ownTopic('leadership'),
        pubsub: node.components.pubsub,
        mayHear: this.#mayHear,
        signer: this.#signer,
        mspManager,
        identities: node.identities,
        member: (id) => node.member(id),
        aliveMembers: () => this.#organisation(),
        leadershipChanged: (isLeader) => this.#state.lead(isLeader),
        leaderChanged: (leader) => this.#leaderChanged(leader),
        clock: this.#clock,
        log: log.child('election'),
      },
      this.#settings,
    );
  }

  #newState(deliver: Partial<DeliverClientOptions>): GossipState {
    const { node, channel, ledger, requester, sha256, trace, log } = this.#components;
    return new GossipState(
      {
        channel,
        channelBytes: this.#bytes,
        peer: this.#peer.name,
        topic: this.#ownTopic('blocks'),
        pubsub: node.components.pubsub,
        mayHear: this.#mayHear,
        ledger,
        requester,
        holders: () => this.#holders(),
        maxHeight: () => this.#stateInfo.maxHeight(),
        claims: () => this.#stateInfo.claims(),
        isNeeded: (seqNum) =>
          this.#organisation().some(({ id }) => (this.#stateInfo.get(id)?.height ?? 0) <= seqNum),
        giveUp: () => this.#leadership.yield(),
        sha256,
        clock: this.#clock,
        random: node.components.random,
        trace,
        log: log.child('state'),
      },
      this.#settings.state,
      deliver,
    );
  }

  #connect(): void {
    this.#stateInfo.events.on('state:changed', ({ pkiId, height }) => {
      if (height > this.#state.height) this.#state.checkSoon();
      this.events.emit('ledger:heard', { pkiId });
      this.events.emit('members:changed', {});
    });
    this.#state.events.on('block:received', (detail) => this.events.emit('block:received', detail));
    this.#state.events.on('commit:failed', (detail) => this.events.emit('commit:failed', detail));
    this.#state.events.on('height:changed', (detail) => {
      this.#stateInfo.changed();
      this.events.emit('height:changed', detail);
    });
  }

  #leaderChanged(id: string | undefined): void {
    const isMe = id === this.#peer.id;
    const leader = isMe ? this.#peer.name : id && this.#components.node.member(id)?.endpoint;
    this.events.emit('leader:changed', { ...(leader ? { leader } : {}), isMe });
    // Other organisations learn it from the next alive message.
    this.#components.node.changed();
    this.events.emit('members:changed', {});
  }

  // Members of this peer's organisation on the channel that are not dead.
  #organisation(): Member[] {
    const { mspId } = this.#signer;
    return this.#components.node.aliveMembers().filter((member) => member.mspId === mspId);
  }

  #holders(): BlockHolder[] {
    const { bindings, client } = this.#components.node.components;
    return this.#organisation().flatMap(({ id, endpoint, metadata }) => {
      const height = this.#stateInfo.get(id)?.height ?? 0;
      return bindings.has(metadata.peerId)
        ? { name: endpoint, height, client: client(metadata.peerId) }
        : [];
    });
  }

  #topics(kind: ChannelTopicKind): Map<string, string> {
    const { channel, mspIds, node } = this.#components;
    const { networkId } = node.components;
    return new Map(
      mspIds().map((mspId) => [mspId, topicName({ networkId, channel, mspId, kind })]),
    );
  }

  #ownTopic(kind: ChannelTopicKind): string {
    const { channel, node } = this.#components;
    const { networkId } = node.components;
    return topicName({ networkId, channel, mspId: this.#signer.mspId, kind });
  }
}
