// SPDX-License-Identifier: Apache-2.0
// The locale and the time zone that chaincode sees where it names none: en-US and UTC, as Node has them in the containers that Fabric runs
// chaincode in. Those of the browser or the machine would give every endorser texts of its own. A locale that an engine does not know
// falls back to the same one, for the same reason.
import { currentScope } from './transaction-scope.ts';

const LOCALE = 'en-US';
const ZONE = 'UTC';

type Locales = string | Intl.Locale | readonly (string | Intl.Locale)[] | undefined;

/** What to ask Intl for in place of `locales`; it throws for what is none, as Intl does. */
export function localesOf(locales: Locales): Locales {
  if (locales === undefined) return LOCALE;
  return typeof locales === 'object' && Array.isArray(locales)
    ? [...locales, LOCALE]
    : [locales as string, LOCALE];
}

/** The same options with a zone. */
export function zonedOptions(
  options: Intl.DateTimeFormatOptions | undefined,
): Intl.DateTimeFormatOptions {
  return { ...options, timeZone: options?.timeZone ?? ZONE };
}

type Constructor = abstract new (...args: never[]) => object;
type Arguments = readonly unknown[];

/** Replaces the defaults of Intl and of the language's `toLocale…` methods for good. */
export function installLocale(): void {
  for (const name of Object.getOwnPropertyNames(Intl)) {
    const real: unknown = Reflect.get(Intl, name);
    if (typeof real === 'function' && name !== 'Locale' && /^[A-Z]/.test(name))
      define(Intl, name, withDefaults(real as Constructor, name === 'DateTimeFormat'));
  }
  useTransactionTime(Intl.DateTimeFormat.prototype);
  // Those of Array and of typed arrays call those of their elements.
  for (const prototype of [Number.prototype, BigInt.prototype])
    withLocale(prototype, 'toLocaleString', 0);
  for (const name of ['toLocaleUpperCase', 'toLocaleLowerCase'])
    withLocale(String.prototype, name, 0);
  withLocale(String.prototype, 'localeCompare', 1);
}

function withDefaults(real: Constructor, hasZone: boolean): Constructor {
  const defaults = ([locales, options, ...rest]: Arguments): unknown[] => [
    localesOf(locales as Locales),
    hasZone ? zonedOptions(options as Intl.DateTimeFormatOptions) : options,
    ...rest,
  ];
  const proxy: Constructor = new Proxy(real, {
    construct: (target, args, newTarget): object =>
      Reflect.construct(target, defaults(args), newTarget === proxy ? target : newTarget),
    apply: (target, self, args) =>
      Reflect.apply(target as unknown as () => object, self, defaults(args)),
  });
  define(real.prototype as object, 'constructor', proxy);
  return proxy;
}

// Without a date, Intl takes the machine's clock.
function useTransactionTime(prototype: Intl.DateTimeFormat): void {
  const now = (): number => currentScope().timeMs;
  const { get } = Object.getOwnPropertyDescriptor(prototype, 'format') ?? {};
  if (get) {
    Object.defineProperty(prototype, 'format', {
      configurable: true,
      get(this: Intl.DateTimeFormat) {
        const format = get.call(this);
        return (date: number | Date = now()) => format(date);
      },
    });
  }
  const { formatToParts } = prototype;
  define(
    prototype,
    'formatToParts',
    function (this: Intl.DateTimeFormat, date: number | Date = now()) {
      return formatToParts.call(this, date);
    },
  );
}

function withLocale(prototype: object, name: string, index: number): void {
  const real = Reflect.get(prototype, name) as (...args: unknown[]) => unknown;
  define(prototype, name, function (this: unknown, ...args: unknown[]) {
    while (args.length < index) args.push(undefined);
    args[index] = localesOf(args[index] as Locales);
    return Reflect.apply(real, this, args);
  });
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true });
}
