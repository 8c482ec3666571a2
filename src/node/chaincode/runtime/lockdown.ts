// SPDX-License-Identifier: Apache-2.0
// Takes away from chaincode what would make it depend on the machine it runs on. This is the second wall: the first
// is the opaque origin and the content security policy of the document that the worker comes from (dynamic import
// is syntax and cannot be taken away here).
import { installLocale } from './c-locale.ts';
import { currentScope, keepScope } from './transaction-scope.ts';
import { installUtcDate } from './utc-date.ts';

// ECMAScript itself, without what can observe garbage collection, other threads or machine code.
const LANGUAGE =
  'Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise ' +
  'RegExp Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError JSON Math Intl ' +
  'ArrayBuffer DataView Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float16Array ' +
  'Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array Map Set WeakMap WeakSet BigInt ' +
  'Iterator Proxy Reflect decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval ' +
  'isFinite isNaN globalThis';
// What Node has too, and what is harmless.
const PLATFORM =
  'TextEncoder TextDecoder URL URLSearchParams atob btoa queueMicrotask structuredClone setTimeout clearTimeout ' +
  'setInterval clearInterval AbortController AbortSignal';
// google-protobuf, which fabric-shim is built on, keeps its messages in a global.
const RUNTIME = 'proto';
const ALLOWED: ReadonlySet<PropertyKey> = new Set(`${LANGUAGE} ${PLATFORM} ${RUNTIME}`.split(' '));

/** Globals that Node chaincode expects, made by the runtime. */
export interface NodeGlobals {
  readonly process: unknown;
  readonly Buffer: unknown;
  readonly console: unknown;
}

/** Leaves of the global scope only what is named above, then adds `globals`. */
export function lockdown(globals: NodeGlobals): void {
  const scope: object = globalThis;
  installUtcDate(scope);
  installLocale();
  Object.defineProperty(Math, 'random', {
    value: () => currentScope().random(),
    writable: false,
    configurable: false,
  });
  const timers = scopedTimers();
  for (let layer = scope; isScopeLayer(layer); layer = Object.getPrototypeOf(layer)) {
    for (const name of Reflect.ownKeys(layer)) {
      if (!ALLOWED.has(name) && name !== 'constructor') remove(layer, name);
    }
  }
  for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) {
    Object.defineProperty(scope, name, { value: undefined });
  }
  for (const name of ['createObjectURL', 'revokeObjectURL']) remove(URL, name);
  for (const [name, value] of Object.entries({ ...timers, ...globals, global: globalThis })) {
    Object.defineProperty(scope, name, { value, writable: true, configurable: true });
  }
}

// EventTarget.prototype is shared with MessagePort, which must go on working; it is where the walk ends.
function isScopeLayer(layer: object | null): layer is object {
  return (
    layer !== null && layer !== Object.prototype && layer !== globalThis.EventTarget?.prototype
  );
}

function remove(target: object, name: PropertyKey): void {
  if (Reflect.deleteProperty(target, name)) return;
  try {
    Object.defineProperty(target, name, { value: undefined, writable: false });
  } catch {
    // Neither configurable nor writable; no engine has such a property outside LANGUAGE.
  }
}

function scopedTimers(): Record<string, unknown> {
  const { setTimeout: timeout, setInterval: interval } = globalThis;
  type Callback = (...args: unknown[]) => void;
  return {
    setTimeout: (callback: Callback, ms?: number, ...args: unknown[]) =>
      timeout(keepScope(callback), ms, ...args),
    setInterval: (callback: Callback, ms?: number, ...args: unknown[]) =>
      interval(keepScope(callback), ms, ...args),
    setImmediate: (callback: Callback, ...args: unknown[]) =>
      timeout(keepScope(callback), 0, ...args),
    clearImmediate: (id?: number) => clearTimeout(id),
  };
}
