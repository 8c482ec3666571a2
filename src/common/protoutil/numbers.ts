// SPDX-License-Identifier: Apache-2.0
//
// 64-bit integers of messages as JavaScript numbers, and timestamps as milliseconds.

import Long from 'long';
import type { google } from '../protos/index.ts';
import { ProtoError } from './errors.ts';

/** The highest uint64: "for ever" in SeekInfo. */
export const MAX_UINT64: Long = Long.MAX_UNSIGNED_VALUE;

/** The number; throws ProtoError NUMBER_OUT_OF_RANGE when it is not a safe integer. Absent is 0. */
export function toNumber(value: Long | number | null | undefined): number {
  if (value === null || value === undefined) return 0;
  const number = typeof value === 'number' ? value : value.toNumber();
  if (!Number.isSafeInteger(number)) {
    throw new ProtoError('NUMBER_OUT_OF_RANGE', `${value} is not a safe integer`);
  }
  return number;
}

/** A timestamp for a time in milliseconds since the Unix epoch. */
export function toTimestamp(ms: number): { seconds: Long; nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds: Long.fromNumber(seconds), nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

/** Milliseconds since the Unix epoch; throws ProtoError NUMBER_OUT_OF_RANGE. Absent is the epoch. */
export function fromTimestamp(timestamp: google.protobuf.ITimestamp | null | undefined): number {
  return toNumber(timestamp?.seconds) * 1000 + (timestamp?.nanos ?? 0) / 1e6;
}
