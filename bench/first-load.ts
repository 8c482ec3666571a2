// SPDX-License-Identifier: Apache-2.0
// How much JavaScript a first visit loads, from the build's manifest.
import { firstLoad } from '../scripts/size-budget.ts';
import { amountFigure, type Figure } from './support/table.ts';

export function firstLoadSize(): Figure[] {
  const { pageKb, workersKb, budgetKb } = firstLoad();
  const method = 'gzip of the page until it has joined';
  return [
    amountFigure('first-load JavaScript', [pageKb, 'kB'], method, { aim: `${budgetKb} kB` }),
    amountFigure('  workers', [workersKb, 'kB'], 'gzip, loaded beside it'),
  ];
}
