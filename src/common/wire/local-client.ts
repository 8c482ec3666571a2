// SPDX-License-Identifier: Apache-2.0
// Calls services of this node without a transport in between.
import {
  type CallContext,
  GrpcStatus,
  type RemoteParty,
  type ServiceClient,
  ServiceError,
  type ServiceTable,
} from './service.ts';

// By identity of the object: nothing that comes over a wire, or is copied from it, can be in here.
const ownCalls = new WeakSet<CallContext>();

/** A client of `services` for a caller elsewhere. */
export function localClient(services: ServiceTable, remote: RemoteParty): ServiceClient {
  return clientOf(services, (signal) => ({ remote, signal }));
}

/** A client of `services` for this node's own code, which {@link isOwnCall} tells handlers. Not to be lent to anybody else's requests. */
export function ownClient(services: ServiceTable, name: string): ServiceClient {
  return clientOf(services, (signal) => {
    const context = { remote: { address: name }, signal };
    ownCalls.add(context);
    return context;
  });
}

/** True when this node's own code calls, in this thread, so that a signature would prove nothing more. */
export function isOwnCall(context: CallContext): boolean {
  return ownCalls.has(context);
}

function clientOf(
  services: ServiceTable,
  contextOf: (signal: AbortSignal) => CallContext,
): ServiceClient {
  return {
    call: (method, requests, { signal }) => {
      const handler = services.get(method);
      if (!handler) throw new ServiceError(GrpcStatus.UNIMPLEMENTED, `no method ${method}`);
      return handler(iterate(requests), contextOf(signal));
    },
  };
}

async function* iterate(
  requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  yield* requests;
}
