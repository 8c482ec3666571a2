// SPDX-License-Identifier: Apache-2.0
// The orderer as one part (orderer/common/server/main.go @ v2.5): given an identity and a block store, it serves channels.
import type { BCCSP } from '../common/crypto/index.ts';
import type { SigningIdentity } from '../common/msp/types.ts';
import type { Clock, RandomBytes } from '../common/runtime/clock.ts';
import type { Logger } from '../common/runtime/log.ts';
import type { TraceBus } from '../common/runtime/trace.ts';
import type { ServiceHandler, ServiceTable } from '../common/wire/service.ts';
import type { BlockLedgerFactory } from './blockledger.ts';
import { BroadcastHandler } from './broadcast.ts';
import type { Consenter } from './consensus/consenter.ts';
import { SoloConsenter } from './consensus/solo.ts';
import { DeliverHandler } from './deliver.ts';
import { type MetricSample, Metrics } from './metrics.ts';
import { type ChannelInfo, Registrar } from './multichannel/registrar.ts';
import { OrdererTracer } from './orderer-tracer.ts';
import { StreamLimiter, type StreamLimits } from './stream-limiter.ts';

export interface OrdererComponents {
  /** Signs blocks and config envelopes; a member of the channels' orderer organisation. */
  readonly signingIdentity: SigningIdentity;
  readonly blockLedgers: BlockLedgerFactory;
  readonly bccsp: BCCSP;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly log: Logger;
  readonly trace?: TraceBus;
  /** By consensus type; solo when absent. */
  readonly consenters?: ReadonlyMap<string, Consenter> | undefined;
}

export interface OrdererOptions {
  /** What the orderer is called in trace events. */
  readonly name: string;
  /** How far a Deliver request's timestamp may be from the orderer's clock. */
  readonly deliverTimeWindowMs: number;
  readonly broadcast: StreamLimits;
  readonly deliver: StreamLimits;
  /** Messages of one channel that may wait for its consenter. */
  readonly queueLength: number;
}

/**
 * A gateway opens a Broadcast stream for each transaction in flight, so those limits are wide; a peer needs one Deliver
 * stream a channel.
 */
export const DEFAULT_ORDERER_OPTIONS: OrdererOptions = Object.freeze({
  name: 'orderer.example.com',
  deliverTimeWindowMs: 15 * 60_000,
  broadcast: Object.freeze({ maxStreams: 8_000, maxStreamsPerRemote: 2_000 }),
  deliver: Object.freeze({ maxStreams: 4_000, maxStreamsPerRemote: 128 }),
  queueLength: 256,
});

/** Something that keeps the orderer from serving, in the shape of `failed_checks` of Fabric's /healthz. */
export interface FailedCheck {
  readonly component: string;
  readonly reason: string;
}

/** What an operator sees. Plain data. */
export interface OrdererSnapshot {
  readonly started: boolean;
  readonly channels: readonly ChannelInfo[];
  readonly failedChecks: readonly FailedCheck[];
  readonly broadcastStreams: number;
  readonly deliverStreams: number;
  readonly metrics: readonly MetricSample[];
}

export interface Orderer {
  readonly registrar: Registrar;
  /** AtomicBroadcast's two methods, for any transport. */
  readonly services: ServiceTable;
  /** Creates a channel from its genesis block; throws OrdererError CHANNEL_ALREADY_EXISTS or INVALID_JOIN_BLOCK. */
  joinChannel(genesisBlock: Uint8Array): Promise<ChannelInfo>;
  snapshot(): OrdererSnapshot;
  /** Opens the channels in the block store. */
  start(): Promise<void>;
  /** Writes what was taken, halts the channels, closes the block store. */
  stop(): Promise<void>;
}

/** An orderer that does nothing until it is started. */
export function createOrderer(
  components: OrdererComponents,
  options: Partial<OrdererOptions> = {},
): Orderer {
  const settings = { ...DEFAULT_ORDERER_OPTIONS, ...options };
  const metrics = new Metrics();
  const tracer = new OrdererTracer(components, settings.name);
  const consenters =
    components.consenters ?? new Map([['solo', new SoloConsenter(components, settings)]]);
  const registrar = new Registrar({ ...components, consenters, metrics, tracer });
  const limiters = {
    broadcast: new StreamLimiter('Broadcast', settings.broadcast),
    deliver: new StreamLimiter('Deliver', settings.deliver),
  };
  const parts = { ...components, registrar, metrics, tracer };
  const broadcast = new BroadcastHandler({ ...parts, limiter: limiters.broadcast });
  const deliver = new DeliverHandler(
    { ...parts, limiter: limiters.deliver },
    { timeWindowMs: settings.deliverTimeWindowMs },
  );
  let started = false;
  return {
    registrar,
    services: new Map<string, ServiceHandler>([
      [
        '/orderer.AtomicBroadcast/Broadcast',
        (requests, context) => broadcast.handle(requests, context),
      ],
      [
        '/orderer.AtomicBroadcast/Deliver',
        (requests, context) => deliver.handle(requests, context),
      ],
    ]),
    joinChannel: (genesisBlock) => registrar.joinChannel(genesisBlock),
    snapshot() {
      const channels = registrar.channelList();
      return {
        started,
        channels,
        failedChecks: failedChecks(started, channels),
        broadcastStreams: limiters.broadcast.open,
        deliverStreams: limiters.deliver.open,
        metrics: metrics.samples(),
      };
    },
    async start() {
      await registrar.start();
      started = true;
    },
    async stop() {
      started = false;
      await registrar.stop();
    },
  };
}

function failedChecks(started: boolean, channels: readonly ChannelInfo[]): FailedCheck[] {
  if (!started) return [{ component: 'orderer', reason: 'not started' }];
  return channels
    .filter(({ status }) => status !== 'active')
    .map(({ name, status, reason }) => ({
      component: `channel ${name}`,
      reason: reason ?? status,
    }));
}
