// SPDX-License-Identifier: Apache-2.0
// One channel as a tab takes part in it: gossip on the page's thread, over the ledger in the peer worker, and the orderer's trace
// beside its own.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { defaultBCCSP } from '../../common/crypto/index.ts';
import type { SigningIdentity } from '../../common/msp/types.ts';
import type { ChannelDescription, NetworkDescription } from '../../common/network/types.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import { unaryHandler } from '../../common/wire/service.ts';
import type { PeerInfo } from '../api/network-view.ts';
import { BlocksRequester } from '../deliverclient/index.ts';
import { PROCESS_PROPOSAL } from '../endorser/endorser.ts';
import { type GossipCandidate, GossipService } from '../gossip/gossip-service.ts';
import { watchTrace } from '../trace-stream.ts';
import type { NetworkState } from './network-state.ts';
import type { PeerWorkerClient } from './peer-worker-client.ts';
import type { TabNetwork } from './tab-network.ts';

const READERS = '/Channel/Application/Readers';

export interface TabChannelComponents {
  readonly network: TabNetwork;
  readonly description: NetworkDescription;
  readonly channel: ChannelDescription;
  readonly signer: SigningIdentity;
  readonly bundle: () => ChannelConfigBundle;
  readonly worker: PeerWorkerClient;
  readonly state: NetworkState;
  readonly clock: Clock;
  readonly trace: TraceBus;
  readonly log: Logger;
}

export class TabChannel {
  readonly #components: TabChannelComponents;
  readonly #gossip: GossipService;
  #stop: AbortController | undefined;

  constructor(components: TabChannelComponents) {
    this.#components = components;
    this.#gossip = this.#newGossip();
  }

  get isLeader(): boolean {
    return this.#gossip.isLeader;
  }

  /** Everybody on the channel but this tab. */
  others(): readonly PeerInfo[] {
    return this.#gossip.peers();
  }

  candidates(): readonly GossipCandidate[] {
    return this.#gossip.candidates();
  }

  buffered(): readonly number[] {
    return this.#gossip.buffered();
  }

  async start(): Promise<void> {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const { network, worker } = this.#components;
    const endorse = unaryHandler((proposal) => worker.api.processProposal(proposal));
    network.mount(new Map([...this.#gossip.services(), [PROCESS_PROPOSAL, endorse]]));
    this.#follow(signal);
    await this.#gossip.start();
    void this.#watchOrderer(signal);
  }

  /** @param reason what those get who wait for this channel. */
  async stop(reason?: unknown): Promise<void> {
    this.#stop?.abort(reason);
    this.#stop = undefined;
    await this.#gossip.stop();
  }

  /** Resolves when the ledger is as high as the orderer's chain was at this moment. */
  async catchUp(onProgress: (done: number, total: number) => void): Promise<void> {
    const signal = this.#stop?.signal ?? AbortSignal.abort();
    await this.#gossip.catchUp(onProgress, { signal });
  }

  chaincodesChanged(): void {
    this.#gossip.chaincodesChanged();
  }

  configChanged(): void {
    this.#gossip.configChanged();
  }

  #newGossip(): GossipService {
    const { network, description, channel, signer, bundle, worker, state, clock, trace, log } =
      this.#components;
    const requester = new BlocksRequester({ client: network.relay, signer, clock }, channel.name);
    return new GossipService(
      {
        networkId: description.networkId,
        channel: channel.name,
        signer,
        mspManager: () => bundle().mspManager,
        mspIds: () => bundle().application.orgs.map(({ mspId }) => mspId),
        pubsub: network.pubsub,
        bindings: network.bindings,
        client: (peerId) => network.client(peerId),
        relayPeerId: description.relay.peerId,
        describeSelf: () => ({
          peerId: network.peerId,
          addresses: network.node.getMultiaddrs().map(String),
          webrtc: network.webrtc,
          neighbours: network.connectivity.neighbours(),
        }),
        link: (peerId) => network.connectivity.link(peerId),
        ledger: {
          height: () => state.height,
          block: (number) => worker.api.blockBytes(number),
          verifyBlock: (number, block) => worker.api.verifyBlock(number, block),
          commit: (block) => worker.commit(block),
        },
        chaincodes: () =>
          state.chaincodes.map((name) => ({ name, version: this.#versionOf(name) })),
        requester,
        sha256: (bytes) => defaultBCCSP().sha256(bytes),
        mayRead: (identity) => mayRead(identity, bundle()),
        clock,
        random: Math.random,
        trace,
        log: log.child('gossip'),
      },
      description.gossip,
    );
  }

  #versionOf(chaincode: string): string {
    const { chaincodes } = this.#components.channel;
    return chaincodes.find(({ name }) => name === chaincode)?.version ?? '';
  }

  #follow(signal: AbortSignal): void {
    const { network, state, log } = this.#components;
    const gossip = this.#gossip;
    const options = { signal };
    gossip.events.on('peers:changed', () => state.refresh(), options);
    gossip.events.on('leader:changed', () => state.refreshNow(), options);
    gossip.events.on('block:received', () => state.refresh(), options);
    gossip.events.on('commit:failed', ({ error }) => state.commitFailed(error), options);
    gossip.events.on(
      'identity:conflict',
      () => state.faults.raise('IDENTITY_CONFLICT', 'another tab speaks with this peer’s identity'),
      options,
    );
    const { events } = network.connectivity;
    events.on('links:changed', () => gossip.linksChanged(), options);
    events.on(
      'relay:connected',
      () => {
        void network
          .relayReady(signal)
          .then(() => Promise.all([gossip.reconnected(), this.#watchOrderer(signal)]))
          .catch((error: unknown) => log.debug('not reconnected', { reason: messageOf(error) }));
      },
      options,
    );
    followPage(gossip, () => network.connectivity.retryNow(), signal);
  }

  // The orderer's stages of a transaction are known only to it; ended by the relay's end, begun anew with its return.
  async #watchOrderer(signal: AbortSignal): Promise<void> {
    const { network, trace, log } = this.#components;
    try {
      await watchTrace(network.relay, (event) => trace.emit(event), { signal });
    } catch (error) {
      if (!signal.aborted) log.debug('no trace of the orderer', { reason: messageOf(error) });
    }
  }
}

// Hidden, shown, frozen, offline, closing: what the browser tells a page about its life.
function followPage(gossip: GossipService, retry: () => void, signal: AbortSignal): void {
  document.addEventListener(
    'visibilitychange',
    () => {
      gossip.setHidden(document.hidden);
      if (!document.hidden) retry();
    },
    { signal },
  );
  document.addEventListener('resume', retry, { signal });
  window.addEventListener('online', retry, { signal });
  window.addEventListener('pagehide', () => gossip.sayGoodbye(), { signal });
}

/** Whether an identity alone, without a signature, would satisfy the channel's Readers. */
async function mayRead(identity: Uint8Array, bundle: ChannelConfigBundle): Promise<boolean> {
  const policy = bundle.policyManager.getPolicy(READERS);
  return policy.evaluateIdentities([await bundle.mspManager.deserializeIdentity(identity)]);
}
