// SPDX-License-Identifier: Apache-2.0
// How a call that failed is told over a wire: a google.rpc.Status with gateway.ErrorDetail, the bytes of gRPC's grpc-status-details-bin.
import { gateway, google } from '../protos/index.ts';
import { type ErrorDetail, GrpcStatus, type GrpcStatusCode, ServiceError } from './service.ts';

/** Largest status; details that do not fit are left out. */
export const MAX_STATUS_BYTES = 16 * 1024;
/** Longest text in it, in UTF-16 units. */
const MAX_TEXT = 1000;

const DETAIL_TYPE = 'type.googleapis.com/gateway.ErrorDetail';
const CODES: ReadonlySet<number> = new Set(Object.values(GrpcStatus));

/** At most {@link MAX_STATUS_BYTES} bytes. */
export function encodeStatus({ status, message, details }: ServiceError): Uint8Array {
  const encode = (some: readonly ErrorDetail[]): Uint8Array =>
    google.rpc.Status.encode({
      code: status,
      message: message.slice(0, MAX_TEXT),
      details: some.map((detail) => ({ type_url: DETAIL_TYPE, value: encodeDetail(detail) })),
    }).finish();
  let kept = details.slice(0, MAX_STATUS_BYTES / DETAIL_TYPE.length);
  for (;;) {
    const bytes = encode(kept);
    if (bytes.length <= MAX_STATUS_BYTES) return bytes;
    kept = kept.slice(0, Math.floor(kept.length / 2));
  }
}

/** What an {@link encodeStatus} of another node says; UNKNOWN when it says nothing that can be understood. */
export function decodeStatus(bytes: Uint8Array): ServiceError {
  try {
    const { code, message, details } = google.rpc.Status.decode(bytes);
    return new ServiceError(isStatus(code) ? code : GrpcStatus.UNKNOWN, message, {
      details: details.filter(({ type_url }) => type_url === DETAIL_TYPE).map(decodeDetail),
    });
  } catch (cause) {
    return new ServiceError(GrpcStatus.UNKNOWN, 'a status that cannot be read', { cause });
  }
}

function isStatus(code: number): code is GrpcStatusCode {
  return CODES.has(code);
}

function encodeDetail({ address, mspId, message }: ErrorDetail): Uint8Array {
  return gateway.ErrorDetail.encode({
    address: address.slice(0, MAX_TEXT),
    msp_id: mspId.slice(0, MAX_TEXT),
    message: message.slice(0, MAX_TEXT),
  }).finish();
}

function decodeDetail({ value }: google.protobuf.Any): ErrorDetail {
  const { address, msp_id: mspId, message } = gateway.ErrorDetail.decode(value);
  return { address, mspId, message };
}
