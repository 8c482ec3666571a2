// SPDX-License-Identifier: Apache-2.0
// Calls to a peer that cannot be reached directly, passed on by the relay, which both are connected to. Where a network blocks WebRTC, this is how a
// transaction still gets the endorsement of another organisation. The relay passes bytes on; what they mean is signed by the caller.
import { fromUtf8Strict, utf8 } from '../../common/runtime/bytes.ts';
import {
  GrpcStatus,
  type ServiceClient,
  ServiceError,
  type ServiceHandler,
} from '../../common/wire/service.ts';

/** First request: peer id and method, separated by a space; then the method's own requests. */
export const FORWARD_METHOD = '/tabric.Relay/Forward';
const MAX_HEADER_BYTES = 512;

export interface ForwardingOptions {
  /** The peer's services; undefined when it is not connected. */
  readonly client: (peerId: string) => ServiceClient | undefined;
  /** Methods that are passed on: those whose requests carry their own proof of who asks. */
  readonly methods: ReadonlySet<string>;
}

/** The relay's handler of {@link FORWARD_METHOD}. */
export function forwardingService({ client, methods }: ForwardingOptions): ServiceHandler {
  return async function* (requests, { signal }) {
    const iterator = requests[Symbol.asyncIterator]();
    const first = await iterator.next();
    const { peerId, method } = readHeader(first.done ? new Uint8Array() : first.value);
    if (!methods.has(method)) {
      throw new ServiceError(GrpcStatus.PERMISSION_DENIED, `${method} is not passed on`);
    }
    const target = client(peerId);
    if (!target) throw new ServiceError(GrpcStatus.UNAVAILABLE, `${peerId} is not connected here`);
    yield* target.call(method, { [Symbol.asyncIterator]: () => iterator }, { signal });
  };
}

/** A client of `peerId` by way of the relay. */
export function forwardedClient(relay: ServiceClient, peerId: string): ServiceClient {
  return {
    call: (method, requests, options) =>
      relay.call(FORWARD_METHOD, withHeader(utf8(`${peerId} ${method}`), requests), options),
  };
}

async function* withHeader(
  header: Uint8Array,
  requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  yield header;
  yield* requests;
}

function readHeader(bytes: Uint8Array): { peerId: string; method: string } {
  if (bytes.length === 0 || bytes.length > MAX_HEADER_BYTES) {
    throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, 'no address to pass the call on to');
  }
  const [peerId = '', method = ''] = fromUtf8Strict(bytes).split(' ');
  return { peerId, method };
}
