// SPDX-License-Identifier: Apache-2.0
// How much JavaScript a first visit loads, from the build's manifest.
import { firstLoad } from '../scripts/size-budget.ts';
import type { Figure } from './support/table.ts';

export function firstLoadSize(): Figure[] {
  const { pageKb, workersKb, budgetKb } = firstLoad();
  return [
    {
      name: 'first-load JavaScript',
      value: `${pageKb.toFixed(0)} kB gzip`,
      aim: `${budgetKb} kB`,
      method: `the page until it has joined; workers apart: ${workersKb.toFixed(0)} kB`,
    },
  ];
}
