// SPDX-License-Identifier: Apache-2.0
// Starts the peer of this tab and puts it on `window.tabric`: what only a browser has, given to PeerNode.
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import { webRTC } from '@libp2p/webrtc';
import { createSigningIdentity } from '../../common/msp/index.ts';
import { systemRandomBytes } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { createLogger, type Logger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import type { StartPeerOptions } from '../api/joining.ts';
import type { Me } from '../api/network-view.ts';
import type { Tabric } from '../api/tabric.ts';
import { createPeerLibp2p, relayMultiaddr } from '../comm/libp2p-node.ts';
import { Libp2pTransport } from '../comm/libp2p-transport.ts';
import { renameClient, renewalOf } from '../enrolment.ts';
import { NodeView } from '../peer-node/node-view.ts';
import { PeerNode } from '../peer-node/peer-node.ts';
import { createTabric } from '../peer-node/tabric-facade.ts';
import { type TabIdentity, tabIdentity } from './tab-identity.ts';
import { storageUse, tabPlace } from './tab-place.ts';
import { startTicker, type Ticker } from './ticker.ts';
import { WorkerPeerHost } from './worker-peer-host.ts';

const FETCH_TIMEOUT_MS = 20_000;

/**
 * Joins the network as the peer of this tab. Resolves when it has caught up; rejects with FabricError: JOIN_NEEDED, the CA's refusals,
 * RELAY_UNREACHABLE, and what the ledger says when it cannot be opened, with LedgerDamage in `data` when that can be mended.
 */
export async function startPeer(options: StartPeerOptions): Promise<Tabric> {
  const { network, onProgress } = options;
  if (network.channels.length === 0)
    throw new FabricError('NO_CHANNEL', 'the network has no channel');
  const identity = await tabIdentity(options);
  const tab = composeTab(options, identity);
  const { promise, resolve, reject } = Promise.withResolvers<Me>();
  promise.catch(() => {});
  try {
    await tab.node.start();
    const tabric = tab.facade(promise);
    window.tabric = tabric;
    await tab.node.join(onProgress);
    onProgress({ step: 'ready' });
    resolve(tabric.me);
    return tabric;
  } catch (error) {
    reject(error);
    await tab.stop();
    throw error;
  }
}

interface Tab {
  readonly node: PeerNode;
  facade(ready: Promise<Me>): Tabric;
  stop(): Promise<void>;
}

function composeTab(options: StartPeerOptions, identity: TabIdentity): Tab {
  const { entry, slot } = identity;
  const ticker = startTicker();
  const { clock } = ticker;
  const log = createLogger(entry.peer.name);
  const stopped = new AbortController();
  const host = newHost(options, identity, { clock, log });
  const node = new PeerNode({
    network: options.network,
    mspId: entry.mspId,
    peer: entry.peer,
    client: entry.client,
    createTransport: (mspManagers) => newTransport(options, identity, { ticker, log, mspManagers }),
    host,
    place: tabPlace(stopped),
    fetchFile,
    renameClient: async (client, name) => {
      const about = renewalOf(options.network, entry.mspId, new URL(location.origin));
      const renamed = await renameClient(client, name, about);
      await identity.keepClient(renamed);
      return renamed;
    },
    clock,
    random: Math.random,
    randomBytes: systemRandomBytes,
    trace: new TraceBus(),
    log,
  });
  const view = new NodeView(node, { secureContext: isSecureContext });
  return {
    node,
    facade: (ready) => {
      if (!hasWebRTC()) {
        const text = 'this browser offers no WebRTC: blocks travel by the relay';
        node.faults.raise('NO_WEBRTC', text);
      }
      void storageUse().then((use) => view.useStorage(use));
      const rebuildDBs = async (channel: string): Promise<void> => {
        await host.rebuildDBs(channel);
        location.reload();
      };
      return createTabric({ node, view, ready, rebuildDBs });
    },
    stop: async () => {
      stopped.abort();
      await node.stop();
      ticker.stop();
      slot.release();
    },
  };
}

function newHost(
  { network, repair }: StartPeerOptions,
  { entry, kept }: TabIdentity,
  components: ConstructorParameters<typeof WorkerPeerHost>[0],
): WorkerPeerHost {
  return new WorkerPeerHost(components, {
    identity: { ...entry.peer, mspId: entry.mspId },
    channels: network.channels,
    ledger: entry.ledger,
    stored: kept,
    ...(repair && { repair }),
  });
}

function newTransport(
  { network }: StartPeerOptions,
  { entry }: TabIdentity,
  about: {
    readonly ticker: Ticker;
    readonly log: Logger;
    readonly mspManagers: Parameters<typeof Libp2pTransport.create>[0]['mspManagers'];
  },
): Promise<Libp2pTransport> {
  const { peerId } = network.relay;
  const webrtc = hasWebRTC();
  // Signalling goes through the relay's circuit.
  const rtc = webRTC({ rtcConfiguration: { iceServers: [...network.iceServers] } });
  return Libp2pTransport.create(
    {
      createNode: (node) =>
        createPeerLibp2p({
          ...node,
          privateKey: privateKeyFromProtobuf(entry.libp2pKey),
          transports: [circuitRelayTransport(), ...(webrtc ? [rtc] : [])],
          listen: webrtc ? ['/p2p-circuit', '/webrtc'] : [],
        }),
      relay: { address: relayMultiaddr(location, peerId), peerId, mspId: network.ordererMspId },
      signer: createSigningIdentity(entry.mspId, entry.peer.certificate, entry.peer.key),
      mspManagers: about.mspManagers,
      clock: about.ticker.clock,
      random: Math.random,
      log: about.log,
    },
    { webrtc },
  );
}

async function fetchFile(path: string): Promise<Uint8Array> {
  const url = new URL(path, location.origin);
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    const text = `GET ${url.pathname} failed: ${messageOf(cause)}`;
    throw new FabricError('PACKAGE_UNAVAILABLE', text, { cause });
  });
  if (!response.ok) {
    throw new FabricError('PACKAGE_UNAVAILABLE', `GET ${url.pathname} answers ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

function hasWebRTC(): boolean {
  return typeof RTCPeerConnection !== 'undefined';
}
