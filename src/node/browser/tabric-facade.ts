// SPDX-License-Identifier: Apache-2.0
// `window.tabric`: this tab's peer for the console, scripts and tests. Plain data only.
import type { Remote } from 'comlink';
import { fromUtf8 } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import type { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { ChaincodeInfo } from '../api/ledger-views.ts';
import type { Me, NetworkView } from '../api/network-view.ts';
import type {
  CallOptions,
  ChannelFacade,
  SubmitResult,
  Tabric,
  TabricEvents,
} from '../api/tabric.ts';
import type { Contract, ProposalOptions } from '../gateway/index.ts';
import type { PeerWorkerApi } from './peer-worker-api.ts';

export interface FacadeComponents {
  readonly worker: Remote<PeerWorkerApi>;
  readonly events: TypedEventTarget<TabricEvents>;
  readonly traceBus: TraceBus;
  readonly contract: (chaincode: string) => Contract;
  readonly network: () => NetworkView;
  readonly ready: Promise<Me>;
  readonly install: (chaincode: string, bytes: Uint8Array) => Promise<ChaincodeInfo>;
  readonly metrics?: () => Readonly<Record<string, number>>;
}

const DEFAULT_WAIT_MS = 30_000;
/** Larger files than this are no chaincode package that a tab should unpack. */
const MAX_PACKAGE_BYTES = 50 * 1024 * 1024;

/** The facade over a peer that is starting or running. */
export function createTabric(components: FacadeComponents): Tabric {
  const { worker, events, traceBus, network, ready, install } = components;
  // The only channel that there is.
  const channel = createChannelFacade(components);
  return Object.freeze<Tabric>({
    ...channel,
    ready,
    get me() {
      return network().me;
    },
    get network() {
      return network();
    },
    channel: (name) => {
      if (name === channel.name) return channel;
      throw new FabricError('CHANNEL_NOT_FOUND', `this peer has not joined channel ${name}`);
    },
    channels: () => network().channels,
    install: async (chaincode, file) => install(chaincode, await bytesOf(file)),
    metrics: () => components.metrics?.() ?? {},
    maintenance: Object.freeze({
      rebuildDBs: async () => {
        await worker.rebuildDBs();
        location.reload();
      },
    }),
    on: (event, listener) => events.on(event, listener),
    trace: (txId) => traceBus.events(txId),
    help: () => HELP,
  });
}

function createChannelFacade(components: FacadeComponents): ChannelFacade {
  const { worker, contract, network } = components;
  return Object.freeze<ChannelFacade>({
    name: network().channel,
    peers: () => network().peers,
    height: () => network().me.height,
    submit: async (chaincode, fn, ...args) => submit(contract(chaincode), fn, args),
    evaluate: async (chaincode, fn, ...args) =>
      fromUtf8(await contract(chaincode).evaluate(fn, callOf(args))),
    block: (number) => worker.block(number),
    blocks: (options = {}) => worker.blocks(options),
    tx: (txId) => worker.tx(txId),
    state: (chaincode, key) => worker.state(chaincode, key),
    states: (chaincode, options = {}) => worker.states(chaincode, options),
    history: (chaincode, key) => worker.history(chaincode, key),
    chaincodes: () => worker.chaincodes(),
    blockfileEntry: (number) => worker.blockfileEntry(number),
    waitFor: ({ height }, { timeoutMs = DEFAULT_WAIT_MS } = {}) =>
      waitForHeight(components, height, timeoutMs),
  });
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
  { events, network }: FacadeComponents,
  height: number,
  timeoutMs: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const stop = events.on('block:committed', () => check());
    const timer = setTimeout(() => {
      stop();
      const text = `height is ${network().me.height} after ${timeoutMs} ms, not ${height}`;
      reject(new FabricError('TIMEOUT', text));
    }, timeoutMs);
    const check = (): void => {
      const current = network().me.height;
      if (current < height) return;
      stop();
      clearTimeout(timer);
      resolve(current);
    };
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
  await tabric.maintenance.rebuildDBs()    state and indexes anew from the blocks; reloads the page
  tabric.on('block:committed', console.log) also leader:changed, peers:changed, chaincode:event, trace
  tabric.trace(txId)                       what happened to a transaction, stage by stage`;
