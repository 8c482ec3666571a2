// SPDX-License-Identifier: Apache-2.0
// A channel made of sample data, for the development page only. It answers at a plausible pace and keeps nothing.
import { utf8 } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { TRACE_STAGES, type TraceEvent, type TraceStage } from '../../common/runtime/trace.ts';
import type { BlockView, TxView } from '../../node/api/ledger-views.ts';
import type { CallArgument, CallOptions, ChannelFacade } from '../../node/api/tabric.ts';
import {
  ASSETS,
  assetJson,
  sampleBlock,
  sampleBlocks,
  sampleHash,
  sampleMembers,
  samplePeers,
  sampleTx,
} from './sample-ledger.ts';

export interface SampleChannelEvents {
  readonly trace: (event: TraceEvent) => void;
  readonly committed: (channel: string, block: BlockView) => void;
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

/** Its calls may be taken apart from it. */
export class SampleChannel implements ChannelFacade {
  readonly name: string;
  readonly #events: SampleChannelEvents;
  readonly #blocks: BlockView[] = sampleBlocks();
  readonly #state = new Map(
    ASSETS.map((asset) => [asset[0], { value: assetJson(asset), block: 1 }]),
  );

  constructor(name: string, events: SampleChannelEvents) {
    this.name = name;
    this.#events = events;
  }

  readonly peers: ChannelFacade['peers'] = () => samplePeers(this.height());

  readonly members: ChannelFacade['members'] = async () => sampleMembers();

  readonly height: ChannelFacade['height'] = () => this.#blocks.length;

  readonly blockfileEntry: ChannelFacade['blockfileEntry'] = async () => undefined;

  readonly submit: ChannelFacade['submit'] = async (chaincode, fn, ...given) => {
    const args = textsOf(given);
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
    const value = assetJson([id, second, 5, 'Tomoko', 300]);
    const conflict = fn === 'TransferAsset' && second === 'conflict';
    const tx = sampleTx(this.height(), 0, {
      txId,
      fn,
      args,
      timestamp: Date.now(),
      status: conflict ? 'MVCC_READ_CONFLICT' : 'VALID',
      writes: [{ namespace: chaincode, key: id, isDelete: false, value }],
      ...(conflict ? { conflict: conflictAt(chaincode, id) } : {}),
    });
    this.commit([tx]);
    await this.#walk(['commit', 'event'], txId, tx.block);
    if (conflict)
      throw new FabricError('MVCC_READ_CONFLICT', 'the transaction is invalid', {
        data: { transactionId: txId, blockNumber: tx.block, validationCode: 11, status: tx.status },
      });
    this.#state.set(id, { value, block: tx.block });
    return { txId, blockNumber: tx.block, status: 'VALID', result: value };
  };

  readonly evaluate: ChannelFacade['evaluate'] = async (_chaincode, fn, ...args) => {
    await pause(30);
    if (fn === 'GetAllAssets')
      return `[${[...this.#state.values()].map(({ value }) => value).join(',')}]`;
    const [id = ''] = textsOf(args);
    const found = this.#state.get(id);
    if (!found) throw new FabricError('CHAINCODE_ERROR', `The asset ${id} does not exist`);
    return found.value;
  };

  readonly evaluateBytes: ChannelFacade['evaluateBytes'] = async (...call) =>
    utf8(await this.evaluate(...call));

  readonly stateBytes: ChannelFacade['stateBytes'] = async (_chaincode, key) => {
    const value = this.#state.get(key)?.value;
    return value === undefined ? undefined : utf8(value);
  };

  readonly block: ChannelFacade['block'] = async (number) => this.#blocks[number];

  readonly blocks: ChannelFacade['blocks'] = async ({ from, limit = 20 } = {}) => {
    const first = Math.min(from ?? Infinity, this.height() - 1);
    return this.#blocks.slice(Math.max(0, first - limit + 1), first + 1).reverse();
  };

  readonly tx: ChannelFacade['tx'] = async (txId) =>
    this.#blocks.flatMap((block) => block.transactions).find((tx) => tx.txId === txId);

  readonly state: ChannelFacade['state'] = async (_chaincode, key) => this.#state.get(key)?.value;

  readonly states: ChannelFacade['states'] = async (namespace, { start = '', limit = 25 } = {}) =>
    [...this.#state]
      .filter(([key]) => key >= start)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([key, { value, block }]) => ({ namespace, key, value, version: { block, tx: 0 } }));

  readonly history: ChannelFacade['history'] = async (_chaincode, key) =>
    this.#blocks
      .flatMap((block) => block.transactions)
      .filter((tx) => tx.status === 'VALID')
      .flatMap((tx) => {
        const write = tx.writes.find((candidate) => candidate.key === key);
        const { txId, timestamp, block, index } = tx;
        return write
          ? [{ txId, timestamp, value: write.value, isDelete: write.isDelete, block, tx: index }]
          : [];
      });

  readonly chaincodes: ChannelFacade['chaincodes'] = async () => [
    {
      name: 'basic',
      version: '1.0',
      sequence: 1,
      endorsementPolicy: "OR('Org1MSP.peer','Org2MSP.peer')",
      running: true,
      packageId: `basic_1.0:${sampleHash('package')}`,
    },
  ];

  readonly waitFor: ChannelFacade['waitFor'] = async () => {
    throw new FabricError('NOT_IN_SAMPLE', 'a sample waits for nothing');
  };

  commit(transactions: readonly TxView[]): void {
    const block = sampleBlock(this.height(), transactions);
    this.#blocks.push(block);
    this.#events.committed(this.name, block);
  }

  /** A block of transactions that nobody waits for, with the events that a peer sees of them. */
  commitMany(count: number): void {
    const number = this.height();
    const transactions = Array.from({ length: count }, (_, index) =>
      sampleTx(number, index, { fn: 'CreateAsset', timestamp: Date.now() }),
    );
    for (const { txId } of transactions) this.#tell('endorse', txId);
    for (const stage of ['gossip', 'buffer', 'validate', 'commit'] as const)
      this.#tell(stage, undefined, number);
    this.commit(transactions);
    for (const { txId } of transactions) this.#tell('event', txId, number);
  }

  async #walk(stages: readonly TraceStage[], txId: string, block?: number): Promise<void> {
    for (const stage of stages) {
      await pause(Math.max(STAGE_MS[stage], 60));
      if (!UNSEEN.has(stage)) this.#tell(stage, txId, block);
    }
  }

  #tell(stage: TraceStage, txId?: string, block?: number): void {
    const at = stage === 'gossip' ? (block ?? this.height()) : block;
    this.#events.trace({
      at: Date.now(),
      peer: 'peer0.org1.example.com',
      stage,
      channel: this.name,
      ms: STAGE_MS[stage],
      ...(txId === undefined ? {} : { txId }),
      ...(at === undefined ? {} : { block: at }),
      ...(stage === 'gossip' ? { from: 'orderer.example.com' } : {}),
    });
  }
}

function conflictAt(namespace: string, key: string): NonNullable<TxView['conflict']> {
  return {
    namespace,
    key,
    readVersion: { block: 1, tx: 0 },
    foundVersion: { block: 2, tx: 0 },
    writtenBy: sampleHash('tx 2 0'),
  };
}

const textsOf = (args: readonly (CallArgument | CallOptions)[]): string[] =>
  args.filter((arg) => typeof arg === 'string');

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
