// SPDX-License-Identifier: Apache-2.0
// For tests only: a whole orderer over the real block store in memory, and a client of its services. The network of
// testdata/ used etcdraft, so that is what solo is called here.
import { defaultBCCSP } from '../../common/crypto/index.ts';
import type { SigningIdentity } from '../../common/msp/index.ts';
import { orderer as ab, type common } from '../../common/protos/index.ts';
import { payloadFromEnvelope, unmarshalEnvelope } from '../../common/protoutil/index.ts';
import { fromUtf8 } from '../../common/runtime/bytes.ts';
import { FakeClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import type { ServiceHandler } from '../../common/wire/service.ts';
import type { KVStore, KVStoreProvider } from '../../ledger/kv-store.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import { BlockStoreLedgerFactory } from '../blockstore-ledger.ts';
import { SoloConsenter } from '../consensus/solo.ts';
import type { ChainSupport } from '../multichannel/chain-support.ts';
import {
  createOrderer,
  type Orderer,
  type OrdererComponents,
  type OrdererOptions,
} from '../orderer.ts';
import {
  at,
  CHANNEL,
  identityOf,
  seekEnvelope,
  THEN,
  testdata,
  transaction,
} from './test-network.ts';

const remote = { address: 'test-client' };

export interface Delivered {
  readonly blocks: common.Block[];
  readonly statuses: number[];
}

/** Reads one Deliver stream response by response. */
export interface BlockReader {
  /** A block, a status, or undefined at the end of the stream. */
  next(): Promise<common.Block | number | undefined>;
  readonly end: AbortController;
}

/** Stores in memory that can be taken away from whoever uses them, as by the death of a process. */
export class CrashableProvider implements KVStoreProvider {
  readonly #provider = new MemoryKVStoreProvider();
  readonly #open: KVStore[] = [];

  async open(name: string): Promise<KVStore> {
    const store = await this.#provider.open(name);
    this.#open.push(store);
    return store;
  }

  list(): Promise<string[]> {
    return this.#provider.list();
  }

  destroy(name: string): Promise<void> {
    return this.#provider.destroy(name);
  }

  async crash(): Promise<void> {
    for (const store of this.#open.splice(0)) await store.close();
  }
}

export class TestOrderer {
  readonly clock = new FakeClock(THEN);
  readonly trace = new TraceBus();
  provider = new CrashableProvider();
  node: Orderer;
  readonly #identity: SigningIdentity;
  readonly #reader: SigningIdentity;

  private constructor(identity: SigningIdentity, reader: SigningIdentity) {
    this.#identity = identity;
    this.#reader = reader;
    this.node = this.#make({}, {});
  }

  /** An orderer that serves the channel of testdata/. */
  static async start(): Promise<TestOrderer> {
    const identity = await identityOf('orderer', 'OrdererMSP');
    const reader = await identityOf('user1.org1', 'Org1MSP');
    const test = new TestOrderer(identity, reader);
    await test.node.start();
    await test.node.joinChannel(testdata('genesis.block'));
    return test;
  }

  /** A new orderer over the same store; does not stop the old one. */
  async another(
    options: Partial<OrdererOptions> = {},
    components: Partial<Pick<OrdererComponents, 'consenters'>> = {},
  ): Promise<void> {
    this.node = this.#make(options, components);
    await this.node.start();
  }

  #make(
    options: Partial<OrdererOptions>,
    components: Partial<Pick<OrdererComponents, 'consenters'>>,
  ): Orderer {
    const { clock, trace, provider } = this;
    return createOrderer(
      {
        signingIdentity: this.#identity,
        bccsp: defaultBCCSP(),
        blockLedgers: new BlockStoreLedgerFactory(provider),
        clock,
        randomBytes: systemRandomBytes,
        log: silentLogger,
        trace,
        consenters: new Map([['etcdraft', new SoloConsenter({ clock, log: silentLogger })]]),
        ...components,
      },
      options,
    );
  }

  get chain(): ChainSupport {
    const chain = this.node.registrar.getChain(CHANNEL);
    if (!chain) throw new Error('no chain');
    return chain;
  }

  /** Responses to envelopes on one stream. */
  async broadcast(...envelopes: Uint8Array[]): Promise<ab.BroadcastResponse[]> {
    const signal = new AbortController().signal;
    const responses: ab.BroadcastResponse[] = [];
    const handle = this.handler('Broadcast');
    for await (const bytes of handle(streamOf(envelopes), { remote, signal })) {
      responses.push(ab.BroadcastResponse.decode(bytes));
    }
    return responses;
  }

  /** The status that one envelope gets. */
  async statusOf(envelope: Uint8Array): Promise<number | undefined> {
    return (await this.broadcast(envelope))[0]?.status;
  }

  /** Sends the seeks on one stream that then half-closes, and reads to the end. */
  async deliver(...seeks: Uint8Array[]): Promise<Delivered> {
    const delivered: Delivered = { blocks: [], statuses: [] };
    for await (const bytes of this.responses(seeks)) {
      const response = ab.DeliverResponse.decode(bytes);
      if (response.block) delivered.blocks.push(response.block);
      else delivered.statuses.push(response.status ?? 0);
    }
    return delivered;
  }

  /** Serialized responses to the seeks. */
  responses(seeks: Uint8Array[], signal = new AbortController().signal): AsyncIterable<Uint8Array> {
    return this.handler('Deliver')(streamOf(seeks), { remote, signal });
  }

  reader(seek: Uint8Array): BlockReader {
    const end = new AbortController();
    const responses = this.responses([seek], end.signal)[Symbol.asyncIterator]();
    return {
      end,
      async next() {
        const { value, done } = await responses.next();
        if (done) return undefined;
        const response = ab.DeliverResponse.decode(value);
        return response.block ?? response.status ?? 0;
      },
    };
  }

  /** A block; waits when it is the next. */
  async blockAt(number: number, channel = CHANNEL): Promise<common.Block> {
    const range = { start: at(number), stop: at(number) };
    const { blocks } = await this.deliver(
      await seekEnvelope(this.#reader, range, { channel, now: this.clock.now() }),
    );
    const [block] = blocks;
    if (!block) throw new Error(`no block ${number}`);
    return block;
  }

  handler(method: 'Broadcast' | 'Deliver'): ServiceHandler {
    const found = this.node.services.get(`/orderer.AtomicBroadcast/${method}`);
    if (!found) throw new Error(`${method} is not served`);
    return found;
  }
}

async function* streamOf(requests: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* requests;
}

/** `count` envelopes with the texts `tx 0`, `tx 1`, … */
export function transactions(signer: SigningIdentity, count: number): Promise<Uint8Array[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => transaction(signer, `tx ${i}`)));
}

/** What stands where a transaction would be, of each envelope of a block. */
export function textsOf(block: common.Block): string[] {
  return (block.data?.data ?? []).map((raw) =>
    fromUtf8(payloadFromEnvelope(unmarshalEnvelope(raw)).data),
  );
}
