// SPDX-License-Identifier: Apache-2.0
// One method for all channels of a node: the first request says which one is meant.
import { messageOf } from '../../../common/runtime/errors.ts';
import { GrpcStatus, ServiceError, type ServiceHandler } from '../../../common/wire/service.ts';

/**
 * A handler that passes a call on to that of a channel.
 * @param channelOf reads the channel's name in the first request; may throw.
 * @param handlerOf undefined when this node has not joined the channel.
 */
export function dispatchByChannel(
  channelOf: (request: Uint8Array) => string,
  handlerOf: (channel: string) => ServiceHandler | undefined,
): ServiceHandler {
  return async function* (requests, context) {
    const iterator = requests[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done)
      throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, 'the call carried no request');
    let handler: ServiceHandler | undefined;
    try {
      handler = handlerOf(channelOf(first.value));
    } catch (cause) {
      throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, messageOf(cause), { cause });
    }
    if (!handler) throw new ServiceError(GrpcStatus.NOT_FOUND, 'this channel is not here');
    yield* handler(startingWith(first.value, iterator), context);
  };
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
