// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../common/msp/index.ts';
import { orderer as ab, type common } from '../common/protos/index.ts';
import { blockNumber, unmarshalBlock } from '../common/protoutil/index.ts';
import { systemRandomBytes } from '../common/runtime/clock.ts';
import {
  at,
  FOR_EVER,
  identityOf,
  member,
  NEWEST,
  NEXT_COMMIT,
  OLDEST,
  org1CA,
  seekEnvelope,
  THEN,
} from './testing/test-network.ts';
import { TestOrderer, transactions } from './testing/test-orderer.ts';

const { FAIL_IF_NOT_READY } = ab.SeekInfo.SeekBehavior;
const { BEST_EFFORT } = ab.SeekInfo.SeekErrorResponse;
const { HEADER_WITH_SIG } = ab.SeekInfo.SeekContentType;

let user1: SigningIdentity;
let user2: SigningIdentity;
let peer0: SigningIdentity;
beforeAll(async () => {
  user1 = await identityOf('user1.org1', 'Org1MSP');
  user2 = await identityOf('user1.org2', 'Org2MSP');
  peer0 = await identityOf('peer0.org1', 'Org1MSP');
});

let test: TestOrderer;
beforeEach(async () => {
  test = await TestOrderer.start();
});
afterEach(() => test.node.stop());

describe('deliver', () => {
  beforeEach(async () => {
    await test.broadcast(...(await transactions(user1, 20)));
    await test.blockAt(2);
  });

  it('gives ranges, one after another on one stream', async () => {
    const { blocks, statuses } = await test.deliver(
      await seekEnvelope(user1, { start: OLDEST, stop: NEWEST }),
      await seekEnvelope(peer0, { start: at(1), stop: at(1) }),
      await seekEnvelope(user2, { start: NEWEST, stop: NEWEST }),
    );
    expect(blocks.map(blockNumber)).toEqual([0, 1, 2, 1, 2]);
    expect(statuses).toEqual([200, 200, 200]);
  });

  it('gives the stored bytes', async () => {
    const stored = await test.chain.ledger.retrieveBlockByNumber(1);
    for await (const bytes of test.responses([
      await seekEnvelope(user1, { start: at(1), stop: at(1) }),
    ])) {
      const block = unmarshalBlock(stored ?? new Uint8Array(0));
      expect(bytes).toEqual(ab.DeliverResponse.encode({ block }).finish());
      break;
    }
    expect(test.node.snapshot().deliverStreams).toBe(0);
  });

  it('waits at the tip after the request stream has closed', async () => {
    const live = test.reader(await seekEnvelope(peer0, { start: NEXT_COMMIT, stop: FOR_EVER }));
    const next = live.next();
    await test.broadcast(...(await transactions(user1, 10)));
    const block = (await next) as common.Block;
    expect(blockNumber(block)).toBe(3);
    const later = live.next();
    live.end.abort();
    expect(await later).toBeUndefined();
    expect(test.node.snapshot().deliverStreams).toBe(0);
  });

  it('fails at the tip when asked to, after what there is', async () => {
    const seek = { start: at(1), stop: at(9), behavior: FAIL_IF_NOT_READY };
    const { blocks, statuses } = await test.deliver(await seekEnvelope(user1, seek));
    expect(blocks.map(blockNumber)).toEqual([1, 2]);
    expect(statuses).toEqual([404]);
  });

  it('leaves the data out on demand, but not of config blocks', async () => {
    const seek = { start: at(0), stop: at(1), content_type: HEADER_WITH_SIG };
    const { blocks } = await test.deliver(await seekEnvelope(user1, seek));
    const whole = await test.blockAt(1);
    expect(blocks[0]?.data?.data).toHaveLength(1);
    expect(blocks[1]?.data).toBeNull();
    expect(blocks[1]?.header).toEqual(whole.header);
    expect(blocks[1]?.metadata).toEqual(whole.metadata);
  });

  it("refuses, with Fabric's statuses, and ends the stream", async () => {
    const range = { start: OLDEST, stop: NEWEST };
    const cases: [string, Uint8Array, number][] = [
      ['garbage', systemRandomBytes(40), 400],
      ['nothing', new Uint8Array(0), 400],
      ['an old timestamp', await seekEnvelope(user1, range, { now: THEN - 901_000 }), 400],
      ['a future timestamp', await seekEnvelope(user1, range, { now: THEN + 901_000 }), 400],
      ['an unknown channel', await seekEnvelope(user1, range, { channel: 'nochannel' }), 404],
      ['a forged reader', await seekEnvelope({ ...user1, sign: (m) => user2.sign(m) }, range), 403],
      ['no positions', await seekEnvelope(user1, {}), 400],
      ['stop before start', await seekEnvelope(user1, { start: at(2), stop: at(1) }), 400],
      ['beyond the next block', await seekEnvelope(user1, { start: at(4), stop: FOR_EVER }), 404],
    ];
    for (const [name, seek, status] of cases) {
      const { blocks, statuses } = await test.deliver(seek, await seekEnvelope(user1, range));
      expect([name, blocks.length, statuses]).toEqual([name, 0, [status]]);
    }
  });

  it('checks who reads before it says whether the positions make sense', async () => {
    const forged = { ...user1, sign: (message: Uint8Array) => user2.sign(message) };
    expect((await test.deliver(await seekEnvelope(forged, {}))).statuses).toEqual([403]);
  });

  it('stops a reader whose certificate runs out', async () => {
    const short = await member(await org1CA(), THEN + 60_000);
    const live = test.reader(await seekEnvelope(short, { start: at(2), stop: FOR_EVER }));
    expect(blockNumber((await live.next()) as common.Block)).toBe(2);
    const next = live.next();
    await test.clock.advance(61_000);
    await test.broadcast(...(await transactions(user1, 10)));
    expect(await next).toBe(403);
    expect(await live.next()).toBeUndefined();
  });

  it('answers 503 while the channel is halted, and reads on with best effort', async () => {
    const live = test.reader(await seekEnvelope(user1, { start: NEXT_COMMIT, stop: FOR_EVER }));
    const next = live.next();
    await test.clock.advance(0);
    await test.chain.halt();
    expect(await next).toBe(503);
    const range = { start: OLDEST, stop: NEWEST };
    expect(await test.deliver(await seekEnvelope(user1, range))).toEqual({
      blocks: [],
      statuses: [503],
    });
    const seek = await seekEnvelope(user1, { ...range, error_response: BEST_EFFORT });
    expect((await test.deliver(seek)).blocks).toHaveLength(3);
  });

  it('fetches the next block only when the last was taken', async () => {
    const { chain } = test;
    let fetched = 0;
    const iterator = chain.ledger.iterator.bind(chain.ledger);
    chain.ledger.iterator = async function* (from, options) {
      for await (const block of iterator(from, options)) {
        fetched++;
        yield block;
      }
    };
    const slow = test.reader(await seekEnvelope(user1, { start: OLDEST, stop: NEWEST }));
    await slow.next();
    await test.clock.advance(0);
    expect(fetched).toBe(1);
    await slow.next();
    expect(fetched).toBe(2);
  });
});
