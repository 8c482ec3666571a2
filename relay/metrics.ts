// SPDX-License-Identifier: Apache-2.0
// Counters and gauges in Prometheus' text format under Fabric's metric names (docs metrics_reference.rst).
import type { HttpRoute } from './http-server.ts';

type Labels = Readonly<Record<string, string>>;

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** Current values by labels; asked at each scrape. */
  readonly values: () => Iterable<readonly [Labels, number]>;
}

/** A number that only grows, by labels. */
export class Counter {
  readonly #values = new Map<string, [Labels, number]>();

  add(labels: Labels, amount = 1): void {
    const key = JSON.stringify(labels);
    const entry = this.#values.get(key);
    if (entry) entry[1] += amount;
    else this.#values.set(key, [labels, amount]);
  }

  values(): Iterable<readonly [Labels, number]> {
    return this.#values.values();
  }
}

/** The metrics of a relay. */
export class Metrics {
  readonly #metrics: Metric[] = [];

  counter(name: string, help: string): Counter {
    const counter = new Counter();
    this.#metrics.push({ name, help, type: 'counter', values: () => counter.values() });
    return counter;
  }

  gauge(name: string, help: string, values: Metric['values']): void {
    this.#metrics.push({ name, help, type: 'gauge', values });
  }

  /** Everything in Prometheus' text format 0.0.4. */
  text(): string {
    return this.#metrics.map(format).join('');
  }
}

/** `GET /metrics`. */
export function metricsRoute(metrics: Metrics): HttpRoute {
  return ({ method, path }) => {
    if (path !== '/metrics' || method !== 'GET') return undefined;
    const headers = { 'content-type': 'text/plain; version=0.0.4', 'cache-control': 'no-store' };
    return { status: 200, headers, body: metrics.text() };
  };
}

function format({ name, help, type, values }: Metric): string {
  const lines = [...values()].map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
