// SPDX-License-Identifier: Apache-2.0
// Services are written once, transport-neutral, and mounted on libp2p streams in tabs and on gRPC at the relay.
import { FabricError, messageOf } from '../runtime/errors.ts';

/** Who is on the other side, as far as the transport and the signed handshake know. */
export interface RemoteParty {
  /** Transport address or libp2p peer id, for logs. */
  readonly address: string;
  /** Serialized MSP identity bound to the connection by the handshake; absent on transports that have none. */
  readonly identity?: Uint8Array;
  readonly mspId?: string;
}

export interface CallContext {
  readonly remote: RemoteParty;
  /** Aborted when the caller goes away or the node stops. */
  readonly signal: AbortSignal;
}

/**
 * A service method: serialized requests in, serialized responses out; unary is the case of one each. A handler gives away what it yields: the
 * bytes may go to another thread.
 */
export type ServiceHandler = (
  requests: AsyncIterable<Uint8Array>,
  context: CallContext,
) => AsyncIterable<Uint8Array>;

/** Handlers by full gRPC method name, e.g. `/protos.Endorser/ProcessProposal`. */
export type ServiceTable = ReadonlyMap<string, ServiceHandler>;

/** Calls methods of one node. */
export interface ServiceClient {
  /** True when it calls the services of this node itself, which ask it for no signature. */
  readonly own?: boolean;
  /** Sends `requests` and yields responses; throws {@link ServiceError} when the call ends with a status but OK. */
  call(
    method: string,
    requests: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    options: { signal: AbortSignal },
  ): AsyncIterable<Uint8Array>;
}

/** A client that may call for others: handlers see `remote` as the caller. */
export interface DelegatingClient {
  for(remote: RemoteParty): ServiceClient;
}

/** gRPC status codes (https://grpc.io/docs/guides/status-codes/). */
export const GrpcStatus = Object.freeze({
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const);

export type GrpcStatusCode = (typeof GrpcStatus)[keyof typeof GrpcStatus];

/** What one endpoint that took part in a call answered (gateway.ErrorDetail). */
export interface ErrorDetail {
  readonly address: string;
  readonly mspId: string;
  readonly message: string;
  /** What the chaincode wrote to its log about it, where that is the caller's own peer; it does not travel. */
  readonly log?: string;
}

export interface ServiceErrorOptions {
  readonly cause?: unknown;
  /** Of the endpoints that were asked on the way; they travel with the status. */
  readonly details?: readonly ErrorDetail[];
}

/** A call that ended with a gRPC status other than OK. */
export class ServiceError extends FabricError {
  override readonly name: string = 'ServiceError';
  readonly status: GrpcStatusCode;
  readonly details: readonly ErrorDetail[];

  constructor(
    status: GrpcStatusCode,
    message: string,
    { cause, details = [] }: ServiceErrorOptions = {},
  ) {
    super(`GRPC_${status}`, message, { cause });
    this.status = status;
    this.details = details;
  }
}

/** Anything thrown, as the error that a call ends with: UNKNOWN unless it is one already. */
export function serviceErrorOf(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  return new ServiceError(GrpcStatus.UNKNOWN, messageOf(thrown), { cause: thrown });
}

/** The only response of a unary call. */
export async function unary(
  client: ServiceClient,
  method: string,
  request: Uint8Array,
  options: { signal: AbortSignal },
): Promise<Uint8Array> {
  const responses: Uint8Array[] = [];
  // To the end, as gRPC does: a call that is left after its response is cancelled, which costs its stream.
  for await (const response of client.call(method, [request], options)) {
    if (responses.push(response) > 1) break;
  }
  const [response] = responses;
  if (response && responses.length === 1) return response;
  const count = response ? 'more than one response' : 'no response';
  throw new ServiceError(GrpcStatus.INTERNAL, `${method} ended with ${count}`);
}

/** A handler from a function of one request and one response. */
export function unaryHandler(
  serve: (request: Uint8Array, context: CallContext) => Promise<Uint8Array>,
): ServiceHandler {
  return async function* (requests, context) {
    for await (const request of requests) {
      yield await serve(request, context);
      return;
    }
    throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, 'the call carried no request');
  };
}

/** A handler that passes calls on to another's services, for whoever calls. */
export function proxied(services: DelegatingClient, method: string): ServiceHandler {
  return (requests, { remote, signal }) => services.for(remote).call(method, requests, { signal });
}
