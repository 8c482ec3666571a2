// SPDX-License-Identifier: Apache-2.0
// Counters and gauges under Fabric's metric names (docs/source/metrics_reference.rst @ v2.5), for whoever serves
// `/metrics`. Durations are kept as a sum in seconds and a count, the two of a summary without quantiles.

export type MetricLabels = Readonly<Record<string, string>>;

export interface MetricSample {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: MetricLabels;
  readonly value: number;
}

interface Cell {
  readonly name: string;
  readonly type: MetricSample['type'];
  readonly labels: MetricLabels;
  value: number;
}

/** Callers bound their label values: a remote must not be able to invent them. */
export class Metrics {
  readonly #cells = new Map<string, Cell>();

  /** Adds to a counter. */
  add(name: string, labels: MetricLabels = {}, by = 1): void {
    this.#cell(name, 'counter', labels).value += by;
  }

  /** Moves a gauge. */
  move(name: string, labels: MetricLabels, by: number): void {
    this.#cell(name, 'gauge', labels).value += by;
  }

  /** Sets a gauge. */
  set(name: string, labels: MetricLabels, value: number): void {
    this.#cell(name, 'gauge', labels).value = value;
  }

  /** Notes one duration. */
  observe(name: string, labels: MetricLabels, ms: number): void {
    this.add(`${name}_sum`, labels, ms / 1000);
    this.add(`${name}_count`, labels);
  }

  samples(): MetricSample[] {
    return [...this.#cells.values()].map((cell) => ({ ...cell }));
  }

  #cell(name: string, type: Cell['type'], labels: MetricLabels): Cell {
    const key = `${name}\n${JSON.stringify(labels)}`;
    const known = this.#cells.get(key);
    if (known) return known;
    const cell: Cell = { name, type, labels, value: 0 };
    this.#cells.set(key, cell);
    return cell;
  }
}
