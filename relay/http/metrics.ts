// SPDX-License-Identifier: Apache-2.0
// `GET /metrics`: samples under Fabric's metric names in Prometheus' text format 0.0.4 (docs/source/metrics_reference.rst).
import type { TrafficCount } from '../../src/node/comm/traffic.ts';
import type { HttpRoute } from './http-server.ts';

export interface MetricSample {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Gives current samples; asked at each scrape. */
export type MetricSource = () => readonly MetricSample[];

const HELP: Readonly<Record<string, string>> = {
  fabric_version: 'The active version of Fabric.',
  ledger_blockchain_height: 'Height of the chain in blocks.',
  broadcast_processed_count: 'The number of transactions processed.',
  deliver_streams_opened: 'The number of Deliver streams that have been opened.',
  deliver_streams_closed: 'The number of Deliver streams that have been closed.',
  deliver_requests_received: 'The number of deliver requests that have been received.',
  deliver_requests_completed: 'The number of deliver requests that have been completed.',
  deliver_blocks_sent: 'The number of blocks sent by the deliver service.',
  gossip_membership_total_peers_known: 'Total known peers.',
  tabric_libp2p_connections: 'Open libp2p connections.',
  tabric_circuit_reservations: 'Reservations of the circuit relay.',
  tabric_unread_request_bytes: 'Bytes of requests that are held and not read yet.',
  tabric_requests_without_room_total:
    'Streams that were reset since too many bytes of requests were held.',
  tabric_gossip_rejected_total: 'Gossip messages that no honest neighbour would have passed on.',
  tabric_gossip_excess_total: 'Gossip messages above the rate of a neighbour, not looked at.',
  tabric_gossip_cut_off_total: 'Times that gossip had the connection of a neighbour closed.',
  tabric_sockets_unbound: 'Sockets whose other end has not proven an identity yet.',
  tabric_sockets_turned_out_total:
    'Sockets that were destroyed before an identity was proven: too many, or too slow.',
  tabric_connection_messages_total: 'Messages of sockets, by transport.',
  tabric_connection_bytes_total: 'Bytes of sockets, by transport.',
  tabric_stream_messages_total: 'Writes and reads of libp2p streams, by protocol.',
  tabric_stream_bytes_total: 'Bytes of libp2p streams, by protocol, before encryption.',
  tabric_gossip_messages_total: 'Gossip messages by kind of topic, and parts of control messages.',
  tabric_gossip_bytes_total: 'Bytes of gossip messages; of control messages, the ids in them.',
};

/** A gauge without labels. */
export function gauge(name: string, value: number): MetricSample {
  return { name, type: 'gauge', labels: {}, value };
}

/** A counter without labels. */
export function counter(name: string, value: number): MetricSample {
  return { name, type: 'counter', labels: {}, value };
}

const WHAT = Object.freeze({ connection: 'transport', stream: 'protocol', gossip: 'topic' });

/** What libp2p sent and received, as counters. */
export function trafficSamples(counts: readonly TrafficCount[]): MetricSample[] {
  return counts.flatMap(({ level, of, direction, messages, bytes }) => {
    const sample = (unit: string, value: number): MetricSample => ({
      name: `tabric_${level}_${unit}_total`,
      type: 'counter',
      labels: { [WHAT[level]]: of, direction },
      value,
    });
    return [sample('messages', messages), sample('bytes', bytes)];
  });
}

/**
 * The route over all sources. Which channels there are, and what happens on each, is for their members: whoever does not ask from this machine
 * gets the sums over all channels.
 */
export function metricsRoute(sources: readonly MetricSource[]): HttpRoute {
  return ({ method, path, remoteAddress, headers: asked }) => {
    if (path !== '/metrics' || method !== 'GET') return undefined;
    const headers = { 'content-type': 'text/plain; version=0.0.4', 'cache-control': 'no-store' };
    const samples = sources.flatMap((source) => source());
    // A proxy on this machine says for whom it asks.
    const isForwarded = asked['x-forwarded-for'] !== undefined || asked.forwarded !== undefined;
    const isLocal = LOOPBACK.test(remoteAddress) && !isForwarded;
    return { status: 200, headers, body: metricsText(isLocal ? samples : overChannels(samples)) };
  };
}

const LOOPBACK = /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/;

// Those that differ in nothing but their channel become one.
function overChannels(samples: readonly MetricSample[]): MetricSample[] {
  const sums = new Map<string, MetricSample>();
  for (const sample of samples) {
    const { channel: _, ...labels } = sample.labels;
    const key = JSON.stringify([sample.name, labels]);
    const value = (sums.get(key)?.value ?? 0) + sample.value;
    sums.set(key, { ...sample, labels, value });
  }
  return [...sums.values()];
}

/** Samples in the text format, those of one name together. */
export function metricsText(samples: readonly MetricSample[]): string {
  const byName = Map.groupBy(samples, (sample) => sample.name);
  return [...byName]
    .map(([name, group]) => {
      const help = HELP[name] ?? `Fabric's ${name}.`;
      const head = `# HELP ${name} ${help}\n# TYPE ${name} ${group[0]?.type ?? 'gauge'}\n`;
      return head + group.map(line).join('');
    })
    .join('');
}

function line({ name, labels, value }: MetricSample): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
