// SPDX-License-Identifier: Apache-2.0
// A peer made of sample data, for the development page only.
import { FabricError } from '../../common/runtime/errors.ts';
import type { TraceEvent } from '../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { Me, NetworkView } from '../../node/api/network-view.ts';
import type { Tabric, TabricEvents } from '../../node/api/tabric.ts';
import type { ConnectionState } from '../../node/comm/links.ts';
import { SampleChannel } from './sample-channel.ts';

export interface SampleOptions {
  readonly connection: ConnectionState;
  readonly faults: NetworkView['faults'];
  /** A block by itself this often; 0 for none. */
  readonly blockEveryMs: number;
  readonly transactionsPerBlock: number;
  /** Names; the first is the default channel. */
  readonly channels: readonly string[];
}

const INSTALL_MS = 800;
const MAX_TRACE = 3000;

export function sampleTabric(options: SampleOptions): Tabric {
  const events = new TypedEventTarget<TabricEvents>();
  let trace: TraceEvent[] = [];
  const channels = options.channels.map(
    (name) =>
      new SampleChannel(name, {
        trace: (event) => {
          trace = [...trace, event].slice(-MAX_TRACE);
          events.emit('trace', event);
        },
        committed: (channel, { number, transactions }) => {
          events.emit('network:changed', viewOf(channels, options));
          events.emit('block:committed', {
            channel,
            number,
            txIds: transactions.map(({ txId }) => txId),
            statuses: transactions.map(({ status }) => status),
          });
        },
      }),
  );
  const [main] = channels;
  if (!main) throw new Error('no sample channel');
  if (options.blockEveryMs > 0)
    setInterval(() => main.commitMany(options.transactionsPerBlock), options.blockEveryMs);
  return {
    ...main,
    ready: Promise.resolve(meOn(main)),
    get me() {
      return meOn(main);
    },
    get network() {
      return viewOf(channels, options);
    },
    channel: (name) => {
      const found = channels.find((channel) => channel.name === name);
      if (!found) throw new FabricError('CHANNEL_NOT_FOUND', `no sample channel ${name}`);
      return found;
    },
    channels: () => viewOf(channels, options).channels,
    setName: async () => meOn(main),
    install: async (name) => {
      await new Promise((resolve) => setTimeout(resolve, INSTALL_MS));
      return { name, version: '1.0', sequence: 1, endorsementPolicy: '', running: true };
    },
    logs: () => [],
    metrics: () => ({ 'trace.events': trace.length }),
    maintenance: { rebuildDBs: async () => location.reload() },
    on: (event, listener) => events.on(event, listener),
    trace: (txId) => (txId === undefined ? trace : trace.filter((event) => event.txId === txId)),
    help: () => 'sample data',
  };
}

function meOn(channel: SampleChannel): Me {
  const [, me] = channel.peers();
  if (!me) throw new Error('no sample peer');
  const { name, mspId, peerId, pkiId, isLeader, height } = me;
  return { name, mspId, peerId, pkiId, isLeader, height, channel: channel.name };
}

function viewOf(
  channels: readonly SampleChannel[],
  { connection, faults }: SampleOptions,
): NetworkView {
  const [main] = channels;
  if (!main) throw new Error('no sample channel');
  return {
    networkId: 'sample',
    channel: main.name,
    channels: channels.map((channel) => ({
      name: channel.name,
      height: channel.height(),
      isLeader: meOn(channel).isLeader,
      buffered: [],
    })),
    connection,
    ...(connection === 'relay-only'
      ? { connectionDetail: 'ICE failed with peer1.org2.example.com' }
      : {}),
    me: meOn(main),
    peers: main.peers(),
    buffered: [],
    storage: { kind: 'indexeddb', persisted: false, usage: 4_100_000, quota: 2_300_000_000 },
    secureContext: true,
    faults,
  };
}
