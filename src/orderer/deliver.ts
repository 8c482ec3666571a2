// SPDX-License-Identifier: Apache-2.0
// `/orderer.AtomicBroadcast/Deliver` (common/deliver/deliver.go @ v2.5): for each signed SeekInfo the blocks it asks for,
// then a status. SUCCESS lets the stream take another seek; any other status ends it. Without mutual TLS there is no
// client certificate to bind the request to, so that check of Fabric's is absent.
//
// Blocks are pulled by the reader: the next is fetched when the last was taken. A request stream that ended (half-close)
// does not end a seek in progress; only the caller's signal does.
import { common, orderer } from '../common/protos/index.ts';
import { Reader, Writer } from '../common/protos/wire.ts';
import {
  fromTimestamp,
  isConfigBlock,
  payloadFromEnvelope,
  unmarshal,
  unmarshalBlock,
  unmarshalChannelHeader,
  unmarshalEnvelope,
} from '../common/protoutil/index.ts';
import { concat } from '../common/runtime/bytes.ts';
import type { Clock } from '../common/runtime/clock.ts';
import { FabricError, messageOf } from '../common/runtime/errors.ts';
import type { Logger } from '../common/runtime/log.ts';
import type { CallContext, RemoteParty } from '../common/wire/service.ts';
import { SessionAccessControl } from './deliver-acl.ts';
import { OrdererError } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { ChainSupport } from './multichannel/chain-support.ts';
import type { Registrar } from './multichannel/registrar.ts';
import type { OrdererTracer } from './orderer-tracer.ts';
import { type BlockRange, resolveSeek } from './seek.ts';
import type { StreamLimiter } from './stream-limiter.ts';

export interface DeliverComponents {
  readonly registrar: Pick<Registrar, 'getChain'>;
  readonly limiter: StreamLimiter;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracer: OrdererTracer;
}

export interface DeliverOptions {
  /** How far a request's timestamp may be from the orderer's clock. */
  readonly timeWindowMs: number;
}

export const DEFAULT_DELIVER_OPTIONS: DeliverOptions = Object.freeze({
  timeWindowMs: 15 * 60_000,
});

/** What a request asks, once it was found well-formed. */
interface SeekRequest {
  readonly envelope: common.Envelope;
  readonly channelId: string;
  readonly seekInfo: orderer.SeekInfo;
}

/** A seek that was allowed. */
interface Session {
  readonly chain: ChainSupport;
  readonly seekInfo: orderer.SeekInfo;
  readonly range: BlockRange;
  readonly accessControl: SessionAccessControl;
}

const { SUCCESS, BAD_REQUEST, FORBIDDEN, NOT_FOUND, INTERNAL_SERVER_ERROR, SERVICE_UNAVAILABLE } =
  common.Status;
const { FAIL_IF_NOT_READY } = orderer.SeekInfo.SeekBehavior;
const { BEST_EFFORT } = orderer.SeekInfo.SeekErrorResponse;
const { HEADER_WITH_SIG } = orderer.SeekInfo.SeekContentType;

// What tells these streams apart from a peer's under the same metric names.
const LABELS = Object.freeze({ data_type: 'block', filtered: 'false' });
// Tag of DeliverResponse.block, and number of Block.data.
const RESPONSE_BLOCK_TAG = (2 << 3) | 2;
const BLOCK_DATA_FIELD = 2;

interface Refusal {
  readonly refused: common.Status;
  readonly reason: string;
}

function refusal(refused: common.Status, reason: string): Refusal {
  return { refused, reason };
}

export class DeliverHandler {
  readonly #components: DeliverComponents;
  readonly #options: DeliverOptions;

