// SPDX-License-Identifier: Apache-2.0
// Starts the peer of this tab and puts it on `window.tabric`: identity, worker, network, genesis block, catching up.
import { createBundle } from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { createSigningIdentity } from '../../common/msp/index.ts';
import type { ChannelDescription } from '../../common/network/types.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { createLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import { ownClient } from '../../common/wire/local-client.ts';
import type { JoinStep, StartPeerOptions } from '../api/joining.ts';
import type { Me } from '../api/network-view.ts';
import type { Tabric, TabricEvents } from '../api/tabric.ts';
import { BlocksRequester } from '../deliverclient/index.ts';
import { connect, LazyGateway } from '../gateway/index.ts';
import { keepPackagesInstalled } from './channel-packages.ts';
import { NetworkState } from './network-state.ts';
import type { WorkerState } from './peer-worker-api.ts';
import { PeerWorkerClient } from './peer-worker-client.ts';
import { TabChannel } from './tab-channel.ts';
import { type TabIdentity, tabIdentity } from './tab-identity.ts';
import { TabNetwork } from './tab-network.ts';
import { createTabric } from './tabric-facade.ts';
import { startTicker } from './ticker.ts';

/** Threads that check signatures besides the peer worker; more than cores would only be in each other's way. */
const MAX_VERIFY_WORKERS = 4;

/**
 * Joins the network as the peer of this tab. Resolves when it has caught up; rejects with FabricError: JOIN_NEEDED, the CA's refusals,
 * RELAY_UNREACHABLE, and what the ledger says when it cannot be opened, with LedgerDamage in `data` when that can be mended.
 */
export async function startPeer(options: StartPeerOptions): Promise<Tabric> {
  const { network, onProgress } = options;
  const [channel] = network.channels;
  if (!channel) throw new FabricError('NO_CHANNEL', 'the network has no channel');
  const identity = await tabIdentity(options);
  const tab = new StartingTab(options, channel, identity);
  const { promise, resolve, reject } = Promise.withResolvers<Me>();
  promise.catch(() => {});
  try {
    const tabric = await tab.start(promise);
    window.tabric = tabric;
    await tab.join(onProgress);
    onProgress({ step: 'ready' });
    resolve(tabric.me);
    return tabric;
  } catch (error) {
    reject(error);
    await tab.abandon();
    throw error;
  }
}

/** The steps, and what they have made so far. */
class StartingTab {
  readonly #options: StartPeerOptions;
  readonly #description: ChannelDescription;
  readonly #identity: TabIdentity;
  readonly #ticker = startTicker();
  readonly #trace = new TraceBus();
  readonly #events = new TypedEventTarget<TabricEvents>();
  readonly #log;
  readonly #worker: PeerWorkerClient;
  readonly #stop = new AbortController();
  readonly #state: NetworkState;
  #bundle: ChannelConfigBundle | undefined;
  #network: TabNetwork | undefined;
  #channel: TabChannel | undefined;
  #gateway: LazyGateway | undefined;
  #lost: FabricError | undefined;

