// SPDX-License-Identifier: Apache-2.0
// Whether this computer's clock is near enough to the relay's. The orderer takes no request whose time is more than 15 minutes from its own
// (common/deliver/deliver.go, timeWindow), so it is found out before an invitation is spent on a peer that could not join.
import { FabricError } from '../common/runtime/errors.ts';

/** Below the orderer's 15 minutes, since the clocks may run apart and a request takes its time. */
const MAX_SKEW_MS = 14 * 60_000;

/**
 * Throws FabricError CLOCK_BEHIND or CLOCK_AHEAD, with `minutes` in `data`.
 *
 * @param date of the relay's answer (HTTP's Date header); without one nothing is known.
 * @param now of this computer, in milliseconds since the Unix epoch.
 */
export function checkClock(date: string | null, now: number): void {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  const skew = now - theirs;
  if (Number.isNaN(skew) || Math.abs(skew) <= MAX_SKEW_MS) return;
  const minutes = Math.round(Math.abs(skew) / 60_000);
  const [code, where] = skew < 0 ? ['CLOCK_BEHIND', 'behind'] : ['CLOCK_AHEAD', 'ahead of'];
  throw new FabricError(
    code ?? '',
    `the clock of this computer is ${minutes} minutes ${where} the relay's; set it right and try again`,
    { data: { minutes } },
  );
}
