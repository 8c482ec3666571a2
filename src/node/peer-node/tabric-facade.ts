// SPDX-License-Identifier: Apache-2.0
// `window.tabric`, and the same for programs under Node: a peer for the console, scripts and tests. Plain data only.
import { fromUtf8 } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { ChaincodeInfo } from '../api/ledger-views.ts';
import type { Me } from '../api/network-view.ts';
import type {
  CallOptions,
  ChannelFacade,
  SubmitResult,
  Tabric,
  TabricEvents,
} from '../api/tabric.ts';
import type { Contract, ProposalOptions } from '../gateway/index.ts';
import type { NodeChannel } from './node-channel.ts';
import type { NodeView } from './node-view.ts';
import type { PeerNode } from './peer-node.ts';

export interface FacadeComponents {
  readonly node: PeerNode;
  readonly view: NodeView;
  readonly ready: Promise<Me>;
  /** Makes the databases of a channel again, which ends this peer; what comes after is the place's. */
  readonly rebuildDBs: (channel: string) => Promise<void>;
}

const DEFAULT_WAIT_MS = 30_000;
/** Larger files than this are no chaincode package that a tab should unpack. */
const MAX_PACKAGE_BYTES = 50 * 1024 * 1024;

/** The facade over a peer that is starting or running. */
export function createTabric({ node, view, ready, rebuildDBs }: FacadeComponents): Tabric {
  const events = facadeEvents(node, view);
  const name = node.network.channels[0]?.name ?? '';
  return Object.freeze<Tabric>({
    ...channelFacade(node, view, name),
    ready,
    get me() {
      return view.network.me;
    },
    get network() {
      return view.network;
    },
    channel: (wanted) => {
      requireChannel(node, wanted);
      return channelFacade(node, view, wanted);
    },
    channels: () => view.network.channels,
    install: async (chaincode, file) => {
      await node.install(name, chaincode, await bytesOf(file));
      const info = await node.peer.ask('chaincode', { channel: name, name: chaincode });
      events.emit('chaincode:installed', info);
      return info;
    },
    metrics: () => node.transport?.metrics() ?? {},
    maintenance: Object.freeze({ rebuildDBs: () => rebuildDBs(name) }),
    on: (event, listener) => events.on(event, listener),
    trace: (txId) => node.trace.events(txId),
    help: () => HELP,
  });
}

function facadeEvents(node: PeerNode, view: NodeView): TypedEventTarget<TabricEvents> {
  const events = new TypedEventTarget<TabricEvents>();
  const defaultChannel = node.network.channels[0]?.name;
  node.trace.on((event) => events.emit('trace', event));
  view.events.on('network:changed', (network) => events.emit('network:changed', network));
  view.events.on('peers:changed', (detail) => events.emit('peers:changed', detail));
  node.events.on('leader:changed', ({ channel, ...detail }) => {
    if (channel === defaultChannel) events.emit('leader:changed', detail);
  });
  node.events.on('block:committed', ({ channel, number, txIds, statuses, events: emitted }) => {
    events.emit('block:committed', { channel, number, txIds, statuses });
    for (const event of emitted)
      events.emit('chaincode:event', { ...event, channel, block: number });
  });
  return events;
}

function channelFacade(node: PeerNode, view: NodeView, name: string): ChannelFacade {
  const channel = (): NodeChannel | undefined => node.channel(name);
  const contract = (chaincode: string): Contract =>
    node.gateway.getNetwork(name).getContract(chaincode);
  return Object.freeze<ChannelFacade>({
    name,
    peers: () => view.peers(channel()),
    height: () => channel()?.height ?? 0,
    submit: async (chaincode, fn, ...args) => submit(contract(chaincode), fn, args),
    evaluate: async (chaincode, fn, ...args) =>
      fromUtf8(await contract(chaincode).evaluate(fn, callOf(args))),
    block: (number) => node.peer.ask('block', { channel: name, number }),
    blocks: (options = {}) => node.peer.ask('blocks', { channel: name, ...options }),
    tx: (txId) => node.peer.ask('tx', { channel: name, txId }),
    state: (namespace, key) => node.peer.ask('state', { channel: name, namespace, key }),
    states: (namespace, options = {}) =>
      node.peer.ask('states', { channel: name, namespace, ...options }),
    history: (namespace, key) => node.peer.ask('history', { channel: name, namespace, key }),
    chaincodes: (): Promise<ChaincodeInfo[]> => node.peer.ask('chaincodes', { channel: name }),
    blockfileEntry: (number) => node.peer.blockfileEntry(name, number),
    waitFor: ({ height }, { timeoutMs = DEFAULT_WAIT_MS } = {}) =>
      waitForHeight(node, name, height, timeoutMs),
  });
}

