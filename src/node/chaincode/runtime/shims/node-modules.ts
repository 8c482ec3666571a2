// SPDX-License-Identifier: Apache-2.0
// The modules of Node that chaincode may load, by name. What is deterministic works; the rest is there and refuses to be used.
import assert from 'assert/';
import { EventEmitter } from 'events/';
import path from 'path-browserify';
import punycode from 'punycode/';
import stream from 'readable-stream';
import stringDecoder from 'string_decoder/';
import { currentScope } from '../transaction-scope.ts';
import { nodeBuffer } from './buffer.ts';
import * as crypto from './crypto.ts';
import * as fs from './fs.ts';
import { process } from './process.ts';
import * as querystring from './querystring.ts';
import { refusing } from './refusing.ts';
import { timers, timersPromises } from './timers.ts';
import { nodeUtil } from './util.ts';

/** Holds a value while a function and what it calls at once run. Not across `await`, which the language gives no way to follow. */
class AsyncLocalStorage {
  #store: unknown;

  run(store: unknown, callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
    const before = this.#store;
    this.#store = store;
    try {
      return callback(...args);
    } finally {
      this.#store = before;
    }
  }

  exit(callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
    return this.run(undefined, callback, ...args);
  }

  enterWith(store: unknown): void {
    this.#store = store;
  }

  getStore(): unknown {
    return this.#store;
  }

  disable(): void {
    this.#store = undefined;
  }
}

class AsyncResource {
  runInAsyncScope(
    callback: (...args: unknown[]) => unknown,
    self?: unknown,
    ...args: unknown[]
  ): unknown {
    return Reflect.apply(callback, self, args);
  }

  static bind<Callback>(callback: Callback): Callback {
    return callback;
  }

  emitDestroy(): this {
    return this;
  }
}

const performance = {
  now: () => currentScope().timeMs,
  timeOrigin: 0,
  mark: () => {},
  measure: () => {},
};

const REFUSED = [
  'child_process',
  'cluster',
  'dgram',
  'dns',
  'dns/promises',
  'http2',
  'https',
  'inspector',
  'net',
  'readline',
  'repl',
  'tls',
  'v8',
  'vm',
  'zlib',
] as const;

const posix = { ...path, posix: path };

export const NODE_MODULES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...REFUSED.map((name) => [name, refusing(name)] as const),
  ['assert', assert],
  ['assert/strict', assert.strict],
  ['async_hooks', refusing('async_hooks', { AsyncLocalStorage, AsyncResource })],
  ['buffer', nodeBuffer],
  ['constants', {}],
  ['crypto', crypto],
  ['diagnostics_channel', refusing('diagnostics_channel')],
  ['events', EventEmitter],
  ['fs', fs],
  ['fs/promises', fs.promises],
  ['http', refusing('http', { METHODS: ['GET', 'POST'], STATUS_CODES: { 200: 'OK' } })],
  ['module', refusing('module', { builtinModules: [] })],
  ['os', refusing('os', { EOL: '\n', platform: () => 'linux', tmpdir: () => '/tmp' })],
  ['path', posix],
  ['path/posix', posix],
  ['perf_hooks', refusing('perf_hooks', { performance })],
  ['process', process],
  ['punycode', punycode],
  ['querystring', querystring],
  ['stream', stream],
  ['stream/promises', stream.promises],
  ['string_decoder', stringDecoder],
  ['timers', timers],
  ['timers/promises', timersPromises],
  ['tty', refusing('tty', { isatty: () => false })],
  ['url', refusing('url', { URL, URLSearchParams, parse: (text: string) => new URL(text) })],
  ['util', nodeUtil],
  ['util/types', nodeUtil.types],
  ['worker_threads', refusing('worker_threads', { isMainThread: true, parentPort: null })],
]);
