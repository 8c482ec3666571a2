// SPDX-License-Identifier: Apache-2.0
// Asks the ordering service for blocks: signed SeekInfo, and the responses without re-encoding
// (common/deliverclient/blocksprovider/block_requester.go, protoutil's CreateSignedEnvelope).
import type Long from 'long';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { common, orderer } from '../../common/protos/index.ts';
import { DELIMITED, Reader } from '../../common/protos/wire.ts';
import {
  createSignedEnvelope,
  MAX_UINT64,
  NONCE_BYTES,
  toNumber,
  unmarshal,
} from '../../common/protoutil/index.ts';
import { type Clock, type RandomBytes, systemRandomBytes } from '../../common/runtime/clock.ts';
import type { ServiceClient } from '../../common/wire/service.ts';
import { DeliverError, statusError } from './errors.ts';

export const DELIVER_METHOD = '/orderer.AtomicBroadcast/Deliver';

const { SeekBehavior } = orderer.SeekInfo;

/** A block as the orderer sent it. */
export interface ReceivedBlock {
  readonly seqNum: number;
  /** Serialized common.Block: the bytes as they came. */
  readonly block: Uint8Array;
}

export interface BlocksRequesterComponents {
  /** The relay's services. */
  readonly client: ServiceClient;
  readonly signer: SigningIdentity;
  readonly clock: Clock;
  /** For nonces; the platform's when absent. */
  readonly random?: RandomBytes;
}

/** A peer's requests for blocks of one channel. */
export class BlocksRequester {
  readonly channel: string;
  readonly #components: BlocksRequesterComponents;

  constructor(components: BlocksRequesterComponents, channel: string) {
    this.#components = components;
    this.channel = channel;
  }

  /** Blocks from `from` on, without end: waits at the tip. Throws DeliverError or ServiceError. */
  follow(
    from: number,
    options: { signal: AbortSignal },
  ): AsyncGenerator<ReceivedBlock, void, undefined> {
    return this.#blocks(
      from,
      { start: at(from), stop: at(MAX_UINT64), behavior: SeekBehavior.BLOCK_UNTIL_READY },
      options,
    );
  }

  /** Blocks from `from` up to the newest at the time of asking; none when there is nothing newer. Throws DeliverError or ServiceError. */
  async *upToNewest(
    from: number,
    options: { signal: AbortSignal },
  ): AsyncGenerator<ReceivedBlock, void, undefined> {
    const seek = {
      start: at(from),
      stop: { newest: {} },
      behavior: SeekBehavior.FAIL_IF_NOT_READY,
    };
    let any = false;
    try {
      for await (const block of this.#blocks(from, seek, options)) {
        any = true;
        yield block;
      }
    } catch (error) {
      // A stop before the start is a bad request, a start beyond the chain is not found: this peer has all there is.
      const { BAD_REQUEST, NOT_FOUND } = common.Status;
      const beyond =
        error instanceof DeliverError &&
        (error.status === BAD_REQUEST || error.status === NOT_FOUND);
      if (any || !beyond) throw error;
    }
  }

  /** Number of the newest block. Throws DeliverError or ServiceError. */
  async newest(options: { signal: AbortSignal }): Promise<number> {
    const newest = { newest: {} };
    const seek = { start: newest, stop: newest, behavior: SeekBehavior.FAIL_IF_NOT_READY };
    for await (const { seqNum } of this.#blocks(undefined, seek, options)) return seqNum;
    throw new DeliverError('DELIVER_ENDED', `the orderer sent no newest block of ${this.channel}`);
  }

  /** One block; waits until it exists. Throws DeliverError or ServiceError. */
  async fetch(seqNum: number, options: { signal: AbortSignal }): Promise<Uint8Array> {
    const seek = { start: at(seqNum), stop: at(seqNum), behavior: SeekBehavior.BLOCK_UNTIL_READY };
    for await (const { block } of this.#blocks(seqNum, seek, options)) return block;
    throw new DeliverError(
      'DELIVER_ENDED',
      `the orderer sent no block ${seqNum} of channel ${this.channel}`,
    );
  }

  async *#blocks(
    from: number | undefined,
    seek: orderer.ISeekInfo,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<ReceivedBlock, void, undefined> {
    const { client, signer, clock, random = systemRandomBytes } = this.#components;
    const data = orderer.SeekInfo.encode(seek).finish();
    const envelope = await createSignedEnvelope(
      common.HeaderType.DELIVER_SEEK_INFO,
      this.channel,
      signer,
      data,
      { now: clock.now(), nonce: random(NONCE_BYTES) },
    );
    let next = from;
    for await (const response of client.call(
      DELIVER_METHOD,
      [common.Envelope.encode(envelope).finish()],
      { signal },
    )) {
      const { block, status } = openResponse(response);
      if (block) {
        const seqNum = blockNumberOf(block);
        next ??= seqNum;
        if (seqNum !== next) {
          throw new DeliverError(
            'DELIVER_MALFORMED',
            `the orderer sent block ${seqNum} where ${next} was due`,
          );
        }
        next++;
        yield { seqNum, block };
      } else if (status === common.Status.SUCCESS) return;
      else throw statusError(this.channel, status ?? 0);
    }
    throw new DeliverError(
      'DELIVER_ENDED',
      `the stream of blocks of channel ${this.channel} ended at block ${next ?? 'newest'}`,
    );
  }
}

function at(number: number | Long): orderer.ISeekPosition {
  return { specified: { number } };
}

/** The number in a serialized block's header, without decoding its transactions. Throws DeliverError. */
export function blockNumberOf(block: Uint8Array): number {
  const header = rawField(block, 1);
  if (!header) throw new DeliverError('DELIVER_MALFORMED', 'a block without header');
  return toNumber(unmarshal(common.BlockHeader, 'block header', header).number);
}

const STATUS_TAG = 1 << 3;

// DeliverResponse, but the block stays as it came: it will be hashed and stored.
function openResponse(response: Uint8Array): { block?: Uint8Array; status?: number } {
  const block = rawField(response, 2);
  if (block) return { block };
  if (response[0] !== STATUS_TAG)
    throw new DeliverError('DELIVER_MALFORMED', 'a response without block or status');
  const { status } = unmarshal(orderer.DeliverResponse, 'deliver response', response);
  return { status: status ?? 0 };
}

// The last occurrence of a length-delimited field, as a view.
function rawField(message: Uint8Array, field: number): Uint8Array | undefined {
  try {
    const reader = new Reader(message);
    let found: Uint8Array | undefined;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === ((field << 3) | DELIMITED)) found = reader.bytes();
      else reader.skip(tag);
    }
    return found;
  } catch (cause) {
    throw new DeliverError('DELIVER_MALFORMED', 'a response that is not a protobuf message', {
      cause,
    });
  }
}