function requireChannel(node: PeerNode, name: string): NodeChannel {
  const channel = node.channel(name);
  if (channel) return channel;
  throw new FabricError('CHANNEL_NOT_FOUND', `this peer has not joined channel ${name}`);
}

type Args = readonly (string | CallOptions)[];

async function submit(contract: Contract, fn: string, args: Args): Promise<SubmitResult> {
  const submitted = await contract.submitAsync(fn, callOf(args));
  const { transactionId, blockNumber } = await submitted.requireValid();
  const result = fromUtf8(submitted.getResult());
  return { txId: transactionId, blockNumber: Number(blockNumber), status: 'VALID', result };
}

function callOf(args: Args): ProposalOptions {
  const options = args.find((arg) => typeof arg === 'object');
  // Whatever else a console passes is the gateway's to refuse.
  return { ...options, arguments: args.filter((arg): arg is string => typeof arg !== 'object') };
}

async function bytesOf(file: Blob | Uint8Array): Promise<Uint8Array> {
  const size = file instanceof Uint8Array ? file.length : file.size;
  if (size > MAX_PACKAGE_BYTES) {
    const text = `a chaincode package of ${size} bytes is too large; at most ${MAX_PACKAGE_BYTES}`;
    throw new FabricError('PACKAGE_TOO_LARGE', text);
  }
  return file instanceof Uint8Array ? file : new Uint8Array(await file.arrayBuffer());
}

function waitForHeight(
  node: PeerNode,
  name: string,
  wanted: number,
  timeoutMs: number,
): Promise<number> {
  const height = (): number => node.channel(name)?.height ?? 0;
  return new Promise((resolve, reject) => {
    const check = (): void => {
      if (height() < wanted) return;
      stop();
      cancel();
      resolve(height());
    };
    const stop = node.events.on('block:committed', check);
    const cancel = node.clock.setTimer(() => {
      stop();
      reject(
        new FabricError('TIMEOUT', `height is ${height()} after ${timeoutMs} ms, not ${wanted}`),
      );
    }, timeoutMs);
    check();
  });
}

const HELP = `tabric: the Fabric peer in this tab
  await tabric.ready                       joined and caught up
  tabric.me                                { name, mspId, peerId, pkiId, isLeader, height, channel }
  tabric.peers()                           everybody on the channel
  tabric.height()                          blocks in this tab's ledger
  await tabric.submit('basic', 'CreateAsset', 'asset7', 'blue', '5', 'Tomoko', '300')
  await tabric.evaluate('basic', 'ReadAsset', 'asset7')
  the last argument of both may be { transientData: { key: 'private' }, endorsingOrganizations: ['Org1MSP'] }
  await tabric.block(5)                    one block; tabric.blocks({ from, limit }) newest first
  await tabric.tx(id)                      one transaction: creator, endorsers, reads, writes, code
  await tabric.state('basic', 'asset7')    value now; tabric.history('basic', 'asset7') all of them
  await tabric.states('basic', { start, limit })
  await tabric.chaincodes()                what is defined, and its functions
  await tabric.install('basic', file)      a package of 'peer lifecycle chaincode package'
  await tabric.waitFor({ height: 6 })
  tabric.channels()                        what this peer has joined; tabric.channel(name) has the same calls
  await tabric.maintenance.rebuildDBs()    state and indexes again from the blocks; reloads the page
  tabric.metrics()                         counters of traffic
  tabric.on('block:committed', console.log) also leader:changed, peers:changed, chaincode:event, trace
  tabric.trace(txId)                       what happened to a transaction, stage by stage`;
