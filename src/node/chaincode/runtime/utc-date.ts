// SPDX-License-Identifier: Apache-2.0
// The Date that chaincode sees: "now" is the transaction's timestamp, and the local time zone is UTC, as in the
// containers that Fabric runs chaincode in. Otherwise tabs in two time zones would not endorse the same bytes.
import { localesOf, zonedOptions } from './c-locale.ts';
import { currentScope } from './transaction-scope.ts';

const RealDate = Date;
const realParse = Date.parse;
const realUTC = Date.UTC;
const now = (): number => currentScope().timeMs;

// A text without a zone means local time; with a zone of its own, adding another makes it malformed.
function parse(text: string): number {
  for (const zone of ['Z', ' UTC']) {
    const time = realParse(text + zone);
    if (!Number.isNaN(time)) return time;
  }
  return realParse(text);
}

function constructorArguments(args: readonly unknown[]): unknown[] {
  if (args.length === 0) return [now()];
  if (args.length > 1) return [realUTC(...(args.map(Number) as [number, number]))];
  return [typeof args[0] === 'string' ? parse(args[0]) : args[0]];
}

const PARTS = ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds', 'Day'];

type Methods = Record<string, (...args: never[]) => unknown>;

function useUtcMethods(prototype: Methods): void {
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  };
  for (const part of PARTS) {
    for (const verb of ['get', 'set']) {
      const utc = prototype[`${verb}UTC${part}`];
      if (utc) define(`${verb}${part}`, utc);
    }
  }
  const iso = RealDate.prototype.toUTCString;
  // "Thu, 01 Jan 1970 00:00:00 GMT" holds all that the other two formats need.
  const dateText = (text: string): string => {
    const [weekday = '', day = '', month = '', year = ''] = text.replace(',', '').split(' ');
    return `${weekday} ${month} ${day} ${year}`;
  };
  const timeText = (text: string): string =>
    `${text.split(' ')[4]} GMT+0000 (Coordinated Universal Time)`;
  const format = (write: (text: string) => string) =>
    function (this: Date): string {
      return Number.isNaN(this.getTime()) ? 'Invalid Date' : write(iso.call(this));
    };
  define('getTimezoneOffset', () => 0);
  define('toDateString', format(dateText));
  define('toTimeString', format(timeText));
  define(
    'toString',
    format((text) => `${dateText(text)} ${timeText(text)}`),
  );
  for (const name of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'] as const) {
    const real = RealDate.prototype[name];
    define(name, function (this: Date, locales?: string, options?: Intl.DateTimeFormatOptions) {
      return real.call(this, localesOf(locales) as string[], zonedOptions(options));
    });
  }
}

/** Replaces the global Date for good. */
export function installUtcDate(scope: object): void {
  useUtcMethods(RealDate.prototype as unknown as Methods);
  const statics: Record<PropertyKey, unknown> = { now, parse };
  const utcDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, constructorArguments(args), newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => statics[name] ?? Reflect.get(target, name),
  });
  Object.defineProperty(RealDate.prototype, 'constructor', { value: utcDate });
  Object.defineProperty(scope, 'Date', { value: utcDate, writable: false, configurable: false });
}
