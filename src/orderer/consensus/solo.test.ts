// SPDX-License-Identifier: Apache-2.0
// The loop alone, over a support that records; the whole orderer is tested in ../orderer.test.ts.
import { describe, expect, it } from 'vitest';
import type { OrdererConfig } from '../../common/channelconfig/types.ts';
import type { common } from '../../common/protos/index.ts';
import { newBlock } from '../../common/protoutil/index.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { BlockCutter } from '../blockcutter.ts';
import { OrdererError } from '../errors.ts';
import type { ProcessedConfig } from '../msgprocessor/standard-channel.ts';
import type { Chain, ConsenterSupport } from './consenter.ts';
import { SoloConsenter } from './solo.ts';

const TIMEOUT_MS = 2_000;

class RecordingSupport implements ConsenterSupport {
  readonly channelId = 'test';
  /** Contents of the blocks that were written; config blocks begin with `config:`. */
  readonly written: string[][] = [];
  /** What re-validation was asked for. */
  readonly rechecked: string[] = [];
  maxMessageCount = 3;
  currentSequence = 1;
  refuse = new Set<string>();
  configRefusal: Error | undefined;
  writeGate: Promise<void> = Promise.resolve();
  readonly blockCutter = new BlockCutter(() => this.sharedConfig().batchSize);
  #created = 0;

  sharedConfig(): OrdererConfig {
    return {
      consensusType: 'solo',
      batchSize: {
        maxMessageCount: this.maxMessageCount,
        absoluteMaxBytes: 1_000,
        preferredMaxBytes: 100,
      },
      batchTimeoutMs: TIMEOUT_MS,
      maintenance: false,
      mspIds: [],
      capabilities: new Set(),
    };
  }

  sequence(): number {
    return this.currentSequence;
  }

  height(): number {
    return this.written.length;
  }

  createNextBlock(batch: readonly common.Envelope[]): common.Block {
    const block = newBlock(++this.#created, new Uint8Array(0));
    block.data = { data: batch.map((envelope) => envelope.payload) };
    return block;
  }

  async writeBlock(block: common.Block): Promise<void> {
    await this.writeGate;
    this.written.push((block.data?.data ?? []).map(fromUtf8));
  }

  async writeConfigBlock(block: common.Block): Promise<void> {
    if (this.configRefusal) throw this.configRefusal;
    this.currentSequence++;
    await this.writeBlock(block);
  }

  async processNormalMsg(message: common.Envelope): Promise<number> {
    this.#recheck(message);
    return this.currentSequence;
  }

  async processConfigMsg(message: common.Envelope): Promise<ProcessedConfig> {
    this.#recheck(message);
    return { config: message, configSeq: this.currentSequence };
  }

  processConfigUpdateMsg(message: common.Envelope): Promise<ProcessedConfig> {
    return this.processConfigMsg(message);
  }

  #recheck(message: common.Envelope): void {
    const text = fromUtf8(message.payload);
    this.rechecked.push(text);
    if (this.refuse.has(text)) throw new OrdererError('PERMISSION_DENIED', `${text} is refused`);
  }
}

function envelope(text: string): common.Envelope {
  return { payload: utf8(text), signature: utf8('s') };
}

function setup(queueLength?: number) {
  const clock = new FakeClock();
  const support = new RecordingSupport();
  const consenter = new SoloConsenter(
    { clock, log: silentLogger },
    queueLength === undefined ? {} : { queueLength },
  );
  const chain: Chain = consenter.handleChain(support);
  chain.start();
  const order = async (...texts: string[]): Promise<void> => {
    for (const text of texts) await chain.order(envelope(text), support.currentSequence);
  };
  return { clock, support, chain, order };
}

