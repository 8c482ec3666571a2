// SPDX-License-Identifier: Apache-2.0
// Requests come from anybody: what is no request is refused as such.
import type { MessageType } from '../../../common/protos/codec.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import { GrpcStatus, ServiceError } from '../../../common/wire/service.ts';

/** Throws ServiceError INVALID_ARGUMENT. */
export function decodeRequest<T>(type: MessageType<never, T>, bytes: Uint8Array): T {
  try {
    return type.decode(bytes);
  } catch (cause) {
    throw invalid(`invalid request: ${messageOf(cause)}`);
  }
}

export function invalid(message: string): ServiceError {
  return new ServiceError(GrpcStatus.INVALID_ARGUMENT, message);
}
