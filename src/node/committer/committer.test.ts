// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import { common } from '../../common/protos/index.ts';
import { blockDataHash, newBlock } from '../../common/protoutil/index.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { parseBlock } from '../../ledger/blkstorage/index.ts';
import { LedgerProvider } from '../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import { ChannelConfig } from '../peer/channel-config.ts';
import { createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { Committer, type NamespaceDefinition, type SignatureStage } from './index.ts';
import { MemoryValidationLedger } from './testing/memory-validation-ledger.ts';
import { receivedBlock } from './testing/real-channel.ts';
import { type ValidationBench, validationBench } from './testing/validation-bench.ts';

interface Bench {
  readonly committer: Committer;
  readonly ledger: PeerLedger;
  /** Block number and sequence of the configuration of each run of the signature stage. */
  readonly checked: string[];
  /** Replaces what the chain defines. */
  define(definitions: readonly NamespaceDefinition[]): void;
  failNext(error: Error): void;
}

async function createBench(
  genesisBlock: Uint8Array,
  verdictsOf: ValidationBench['verdictsOf'],
): Promise<Bench> {
  const clock = new FakeClock();
  const provider = await LedgerProvider.open(new MemoryKVStoreProvider(), 'peer0', clock);
  const ledger = await provider.create(genesisBlock);
  const checked: string[] = [];
  let definitions: readonly NamespaceDefinition[] = [];
  let failure: Error | undefined;
  const signatureStage: SignatureStage = async (block, bundle, known) => {
    checked.push(`${block.number} by ${bundle.sequence} and ${known.length}`);
    const error = failure;
    failure = undefined;
    if (error) throw error;
    return verdictsOf(block.transactions.map(({ bytes }) => bytes));
  };
  const committer = new Committer({
    peerName: 'peer0',
    ledger,
    validationLedger: new MemoryValidationLedger(),
    config: await ChannelConfig.load(ledger),
    definitions: { current: async () => definitions, invalidate: () => {} },
    signatureStage,
    clock,
    trace: new TraceBus(),
    log: silentLogger,
  });
  return {
    committer,
    ledger,
    checked,
    define: (next) => {
      definitions = next;
    },
    failNext: (error) => {
      failure = error;
    },
  };
}

let channel: TestChannel;
let maker: ValidationBench;
let bench: Bench;

beforeEach(async () => {
  channel ??= await createTestChannel();
  maker ??= validationBench(channel);
  bench = await createBench(channel.genesisBlock, maker.verdictsOf);
});

/** Serialized blocks from number 1 on, each of these envelopes. */
function chain(...contents: readonly (readonly Uint8Array[])[]): Uint8Array[] {
  let previous = parseBlock(channel.genesisBlock);
  return contents.map((envelopes, index) => {
    const { header, metadata } = newBlock(index + 1, previous.headerHash);
    const data = { data: [...envelopes] };
    const data_hash = blockDataHash(data);
    const bytes = common.Block.encode({
      header: { ...header, data_hash },
      data,
      metadata,
    }).finish();
    previous = parseBlock(bytes);
    return bytes;
  });
}

function configTransaction(data: Uint8Array): Promise<Uint8Array> {
  return maker.transaction({
    channelHeader: (header) => {
      header.type = common.HeaderType.CONFIG;
      header.tx_id = '';
    },
    payload: (payload) => {
      payload.data = data;
    },
  });
}

describe('Committer', () => {
  it('checks the signatures of an anticipated block once', async () => {
    const blocks = chain([await maker.transaction()], [await maker.transaction()]);
    for (const block of blocks) bench.committer.anticipate(parseBlock(block));
    await Promise.all(blocks.map((block) => bench.committer.commit(block)));
    expect(bench.checked).toEqual(['1 by 0 and 0', '2 by 0 and 0']);
    expect(bench.ledger.getBlockchainInfo().height).toBe(3);
  });

  it('commits in the order of the calls, whatever signatures take', async () => {
    const blocks = chain([await maker.transaction()], [await maker.transaction()]);
    const order: number[] = [];
    await Promise.all(
      blocks.map(async (block) => {
        const { blockNum } = await bench.committer.commit(block);
        order.push(blockNum);
      }),
    );
    expect(order).toEqual([1, 2]);
  });

  it('checks again by definitions that came between', async () => {
    const blocks = chain([await maker.transaction()], [await maker.transaction()]);
    const [first = new Uint8Array(), second = new Uint8Array()] = blocks;
    bench.committer.anticipate(parseBlock(second));
    await bench.committer.commit(first);
    const validationParameter = new Uint8Array();
    bench.define([{ name: 'new', validationPlugin: 'vscc', validationParameter, collections: [] }]);
    await bench.committer.commit(second);
    expect(bench.checked).toEqual(['2 by 0 and 0', '1 by 0 and 0', '2 by 0 and 1']);
  });

  it('checks again by a configuration that came between', async () => {
    const real = await createBench(receivedBlock(0), (envelopes) =>
      Promise.resolve(
        envelopes.map((_, i) => ({
          code: 0,
          txId: `${i}`,
          type: common.HeaderType.CONFIG,
          namespaces: [],
        })),
      ),
    );
    // Blocks 13, 14 and 15 hold configurations; the blocks before them need none.
    const { ledger } = real;
    for (let n = 1; n < 13; n++) await ledger.commit(receivedBlock(n), Uint8Array.of(0));
    for (const n of [13, 14, 15]) real.committer.anticipate(parseBlock(receivedBlock(n)));
    for (const n of [13, 14, 15]) await real.committer.commit(receivedBlock(n));
    expect(real.checked).toEqual([
      '13 by 0 and 0',
      '14 by 0 and 0',
      '15 by 0 and 0',
      '14 by 1 and 0',
      '15 by 2 and 0',
    ]);
  });

  it('stops at a configuration that is not acceptable, and leaves the ledger as it was', async () => {
    const envelope = common.ConfigEnvelope.encode({ config: { sequence: 1 } }).finish();
    const notConfig = await configTransaction(Uint8Array.of(0xff));
    const notNext = await configTransaction(envelope);
    const strange = await maker.transaction({
      client: channel.stranger,
      channelHeader: (header) => {
        header.type = common.HeaderType.CONFIG;
      },
    });
    const contents = [
      [notConfig],
      [notNext],
      [strange],
      [notNext, await maker.transaction()],
      [await maker.transaction(), notNext],
    ];
    for (const content of contents) {
      const [block = new Uint8Array()] = chain(content);
      await expect(bench.committer.commit(block)).rejects.toMatchObject({
        code: 'CONFIG_REJECTED',
      });
    }
    expect(bench.ledger.getBlockchainInfo().height).toBe(1);
    const [good = new Uint8Array()] = chain([await maker.transaction()]);
    await expect(bench.committer.commit(good)).resolves.toMatchObject({ blockNum: 1 });
  });

  it('gives a block another try after its signatures could not be checked', async () => {
    const [block = new Uint8Array()] = chain([await maker.transaction()]);
    bench.failNext(new Error('the worker is gone'));
    bench.committer.anticipate(parseBlock(block));
    await expect(bench.committer.commit(block)).rejects.toThrow('the worker is gone');
    await expect(bench.committer.commit(block)).resolves.toMatchObject({ blockNum: 1 });
    expect(bench.checked).toHaveLength(2);
  });

  it('does not take one block’s verdicts for another with the same number', async () => {
    const good = await maker.transaction();
    const [anticipated = new Uint8Array()] = chain([await maker.transaction({ endorsers: [] })]);
    const [block = new Uint8Array()] = chain([good]);
    bench.committer.anticipate(parseBlock(anticipated));
    const { flags } = await bench.committer.commit(block);
    expect([...flags]).toEqual([0]);
  });

  it('anticipates only so much', async () => {
    const contents = await Promise.all(Array.from({ length: 20 }, () => maker.transaction()));
    for (const block of chain(...contents.map((envelope) => [envelope]))) {
      bench.committer.anticipate(parseBlock(block));
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(bench.checked).toHaveLength(16);
  });
});
