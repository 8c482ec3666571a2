// SPDX-License-Identifier: Apache-2.0
// `window.tabric`, and the same for programs under Node: a peer for the console, scripts and tests. Plain data only.
import { fromBase64, fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { ErrorDetail } from '../../common/wire/service.ts';
import type { ChaincodeInfo } from '../api/ledger-views.ts';
import type { Me } from '../api/network-view.ts';
import type { ChannelFacade, SubmitResult, Tabric, TabricEvents } from '../api/tabric.ts';
import { type Contract, EndorseError } from '../gateway/index.ts';
import { textField } from '../inspect/text-field.ts';
import { kindOf, proposalOptions } from './call-arguments.ts';
import type { NodeChannel } from './node-channel.ts';
import type { NodeView } from './node-view.ts';
import type { PeerNode } from './peer-node.ts';
import { waitFor } from './wait-for.ts';

export interface FacadeComponents {
  readonly node: PeerNode;
  readonly view: NodeView;
  readonly ready: Promise<Me>;
  /** Makes the databases of a channel again, which ends this peer; what comes after is the place's. */
  readonly rebuildDBs: (channel: string) => Promise<void>;
}

const EVENTS: readonly (keyof TabricEvents)[] = [
  'block:committed',
  'leader:changed',
  'peers:changed',
  'network:changed',
  'chaincode:event',
  'chaincode:installed',
  'chaincode:log',
  'ledger:compared',
  'trace',
];
/** Larger files than this are no chaincode package that a tab should unpack. */
const MAX_PACKAGE_BYTES = 50 * 1024 * 1024;

/** The facade over a peer that is starting or running. */
export function createTabric({ node, view, ready, rebuildDBs }: FacadeComponents): Tabric {
  const events = facadeEvents(node, view);
  const name = node.network.channels[0]?.name ?? '';
  const facadeOf = (channel: string): ChannelFacade =>
    channelFacade({ node, view, channel, events });
  return Object.freeze<Tabric>({
    ...facadeOf(name),
    ready,
    get me() {
      return view.network.me;
    },
    get network() {
      return view.network;
    },
    channel: (wanted) => {
      requireChannel(node, wanted);
      return facadeOf(wanted);
    },
    channels: () => view.network.channels,
    setName: async (text) => {
      if (typeof text !== 'string') throw new TypeError(`a name is a string, not ${kindOf(text)}`);
      await node.setDisplayName(text);
      return view.me(node.channel(name));
    },
    install: async (chaincode, file) => {
      await node.install(name, chaincode, await bytesOf(file));
      const info = await node.peer.ask('chaincode', { channel: name, name: chaincode });
      events.emit('chaincode:installed', info);
      if (info.running) return info;
      const { packageId = '', problem = 'it does not run' } = info;
      throw new FabricError('CHAINCODE_START_FAILED', problem, { data: { packageId } });
    },
    logs: (filter) => node.logs.lines(filter),
    metrics: () => node.transport?.metrics() ?? {},
    maintenance: Object.freeze({ rebuildDBs: () => rebuildDBs(name) }),
    on: (event, listener) => {
      requireEvent(event, listener);
      return events.on(event, listener);
    },
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
  node.events.on('chaincode:log', (line) => events.emit('chaincode:log', line));
  node.events.on('ledger:compared', ({ channel, difference }) =>
    events.emit('ledger:compared', { channel, ...(difference && { difference }) }),
  );
  node.events.on('block:committed', ({ channel, number, txIds, statuses, events: emitted }) => {
    events.emit('block:committed', { channel, number, txIds, statuses });
    for (const event of emitted)
      events.emit('chaincode:event', { ...event, channel, block: number });
  });
  return events;
}

function requireEvent(event: unknown, listener: unknown): void {
  if (!EVENTS.some((known) => known === event)) {
    const text = `${JSON.stringify(event)} is no event; there are ${EVENTS.join(', ')}`;
    throw new TypeError(text);
  }
  if (typeof listener !== 'function')
    throw new TypeError(`a listener is a function, not ${kindOf(listener)}`);
}

interface ChannelFacadeComponents {
  readonly node: PeerNode;
  readonly view: NodeView;
  readonly channel: string;
  readonly events: TypedEventTarget<TabricEvents>;
}

function channelFacade(components: ChannelFacadeComponents): ChannelFacade {
  const { node, view, channel: name, events } = components;
  const onEvent = (listener: (event: TabricEvents['chaincode:event']) => void) =>
    events.on('chaincode:event', (event) => {
      if (event.channel === name) listener(event);
    });
  const evaluate: ChannelFacade['evaluateBytes'] = (chaincode, fn, ...args) =>
    withOwnLog(node, async () => contract(chaincode).evaluate(fn, proposalOptions(fn, args)));
  const channel = (): NodeChannel | undefined => node.channel(name);
  const contract = (chaincode: string): Contract =>
    node.gateway.getNetwork(name).getContract(chaincode);
  return Object.freeze<ChannelFacade>({
    name,
    peers: () => view.peers(channel()),
    height: () => channel()?.height ?? 0,
    submit: (chaincode, fn, ...args) =>
      withOwnLog(node, async () => submit(contract(chaincode), fn, args)),
    evaluate: async (...call) => fromUtf8(await evaluate(...call)),
    evaluateBytes: evaluate,
    block: (number) => node.peer.ask('block', { channel: name, number }),
    blocks: (options = {}) => node.peer.ask('blocks', { channel: name, ...options }),
    tx: (txId) => node.peer.ask('tx', { channel: name, txId }),
    state: (namespace, key) => node.peer.ask('state', { channel: name, namespace, key }),
    stateBytes: (namespace, key) => stateBytes(node, name, namespace, key),
    states: (namespace, options = {}) =>
      node.peer.ask('states', { channel: name, namespace, ...options }),
    history: (namespace, key) => node.peer.ask('history', { channel: name, namespace, key }),
    members: () => node.peer.ask('members', { channel: name }),
    chaincodes: (): Promise<ChaincodeInfo[]> => node.peer.ask('chaincodes', { channel: name }),
    blockfileEntry: (number) => node.peer.blockfileEntry(name, number),
    waitFor: (condition, options) =>
      waitFor({ node, view, channel: name, onEvent }, condition, options),
  });
}

function requireChannel(node: PeerNode, name: string): NodeChannel {
  const channel = node.channel(name);
  if (channel) return channel;
  throw new FabricError('CHANNEL_NOT_FOUND', `this peer has not joined channel ${name}`);
}

async function submit(
  contract: Contract,
  fn: string,
  args: readonly unknown[],
): Promise<SubmitResult> {
  const submitted = await contract.submitAsync(fn, proposalOptions(fn, args));
  const { transactionId, blockNumber } = await submitted.requireValid();
  const result = textField('result', submitted.getResult());
  return { txId: transactionId, blockNumber: Number(blockNumber), status: 'VALID', ...result };
}

// A chaincode's exception reaches its caller as a sentence; its developer, at whose peer it was thrown, gets the stack.
async function withOwnLog<Result>(node: PeerNode, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof EndorseError) || error.code !== 'CHAINCODE_ERROR') throw error;
    const { code, message, transactionId, cause } = error;
    const isOwn = ({ address }: ErrorDetail): boolean => address === node.name;
    const log = error.details.some(isOwn) ? await node.chaincodeErrorOf(transactionId) : undefined;
    if (log === undefined) throw error;
    const details = error.details.map((one) => (isOwn(one) ? { ...one, log } : one));
    throw new EndorseError(code, message, { transactionId, details, cause });
  }
}

