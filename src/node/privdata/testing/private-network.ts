// SPDX-License-Identifier: Apache-2.0
// Peers of two organisations, each with its own ledger, transient store and the real shim in a thread, a client at each, and an
// orderer that cuts a block when a test says so. For tests, which run in Node.
import { buildChaincodeRuntime } from '../../../../scripts/build-chaincode-runtime.ts';
import type { SigningIdentity } from '../../../common/msp/types.ts';
import type { ChannelDescription, CollectionDefinition } from '../../../common/network/types.ts';
import { common } from '../../../common/protos/index.ts';
import { blockDataHash, blockHeaderHash, newBlock } from '../../../common/protoutil/index.ts';
import { type Clock, makeClock, systemRandomBytes } from '../../../common/runtime/clock.ts';
import { type Logger, silentLogger } from '../../../common/runtime/log.ts';
import { TraceBus } from '../../../common/runtime/trace.ts';
import { localClient, ownClient } from '../../../common/wire/local-client.ts';
import { unary } from '../../../common/wire/service.ts';
import type { KVEntry, KVStore } from '../../../ledger/kv-store.ts';
import { LedgerProvider } from '../../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../../ledger/memory/memory-kv-store.ts';
import {
  type TransientStoreOptions,
  TransientStoreProvider,
} from '../../../ledger/transientstore/index.ts';
import type { CommitResult } from '../../../ledger/types.ts';
import { packageOf } from '../../chaincode/testing/packages.ts';
import { ThreadLauncher } from '../../chaincode/testing/thread-launcher.ts';
import {
  type Contract,
  connect,
  type Endorser,
  GatewayService,
  type GatewayServiceComponents,
} from '../../gateway/index.ts';
import type { Channel } from '../../peer/channel.ts';
import { InstalledPackages } from '../../peer/installed-packages.ts';
import { Peer } from '../../peer/peer.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../../testing/test-channel.ts';

export const CHAINCODE = 'pvt';
const PROCESS_PROPOSAL = '/protos.Endorser/ProcessProposal';
const NOW = Date.UTC(2026, 10, 21);

export interface PrivateNetworkOptions {
  readonly collections: readonly CollectionDefinition[];
  /** Source of the chaincode's one file. */
  readonly source: string;
  readonly endorsementPolicy?: string;
  readonly stateDatabase?: 'CouchDB';
  readonly capability?: string;
  readonly transient?: Partial<TransientStoreOptions>;
}

/** One peer; its stores outlive it. */
export class PrivatePeer {
  readonly identity: SigningIdentity;
  readonly name: string;
  readonly warnings: string[] = [];
  readonly #stores = new MemoryKVStoreProvider();
  readonly #network: PrivateNetwork;
  #peer: Peer | undefined;
  #channel: Channel | undefined;
  #launcher: ThreadLauncher | undefined;
  #transient: KVStore | undefined;
  #packages: KVStore | undefined;
  #ledgers: LedgerProvider | undefined;

  constructor(network: PrivateNetwork, name: string, identity: SigningIdentity) {
    this.#network = network;
    this.name = name;
    this.identity = identity;
  }

