// SPDX-License-Identifier: Apache-2.0
// The relay as one part: data directory, network, CA, orderer, HTTP port and libp2p, started in this order and stopped in the reverse one.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { defaultBCCSP } from '../src/common/crypto/index.ts';
import { systemClock, systemRandomBytes } from '../src/common/runtime/clock.ts';
import { FabricError, messageOf } from '../src/common/runtime/errors.ts';
import type { Logger } from '../src/common/runtime/log.ts';
import { TraceBus } from '../src/common/runtime/trace.ts';
import { serveTrace, TRACE_WATCH } from '../src/node/trace-stream.ts';
import { httpUrl, joinLink, reachableHosts, webSocketMultiaddr } from './addresses.ts';
import type { InvitationOptions } from './ca/invitations.ts';
import { CaService } from './ca-service.ts';
import { packageRoute } from './chaincode-packages.ts';
import { type DataDirectory, openDataDirectory } from './data-directory.ts';
import { GossipHost } from './gossip-host.ts';
import { type HttpRoute, HttpServer } from './http-server.ts';
import { gauge, metricsRoute } from './metrics.ts';
import { type Network, openNetwork } from './network.ts';
import {
  type ChannelConfig,
  defaultNetworkConfig,
  type NetworkConfig,
  parseNetworkConfig,
} from './network-config.ts';
import { describeNetwork, WS_PATH } from './network-description.ts';
import { OrdererHost } from './orderer-host.ts';
import { buildPage, isPageFresh } from './page-build.ts';
import { SharedWebSockets } from './shared-websockets.ts';
import { staticFiles } from './static-files.ts';
import { statusRoute } from './status-routes.ts';

/** Batch settings given by flags; they shape a new network's channels. */
export interface BatchOverrides {
  readonly batchTimeoutMs?: number;
  readonly maxMessageCount?: number;
  readonly preferredMaxBytes?: number;
}

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
  readonly invitation: InvitationOptions;
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

/** A relay. Starting may reject with a FabricError whose message is one line for a person; then nothing is left running. */
export class Relay {
  readonly #components: RelayComponents;
  readonly #options: RelayOptions;
  readonly #undo: (() => Promise<void>)[] = [];
  #running: Running | undefined;
  #asked: { config: NetworkConfig; isExplicit: boolean } | undefined;

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
      network.config.organisations.map(({ mspId }) =>
        ca.invitation(mspId, this.#options.invitation),
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
      unmetSettings: this.#unmetSettings(orderer),
    };
  }

  async #start(): Promise<Running> {
    const { log } = this.#components;
    this.#asked = await this.#readConfig();
    const data = await openDataDirectory(this.#options.data);
    this.#undo.push(() => data.store.close());
    const crypto = { bccsp: defaultBCCSP(), clock: systemClock, random: systemRandomBytes };
    const components = { ...crypto, store: data.store, data, log };
    const network = await openNetwork(components, this.#asked.config, this.#asked.isExplicit);
    const ca = await CaService.open({ ...components, network });
    const trace = new TraceBus();
    const orderer = new OrdererHost({
      ...crypto,
      network,
      chains: data.chains,
      trace,
      log: log.child('orderer'),
    });
    this.#undo.push(() => orderer.stop());
    await orderer.start();
    const webSockets = new SharedWebSockets();
    const http = new HttpServer(
      { log: log.child('http') },
      {
        host: this.#options.host,
        port: this.#options.port,
        upgradePaths: [WS_PATH],
        ...(this.#options.tls ? { tls: this.#options.tls } : {}),
      },
    );
    const gossip = new GossipHost(
      {
        network,
        orderer,
        services: new Map([...orderer.services, [TRACE_WATCH, serveTrace(trace)]]),
        webSockets,
        clock: systemClock,
        log,
      },
      () => this.#urls(http.port).map(webSocketMultiaddr),
    );
    await this.#addRoutes({ data, network, ca, orderer, http, gossip });
    http.onUpgrade(webSockets.upgrade);
    this.#undo.push(() => http.stop());
    await http.start();
    this.#undo.push(() => gossip.stop());
    await gossip.start();
    return { data, network, ca, orderer, http, gossip };
  }

  async #readConfig(): Promise<{ config: NetworkConfig; isExplicit: boolean }> {
    const { configFile, batch } = this.#options;
    if (configFile === undefined) {
      return { config: withBatch(defaultNetworkConfig(), batch), isExplicit: false };
    }
    const text = await readFile(configFile, 'utf8').catch((cause: unknown) => {
      const message = `cannot read the configuration ${configFile}: ${messageOf(cause)}`;
      throw new FabricError('BAD_CONFIG', message, { cause });
    });
    return {
      config: withBatch(parseNetworkConfig(text, basename(configFile)), batch),
      isExplicit: true,
    };
  }

  async #addRoutes({ network, ca, orderer, http, gossip }: Running): Promise<void> {
    const { root, version, log } = this.#components;
    const peerId = peerIdFromPrivateKey(network.privateKey).toString();
    const samples = join(root, 'public', 'samples');
    const { description, packages } = await describeNetwork(network, { peerId, samples, log });
    const failedChecks = () => orderer.snapshot().failedChecks;
    http.add(statusRoute({ clock: systemClock, version, description, failedChecks }));
    http.add(ca.route);
    http.add(packageRoute(packages));
    http.add(
      metricsRoute([
        () => orderer.snapshot().metrics,
        () => [
          gauge('tabric_libp2p_connections', gossip.connections),
          gauge('tabric_circuit_reservations', gossip.reservations),
          gauge('gossip_membership_total_peers_known', gossip.bindings.all().length),
          { ...gauge('fabric_version', 1), labels: { version } },
        ],
      ]),
    );
    http.add(await this.#page());
  }

  async #page(): Promise<HttpRoute> {
    const { root, log } = this.#components;
    if (this.#options.build && !isPageFresh(root)) {
      log.info('building the page');
      await buildPage(root);
    }
    if (existsSync(join(root, 'dist', 'index.html'))) return staticFiles(join(root, 'dist'));
    log.warn('there is no page in dist/; run `npm run build`');
    return () => ({ status: 503, body: 'the page has not been built: npm run build\n' });
  }

  #urls(port: number): string[] {
    const { host, publicUrl, tls } = this.#options;
    const own = reachableHosts(host).map((one) => httpUrl(one, port, tls !== undefined));
    return publicUrl === undefined ? own : [publicUrl, ...own.filter((url) => url !== publicUrl)];
  }

  // Without flags or a file nobody asked for anything.
  #unmetSettings(orderer: OrdererHost): string[] {
    const asked = this.#asked;
    if (!asked) return [];
    const { batch } = this.#options;
    if (!asked.isExplicit && Object.keys(batch).length === 0) return [];
    return orderer.unmetSettings(asked.config.channels);
  }
}

function withBatch(config: NetworkConfig, batch: BatchOverrides): NetworkConfig {
  const { batchTimeoutMs, maxMessageCount, preferredMaxBytes } = batch;
  const change = (channel: ChannelConfig): ChannelConfig => ({
    ...channel,
    batchTimeoutMs: batchTimeoutMs ?? channel.batchTimeoutMs,
    batchSize: {
      ...channel.batchSize,
      maxMessageCount: maxMessageCount ?? channel.batchSize.maxMessageCount,
      preferredMaxBytes: preferredMaxBytes ?? channel.batchSize.preferredMaxBytes,
    },
  });
  return { ...config, channels: config.channels.map(change) };
}
