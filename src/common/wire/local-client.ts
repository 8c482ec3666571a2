// SPDX-License-Identifier: Apache-2.0
// Calls services of the own node without a transport in between.
import { GrpcStatus, type ServiceClient, ServiceError, type ServiceTable } from './service.ts';

/** A client of `services`; handlers see `address` as their caller. */
export function localClient(services: ServiceTable, address: string): ServiceClient {
  return {
    call: (method, requests, { signal }) => {
      const handler = services.get(method);
      if (!handler) throw new ServiceError(GrpcStatus.UNIMPLEMENTED, `no method ${method}`);
      return handler(iterate(requests), { remote: { address }, signal });
    },
  };
}

async function* iterate(
  requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  yield* requests;
}
