// SPDX-License-Identifier: Apache-2.0
// A peer made of sample data, for the development page only. It answers at a plausible pace and keeps nothing.
import { FabricError } from '../../common/runtime/errors.ts';
import { TRACE_STAGES, type TraceEvent, type TraceStage } from '../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type {
  BlockView,
  ChaincodeInfo,
  HistoryEntry,
  StateEntry,
  TxView,
} from '../../node/api/ledger-views.ts';
import type { Me, NetworkView, PeerInfo } from '../../node/api/network-view.ts';
import type { SubmitResult, Tabric, TabricEvents } from '../../node/api/tabric.ts';
import type { ConnectionState } from '../../node/comm/links.ts';
import {
  ASSETS,
  assetJson,
  sampleBlock,
  sampleBlocks,
  sampleHash,
  samplePeers,
  sampleTx,
} from './sample-ledger.ts';

export interface SampleOptions {
  readonly connection: ConnectionState;
  readonly faults: NetworkView['faults'];
  /** A block by itself this often; 0 for none. */
  readonly blockEveryMs: number;
}

const STAGE_MS: Readonly<Record<TraceStage, number>> = {
  propose: 4,
  endorse: 38,
  submit: 9,
  order: 6,
  cut: 600,
  write: 5,
  deliver: 12,
  gossip: 18,
  buffer: 2,
  validate: 14,
  commit: 21,
  event: 3,
};
const UNSEEN: ReadonlySet<TraceStage> = new Set(['order', 'cut', 'write', 'deliver']);

