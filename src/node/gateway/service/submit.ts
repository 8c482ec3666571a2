// SPDX-License-Identifier: Apache-2.0
// Hands a signed transaction to the orderer (internal/pkg/gateway/submit.go). It has a place in the queue then, not yet in a block.
import { common, gateway } from '../../../common/protos/index.ts';
import { withDeadline } from '../../../common/runtime/deadline.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import { GrpcStatus, ServiceError } from '../../../common/wire/service.ts';
import type { GatewayServiceComponents, GatewayServiceOptions } from './components.ts';
import { decodeRequest, invalid } from './requests.ts';

export interface SubmitContext {
  readonly components: Pick<GatewayServiceComponents, 'broadcast' | 'clock'>;
  readonly options: Pick<GatewayServiceOptions, 'broadcastTimeoutMs'>;
  readonly signal: AbortSignal;
}

/** What a serialized gateway.SubmitRequest asks. Throws ServiceError INVALID_ARGUMENT. */
export function readSubmitRequest(request: Uint8Array): {
  channel: string;
  txId: string;
  envelope: Uint8Array;
} {
  const { channel_id, transaction_id, prepared_transaction } = decodeRequest(
    gateway.SubmitRequest,
    request,
  );
  if (!prepared_transaction) throw invalid('a prepared transaction is required');
  if (prepared_transaction.signature.length === 0) {
    throw invalid('prepared transaction must be signed');
  }
  if (channel_id === '') throw invalid('no channel ID provided');
  const envelope = common.Envelope.encode(prepared_transaction).finish();
  return { channel: channel_id, txId: transaction_id, envelope };
}

/** Resolves when the orderer took it. Throws ServiceError. */
export async function submit(
  { components, options, signal }: SubmitContext,
  channel: string,
  envelope: Uint8Array,
): Promise<void> {
  const { status, info } = await withDeadline(
    components.clock,
    options.broadcastTimeoutMs,
    'the answer',
    (limit) => components.broadcast(channel, envelope, { signal: limit }),
    { signal },
  ).catch((cause: unknown) => {
    signal.throwIfAborted();
    const text = `the orderer could not be reached: ${messageOf(cause)}`;
    throw new ServiceError(GrpcStatus.UNAVAILABLE, text, { cause });
  });
  if (status === common.Status.SUCCESS) return;
  const text = `received unsuccessful response from orderer: status=${common.Status[status] ?? status}, info=${info}`;
  throw new ServiceError(GrpcStatus.ABORTED, text);
}
