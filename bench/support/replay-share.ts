// SPDX-License-Identifier: Apache-2.0
// What a replay reaches of what the machine could do.
import { amountFigure, type Figure, median } from './table.ts';
import type { VerifyLimit } from './verify-limit.ts';

/** @param rates transactions a second of the replays among which the limits were measured. */
export function shareFigures(
  rates: readonly number[],
  limits: readonly VerifyLimit[],
  { threads, aim }: { threads: string; aim: string },
): Figure[] {
  const each = median(limits.map(({ signaturesPerTransaction }) => signaturesPerTransaction));
  const signatures = median(limits.map(({ signaturesPerSecond }) => signaturesPerSecond));
  const limit = signatures / each;
  return [
    amountFigure(
      '  limit of this machine',
      [limit, 'tx/s'],
      `${signatures.toFixed(0)} signatures/s of ${threads} that do nothing else, same cryptography, measured in turn with the replays; ${each.toFixed(2)} signatures a transaction, counted in the chain`,
    ),
    amountFigure('  share of it', [median(rates) / limit, 'of 1'], 'medians', { aim, digits: 2 }),
  ];
}
