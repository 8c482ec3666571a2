// SPDX-License-Identifier: Apache-2.0
// The requester and the leader's client against an orderer of real blocks, whose stream breaks as the test wants.
import { beforeAll, describe, expect, it } from 'vitest';
import { createBCCSP } from '../../common/crypto/index.ts';
import { createOrganisation } from '../../common/msp/testing/organisation.ts';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { common, orderer } from '../../common/protos/index.ts';
import { MAX_UINT64, toNumber } from '../../common/protoutil/index.ts';
import { concat, EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { readBlock } from '../../common/testdata/mychannel.ts';
import { GrpcStatus, type ServiceClient, ServiceError } from '../../common/wire/service.ts';
import {
  BlocksRequester,
  blockNumberOf,
  DELIVER_METHOD,
  DeliverClient,
  type DeliverClientOptions,
  type DeliverError,
} from './index.ts';

const { Status, HeaderType } = common;
const signal = new AbortController().signal;
let signer: SigningIdentity;
beforeAll(async () => {
  // noble signs at once: a fake clock does not wait for WebCrypto.
  signer = await (await createOrganisation('Org1MSP', createBCCSP('noble'))).member(
    'peer0.org1.example.com',
    ['peer'],
  );
});

function status(code: number): Uint8Array {
  return orderer.DeliverResponse.encode({ status: code }).finish();
}

// Field 2 of DeliverResponse around the block's own bytes.
function response(block: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = block.length; ; rest >>>= 7) {
    length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) break;
  }
  return concat(Uint8Array.of(0x12, ...length), block);
}

