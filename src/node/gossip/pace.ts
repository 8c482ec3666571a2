// SPDX-License-Identifier: Apache-2.0
// How often a member speaks. Fabric's intervals are fixed, so that the traffic of a network grows with the square of its members: each of N
// members hears N messages an interval, and forwards them. Here an interval stretches with the number of members, so that all of them
// together send a fixed number of messages a second, and what one member sends and checks does not grow with N.
//
//   members N                               2      4     12     60     200    1000
//   alive message of one member every       5 s    8 s   24 s   120 s  400 s  2000 s   max(aliveTimeInterval, N * 2 s)
//   alive messages heard a second           0.4    0.5   0.5    0.5    0.5    0.5
//   unchanged state info repeated every     10 s   16 s  48 s   240 s  800 s  4000 s   twice that
//   changed state info of one, at most every 1 s   1 s   3 s    15 s   50 s   250 s    max(publishStateInfoInterval, N * 250 ms)
//   silent member is probed after           25 s   40 s  120 s  600 s  2000 s 10000 s  max(aliveExpirationTimeout, 5 intervals)
//
// A message is about 300 bytes and is forwarded to the neighbours in the mesh but the one it came from: with four direct neighbours and the
// relay, 0.75 messages a second become 3 sends and 1 kB a second, at any N. A member that has only the relay sends nothing but its own.
// Liveness does not wait for these intervals: see discovery.ts.

/** Milliseconds of the network's time that one alive message takes. */
const ALIVE_SPACING_MS = 2_000;
/** The same for a changed state info, which matters more while there are transactions. */
const STATE_CHANGE_SPACING_MS = 250;
/** Fabric's ratio of aliveExpirationTimeout (25 s) to aliveTimeInterval (5 s). */
const EXPIRATION_INTERVALS = 5;
const STATE_REPEAT_INTERVALS = 2;

export interface PaceSettings {
  readonly aliveTimeIntervalMs: number;
  readonly aliveExpirationTimeoutMs: number;
  readonly publishStateInfoIntervalMs: number;
}

/** The intervals of one member, in milliseconds. */
export interface Pace {
  readonly aliveMs: number;
  readonly expirationMs: number;
  readonly stateChangeMs: number;
  readonly stateRepeatMs: number;
}

/** @param members how many members are known, this one included. */
export function paceOf(settings: PaceSettings, members: number): Pace {
  const aliveMs = Math.max(settings.aliveTimeIntervalMs, members * ALIVE_SPACING_MS);
  return {
    aliveMs,
    expirationMs: Math.max(settings.aliveExpirationTimeoutMs, EXPIRATION_INTERVALS * aliveMs),
    stateChangeMs: Math.max(settings.publishStateInfoIntervalMs, members * STATE_CHANGE_SPACING_MS),
    stateRepeatMs: STATE_REPEAT_INTERVALS * aliveMs,
  };
}
