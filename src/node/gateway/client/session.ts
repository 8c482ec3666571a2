// SPDX-License-Identifier: Apache-2.0
// What the stages of a transaction share, and a call of the gateway service on their behalf.
import type { SigningIdentity } from '../../../common/msp/types.ts';
import type { Clock, RandomBytes } from '../../../common/runtime/clock.ts';
import { withDeadline } from '../../../common/runtime/deadline.ts';
import type { TraceBus } from '../../../common/runtime/trace.ts';
import { type ServiceClient, unary } from '../../../common/wire/service.ts';

export interface CallTimeouts {
  readonly evaluateTimeoutMs: number;
  readonly endorseTimeoutMs: number;
  readonly submitTimeoutMs: number;
  readonly commitTimeoutMs: number;
}

/** Longer than the service takes by itself, so that it can say what was the matter. */
export const DEFAULT_CALL_TIMEOUTS: CallTimeouts = Object.freeze({
  evaluateTimeoutMs: 90_000,
  endorseTimeoutMs: 90_000,
  submitTimeoutMs: 15_000,
  commitTimeoutMs: 60_000,
});

export interface GatewaySession extends CallTimeouts {
  readonly identity: SigningIdentity;
  readonly client: ServiceClient;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly trace?: TraceBus;
  readonly name: string;
}

/** Of any call. */
export interface CallOptions {
  /** Cancels the call. */
  readonly signal?: AbortSignal;
}

/** One unary call, bounded in time. Rejects with ServiceError, DeadlineError, or the reason of `options.signal`. */
export function call(
  { client, clock }: GatewaySession,
  method: string,
  request: Uint8Array,
  ms: number,
  options: CallOptions,
): Promise<Uint8Array> {
  return withDeadline(
    clock,
    ms,
    'the call',
    (signal) => unary(client, method, request, { signal }),
    options,
  );
}
