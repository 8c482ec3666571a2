// SPDX-License-Identifier: Apache-2.0
// Types of the untyped modules that the runtime is bundled from; only what is used.

declare module 'fabric-shim/lib/contract-spi/bootstrap.js' {
  const Bootstrap: {
    getMetadata(modulePath: string): Promise<object>;
    register(
      contracts: readonly unknown[],
      serializers: object,
      metadata: object,
      title: string | undefined,
      version: string | undefined,
    ): Promise<void>;
  };
  export = Bootstrap;
}
declare module 'assert/';
declare module 'events/' {
  export class EventEmitter {
    on(event: string, listener: (...args: never[]) => void): this;
    emit(event: string, ...args: unknown[]): boolean;
  }
}
declare module 'util/';
declare module 'punycode/';
declare module 'readable-stream';
declare module 'string_decoder/';
declare module 'assert/build/internal/util/comparisons.js';
declare module 'path-browserify';
declare module 'sort-keys-recursive';
