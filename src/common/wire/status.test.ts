// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { google } from '../protos/index.ts';
import { utf8 } from '../runtime/bytes.ts';
import { GrpcStatus, ServiceError } from './service.ts';
import { decodeStatus, encodeStatus, MAX_STATUS_BYTES } from './status.ts';

const detail = (address: string, message = 'out of disk') => ({
  address,
  mspId: 'Org1MSP',
  message,
});

describe('a status', () => {
  it('keeps code, message and details', () => {
    const details = [detail('peer0'), detail('peer1', 'größer')];
    const error = decodeStatus(
      encodeStatus(new ServiceError(GrpcStatus.ABORTED, 'not enough', { details })),
    );
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ status: GrpcStatus.ABORTED, message: 'not enough', details });
  });

  it('of no bytes is OK, as in gRPC', () => {
    expect(decodeStatus(new Uint8Array())).toMatchObject({ status: GrpcStatus.OK, details: [] });
  });

  it('has a bound, and gives up details for it', () => {
    const details = Array.from({ length: 5_000 }, (_, i) => detail(`peer${i}`, 'x'.repeat(5_000)));
    const bytes = encodeStatus(
      new ServiceError(GrpcStatus.ABORTED, '€'.repeat(10_000), { details }),
    );
    expect(bytes.length).toBeLessThanOrEqual(MAX_STATUS_BYTES);
    const { details: kept } = decodeStatus(bytes);
    expect(kept.length).toBeGreaterThan(3);
    expect(kept[0]).toEqual(detail('peer0', 'x'.repeat(1_000)));
  });

  it('is UNKNOWN when it is garbage or has a code that gRPC has not', () => {
    const strange = google.rpc.Status.encode({ code: 99, message: 'new' }).finish();
    expect(decodeStatus(strange)).toMatchObject({ status: GrpcStatus.UNKNOWN, message: 'new' });
    const broken = { type_url: 'type.googleapis.com/gateway.ErrorDetail', value: utf8('\x0a\xff') };
    for (const bytes of [
      Uint8Array.of(0xff),
      google.rpc.Status.encode({ code: 3, details: [broken] }).finish(),
    ]) {
      expect(decodeStatus(bytes)).toMatchObject({ status: GrpcStatus.UNKNOWN, details: [] });
    }
  });

  it('leaves out details that it does not know', () => {
    const other = { type_url: 'type.googleapis.com/google.rpc.ErrorInfo', value: utf8('?') };
    const bytes = google.rpc.Status.encode({ code: 3, message: 'no', details: [other] }).finish();
    expect(decodeStatus(bytes)).toMatchObject({ status: 3, message: 'no', details: [] });
  });
});