  get peer(): Peer {
    if (!this.#peer) throw new Error(`${this.name} does not run`);
    return this.#peer;
  }

  get channel(): Channel {
    if (!this.#channel) throw new Error(`${this.name} does not run`);
    return this.#channel;
  }

  async start(): Promise<void> {
    const { identity, name } = this;
    const { description, clock, packageBytes, options, runtime } = this.#network;
    const log: Logger = { ...silentLogger, warn: (text) => void this.warnings.push(text) };
    this.#packages = await this.#stores.open('chaincodes');
    const packages = await InstalledPackages.open(this.#packages);
    const { packageId, files } = await packages.install(
      { channel: CHANNEL, chaincode: CHAINCODE },
      packageBytes,
    );
    const { mspId } = identity;
    this.#launcher = new ThreadLauncher(runtime, [{ ccid: packageId, files, mspId }]);
    const ledgers = await LedgerProvider.open(this.#stores, 'ledgers', clock, {
      private: { mspId },
    });
    this.#ledgers = ledgers;
    const transient = await this.#stores.open('transientstore');
    this.#transient = transient;
    this.#peer = new Peer({
      name,
      identity,
      ledgers,
      transientStores: new TransientStoreProvider(transient, systemRandomBytes, options.transient),
      packages,
      launcher: this.#launcher,
      clock,
      random: systemRandomBytes,
      trace: new TraceBus(),
      log,
    });
    const known = await this.#peer.openChannel(description);
    this.#channel =
      known ?? (await this.#peer.joinChannel(description, this.#network.channel.genesisBlock));
  }

  async stop(): Promise<void> {
    await this.peer.stop();
    await this.#launcher?.stop();
    await this.#ledgers?.close();
    await Promise.all([this.#packages?.close(), this.#transient?.close()]);
  }

  /** What it has of a block, as `namespace/collection`. */
  async setsOf(blockNum: number): Promise<string[]> {
    const sets = await this.channel.ledger.getPvtDataByNum(blockNum);
    return sets.map(({ namespace, collection }) => `${namespace}/${collection}`);
  }

  /** What it should have and lacks, as `block/tx/namespace/collection`. */
  async missing(): Promise<string[]> {
    const sets = await this.channel.ledger.getMissingPvtData(100);
    return sets.map((one) => `${one.blockNum}/${one.txNum}/${one.namespace}/${one.collection}`);
  }

  /** Rows of its transient store. */
  async *transientRows(): AsyncGenerator<KVEntry> {
    if (this.#transient) yield* this.#transient.range({});
  }

  endorser(own: boolean): Endorser {
    const { name, identity, channel } = this;
    return {
      name,
      mspId: identity.mspId,
      height: channel.height,
      own,
      processProposal: async (bytes, { signal, judged }) => {
        this.#network.asked.push(name);
        const client = localClient(this.peer.services, { address: name });
        const response = await unary(client, PROCESS_PROPOSAL, bytes, { signal });
        if (!judged) return { response };
        return { response, enough: await channel.endorsement.isEnough(response) };
      },
    };
  }
}

export class PrivateNetwork {
  readonly channel: TestChannel;
  readonly options: PrivateNetworkOptions;
  readonly packageBytes: Uint8Array;
  readonly runtime: string;
  readonly description: ChannelDescription;
  readonly clock: Clock = makeClock(
    () => NOW,
    () => () => {},
  );
  /** Names of peers, as they were asked to endorse. */
  readonly asked: string[] = [];
  readonly peers: PrivatePeer[] = [];
  /** Serialized envelopes that were broadcast and stand in no block yet. */
  pending: Uint8Array[] = [];
  /** Of a channel while its peer runs, and of whom it can reach. */
  readonly #gateways = new Map<Channel, Map<readonly PrivatePeer[], GatewayService>>();
  #last: common.IBlockHeader = {};

  private constructor(channel: TestChannel, runtime: string, options: PrivateNetworkOptions) {
    this.channel = channel;
    this.runtime = runtime;
    this.options = options;
    this.packageBytes = packageOf('pvt_1.0', options.source);
    const { collections, stateDatabase } = options;
    const { endorsementPolicy = "OR('Org1MSP.peer','Org2MSP.peer')" } = options;
    const chaincode = {
      name: CHAINCODE,
      version: '1.0',
      sequence: 1,
      endorsementPolicy,
      collections,
    };
    this.description = {
      name: CHANNEL,
      ...(stateDatabase && { stateDatabase }),
      chaincodes: [chaincode],
    };
  }

  /** Two peers of Org1 and one of Org2: `org1`, `org1b` and `org2`. */
  static async start(options: PrivateNetworkOptions): Promise<PrivateNetwork> {
    const channel = await createTestChannel(options.capability ?? 'V2_5');
    const network = new PrivateNetwork(channel, await buildChaincodeRuntime(), options);
    const { Org1MSP, Org2MSP } = channel.peers;
    const members = { org1: Org1MSP[0], org1b: Org1MSP[1], org2: Org2MSP[0] };
    for (const [name, identity] of Object.entries(members)) {
      const peer = new PrivatePeer(network, name, identity);
      await peer.start();
      network.peers.push(peer);
    }
    network.#last = common.Block.decode(channel.genesisBlock).header ?? {};
    return network;
  }

  peer(name: string): PrivatePeer {
    const found = this.peers.find((peer) => peer.name === name);
    if (!found) throw new Error(`no peer ${name}`);
    return found;
  }

  /** The chaincode, for a client whose own peer is this one. */
  contract(name: 'org1' | 'org1b' | 'org2', reachable = this.peers): Contract {
    const { client, client2 } = this.channel;
    const identity = name === 'org2' ? client2 : client;
    const calls = ownClient(this.#gateway(this.peer(name), reachable).services, name);
    const gateway = connect({ identity, client: calls, clock: this.clock });
    return gateway.getNetwork(CHANNEL).getContract(CHAINCODE);
  }

  /** Puts what was broadcast into a block, which all running peers commit. */
  async cut(): Promise<readonly CommitResult[]> {
    const { header, metadata } = newBlock(
      Number(this.#last.number ?? 0) + 1,
      blockHeaderHash(this.#last),
    );
    const data = { data: this.pending };
    this.pending = [];
    const block = { header: { ...header, data_hash: blockDataHash(data) }, data, metadata };
    this.#last = block.header;
    const bytes = common.Block.encode(block).finish();
    return Promise.all(this.peers.map(({ channel }) => channel.commit(bytes)));
  }

  async stop(): Promise<void> {
    for (const peer of this.peers) await peer.stop();
  }

  #gateway(own: PrivatePeer, reachable: readonly PrivatePeer[]): GatewayService {
    const some =
      this.#gateways.get(own.channel) ?? new Map<readonly PrivatePeer[], GatewayService>();
    this.#gateways.set(own.channel, some);
    const service =
      some.get(reachable) ??
      new GatewayService(this.#components(own, reachable), { endorserWaitMs: 0 });
    some.set(reachable, service);
    service.start();
    return service;
  }

  #components(own: PrivatePeer, reachable: readonly PrivatePeer[]): GatewayServiceComponents {
    const { clock } = this;
    return {
      name: own.name,
      mspId: own.identity.mspId,
      endorsers: () => reachable.map((peer) => peer.endorser(peer === own)),
      satisfiesPolicy: (_channel, ...rest) => own.channel.endorsement.isSatisfied(...rest),
      endorsementPlan: (_channel, ...rest) => own.channel.endorsement.plan(...rest),
      broadcast: async (_channel, envelope) => {
        this.pending.push(envelope);
        return { status: 200, info: '' };
      },
      outcome: async (_channel, txId) => {
        const found = await own.channel.ledger.getTxValidationCodeByTxID(txId);
        return found && { code: found.validationCode, blockNumber: found.blockNum };
      },
      onCommitted: (listener) =>
        own.channel.events.on('block:committed', ({ blockNum, txIds, flags }) =>
          listener({
            channel: CHANNEL,
            blockNumber: blockNum,
            txIds,
            codes: flags,
            planVersion: own.channel.endorsement.version,
          }),
        ),
      height: () => own.channel.height,
      block: (_channel, number) => own.channel.ledger.getBlockByNumber(number),
      checkAcl: (channel, resource, signed) => own.peer.acl.checkAcl(resource, channel, signed),
      clock,
      trace: new TraceBus(),
    };
  }
}
