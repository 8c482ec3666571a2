// SPDX-License-Identifier: Apache-2.0
// One channel as a node takes part in it: its configuration, its gossip, and the ledger that the peer host keeps.
import { createBundle } from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { defaultBCCSP } from '../../common/crypto/index.ts';
import type { ChannelDescription, GossipSettings } from '../../common/network/types.ts';
import { fromHex, fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { withDeadline } from '../../common/runtime/deadline.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import {
  type CallContext,
  GrpcStatus,
  type ServiceClient,
  ServiceError,
  unary,
} from '../../common/wire/service.ts';
import { BlocksRequester } from '../deliverclient/index.ts';
import { type ChannelMember, GossipChannel } from '../gossip/channel/gossip-channel.ts';
import type { GossipNode } from '../gossip/gossip-node.ts';
import { OUTCOME_METHOD } from '../gossip/services.ts';
import type { PeerClient } from '../peer/peer-client.ts';
import type { ChannelState, CommittedBlock, PeerHost } from '../peer/peer-host.ts';
import {
  type BlockOutcome,
  LedgerComparison,
  type LedgerDifference,
  ownOutcome,
  readOutcome,
} from './ledger-comparison.ts';

/** Peers are compared by their newest blocks; these are far more than they may be apart in gossip. */
const KEPT_HASHES = 100;
const OUTCOME_TIMEOUT_MS = 5_000;
const READERS = '/Channel/Application/Readers';

export interface NodeChannelComponents {
  readonly description: ChannelDescription;
  readonly gossip: GossipNode;
  readonly host: PeerHost;
  readonly client: PeerClient;
  /** Services of another peer, by its libp2p peer id. */
  readonly reach: (peerId: string) => ServiceClient;
  readonly orderer: ConstructorParameters<typeof BlocksRequester>[0]['client'];
  readonly trace: TraceBus;
  readonly log: Logger;
}

export interface NodeChannelEvents {
  'block:committed': CommittedBlock;
  /** Something that a view of the channel shows has changed. */
  changed: Record<string, never>;
  'leader:changed': { readonly leader?: string; readonly isMe: boolean };
  'commit:failed': { readonly error: unknown };
  /** How this ledger compares with others'; undefined when all agree. */
  'ledger:compared': { readonly difference: LedgerDifference | undefined };
  'chaincode:installed': { readonly name: string };
}

export class NodeChannel {
  readonly events = new TypedEventTarget<NodeChannelEvents>();
  readonly name: string;
  readonly #components: NodeChannelComponents;
  readonly #gossip: GossipChannel;
  readonly #chaincodes = new Map<string, string>();
  #bundle: ChannelConfigBundle;
  #height: number;
  /** Of the newest blocks that were committed here, by height. */
  readonly #commitHashes = new Map<number, string>();
  readonly #comparison: LedgerComparison;
  #started: AbortController | undefined;

  private constructor(
    components: NodeChannelComponents,
    settings: GossipSettings,
    bundle: ChannelConfigBundle,
    height: number,
  ) {
    this.name = components.description.name;
    this.#components = components;
    this.#bundle = bundle;
    this.#height = height;
    this.#comparison = this.#newComparison();
    this.#gossip = this.#newGossip(settings);
    this.#connect();
  }

  /** A channel whose ledger holds at least its genesis block. */
  static async open(
    components: NodeChannelComponents,
    settings: GossipSettings,
    { config, height }: ChannelState,
  ): Promise<NodeChannel> {
    const bundle = await createBundle(components.description.name, config);
    return new NodeChannel(components, settings, bundle, height);
  }

  get bundle(): ChannelConfigBundle {
    return this.#bundle;
  }

  get description(): ChannelDescription {
    return this.#components.description;
  }

  /** Blocks in the ledger. */
  get height(): number {
    return this.#height;
  }

  get isLeader(): boolean {
    return this.#gossip.isLeader;
  }

  /** The greatest height that is known of any ledger of the channel. */
  maxHeight(): number {
    return this.#gossip.maxHeight();
  }

  /** Everybody on the channel but this peer. */
  members(): readonly ChannelMember[] {
    return this.#gossip.members();
  }

  /** Numbers of blocks held back because an earlier one is missing. */
  buffered(): readonly number[] {
    return this.#gossip.buffered();
  }

