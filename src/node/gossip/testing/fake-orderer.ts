// SPDX-License-Identifier: Apache-2.0
// An orderer of made-up blocks for tests of what peers do with them: Deliver as Fabric answers it, blocks when the test says so.
import { common, orderer } from '../../../common/protos/index.ts';
import { MAX_UINT64, toNumber } from '../../../common/protoutil/index.ts';
import { EMPTY_BYTES, equalBytes } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import type { CallContext, ServiceHandler } from '../../../common/wire/service.ts';

const { SUCCESS, BAD_REQUEST } = common.Status;

export class FakeOrderer {
  readonly blocks: Uint8Array[] = [];
  /** Start of each seek without end, with who asked. */
  readonly follows: { from: number; by: string }[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock, height: number) {
    this.#clock = clock;
    this.grow(height);
  }

  get height(): number {
    return this.blocks.length;
  }

  /** Orders so many more blocks of `bytes` bytes each. */
  grow(count: number, bytes = 200): void {
    for (let i = 0; i < count; i++) {
      const number = this.blocks.length;
      const data = new Uint8Array(bytes).fill(number & 0xff);
      const header = {
        number,
        previous_hash: Uint8Array.of(number),
        data_hash: Uint8Array.of(number + 1),
      };
      this.blocks.push(common.Block.encode({ header, data: { data: [data] } }).finish());
    }
  }

  /** What a peer's verification comes down to here. */
  readonly verifyBlock = async (seqNum: number, block: Uint8Array): Promise<void> => {
    const genuine = this.blocks[seqNum];
    if (!genuine || !equalBytes(genuine, block))
      throw new Error(`block ${seqNum} is not the orderer's`);
  };

  /** Handler of Deliver. */
  readonly deliver: ServiceHandler = (requests, context) => this.#deliver(requests, context);

  async *#deliver(
    requests: AsyncIterable<Uint8Array>,
    context: CallContext,
  ): AsyncGenerator<Uint8Array> {
    for await (const request of requests) {
      const payload = common.Payload.decode(common.Envelope.decode(request).payload);
      const { start, stop } = orderer.SeekInfo.decode(payload.data);
      const from = start?.newest ? this.height - 1 : toNumber(start?.specified?.number);
      const endless = stop?.specified?.number.equals(MAX_UINT64) === true;
      const newest = stop?.newest
        ? this.height - 1
        : toNumber(endless ? 0 : stop?.specified?.number);
      const last = endless ? Number.POSITIVE_INFINITY : newest;
      if (endless) this.follows.push({ from, by: context.remote.address });
      if (last >= from) yield* this.#range(from, last, context);
      yield status(last < from ? BAD_REQUEST : SUCCESS);
      return;
    }
  }

  async *#range(from: number, last: number, context: CallContext): AsyncGenerator<Uint8Array> {
    for (let n = from; n <= last; n++) {
      while (n >= this.height) await this.#clock.sleep(50, context);
      const block = common.Block.decode(this.blocks[n] ?? EMPTY_BYTES);
      yield orderer.DeliverResponse.encode({ block }).finish();
    }
  }
}

function status(code: number): Uint8Array {
  return orderer.DeliverResponse.encode({ status: code }).finish();
}
