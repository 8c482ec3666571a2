// SPDX-License-Identifier: Apache-2.0
// The relay as one part: data directory, network, CA, orderer, HTTP port and libp2p, started in this order and stopped in the reverse one.
import { join } from 'node:path';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { defaultBCCSP } from '../src/common/crypto/index.ts';
import { systemClock, systemRandomBytes } from '../src/common/runtime/clock.ts';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import type { Logger } from '../src/common/runtime/log.ts';
import { TraceBus } from '../src/common/runtime/trace.ts';
import type { ServiceTable } from '../src/common/wire/service.ts';
import { BUILD_METHOD, buildService } from '../src/node/chaincode/build-service.ts';
import { serveTrace, TRACE_WATCH } from '../src/node/trace-stream.ts';
import { httpUrl, inviteLink, joinLink, reachableHosts, webSocketMultiaddr } from './addresses.ts';
import { CaService } from './ca/ca-service.ts';
import type { InvitationOptions } from './ca/invitations.ts';
import { type ChaincodeBuildOptions, ChaincodeBuilds } from './chaincode-builds.ts';
import { type DataDirectory, openDataDirectory } from './data/data-directory.ts';
import { HttpServer } from './http/http-server.ts';
import { counter, gauge, metricsRoute, trafficSamples } from './http/metrics.ts';
import { pageRoute } from './http/page-route.ts';
import { statusRoute } from './http/status-routes.ts';
import {
  type AskedConfig,
  type BatchOverrides,
  type DefaultEndorsement,
  readAskedConfig,
} from './network/asked-config.ts';
import { packageRoute } from './network/chaincode-packages.ts';
import { type Network, openNetwork } from './network/network.ts';
import { describeNetwork, WS_PATH } from './network/network-description.ts';
import { OrdererHost } from './orderer-host.ts';
import { GossipHost } from './p2p/gossip-host.ts';
import { SharedWebSockets } from './p2p/shared-websockets.ts';

export interface RelayOptions {
  readonly host: string;
  readonly port: number;
  /** The data directory. */
  readonly data: string;
  readonly configFile?: string;
  /** Origin at which tabs reach the relay, when it is not its own host and port. */
  readonly publicUrl?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly batch: BatchOverrides;
  readonly endorsement?: DefaultEndorsement;
  readonly invitation: InvitationOptions;
  /** How packages are made runnable for the peers; not at all when absent. */
  readonly chaincodeBuild?: ChaincodeBuildOptions;
  /** Whether to build the page when it is stale. */
  readonly build: boolean;
}

export interface RelayComponents {
  readonly log: Logger;
  /** The project's folder, with `dist/` and `public/`. */
  readonly root: string;
  readonly version: string;
}

/** What a running relay says of itself. */
export interface RelayStatus {
  readonly url: string;
  /** Every URL that reaches it, `url` among them. */
  readonly urls: readonly string[];
  readonly networkId: string;
  readonly peerId: string;
  readonly isNew: boolean;
  /** True when only this machine reaches it. */
  readonly isLocal: boolean;
  readonly data: string;
  readonly channels: readonly { readonly name: string; readonly height: number }[];
  readonly join: readonly {
    readonly mspId: string;
    readonly link: string;
    readonly expiresAt: number;
    /** Places left. */
    readonly places: number;
  }[];
  /** The page with the invitations of all organisations, to be projected. */
  readonly invite: string;
  /** The same for one organisation each: its administrator's link. */
  readonly administrators: readonly { readonly mspId: string; readonly link: string }[];
  /** Settings asked for that an existing chain does not have. */
  readonly unmetSettings: readonly string[];
}

interface Running {
  readonly data: DataDirectory;
  readonly network: Network;
  readonly ca: CaService;
  readonly orderer: OrdererHost;
  readonly http: HttpServer;
  readonly gossip: GossipHost;
}

const PLATFORM = Object.freeze({
  bccsp: defaultBCCSP(),
  clock: systemClock,
  random: systemRandomBytes,
});

/** A relay. Starting may reject with a FabricError whose message is one line for a person; then nothing is left running. */
export class Relay {
  readonly #components: RelayComponents;
  readonly #options: RelayOptions;
  readonly #undo: (() => Promise<void>)[] = [];
  #running: Running | undefined;
  #asked: AskedConfig | undefined;

  constructor(components: RelayComponents, options: RelayOptions) {
    this.#components = components;
    this.#options = options;
  }