  constructor(options: StartPeerOptions, description: ChannelDescription, identity: TabIdentity) {
    this.#options = options;
    this.#description = description;
    this.#identity = identity;
    const { peer } = identity.entry;
    this.#log = createLogger(peer.name);
    this.#worker = new PeerWorkerClient({ clock: this.#ticker.clock, log: this.#log });
    this.#state = new NetworkState({
      network: options.network,
      channel: description.name,
      events: this.#events,
      identity: identity.entry,
    });
  }

  /** Opens ledger and libp2p node; the facade works from here on, as far as there is anything to work with. */
  async start(ready: Promise<Me>): Promise<Tabric> {
    const { entry, kept } = this.#identity;
    const signer = signing(entry.mspId, entry.peer);
    this.#listen();
    const [state, network] = await Promise.all([
      this.#startWorker(kept),
      TabNetwork.create({
        network: this.#options.network,
        signer,
        libp2pKey: entry.libp2pKey,
        mspManagers: () => (this.#bundle ? [this.#bundle.mspManager] : []),
        candidates: () => this.#channel?.candidates() ?? [],
        clock: this.#ticker.clock,
        log: this.#log,
      }),
    ]);
    this.#network = network;
    this.#state.attachNetwork(network, state);
    if (state.config) await this.#useConfig(state.config);
    return this.#facade(network, ready);
  }

  /** Connects, joins the channel and catches up. */
  async join(onProgress: (step: JoinStep) => void): Promise<void> {
    const network = this.#requireNetwork();
    const { signal } = this.#stop;
    onProgress({ step: 'connect' });
    await network.start();
    await network.relayReady(signal).catch((cause: unknown) => {
      const { detail } = network.connectivity.status;
      const text = `the relay could not be reached: ${detail ?? messageOf(cause)}`;
      throw new FabricError('RELAY_UNREACHABLE', text, { cause });
    });
    if (!this.#bundle) await this.#joinChannel(network, onProgress);
    onProgress({ step: 'catch-up' });
    const channel = await this.#startChannel(network);
    await Promise.all([
      channel.catchUp((done, total) => onProgress({ step: 'catch-up', done, total })),
      this.#installPackages(),
    ]);
    // Not before: the first transaction is some way off, and the first look at the page is not.
    void this.#gateway?.load().catch(() => {});
  }

  async abandon(): Promise<void> {
    this.#stop.abort();
    await this.#channel?.stop();
    await this.#network?.stop();
    await this.#worker.stop();
    this.#ticker.stop();
    this.#identity.slot.release();
  }

  #listen(): void {
    const { events } = this.#worker;
    events.on('trace', (event) => this.#trace.emit(event));
    events.on('config:changed', (config) => {
      void this.#useConfig(config).then(() => {
        this.#channel?.configChanged();
        return this.#network?.handshake.recheck();
      });
    });
    events.on('crashed', (message) => this.#state.faults.raise('WORKER_CRASHED', message));
    events.on('store:lost', (why) => {
      this.#lost = new FabricError(why.code, why.message);
      this.#state.storeLost(why);
      // Others must not count on this peer any more.
      void this.#channel?.stop(this.#lost);
    });
    events.on('committed', (block) => this.#state.committed(block));
    this.#trace.on((event) => this.#events.emit('trace', event));
  }

  async #startWorker(kept: boolean): Promise<WorkerState> {
    const { entry } = this.#identity;
    const { peer, mspId, ledger } = entry;
    const { repair } = this.#options;
    const cores = navigator.hardwareConcurrency ?? 2;
    return this.#worker.start({
      identity: { ...peer, mspId },
      channel: this.#description,
      ledger,
      stored: kept,
      ...(repair && { repair }),
      verifyWorkers: Math.max(1, Math.min(MAX_VERIFY_WORKERS, cores)),
    });
  }

  async #joinChannel(network: TabNetwork, onProgress: (step: JoinStep) => void): Promise<void> {
    onProgress({ step: 'genesis' });
    const { entry } = this.#identity;
    const signer = signing(entry.mspId, entry.peer);
    const { clock } = this.#ticker;
    const requester = new BlocksRequester(
      { client: network.relay, signer, clock },
      this.#description.name,
    );
    const genesis = await requester.fetch(0, { signal: this.#stop.signal });
    const state = await this.#worker.api.join(genesis);
    this.#state.joined(state);
    if (state.config) await this.#useConfig(state.config);
    await network.handshake.recheck();
  }

  async #useConfig(config: Uint8Array): Promise<void> {
    this.#bundle = await createBundle(this.#description.name, config);
  }

  async #startChannel(network: TabNetwork): Promise<TabChannel> {
    const { entry } = this.#identity;
    const channel = new TabChannel({
      network,
      description: this.#options.network,
      channel: this.#description,
      signer: signing(entry.mspId, entry.peer),
      bundle: () => this.#requireBundle(),
      worker: this.#worker,
      state: this.#state,
      clock: this.#ticker.clock,
      trace: this.#trace,
      log: this.#log,
    });
    this.#channel = channel;
    this.#state.attachChannel(channel);
    await channel.start();
    return channel;
  }

  #installPackages(): Promise<void> {
    return keepPackagesInstalled(this.#description, this.#worker, this.#state);
  }

  #facade(network: TabNetwork, ready: Promise<Me>): Tabric {
    const { entry } = this.#identity;
    const gateway = connect({
      identity: signing(entry.mspId, entry.client),
      client: ownClient(this.#newGateway(network).services, entry.peer.name),
      trace: this.#trace,
      name: entry.peer.name,
    }).getNetwork(this.#description.name);
    return createTabric({
      worker: this.#worker.api,
      events: this.#events,
      traceBus: this.#trace,
      contract: (chaincode) => {
        // Other peers would endorse, but its commit would not be seen here.
        if (this.#lost) throw this.#lost;
        return gateway.getContract(chaincode);
      },
      network: () => this.#state.view,
      ready,
      install: async (chaincode, bytes) => {
        const info = await this.#worker.api.install(chaincode, bytes);
        this.#state.installed(chaincode);
        this.#events.emit('chaincode:installed', info);
        return info;
      },
    });
  }

  #newGateway(network: TabNetwork): LazyGateway {
    const gateway = new LazyGateway(async () => {
      const { tabGatewayComponents } = await import('./tab-gateway.ts');
      return tabGatewayComponents({
        channel: this.#description.name,
        worker: this.#worker.api,
        me: () => this.#state.view.me,
        peers: () => this.#state.view.peers,
        clientOf: (peerId) => network.reach(peerId),
        orderer: network.relay,
        onCommitted: (listener) => this.#worker.events.on('committed', listener),
        clock: this.#ticker.clock,
        trace: this.#trace,
      });
    });
    this.#gateway = gateway;
    this.#worker.events.on('store:lost', ({ code, message }) => {
      gateway.stop(new FabricError(code, message));
    });
    return gateway;
  }

  #requireNetwork(): TabNetwork {
    if (this.#network) return this.#network;
    throw new FabricError('NOT_STARTED', 'the tab has no network yet');
  }

  #requireBundle(): ChannelConfigBundle {
    if (this.#bundle) return this.#bundle;
    throw new FabricError('CHANNEL_NOT_JOINED', 'the channel has not been joined yet');
  }
}

function signing(
  mspId: string,
  { certificate, key }: TabIdentity['entry']['peer'],
): ReturnType<typeof createSigningIdentity> {
  return createSigningIdentity(mspId, certificate, key);
}
