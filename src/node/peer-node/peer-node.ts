// SPDX-License-Identifier: Apache-2.0
// A peer, put together: network, ledgers, channels, gossip and gateway, and the steps by which it joins (Fabric's internal/peer/node/start.go).
// The one composition root: a tab, a Node process and a test differ only in the ports that they give it.
import type { SigningIdentity } from '../../common/msp/index.ts';
import type { MSPManager } from '../../common/msp/types.ts';
import type { ChannelDescription, NetworkDescription } from '../../common/network/types.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import {
  type CallContext,
  GrpcStatus,
  proxied,
  ServiceError,
  type ServiceTable,
  unaryHandler,
} from '../../common/wire/service.ts';
import type { JoinStep } from '../api/joining.ts';
import { type ChaincodeLogLine, ChaincodeLogs } from '../chaincode/chaincode-logs.ts';
import type { PeerTransport } from '../comm/peer-transport.ts';
import { BlocksRequester } from '../deliverclient/index.ts';
import { PROCESS_PROPOSAL } from '../endorser/endorser.ts';
import type { EnrolledIdentity } from '../enrolment.ts';
import type { Gateway } from '../gateway/index.ts';
import { neighbourTag } from '../gossip/discovery/peer-metadata.ts';
import { GossipNode } from '../gossip/gossip-node.ts';
import { OUTCOME_METHOD } from '../gossip/services.ts';
import { PeerClient } from '../peer/peer-client.ts';
import type { CommittedBlock, HostState, PeerHost } from '../peer/peer-host.ts';
import { watchTrace } from '../trace-stream.ts';
import { ChaincodeInstaller } from './chaincode-installer.ts';
import { Faults } from './faults.ts';
import type { NodeGatewayComponents } from './gateway-components.ts';
import { differenceText, type LedgerDifference } from './ledger-comparison.ts';
import { NodeChannel } from './node-channel.ts';
import { type GatewayAccess, OwnClient, signing } from './own-client.ts';
import type { FetchFile, Place, RenameClient } from './ports.ts';

export interface PeerNodeComponents {
  readonly network: NetworkDescription;
  readonly mspId: string;
  readonly peer: EnrolledIdentity;
  /** The user whose transactions this node's gateway sends. */
  readonly client: EnrolledIdentity;
  /** Made with {@link PeerNode.mspManagers} as its MSPs. */
  readonly createTransport: (mspManagers: () => readonly MSPManager[]) => Promise<PeerTransport>;
  readonly host: PeerHost;
  readonly place: Place;
  readonly fetchFile: FetchFile;
  readonly renameClient: RenameClient;
  readonly clock: Clock;
  /** Between 0 and 1. */
  readonly random: () => number;
  readonly randomBytes: RandomBytes;
  readonly trace: TraceBus;
  readonly log: Logger;
}

export interface PeerNodeEvents {
  /** Something that a view of the node shows has changed. */
  changed: Record<string, never>;
  'channel:joined': { readonly channel: NodeChannel };
  'block:committed': CommittedBlock;
  'leader:changed': { readonly channel: string; readonly leader?: string; readonly isMe: boolean };
  'chaincode:log': ChaincodeLogLine;
  'chaincode:installed': { readonly channel: string; readonly name: string };
  /** How a channel's ledger compares with other peers'; undefined when all agree. */
  'ledger:compared': {
    readonly channel: string;
    readonly difference: LedgerDifference | undefined;
  };
  /** The ledgers were taken away: this peer has stopped for good. */
  'store:lost': { readonly code: string; readonly message: string };
}

/** Code of the fault. */
const LEDGERS_DIFFER = 'LEDGERS_DIFFER';

export interface PeerNodeOptions {
  /** Whether to install the packages that the network names for its chaincodes, and so to endorse with them. */
  readonly installPackages: boolean;
}

export const DEFAULT_PEER_NODE_OPTIONS: PeerNodeOptions = Object.freeze({ installPackages: true });