async function stateBytes(
  node: PeerNode,
  channel: string,
  namespace: string,
  key: string,
): Promise<Uint8Array | undefined> {
  const [first] = await node.peer.ask('states', { channel, namespace, start: key, limit: 1 });
  if (first?.key !== key) return undefined;
  return first.valueBase64 === undefined ? utf8(first.value) : fromBase64(first.valueBase64);
}

async function bytesOf(file: Blob | Uint8Array): Promise<Uint8Array> {
  const size = file instanceof Uint8Array ? file.length : file?.size;
  if (typeof size !== 'number')
    throw new TypeError(`a package is a Blob or a Uint8Array, not ${kindOf(file)}`);
  if (size > MAX_PACKAGE_BYTES) {
    const text = `a chaincode package of ${size} bytes is too large; at most ${MAX_PACKAGE_BYTES}`;
    throw new FabricError('PACKAGE_TOO_LARGE', text);
  }
  return file instanceof Uint8Array ? file : new Uint8Array(await file.arrayBuffer());
}

const HELP = `tabric: the Fabric peer in this tab
  await tabric.ready                       joined and caught up
  tabric.me                                { name, mspId, peerId, pkiId, isLeader, height, channel }
  tabric.peers()                           everybody on the channel
  await tabric.setName('Li Wei')           by which people know you; in your transactions for good
  tabric.height()                          blocks in this tab's ledger
  await tabric.submit('basic', 'CreateAsset', 'asset7', 'blue', '5', 'Tomoko', '300')
  await tabric.evaluate('basic', 'ReadAsset', 'asset7')
  arguments are strings or Uint8Arrays; tabric.evaluateBytes and tabric.stateBytes give bytes
  the last argument of both may be { transientData: { key: 'private' }, endorsingOrganizations: ['Org1MSP'] }
  await tabric.block(5)                    one block; tabric.blocks({ from, limit }) newest first
  await tabric.tx(id)                      one transaction: creator, endorsers, reads, writes, code
  await tabric.state('basic', 'asset7')    value now; tabric.history('basic', 'asset7') all of them
  await tabric.states('basic', { start, limit })
  await tabric.members()                   who has made how many transactions
  await tabric.chaincodes()                what is defined, and its functions
  tabric.logs({ txId })                    what chaincode in this tab wrote to its console; all of it without a filter
  await tabric.install('basic', file)      a package of 'peer lifecycle chaincode package'
  await tabric.waitFor({ height: 6 })      or { txId }, { peers: 3 }, { endorsers: 'basic' }, { event: 'name' }; timeout in ms
  tabric.channels()                        what this peer has joined; tabric.channel(name) has the same calls
  await tabric.maintenance.rebuildDBs()    state and indexes again from the blocks; reloads the page
  tabric.metrics()                         counters of traffic
  tabric.on('block:committed', console.log) also leader:changed, peers:changed, chaincode:event, trace
  values that are no text have their bytes beside them: valueBase64, payloadBase64, argsBase64
  tabric.trace(txId)                       what happened to a transaction, stage by stage`;
