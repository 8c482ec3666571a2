// SPDX-License-Identifier: Apache-2.0
// In place of Node's timers: the globals as they are when they are called, since the runtime replaces them before chaincode is loaded.

type Timer = (...args: unknown[]) => unknown;
const global = (name: string): Timer => {
  return (...args) => (Reflect.get(globalThis, name) as Timer)(...args);
};

export const timers = Object.fromEntries(
  [
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'clearImmediate',
  ].map((name) => [name, global(name)]),
);

export const timersPromises = {
  setTimeout: (ms?: number, value?: unknown) =>
    new Promise((resolve) => globalThis.setTimeout(() => resolve(value), ms)),
  setImmediate: (value?: unknown) =>
    new Promise((resolve) => globalThis.setTimeout(() => resolve(value), 0)),
};
