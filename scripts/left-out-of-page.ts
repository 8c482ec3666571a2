// SPDX-License-Identifier: Apache-2.0
// Parts of libp2p that the page never uses and a bundler cannot tell. Keys of kinds that no peer here has: every peer and relay of a
// network makes an Ed25519 key; another's handshake fails, here because its key cannot be read. And the third of the functions that protons
// generates for each message, which decodes it field by field: libp2p calls the other two only. And WebAssembly, which the page's policy
// forbids: `long` would try it for products and quotients, and Firefox reports each try.
import type { Plugin } from 'vite';

/** Modules whose functions are left out, by the end of their paths. */
const LEFT_OUT = [
  '@libp2p/crypto/dist/src/keys/ecdsa/utils.js',
  '@libp2p/crypto/dist/src/keys/rsa/utils.js',
  '@libp2p/crypto/dist/src/keys/secp256k1/utils.js',
] as const;

/** Modules in whose place others stand in what is built, by the end of their paths. `npm run dev` has them as they are. */
const REPLACED: Readonly<Record<string, string>> = {
  // libp2p's own log, which a page would show when asked by `localStorage`.
  '@libp2p/logger/dist/src/index.js': `
const nothing = () => {};
const log = Object.assign(() => {}, { error: nothing, trace: nothing, enabled: false, newScope: () => log });
const component = () => ({ forComponent: () => log });
export const defaultLogger = component;
export const prefixLogger = component;
export const peerLogger = component;
export const logger = () => log;
export const enable = nothing;
export const disable = nothing;
export const enabled = () => false;
`,
  // DNS over HTTPS for addresses that are kept in DNS records: none here is.
  'libp2p/dist/src/connection-manager/resolvers/dnsaddr.js': `
export const dnsaddrResolver = { canResolve: () => false, resolve: async (address) => [address] };
`,
  // Walks through a network at random in search of relays: here the relay is the one that the page came from, and is known once it is connected.
  '@libp2p/circuit-relay-v2/dist/src/transport/discovery.js': `
import { TypedEventEmitter } from 'main-event';
import { RELAY_V2_HOP_CODEC } from '../constants.js';
export const RelayDiscovery = class extends TypedEventEmitter {
  #components;
  #filter;
  #topology;
  constructor(components, { filter } = {}) {
    super();
    this.#components = components;
    this.#filter = filter;
  }
  async start() {
    const onConnect = (detail) => this.safeDispatchEvent('relay:discover', { detail });
    const { registrar } = this.#components;
    this.#topology = await registrar.register(RELAY_V2_HOP_CODEC, { filter: this.#filter, onConnect });
  }
  stop() {
    if (this.#topology != null) this.#components.registrar.unregister(this.#topology);
  }
  async startDiscovery() {
    const isRelay = ({ protocols }) => protocols.includes(RELAY_V2_HOP_CODEC);
    // Nothing is found when the node is being stopped.
    const found = await this.#components.peerStore.all({ filters: [isRelay] }).catch(() => []);
    for (const { id } of found) this.safeDispatchEvent('relay:discover', { detail: id });
  }
  stopDiscovery() {}
};
`,
  // Which of several addresses lie in private networks, to dial those last: here a peer has one address, by the relay.
  '@libp2p/utils/dist/src/private-ip.js': `
export const isPrivateIp = () => false;
`,
};

/** Fails when a module has come to export more than what stands in its place. */
export const replacedInPage: Plugin = {
  name: 'replaced-in-page',
  apply: 'build',
  transform(code, id) {
    const [, replacement] = Object.entries(REPLACED).find(([end]) => id.endsWith(end)) ?? [];
    if (replacement === undefined) return null;
    const names = [...code.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)];
    const missing = names.filter(([, name]) => !replacement.includes(`export const ${name} `));
    if (names.length === 0 || missing.length > 0) throw new Error(`${id} is not what it was`);
    return { code: replacement, map: null };
  },
};

/** For the page's build: fails when one of the modules is no longer what it was. */
export const leftOutOfPage: Plugin = {
  name: 'left-out-of-page',
  transform(code, id) {
    if (LEFT_OUT.some((end) => id.endsWith(end)))
      return { code: withoutFunctions(code), map: null };
    if (id.includes('/node_modules/') && code.includes(STREAM_DECODER))
      return { code: withoutStreamDecoders(code), map: null };
    if (id.endsWith('/long/index.js')) return { code: withoutWebAssembly(code), map: null };
    return null;
  },
};

/** A module that exports the same functions, each of which throws, and the same plain numbers. Throws when it exports none. */
export function withoutFunctions(code: string): string {
  const functions = [...code.matchAll(/^export (?:async )?function (\w+)\(/gm)];
  if (functions.length === 0) throw new Error('there is no function to leave out');
  const numbers = [...code.matchAll(/^export const \w+ = [\d.]+;$/gm)].map(([line]) => line);
  const throwing = functions.map(
    ([, name]) =>
      `export function ${name}() { throw new Error('${name} is left out of the page'); }`,
  );
  return [...numbers, ...throwing].join('\n');
}

/** `long` as it is where there is no WebAssembly. Throws when it is not what it was. */
export function withoutWebAssembly(code: string): string {
  const without = code.replace(
    /^try \{\n {2}wasm = new WebAssembly\..*?^\} catch \{/ms,
    'try {} catch {',
  );
  if (without === code || without.includes('WebAssembly.'))
    throw new Error('long is not what it was');
  return without;
}

const STREAM_DECODER = ', function* (reader, length, prefix, opts = {}) {';

/** A module of protons without its decoders of single fields. Throws when the end of one cannot be found. */
export function withoutStreamDecoders(code: string): string {
  const [before = '', ...rest] = code.split(STREAM_DECODER);
  return before + rest.map((text) => text.slice(endOfBlock(text))).join('');
}

// Braces of template literals come in pairs too.
function endOfBlock(text: string): number {
  let depth = 1;
  for (const { 0: brace, index } of text.matchAll(/[{}]/g)) {
    depth += brace === '{' ? 1 : -1;
    if (depth === 0) return index + 1;
  }
  throw new Error('a decoder has no end');
}