export class PeerNode {
  readonly events = new TypedEventTarget<PeerNodeEvents>();
  readonly faults = new Faults(() => this.events.emit('changed', {}));
  /** Asks this node's own peer. */
  readonly peer: PeerClient;
  readonly #components: PeerNodeComponents;
  readonly #options: PeerNodeOptions;
  readonly #channels = new Map<string, NodeChannel>();
  readonly #stop = new AbortController();
  readonly #signer: SigningIdentity;
  readonly #installer: ChaincodeInstaller;
  readonly #commitFaults = new Set<string>();
  readonly #client: OwnClient;
  #running: { readonly transport: PeerTransport; readonly gossip: GossipNode } | undefined;
  /** What chaincode of this peer wrote to its console. */
  readonly logs = new ChaincodeLogs();
  #state: HostState | undefined;
  #stopping: Promise<void> | undefined;
  #lost: FabricError | undefined;

  constructor(components: PeerNodeComponents, options: Partial<PeerNodeOptions> = {}) {
    const { host, mspId, peer } = components;
    this.#components = components;
    this.#options = { ...DEFAULT_PEER_NODE_OPTIONS, ...options };
    this.#signer = signing(mspId, peer);
    const { signal } = this.#stop;
    this.peer = new PeerClient(host.services.for(this.#self()), { signal });
    this.#client = new OwnClient({
      ...components,
      name: this.name,
      about: () => this.#aboutGateway(),
    });
    this.#installer = new ChaincodeInstaller({
      ...components,
      peer: this.peer,
      relay: () => this.#require().transport.relay,
      log: (line) => this.#logged(line),
      signal,
    });
  }

  /** Name of the peer, e.g. `peer0.org1.example.com`. */
  get name(): string {
    return this.#components.peer.name;
  }

  get mspId(): string {
    return this.#components.mspId;
  }

  /** By which people know this node's user: what the client's certificate says. */
  get displayName(): string | undefined {
    return this.#client.displayName;
  }

  /** Serialized identity of the peer. */
  get identity(): Uint8Array {
    return this.#signer.serialize();
  }

  get network(): NetworkDescription {
    return this.#components.network;
  }

  get trace(): TraceBus {
    return this.#components.trace;
  }

  get clock(): Clock {
    return this.#components.clock;
  }

  /** Absent before `start`. */
  get transport(): PeerTransport | undefined {
    return this.#running?.transport;
  }

  /** False when everything is in memory. */
  get stored(): boolean {
    return this.#state?.stored ?? true;
  }

  /** Channels that this peer has joined, in the order of the network. */
  channels(): readonly NodeChannel[] {
    return [...this.#channels.values()];
  }

  channel(name: string): NodeChannel | undefined {
    return this.#channels.get(name);
  }

  /** The client of this node's user. Throws when the ledgers are lost: its commits would not be seen here. */
  get gateway(): Gateway {
    if (this.#lost) throw this.#lost;
    this.#require();
    return this.#client.gateway;
  }

  /** For clients of this node's user besides the one of `gateway`. */
  get gatewayAccess(): GatewayAccess {
    this.#require();
    return this.#client.access;
  }

  /** Opens ledgers and the network's node; what is stored can be read from here on. */
  async start(): Promise<void> {
    const { createTransport, host } = this.#components;
    this.#listen();
    const mspManagers = (): MSPManager[] => this.channels().map(({ bundle }) => bundle.mspManager);
    const [state, transport] = await Promise.all([host.start(), createTransport(mspManagers)]);
    this.#state = state;
    const gossip = this.#newGossip(transport);
    this.#running = { transport, gossip };
    transport.mount(this.#services(gossip));
    if (!state.stored) {
      const text = 'nothing is stored here: ledger and identity end with this peer';
      this.faults.raise('STORAGE_REFUSED', text);
    }
    for (const one of state.channels) {
      const description = this.network.channels.find(({ name }) => name === one.name);
      if (description)
        this.#add(await NodeChannel.open(this.#about(description), this.network.gossip, one));
    }
    this.#follow(transport, gossip);
  }

  /**
   * Connects, joins the network's channels and catches up. Rejects with FabricError RELAY_UNREACHABLE, and with what the orderer or the
   * ledger says.
   */
  async join(onProgress: (step: JoinStep) => void = () => {}): Promise<void> {
    const { transport, gossip } = this.#require();
    const { signal } = this.#stop;
    onProgress({ step: 'connect' });
    await transport.start(() => gossip.candidates());
    await transport.relayReady(signal).catch((cause: unknown) => {
      const { detail } = transport.connections.status;
      const text = `the relay could not be reached: ${detail ?? messageOf(cause)}`;
      throw new FabricError('RELAY_UNREACHABLE', text, { cause });
    });
    gossip.start();
    for (const description of this.network.channels) {
      if (this.#channels.has(description.name)) continue;
      onProgress({ step: 'genesis' });
      await this.#joinChannel(description, transport);
    }
    onProgress({ step: 'catch-up' });
    await Promise.all(
      this.channels().map(async (channel) => {
        await channel.start();
        await Promise.all([
          channel.catchUp((done, total) => onProgress({ step: 'catch-up', done, total })),
          this.#installPackages(channel),
        ]);
      }),
    );
    void this.#watchOrderer();
    this.#client.load();
  }

  /**
   * Installs a package, to run as a chaincode of a channel at this peer. Rejects when the bytes are none, and when what they lack cannot be
   * made (ChaincodeInstaller.install).
   */
  async install(channel: string, chaincode: string, bytes: Uint8Array): Promise<void> {
    await this.#installer.install(channel, chaincode, bytes);
    this.#channels.get(channel)?.installed(chaincode);
  }

  /** See ChaincodeLogs.errorSoon. */
  chaincodeErrorOf(txId: string): Promise<string | undefined> {
    const { clock } = this.#components;
    return this.logs.errorSoon(txId, { clock, signal: this.#stop.signal });
  }

  /**
   * Gives this node's user a name by which people know it, or takes it away when empty. Transactions from now on carry it; what is in the
   * ledger stays as it is. Rejects with FabricError DISPLAY_NAME_REFUSED, REENROLL_TOO_OFTEN or RELAY_UNREACHABLE.
   */
  async setDisplayName(name: string): Promise<void> {
    const { gossip } = this.#require();
    await this.#client.rename(name);
    gossip.changed();
    this.events.emit('changed', {});
  }

  /** For the last moment of a page: others drop this peer at once. */
  sayGoodbye(): void {
    this.#running?.gossip.sayGoodbye();
  }

  /** Says goodbye and stops everything. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async #end(): Promise<void> {
    this.#client.stop();
    for (const channel of this.#channels.values()) await channel.stop();
    await this.#running?.gossip.stop();
    this.#stop.abort(new FabricError('STOPPED', 'the peer stops'));
    await this.#running?.transport.stop();
    await this.#components.host.stop();
  }

  #self(): { address: string; identity: Uint8Array; mspId: string } {
    return { address: this.name, identity: this.identity, mspId: this.mspId };
  }

  // What others may ask of this peer.
  #services(gossip: GossipNode): ServiceTable {
    const { host } = this.#components;
    return new Map([
      ...gossip.services(),
      [PROCESS_PROPOSAL, proxied(host.services, PROCESS_PROPOSAL)],
      [OUTCOME_METHOD, unaryHandler((request, { remote }) => this.#outcome(request, remote))],
    ]);
  }

  // What this peer made of a block of a channel, for those who compare their ledgers with its.
  async #outcome(request: Uint8Array, remote: CallContext['remote']): Promise<Uint8Array> {
    const { channel, number } = Object(JSON.parse(fromUtf8(request)));
    const found = this.#channels.get(String(channel));
    if (!found || !Number.isSafeInteger(number) || number < 0)
      throw new ServiceError(GrpcStatus.NOT_FOUND, 'there is no such block here');
    return utf8(JSON.stringify(await found.outcome(number, remote)));
  }

  #newGossip(transport: PeerTransport): GossipNode {
    const { network, clock, random, log } = this.#components;
    return new GossipNode(
      {
        networkId: network.networkId,
        signer: this.#signer,
        pubsub: transport.pubsub,
        bindings: transport.bindings,
        client: (peerId) => transport.client(peerId),
        relayPeerId: network.relay.peerId,
        describeSelf: () => ({
          peerId: transport.peerId,
          ...(this.displayName !== undefined && { displayName: this.displayName }),
          webrtc: transport.webrtc,
          neighbours: transport.connections
            .neighbours()
            .filter((peerId) => peerId !== network.relay.peerId)
            .map(neighbourTag),
        }),
        clock,
        random,
        log: log.child('gossip'),
      },
      network.gossip,
    );
  }

  #aboutGateway(): NodeGatewayComponents {
    const { mspId, clock, trace } = this.#components;
    return {
      self: { name: this.name, mspId },
      peer: this.peer,
      channel: (name) => this.#channels.get(name),
      transport: this.#require().transport,
      onCommitted: (listener) => this.events.on('block:committed', listener),
      clock,
      trace,
    };
  }

  #about(description: ChannelDescription) {
    const { host, trace, log } = this.#components;
    const { gossip, transport } = this.#require();
    return {
      description,
      gossip,
      host,
      client: this.peer,
      reach: (peerId: string) => transport.reach(peerId),
      orderer: transport.relay,
      trace,
      log,
    };
  }

  async #joinChannel(description: ChannelDescription, transport: PeerTransport): Promise<void> {
    const { host, clock } = this.#components;
    const requester = new BlocksRequester(
      { client: transport.relay, signer: this.#signer, clock },
      description.name,
    );
    const genesis = await requester.fetch(0, { signal: this.#stop.signal });
    const state = await host.join(description, genesis);
    this.#add(await NodeChannel.open(this.#about(description), this.network.gossip, state));
    await transport.recheck();
  }

  #add(channel: NodeChannel): void {
    const { name } = channel;
    this.#channels.set(name, channel);
    const { signal } = this.#stop;
    const changed = (): void => this.events.emit('changed', {});
    channel.events.on('changed', changed, { signal });
    channel.events.on('block:committed', (block) => this.#committed(block), { signal });
    channel.events.on(
      'leader:changed',
      (detail) => this.events.emit('leader:changed', { channel: name, ...detail }),
      { signal },
    );
    channel.events.on(
      'chaincode:installed',
      (detail) => this.events.emit('chaincode:installed', { channel: name, ...detail }),
      { signal },
    );
    channel.events.on(
      'ledger:compared',
      ({ difference }) => {
        if (difference) this.faults.raise(LEDGERS_DIFFER, differenceText(name, difference));
        else this.faults.clear(LEDGERS_DIFFER);
        this.events.emit('ledger:compared', { channel: name, difference });
      },
      { signal },
    );
    channel.events.on(
      'commit:failed',
      ({ error }) => void this.#commitFaults.add(this.faults.raiseError(error, 'COMMIT_FAILED')),
      { signal },
    );
    this.events.emit('channel:joined', { channel });
    changed();
  }

  #committed(block: CommittedBlock): void {
    this.#clearCommitFaults();
    this.events.emit('block:committed', block);
  }

  #logged(line: ChaincodeLogLine): void {
    this.logs.add(line);
    this.events.emit('chaincode:log', line);
  }

  #clearCommitFaults(): void {
    for (const code of this.#commitFaults) this.faults.clear(code);
    this.#commitFaults.clear();
  }

  // What the host tells.
  #listen(): void {
    const { events } = this.#components.host;
    const options = { signal: this.#stop.signal };
    events.on('trace', (event) => this.trace.emit(event), options);
    events.on('chaincode:log', (line) => this.#logged(line), options);
    events.on(
      'block:committed',
      (block) => this.#channels.get(block.channel)?.committed(block),
      options,
    );
    events.on(
      'config:changed',
      ({ channel, config }) => {
        this.#useConfig(channel, config).catch((error: unknown) => {
          this.faults.raiseError(error, 'CONFIG_REJECTED');
        });
      },
      options,
    );
    events.on('crashed', ({ message }) => this.faults.raise('WORKER_CRASHED', message), options);
    events.on('store:lost', (why) => void this.#storeLost(why), options);
  }

  async #useConfig(channel: string, config: Uint8Array): Promise<void> {
    await this.#channels.get(channel)?.useConfig(config);
    await this.transport?.recheck();
  }

  // Others must not count on this peer any more.
  async #storeLost(why: { readonly code: string; readonly message: string }): Promise<void> {
    this.#lost = new FabricError(why.code, why.message);
    this.#clearCommitFaults();
    this.faults.raise(why.code, why.message);
    this.events.emit('store:lost', why);
    this.#client.stop(this.#lost);
    for (const channel of this.#channels.values()) await channel.stop(this.#lost);
    await this.#running?.gossip.stop();
  }

  // What the network and the place tell.
  #follow(transport: PeerTransport, gossip: GossipNode): void {
    const { place } = this.#components;
    const { connections } = transport;
    const options = { signal: this.#stop.signal };
    const changed = (): void => this.events.emit('changed', {});
    connections.events.on('status:changed', changed, options);
    connections.events.on(
      'links:changed',
      () => {
        gossip.changed();
        changed();
      },
      options,
    );
    connections.events.on('relay:connected', () => void this.#reconnected(), options);
    gossip.events.on(
      'identity:conflict',
      () => this.faults.raise('IDENTITY_CONFLICT', 'another tab speaks with this peer’s identity'),
      options,
    );
    gossip.events.on('member:lost', ({ peerId }) => transport.drop(peerId), options);
    place.events.on(
      'hidden:changed',
      ({ hidden }) => {
        gossip.setHidden(hidden);
        if (!hidden) connections.retryNow();
      },
      options,
    );
    place.events.on('resumed', () => connections.retryNow(), options);
    place.events.on('closing', () => gossip.sayGoodbye(), options);
    gossip.setHidden(place.hidden);
  }

  async #reconnected(): Promise<void> {
    const { transport, gossip } = this.#require();
    try {
      await transport.relayReady(this.#stop.signal);
      await Promise.all([
        gossip.reconnected(),
        ...this.channels().map((channel) => channel.reconnected()),
        this.#watchOrderer(),
      ]);
    } catch (error) {
      this.#components.log.debug('not reconnected', { reason: messageOf(error) });
    }
  }

  // The orderer's stages of a transaction are known only to it; ended by the relay's end, begun again with its return.
  async #watchOrderer(): Promise<void> {
    const { log } = this.#components;
    const { signal } = this.#stop;
    try {
      await watchTrace(this.#require().transport.relay, (event) => this.trace.emit(event), {
        signal,
      });
    } catch (error) {
      if (!signal.aborted) log.debug('no trace of the orderer', { reason: messageOf(error) });
    }
  }

  async #installPackages(channel: NodeChannel): Promise<void> {
    const options = { fetchMissing: this.#options.installPackages };
    await this.#installer.installNetworkPackages(channel.description, options, {
      installed: (chaincode) => channel.installed(chaincode),
      failed: (chaincode, error) =>
        this.faults.raise('CHAINCODE_NOT_INSTALLED', `${chaincode}: ${messageOf(error)}`),
    });
  }

  #require() {
    if (this.#running) return this.#running;
    throw new FabricError('NOT_STARTED', 'the peer has not started yet');
  }
}