  /** Names of the chaincodes that this peer can run here. */
  chaincodes(): readonly string[] {
    return [...this.#chaincodes.keys()];
  }

  async start(): Promise<void> {
    this.#started ??= new AbortController();
    const newest = await ownOutcome(this.#components.client, this.name, this.#height - 1);
    if (newest) this.#commitHashes.set(this.#height, newest.commitHash);
    await this.#gossip.start();
  }

  /** @param reason what those get who wait for this channel. */
  async stop(reason: unknown = new Error('the channel stops')): Promise<void> {
    this.#started?.abort(reason);
    this.#started = undefined;
    await this.#gossip.stop();
  }

  /** Resolves when the ledger is as high as the orderer's chain was at this moment. */
  async catchUp(onProgress: (done: number, total: number) => void): Promise<void> {
    const signal = this.#started?.signal ?? AbortSignal.abort(new Error('the channel has stopped'));
    await this.#gossip.catchUp(onProgress, { signal });
  }

  /** The relay is connected again. */
  reconnected(): Promise<void> {
    return this.#gossip.reconnected();
  }

  /** This peer can run a chaincode of the channel from now on. */
  installed(chaincode: string): void {
    const { chaincodes } = this.#components.description;
    const version = chaincodes.find(({ name }) => name === chaincode)?.version ?? '';
    this.#chaincodes.set(chaincode, version);
    this.#gossip.chaincodesChanged();
    this.events.emit('chaincode:installed', { name: chaincode });
  }

  /** A block was committed by the host. */
  committed(block: CommittedBlock): void {
    this.#height = Math.max(this.#height, block.height);
    this.#commitHashes.set(block.number + 1, block.commitHash);
    this.#commitHashes.delete(block.number + 1 - KEPT_HASHES);
    this.#comparison.committed().catch(() => {});
    this.events.emit('block:committed', block);
  }

  /** The host tells of another configuration. */
  async useConfig(config: Uint8Array): Promise<void> {
    this.#bundle = await createBundle(this.name, config);
    this.#gossip.configChanged();
    this.#components.gossip.configChanged();
    this.events.emit('changed', {});
  }

  #newGossip(settings: GossipSettings): GossipChannel {
    const { gossip, host, client, orderer, trace, log } = this.#components;
    const { signer, clock } = gossip.components;
    const { name } = this;
    return new GossipChannel(
      {
        node: gossip,
        channel: name,
        mspManager: () => this.#bundle.mspManager,
        mspIds: () => this.#bundle.application.orgs.map(({ mspId }) => mspId),
        ledger: {
          height: () => this.#height,
          block: (number) => client.block(name, number),
          verifyBlock: (number, block) => host.verifyBlock(name, number, block),
          commit: (block) => host.commit(name, block),
        },
        chaincodes: () =>
          [...this.#chaincodes].map(([chaincode, version]) => ({ name: chaincode, version })),
        commitHash: (height) => fromHex(this.#commitHashes.get(height) ?? ''),
        requester: new BlocksRequester({ client: orderer, signer, clock }, name),
        sha256: (bytes) => defaultBCCSP().sha256(bytes),
        mayRead: (identity) => mayRead(identity, this.#bundle),
        trace,
        log: log.child('gossip'),
      },
      settings,
    );
  }

  #newComparison(): LedgerComparison {
    const { client, reach } = this.#components;
    const { name } = this;
    return new LedgerComparison({
      own: (block) => ownOutcome(client, name, block),
      ask: async (id, number) => {
        const member = this.#gossip.members().find((one) => one.member.id === id)?.member;
        if (!member) throw new FabricError('PEER_GONE', 'it is no member any more');
        const request = utf8(JSON.stringify({ channel: name, number }));
        const peer = reach(member.metadata.peerId);
        const answer = await withDeadline(
          this.#components.gossip.components.clock,
          OUTCOME_TIMEOUT_MS,
          'the outcome of a block',
          (signal) => unary(peer, OUTCOME_METHOD, request, { signal }),
        );
        return readOutcome(JSON.parse(fromUtf8(answer)));
      },
      changed: (difference) => this.events.emit('ledger:compared', { difference }),
    });
  }

  #compare(pkiId: string): void {
    const found = this.#gossip.members().find(({ member }) => member.id === pkiId);
    if (!found?.ledger) return;
    const { height, commitHash } = found.ledger;
    const claim = { id: pkiId, name: found.member.endpoint, height, commitHash };
    this.#comparison.heard(claim).catch((error: unknown) => {
      this.#components.log.debug('not compared', { reason: messageOf(error) });
    });
  }

  /** What this peer made of a block, for members of the channel. Throws ServiceError PERMISSION_DENIED, NOT_FOUND. */
  async outcome(number: number, { identity }: CallContext['remote']): Promise<BlockOutcome> {
    if (!identity || !(await mayRead(identity, this.#bundle).catch(() => false)))
      throw new ServiceError(GrpcStatus.PERMISSION_DENIED, `not a reader of ${this.name}`);
    const found = await ownOutcome(this.#components.client, this.name, number);
    if (found) return found;
    throw new ServiceError(GrpcStatus.NOT_FOUND, `there is no block ${number} here`);
  }

  #connect(): void {
    const { events } = this.#gossip;
    const changed = (): void => this.events.emit('changed', {});
    events.on('members:changed', () => {
      const ids = new Set(this.#gossip.members().map(({ member }) => member.id));
      this.#comparison.retain((id) => ids.has(id));
      changed();
    });
    events.on('ledger:heard', ({ pkiId }) => this.#compare(pkiId));
    events.on('block:received', changed);
    events.on('leader:changed', (detail) => this.events.emit('leader:changed', detail));
    events.on('commit:failed', (detail) => this.events.emit('commit:failed', detail));
  }
}

// Whether an identity alone, without a signature, would satisfy the channel's Readers.
async function mayRead(identity: Uint8Array, bundle: ChannelConfigBundle): Promise<boolean> {
  const policy = bundle.policyManager.getPolicy(READERS);
  return policy.evaluateIdentities([await bundle.mspManager.deserializeIdentity(identity)]);
}