  constructor(components: DeliverComponents, options: Partial<DeliverOptions> = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_DELIVER_OPTIONS, ...options };
  }

  /** The stream handler. */
  async *handle(
    requests: AsyncIterable<Uint8Array>,
    context: CallContext,
  ): AsyncIterable<Uint8Array> {
    const { limiter, metrics } = this.#components;
    const release = limiter.acquire(context.remote);
    metrics.add('deliver_streams_opened');
    try {
      for await (const request of requests) {
        metrics.add('deliver_requests_received', LABELS);
        const status = yield* this.#deliverBlocks(request, context);
        const success = String(status === SUCCESS);
        metrics.add('deliver_requests_completed', { ...LABELS, success });
        if (context.signal.aborted) return;
        yield orderer.DeliverResponse.encode({ status }).finish();
        if (status !== SUCCESS) return;
      }
    } finally {
      release();
      metrics.add('deliver_streams_closed');
    }
  }

  // Yields blocks and returns the status to end with.
  async *#deliverBlocks(
    request: Uint8Array,
    context: CallContext,
  ): AsyncGenerator<Uint8Array, common.Status> {
    try {
      const session = await this.#openSession(request);
      if ('refused' in session)
        return this.#refused(session.refused, session.reason, context.remote);
      return yield* this.#sendBlocks(session, context);
    } catch (error) {
      if (error instanceof OrdererError && error.code === 'PERMISSION_DENIED') {
        return this.#refused(FORBIDDEN, error.message, context.remote);
      }
      if (!context.signal.aborted) {
        this.#components.log.error(`deliver failed: ${messageOf(error)}`, { error });
      }
      return INTERNAL_SERVER_ERROR;
    }
  }

  // The checks, in Fabric's order.
  async #openSession(raw: Uint8Array): Promise<Session | Refusal> {
    const { registrar, clock } = this.#components;
    const request = this.#parse(raw);
    if ('refused' in request) return request;
    const { envelope, channelId, seekInfo } = request;
    const chain = registrar.getChain(channelId);
    if (!chain) return refusal(NOT_FOUND, `channel ${channelId.slice(0, 250)} is not here`);
    if (seekInfo.error_response !== BEST_EFFORT && chain.errored().aborted) {
      return refusal(SERVICE_UNAVAILABLE, `channel ${channelId} does not order now`);
    }
    const bundle = () => chain.bundle();
    const accessControl = await SessionAccessControl.create(envelope, bundle, clock).catch(
      () => undefined,
    );
    if (!accessControl) return refusal(BAD_REQUEST, 'the request says of nobody who signed it');
    await accessControl.evaluate();
    const range = resolveSeek(seekInfo, chain.height());
    if (typeof range === 'number') return refusal(range, 'no such range of blocks');
    return { chain, seekInfo, range, accessControl };
  }

  #parse(raw: Uint8Array): SeekRequest | Refusal {
    try {
      const envelope = unmarshalEnvelope(raw);
      const payload = payloadFromEnvelope(envelope);
      const { timestamp, channel_id } = unmarshalChannelHeader(payload.header.channel_header);
      if (!timestamp) return refusal(BAD_REQUEST, 'it has no timestamp');
      const now = this.#components.clock.now();
      const skewMs = Math.abs(now - fromTimestamp(timestamp));
      if (skewMs > this.#options.timeWindowMs) {
        const [theirs, ours] = [fromTimestamp(timestamp), now].map((ms) => new Date(ms).toJSON());
        const text = `its timestamp ${theirs} is ${Math.round(skewMs / 60_000)} minutes from the time here, ${ours}`;
        return refusal(BAD_REQUEST, text);
      }
      const seekInfo = unmarshal(orderer.SeekInfo, 'SeekInfo', payload.data);
      return { envelope, channelId: channel_id, seekInfo };
    } catch (error) {
      if (error instanceof FabricError) return refusal(BAD_REQUEST, `malformed: ${error.message}`);
      throw error;
    }
  }

  async *#sendBlocks(
    { chain, seekInfo, range, accessControl }: Session,
    { remote, signal }: CallContext,
  ): AsyncGenerator<Uint8Array, common.Status> {
    const { metrics, tracer } = this.#components;
    const errored = seekInfo.error_response === BEST_EFFORT ? undefined : chain.errored();
    const ended = errored ? AbortSignal.any([signal, errored]) : signal;
    const blocks = chain.ledger.iterator(range.start, { signal: ended })[Symbol.asyncIterator]();
    try {
      for (let number = range.start; ; number++) {
        if (seekInfo.behavior === FAIL_IF_NOT_READY && number >= chain.height()) return NOT_FOUND;
        const next = await nextUnless(ended, blocks);
        if (!next) return errored?.aborted ? SERVICE_UNAVAILABLE : INTERNAL_SERVER_ERROR;
        await accessControl.evaluate();
        yield blockResponse(next, seekInfo.content_type);
        metrics.add('deliver_blocks_sent', { channel: chain.channelId, ...LABELS });
        tracer.delivered(chain.channelId, number, remote);
        if (number === range.stop) return SUCCESS;
      }
    } finally {
      await blocks.return?.();
    }
  }

  #refused(status: common.Status, reason: string, remote: RemoteParty): common.Status {
    const data = { status: common.Status[status], remote: remote.address };
    this.#components.log.warn(`refused deliver request: ${reason}`, data);
    return status;
  }
}

// The next block, or undefined once the signal was aborted.
async function nextUnless(
  signal: AbortSignal,
  blocks: AsyncIterator<Uint8Array>,
): Promise<Uint8Array | undefined> {
  try {
    const next = await blocks.next();
    if (!next.done) return next.value;
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  }
  if (signal.aborted) return undefined;
  throw new OrdererError('UNAVAILABLE', 'the block store ended the chain');
}

// The stored bytes as they are, around which only the response is new.
function blockResponse(block: Uint8Array, contentType: number): Uint8Array {
  const headerOnly = contentType === HEADER_WITH_SIG && !isConfigBlock(unmarshalBlock(block));
  const content = headerOnly ? withoutData(block) : block;
  const prefix = new Writer();
  prefix.uint32(RESPONSE_BLOCK_TAG);
  prefix.uint32(content.length);
  return concat(prefix.finish(), content);
}

/** A serialized block less its data; header and metadata keep their bytes. */
export function withoutData(block: Uint8Array): Uint8Array {
  const reader = new Reader(block);
  const kept: Uint8Array[] = [];
  while (reader.pos < reader.end) {
    const start = reader.pos;
    const tag = reader.tag();
    reader.skip(tag);
    if (tag >>> 3 !== BLOCK_DATA_FIELD) kept.push(reader.since(start));
  }
  return concat(...kept);
}
