// SPDX-License-Identifier: Apache-2.0
// How long each stage of a replay took, block by block.
import type { LedgerReport, StageTimes } from '../../api/ledger-report.ts';

type Stage = keyof LedgerReport['stages'];

const STAGES = ['validate', 'commit', 'mvcc', 'store', 'state', 'history'] as const;

export class StageClock {
  readonly #times: Readonly<Record<Stage, number[]>> = {
    validate: [],
    commit: [],
    mvcc: [],
    store: [],
    state: [],
    history: [],
  };

  /** One block's time; stages of other names are not kept. */
  add(stage: string, ms: number): void {
    STAGES.forEach((known) => {
      if (known === stage) this.#times[known].push(ms);
    });
  }

  times(): LedgerReport['stages'] {
    const of = (stage: Stage): StageTimes => summaryOf(this.#times[stage]);
    return {
      validate: of('validate'),
      commit: of('commit'),
      mvcc: of('mvcc'),
      store: of('store'),
      state: of('state'),
      history: of('history'),
    };
  }
}

function summaryOf(times: readonly number[]): StageTimes {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  const medianMs = sorted.length % 2 === 0 ? (upper + (sorted[middle - 1] ?? 0)) / 2 : upper;
  return { medianMs, totalMs: sorted.reduce((sum, ms) => sum + ms, 0) };
}