describe('solo: the batch timer', () => {
  it('starts with the first message that waits and is not moved by later ones', async () => {
    const { clock, support, order } = setup();
    await order('a');
    await clock.advance(TIMEOUT_MS - 500);
    await order('b');
    await clock.advance(499);
    expect(support.written).toEqual([]);
    await clock.advance(1);
    expect(support.written).toEqual([['a', 'b']]);
  });

  it('is cleared when a cut leaves nothing waiting', async () => {
    const { clock, support, order } = setup();
    await order('a');
    await clock.advance(TIMEOUT_MS - 1);
    await order('b', 'c');
    await clock.advance(0);
    expect(support.written).toEqual([['a', 'b', 'c']]);
    await order('d');
    await clock.advance(TIMEOUT_MS - 1);
    expect(support.written).toHaveLength(1);
    await clock.advance(1);
    expect(support.written).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('goes on when a cut leaves the newest message waiting', async () => {
    const { clock, support, order } = setup();
    await order('a'.repeat(60));
    await clock.advance(TIMEOUT_MS - 1);
    await order('b'.repeat(60));
    await clock.advance(0);
    expect(support.written).toEqual([['a'.repeat(60)]]);
    await clock.advance(1);
    expect(support.written).toEqual([['a'.repeat(60)], ['b'.repeat(60)]]);
  });

  it('is cleared by a config message, which stands alone behind what waited', async () => {
    const { clock, support, chain, order } = setup();
    await order('a');
    await clock.advance(TIMEOUT_MS - 1);
    await chain.configure(envelope('config:1'), support.currentSequence);
    await clock.advance(0);
    expect(support.written).toEqual([['a'], ['config:1']]);
    await order('b');
    await clock.advance(TIMEOUT_MS - 1);
    expect(support.written).toHaveLength(2);
    await clock.advance(1);
    expect(support.written[2]).toEqual(['b']);
  });

  it('does not run while nothing waits', async () => {
    const { clock, support } = setup();
    await clock.advance(10 * TIMEOUT_MS);
    expect(support.written).toEqual([]);
  });
});

describe('solo: messages', () => {
  it('writes a message that is too big for others at once', async () => {
    const { clock, support, order } = setup();
    await order('a', 'B'.repeat(200));
    await clock.advance(0);
    expect(support.written).toEqual([['a'], ['B'.repeat(200)]]);
  });

  it('checks again only what was checked against an older configuration, and drops what is refused', async () => {
    const { clock, support, chain } = setup();
    support.refuse.add('old-bad');
    await chain.order(envelope('old-good'), 0);
    await chain.order(envelope('old-bad'), 0);
    await chain.order(envelope('new'), 1);
    await clock.advance(TIMEOUT_MS);
    expect(support.rechecked).toEqual(['old-good', 'old-bad']);
    expect(support.written).toEqual([['old-good', 'new']]);
  });

  it('checks a config message again when another one came first, and drops it when it is refused', async () => {
    const { clock, support, chain } = setup();
    support.refuse.add('config:2');
    await chain.configure(envelope('config:1'), 1);
    await chain.configure(envelope('config:2'), 1);
    await clock.advance(0);
    expect(support.rechecked).toEqual(['config:2']);
    expect(support.written).toEqual([['config:1']]);
    expect(chain.errored().aborted).toBe(false);
  });

  it('survives a configuration that turns out not to be valid', async () => {
    const { clock, support, chain, order } = setup();
    support.configRefusal = new OrdererError('REJECTED', 'not valid');
    await chain.configure(envelope('config:1'), 1);
    await order('a', 'b', 'c');
    await clock.advance(0);
    expect(support.written).toEqual([['a', 'b', 'c']]);
    await expect(chain.waitReady()).resolves.toBeUndefined();
  });
});

describe('solo: pressure, failure and halt', () => {
  it('lets producers wait while a block is being written and the queue is full', async () => {
    const { clock, support, chain } = setup(2);
    support.maxMessageCount = 1;
    const gate = Promise.withResolvers<void>();
    support.writeGate = gate.promise;
    let taken = 0;
    const orders = ['a', 'b', 'c', 'd', 'e', 'f'].map((text) =>
      chain.order(envelope(text), 1).then(() => taken++),
    );
    await clock.advance(0);
    // One is being written, one is cut and waits for that, two are in the queue.
    expect(taken).toBe(4);
    gate.resolve();
    await Promise.all(orders);
    await clock.advance(0);
    expect(support.written).toEqual([['a'], ['b'], ['c'], ['d'], ['e'], ['f']]);
  });

  it('stops for good, and says so, when a block cannot be written', async () => {
    const { clock, support, chain, order } = setup();
    support.writeGate = Promise.reject(new OrdererError('UNAVAILABLE', 'disk full'));
    await order('a', 'b', 'c');
    await clock.advance(0);
    expect(chain.errored().aborted).toBe(true);
    await expect(chain.waitReady()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(order('d')).rejects.toThrow(/disk full/);
    support.writeGate = Promise.resolve();
    await clock.advance(10 * TIMEOUT_MS);
    expect(support.written).toEqual([]);
    await chain.halt();
  });

  it('writes what it took before it halts, and takes nothing afterwards', async () => {
    const { support, chain, order } = setup();
    await order('a', 'b');
    const halting = chain.halt();
    await expect(order('c')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await halting;
    await chain.halt();
    expect(support.written).toEqual([['a', 'b']]);
    expect(chain.errored().aborted).toBe(true);
    await expect(chain.waitReady()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('halts before it was started', async () => {
    const chain = new SoloConsenter({ clock: new FakeClock(), log: silentLogger }).handleChain(
      new RecordingSupport(),
    );
    await chain.halt();
    chain.start();
    await expect(chain.order(envelope('a'), 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