export class SampleTabric implements Tabric {
  readonly ready: Promise<Me>;
  readonly #options: SampleOptions;
  readonly #events = new TypedEventTarget<TabricEvents>();
  readonly #blocks: BlockView[] = sampleBlocks();
  readonly #trace: TraceEvent[] = [];
  readonly #state = new Map(
    ASSETS.map((asset) => [asset[0], { value: assetJson(asset), block: 1 }]),
  );

  constructor(options: SampleOptions) {
    this.#options = options;
    this.ready = Promise.resolve(this.me);
    if (options.blockEveryMs > 0) {
      setInterval(
        () =>
          this.#commit(sampleTx(this.height(), 0, { fn: 'CreateAsset', timestamp: Date.now() })),
        options.blockEveryMs,
      );
    }
  }

  get me(): Me {
    const [, me] = this.peers();
    if (!me) throw new Error('no sample peer');
    const { name, mspId, peerId, pkiId, isLeader, height } = me;
    return { name, mspId, peerId, pkiId, isLeader, height, channel: 'mychannel' };
  }

  get network(): NetworkView {
    const { connection, faults } = this.#options;
    return {
      networkId: 'sample',
      channel: 'mychannel',
      connection,
      ...(connection === 'relay-only'
        ? { connectionDetail: 'ICE failed with peer1.org2.example.com' }
        : {}),
      me: this.me,
      peers: this.peers(),
      buffered: [],
      storage: { kind: 'indexeddb', persisted: false, usage: 4_100_000, quota: 2_300_000_000 },
      secureContext: true,
      faults,
    };
  }

  peers(): readonly PeerInfo[] {
    return samplePeers(this.height());
  }

  height(): number {
    return this.#blocks.length;
  }

  async blockfileEntry(): Promise<undefined> {}

  async submit(chaincode: string, fn: string, ...args: string[]): Promise<SubmitResult> {
    const txId = sampleHash(`${fn} ${Date.now()}`);
    const [id = '', second = ''] = args;
    await this.#walk(['propose', 'endorse'], txId);
    if (fn === 'CreateAsset' && this.#state.has(id)) {
      throw new FabricError(
        'CHAINCODE_ERROR',
        `chaincode response 500, The asset ${id} already exists`,
      );
    }
    await this.#walk(TRACE_STAGES.slice(2, 10), txId);
    const conflict = fn === 'TransferAsset' && second === 'conflict';
    const tx = sampleTx(this.height(), 0, {
      txId,
      fn,
      args,
      timestamp: Date.now(),
      status: conflict ? 'MVCC_READ_CONFLICT' : 'VALID',
      writes: [
        {
          namespace: chaincode,
          key: id,
          isDelete: false,
          value: assetJson([id, second, 5, 'Tomoko', 300]),
        },
      ],
      ...(conflict
        ? {
            conflict: {
              namespace: chaincode,
              key: id,
              readVersion: { block: 1, tx: 0 },
              foundVersion: { block: 2, tx: 0 },
              writtenBy: sampleHash('tx 2 0'),
            },
          }
        : {}),
    });
    this.#commit(tx);
    await this.#walk(['commit', 'event'], txId, tx.block);
    if (conflict)
      throw new FabricError('MVCC_READ_CONFLICT', 'the transaction is invalid', {
        data: { transactionId: txId, blockNumber: tx.block, validationCode: 11, status: tx.status },
      });
    this.#state.set(id, { value: tx.writes[0]?.value ?? '', block: tx.block });
    return { txId, blockNumber: tx.block, status: 'VALID', result: tx.writes[0]?.value ?? '' };
  }

  async evaluate(_chaincode: string, fn: string, ...args: string[]): Promise<string> {
    await pause(30);
    if (fn === 'GetAllAssets')
      return `[${[...this.#state.values()].map(({ value }) => value).join(',')}]`;
    const found = this.#state.get(args[0] ?? '');
    if (!found) throw new FabricError('CHAINCODE_ERROR', `The asset ${args[0]} does not exist`);
    return found.value;
  }

  async block(number: number): Promise<BlockView | undefined> {
    return this.#blocks[number];
  }

  async blocks({
    from,
    limit = 20,
  }: {
    from?: number;
    limit?: number;
  } = {}): Promise<readonly BlockView[]> {
    const first = Math.min(from ?? Infinity, this.height() - 1);
    return this.#blocks.slice(Math.max(0, first - limit + 1), first + 1).reverse();
  }

  async tx(txId: string): Promise<TxView | undefined> {
    return this.#blocks.flatMap((block) => block.transactions).find((tx) => tx.txId === txId);
  }

  async state(_chaincode: string, key: string): Promise<string | undefined> {
    return this.#state.get(key)?.value;
  }

  async states(
    namespace: string,
    { start = '', limit = 25 }: { start?: string; limit?: number } = {},
  ): Promise<readonly StateEntry[]> {
    return [...this.#state]
      .filter(([key]) => key >= start)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([key, { value, block }]) => ({ namespace, key, value, version: { block, tx: 0 } }));
  }

  async history(_chaincode: string, key: string): Promise<readonly HistoryEntry[]> {
    return this.#blocks
      .flatMap((block) => block.transactions)
      .filter((tx) => tx.status === 'VALID')
      .flatMap((tx) => {
        const write = tx.writes.find((candidate) => candidate.key === key);
        const { txId, timestamp, block, index } = tx;
        return write
          ? [{ txId, timestamp, value: write.value, isDelete: write.isDelete, block, tx: index }]
          : [];
      });
  }

  async chaincodes(): Promise<readonly ChaincodeInfo[]> {
    const endorsementPolicy = "OR('Org1MSP.peer','Org2MSP.peer')";
    return [
      {
        name: 'basic',
        version: '1.0',
        sequence: 1,
        endorsementPolicy,
        running: true,
        packageId: `basic_1.0:${sampleHash('package')}`,
      },
    ];
  }

  async install(chaincode: string): Promise<ChaincodeInfo> {
    await pause(800);
    return { name: chaincode, version: '1.0', sequence: 1, endorsementPolicy: '', running: true };
  }

  readonly maintenance = { rebuildDBs: async (): Promise<void> => location.reload() };

  async waitFor({ height }: { height: number }): Promise<number> {
    while (this.height() < height) await pause(50);
    return this.height();
  }

  on<Name extends keyof TabricEvents>(
    event: Name,
    listener: (detail: TabricEvents[Name]) => void,
  ): () => void {
    return this.#events.on(event, listener);
  }

  trace(txId?: string): readonly TraceEvent[] {
    return txId === undefined ? this.#trace : this.#trace.filter((event) => event.txId === txId);
  }

  help(): string {
    return 'sample data';
  }

  async #walk(stages: readonly TraceStage[], txId: string, block?: number): Promise<void> {
    for (const stage of stages) {
      const ms = STAGE_MS[stage];
      await pause(Math.max(ms, 60));
      if (UNSEEN.has(stage)) continue;
      const event: TraceEvent = {
        at: Date.now(),
        peer: this.me.name,
        stage,
        txId,
        ms,
        ...(stage === 'gossip' ? { from: 'orderer.example.com', block: this.height() } : {}),
        ...(block === undefined ? {} : { block }),
      };
      this.#trace.push(event);
      this.#events.emit('trace', event);
    }
  }

  #commit(tx: TxView): void {
    const block = sampleBlock(this.height(), [tx]);
    this.#blocks.push(block);
    this.#events.emit('block:committed', {
      number: block.number,
      txIds: [tx.txId],
      statuses: [tx.status],
    });
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
