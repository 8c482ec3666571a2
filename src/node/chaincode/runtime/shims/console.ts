// SPDX-License-Identifier: Apache-2.0
// In place of Node's console: every line goes to the peer, as Node would write it. Times are those of the transaction, so they tell nothing.
import { nodeUtil } from './util.ts';

export type Level = 'error' | 'warn' | 'info' | 'debug';
type Write = (level: Level, text: string) => void;

/** All methods that Node's has; each may be taken off and called by itself. */
export function makeConsole(write: Write): Record<string, (...values: unknown[]) => void> {
  const counts = new Map<string, number>();
  let indent = '';
  const at =
    (level: Level) =>
    (...values: unknown[]): void =>
      write(level, indented(nodeUtil.format(...values)));
  const indented = (text: string): string => indent + text.replaceAll('\n', `\n${indent}`);
  const [error, warn, info, debug] = [at('error'), at('warn'), at('info'), at('debug')];
  const group = (...values: unknown[]): void => {
    if (values.length > 0) info(...values);
    indent += '  ';
  };
  const nothing = (): void => {};
  return {
    error,
    warn,
    info,
    log: info,
    debug,
    trace: (...values) => debug(`Trace: ${nodeUtil.format(...values)}`),
    dir: (value, options) => info(nodeUtil.inspect(value, options as object)),
    dirxml: info,
    table: (value) => info(nodeUtil.inspect(value)),
    assert: (isTrue, ...values) => {
      if (!isTrue) error(`Assertion failed${values.length > 0 ? ':' : ''}`, ...values);
    },
    count: (label = 'default') => {
      const count = (counts.get(String(label)) ?? 0) + 1;
      counts.set(String(label), count);
      info(`${label}: ${count}`);
    },
    countReset: (label = 'default') => void counts.delete(String(label)),
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indent = indent.slice(2);
    },
    time: nothing,
    timeLog: (label = 'default', ...values) => info(`${label}: 0ms`, ...values),
    timeEnd: (label = 'default') => info(`${label}: 0ms`),
    timeStamp: nothing,
    profile: nothing,
    profileEnd: nothing,
    clear: nothing,
  };
}