  async start(): Promise<void> {
    if (this.#running) return;
    try {
      this.#running = await this.#start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops everything that was started, last first; stores are closed whatever fails before. */
  async stop(): Promise<void> {
    this.#running = undefined;
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop()) {
      try {
        await undo();
      } catch (error) {
        this.#components.log.error('a part did not stop', { message: messageOf(error) });
      }
    }
  }

  /** Makes an invitation for each organisation when its last one is running out. */
  async status(): Promise<RelayStatus> {
    const running = this.#running;
    if (!running) throw new FabricError('NOT_RUNNING', 'the relay is not running');
    const { network, ca, orderer, data } = running;
    const urls = this.#urls(running.http.port);
    const url = urls[0] ?? '';
    const invitations = await Promise.all(
      network.config.organisations.map(({ mspId }) => ca.invitation(mspId)),
    );
    const administrators = await Promise.all(
      network.config.organisations.map(
        async ({ mspId }) => [mspId, await ca.administratorSecret(mspId)] as const,
      ),
    );
    return {
      url,
      urls,
      networkId: network.id,
      peerId: peerIdFromPrivateKey(network.privateKey).toString(),
      isNew: network.isNew,
      isLocal: urls.every((one) =>
        ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(one).hostname),
      ),
      data: data.path,
      channels: orderer.snapshot().channels.map(({ name, height }) => ({ name, height })),
      join: invitations.map(({ mspId, secret, expiresAt, maxUses, uses }) => ({
        mspId,
        link: joinLink(url, mspId, secret),
        expiresAt,
        places: maxUses - uses,
      })),
      invite: inviteLink(url, administrators),
      administrators: administrators.map(([mspId, secret]) => ({
        mspId,
        link: inviteLink(url, [[mspId, secret]]),
      })),
      unmetSettings: this.#unmetSettings(orderer),
    };
  }

  async #start(): Promise<Running> {
    this.#asked = await readAskedConfig(this.#options);
    const { log } = this.#components;
    const data = await openDataDirectory(this.#options.data);
    this.#undo.push(() => data.store.close());
    const components = { ...PLATFORM, store: data.store, data, log };
    const network = await openNetwork(components, this.#asked.config, this.#asked.isExplicit);
    const ca = await CaService.open({
      ...components,
      network,
      invitation: this.#options.invitation,
      joinLink: (mspId, secret) =>
        joinLink(this.#urls(this.#running?.http.port ?? 0)[0] ?? '', mspId, secret),
    });
    const trace = new TraceBus();
    const { chains } = data;
    const orderer = new OrdererHost({
      ...components,
      network,
      chains,
      trace,
      log: log.child('orderer'),
    });
    this.#undo.push(() => orderer.stop());
    await orderer.start();
    const builds = new ChaincodeBuilds(
      { folder: join(data.path, 'chaincode'), log: log.child('chaincode') },
      this.#options.chaincodeBuild,
    );
    this.#undo.push(async () => builds.stop());
    const services: ServiceTable = new Map([
      ...orderer.services,
      [
        TRACE_WATCH,
        serveTrace(trace, systemClock, (channel, { mspId }) => orderer.isOfChannel(channel, mspId)),
      ],
      [BUILD_METHOD, buildService((bytes) => builds.build(bytes))],
    ]);
    const running = { data, network, ca, orderer, ...this.#compose(network, orderer, services) };
    await this.#addRoutes(running);
    this.#undo.push(() => running.http.stop());
    await running.http.start();
    this.#undo.push(() => running.gossip.stop());
    await running.gossip.start();
    return running;
  }

  // The HTTP port, and libp2p behind it.
  #compose(
    network: Network,
    orderer: OrdererHost,
    services: ServiceTable,
  ): Pick<Running, 'http' | 'gossip'> {
    const { log } = this.#components;
    const { host, port, tls, publicUrl } = this.#options;
    const ownHosts = [host, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])];
    const webSockets = new SharedWebSockets(PLATFORM);
    const http = new HttpServer(
      { log: log.child('http') },
      { host, port, ownHosts, upgradePaths: [WS_PATH], ...(tls ? { tls } : {}) },
    );
    http.onUpgrade(webSockets.upgrade);
    const gossip = new GossipHost(
      { network, orderer, services, webSockets, clock: PLATFORM.clock, log },
      () => this.#urls(http.port).map(webSocketMultiaddr),
    );
    return { http, gossip };
  }

  async #addRoutes({ network, ca, orderer, http, gossip }: Running): Promise<void> {
    const { root, version, log } = this.#components;
    const peerId = peerIdFromPrivateKey(network.privateKey).toString();
    const samples = join(root, 'public', 'samples');
    const { description, packages } = await describeNetwork(network, { peerId, samples, log });
    const failedChecks = () => orderer.snapshot().failedChecks;
    http.add(statusRoute({ clock: PLATFORM.clock, version, description, failedChecks }));
    http.add(ca.route);
    http.add(packageRoute(packages));
    http.add(
      metricsRoute([
        () => orderer.snapshot().metrics,
        () => trafficSamples(gossip.traffic.counts()),
        () => [
          gauge('tabric_libp2p_connections', gossip.connections),
          gauge('tabric_circuit_reservations', gossip.reservations),
          gauge('tabric_unread_request_bytes', gossip.receiveBudget.heldBytes),
          counter('tabric_gossip_rejected_total', gossip.scores.counts.rejected),
          counter('tabric_gossip_excess_total', gossip.scores.counts.excess),
          counter('tabric_gossip_cut_off_total', gossip.scores.counts.ended),
          counter('tabric_requests_without_room_total', gossip.receiveBudget.refused),
          gauge('tabric_sockets_unbound', gossip.strangers.size),
          counter('tabric_sockets_turned_out_total', gossip.strangers.turnedOut),
          gauge('gossip_membership_total_peers_known', gossip.bindings.all().length),
          { ...gauge('fabric_version', 1), labels: { version } },
        ],
      ]),
    );
    http.add(await pageRoute(root, { build: this.#options.build, log }));
  }

  #urls(port: number): string[] {
    const { host, publicUrl, tls } = this.#options;
    const own = reachableHosts(host).map((one) => httpUrl(one, port, tls !== undefined));
    return publicUrl === undefined ? own : [publicUrl, ...own.filter((url) => url !== publicUrl)];
  }

  #unmetSettings(orderer: OrdererHost): string[] {
    if (!this.#asked?.hasBatchSettings) return [];
    return orderer.unmetSettings(this.#asked.config.channels);
  }
}