// Blocks 0 … height-1 of a real chain; what it is asked and when, and what it shall do instead of answering.
class FakeOrderer implements ServiceClient {
  readonly seeks: {
    at: number;
    start: number;
    seek: orderer.SeekInfo;
    envelope: common.Envelope;
    method: string;
  }[] = [];
  height = 6;
  /** Breaks the stream after so many blocks. */
  breakAfter = Number.POSITIVE_INFINITY;
  down = false;
  refuse = 0;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async *call(
    method: string,
    requests: Iterable<Uint8Array>,
    options: { signal: AbortSignal },
  ): AsyncGenerator<Uint8Array> {
    const [request = EMPTY_BYTES] = [...requests];
    const envelope = common.Envelope.decode(request);
    const payload = common.Payload.decode(envelope.payload);
    const seek = orderer.SeekInfo.decode(payload.data);
    const start = seek.start?.newest ? this.height - 1 : toNumber(seek.start?.specified?.number);
    this.seeks.push({ at: this.#clock.now(), start, seek, envelope, method });
    if (this.down)
      throw new ServiceError(GrpcStatus.UNAVAILABLE, 'no direct connection to the relay');
    if (this.refuse) return yield status(this.refuse);
    const asked = seek.stop?.newest ? this.height - 1 : seek.stop?.specified?.number;
    const stop =
      typeof asked === 'object' && asked.equals(MAX_UINT64)
        ? Number.POSITIVE_INFINITY
        : toNumber(asked);
    if (stop < start) return yield status(Status.BAD_REQUEST);
    for (let n = start, sent = 0; n <= stop; n++, sent++) {
      if (sent === this.breakAfter)
        throw new ServiceError(GrpcStatus.CANCELLED, 'the stream was reset');
      while (n >= this.height) await this.#clock.sleep(100, options);
      yield response(readBlock(n));
    }
    yield status(Status.SUCCESS);
  }
}

function rig(): { clock: FakeClock; ordering: FakeOrderer; requester: BlocksRequester } {
  const clock = new FakeClock(Date.UTC(2026, 10, 21));
  const ordering = new FakeOrderer(clock);
  return {
    clock,
    ordering,
    requester: new BlocksRequester({ client: ordering, signer, clock }, 'mychannel'),
  };
}

async function numbers(
  blocks: AsyncIterable<{ seqNum: number; block: Uint8Array }>,
): Promise<number[]> {
  const list: number[] = [];
  for await (const { seqNum, block } of blocks) {
    expect(block).toEqual(readBlock(seqNum));
    list.push(seqNum);
  }
  return list;
}

describe('blocks requester', () => {
  it('signs a seek that Fabric understands', async () => {
    const { requester, ordering, clock } = rig();
    await requester.fetch(0, { signal });
    const [request] = ordering.seeks;
    if (!request) throw new Error('nothing was asked');
    expect(request.method).toBe(DELIVER_METHOD);
    const payload = common.Payload.decode(request.envelope.payload);
    const header = common.ChannelHeader.decode(payload.header?.channel_header ?? EMPTY_BYTES);
    const signature = common.SignatureHeader.decode(
      payload.header?.signature_header ?? EMPTY_BYTES,
    );
    expect(header.type).toBe(HeaderType.DELIVER_SEEK_INFO);
    expect(header.channel_id).toBe('mychannel');
    expect(toNumber(header.timestamp?.seconds)).toBe(clock.now() / 1000);
    expect(signature.creator).toEqual(signer.serialize());
    expect(signature.nonce.length).toBe(24);
    expect(request.envelope.signature.length).toBeGreaterThan(60);
  });

  it('yields the bytes of blocks as they came', async () => {
    const { requester, ordering } = rig();
    expect(await requester.fetch(3, { signal })).toEqual(readBlock(3));
    expect(await requester.newest({ signal })).toBe(5);
    expect(await numbers(requester.upToNewest(0, { signal }))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await numbers(requester.upToNewest(4, { signal }))).toEqual([4, 5]);
    expect(ordering.seeks.at(-1)?.seek.behavior).toBe(
      orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY,
    );
  });

  it('takes "beyond the chain" for being up to date, and other refusals for errors', async () => {
    const { requester, ordering } = rig();
    expect(await numbers(requester.upToNewest(6, { signal }))).toEqual([]);
    ordering.refuse = Status.NOT_FOUND;
    expect(await numbers(requester.upToNewest(7, { signal }))).toEqual([]);
    ordering.refuse = Status.FORBIDDEN;
    await expect(numbers(requester.upToNewest(6, { signal }))).rejects.toThrow(
      'the orderer answered 403 FORBIDDEN for channel mychannel',
    );
  });

  it('refuses blocks out of order and responses that are neither block nor status', async () => {
    for (const [bytes, message] of [
      [response(readBlock(2)), 'sent block 2 where 1 was due'],
      [response(Uint8Array.of(0xff)), 'not a protobuf message'],
      [response(EMPTY_BYTES), 'a block without header'],
      [EMPTY_BYTES, 'without block or status'],
    ] as const) {
      const client: ServiceClient = {
        call: async function* () {
          yield bytes;
        },
      };
      const requester = new BlocksRequester(
        { client, signer, clock: new FakeClock() },
        'mychannel',
      );
      await expect(numbers(requester.follow(1, { signal }))).rejects.toThrow(message);
    }
  });

  it('reads the number of a block without decoding it', () => {
    for (const n of [0, 1, 5]) expect(blockNumberOf(readBlock(n))).toBe(n);
  });
});

describe('deliver client', () => {
  function leader(
    options: Partial<DeliverClientOptions> = {},
  ): ReturnType<typeof rig> & { client: DeliverClient; got: number[]; gaveUp: () => number } {
    const parts = rig();
    const got: number[] = [];
    let gaveUp = 0;
    const client = new DeliverClient(
      {
        requester: parts.requester,
        height: () => got.length,
        receive: async ({ seqNum }) => void got.push(seqNum),
        giveUp: () => gaveUp++,
        clock: parts.clock,
        log: silentLogger,
      },
      options,
    );
    return { ...parts, client, got, gaveUp: () => gaveUp };
  }

  it('follows the chain from the height on, waiting at the tip', async () => {
    const { client, got, clock, ordering } = leader();
    ordering.height = 2;
    client.start();
    client.start();
    await clock.advance(500);
    expect(got).toEqual([0, 1]);
    ordering.height = 4;
    await clock.advance(500);
    expect(got).toEqual([0, 1, 2, 3]);
    expect(ordering.seeks).toHaveLength(1);
    client.stop();
    ordering.height = 6;
    await clock.advance(5_000);
    expect(got).toEqual([0, 1, 2, 3]);
  });

  it("resumes where it stopped when the stream breaks, with Fabric's pauses", async () => {
    const { client, got, clock, ordering } = leader();
    ordering.breakAfter = 2;
    client.start();
    await clock.advance(150);
    expect(ordering.seeks.map(({ start }) => start)).toEqual([0, 2]);
    await clock.advance(10_000);
    expect(got).toEqual([0, 1, 2, 3, 4, 5]);
    client.stop();
    const broken = leader();
    broken.ordering.down = true;
    broken.client.start();
    await broken.clock.advance(500);
    const times = broken.ordering.seeks.map(({ at }) => at - (broken.ordering.seeks[0]?.at ?? 0));
    expect(times.map(Math.round)).toEqual([0, 100, 220, 364]);
    broken.client.stop();
  });

  it('gives up after the total of pauses, unless it is a static leader', async () => {
    const dynamic = leader({ totalBackoffMs: 3_000 });
    dynamic.ordering.down = true;
    dynamic.client.start();
    await dynamic.clock.advance(10_000);
    expect(dynamic.gaveUp()).toBe(1);
    expect(dynamic.client.running).toBe(false);
    const asked = dynamic.ordering.seeks.length;
    await dynamic.clock.advance(60_000);
    expect(dynamic.ordering.seeks.length).toBe(asked);

    const fixed = leader({ totalBackoffMs: 3_000, isStaticLeader: true });
    fixed.ordering.down = true;
    fixed.client.start();
    await fixed.clock.advance(60_000);
    expect(fixed.gaveUp()).toBe(0);
    fixed.ordering.down = false;
    await fixed.clock.advance(5_000);
    expect(fixed.got).toEqual([0, 1, 2, 3, 4, 5]);
    fixed.client.stop();
  });

  it('does not take a block that the receiver refuses', async () => {
    const parts = rig();
    let refusals = 0;
    const receive = async (): Promise<void> => {
      refusals++;
      throw new Error('the signature of the orderer is wrong') satisfies Error | DeliverError;
    };
    const client = new DeliverClient({
      requester: parts.requester,
      height: () => 0,
      receive,
      giveUp: () => {},
      clock: parts.clock,
      log: silentLogger,
    });
    client.start();
    await parts.clock.advance(250);
    expect(refusals).toBe(3);
    expect(parts.ordering.seeks.map(({ start }) => start)).toEqual([0, 0, 0]);
    client.stop();
  });
});
