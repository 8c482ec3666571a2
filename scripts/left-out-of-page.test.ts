// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withoutFunctions, withoutStreamDecoders, withoutWebAssembly } from './left-out-of-page.ts';

it('keeps the names of functions, and plain numbers', async () => {
  const code = `import { huge } from 'huge';
export const LENGTH = 33;
export function parse(bytes) {
  return huge(bytes);
}
export async function make() {}
function own() {}
`;
  const url = `data:text/javascript,${encodeURIComponent(withoutFunctions(code))}`;
  const module: Record<string, unknown> = await import(url);
  expect(Object.keys(module).toSorted()).toEqual(['LENGTH', 'make', 'parse']);
  expect(module.LENGTH).toBe(33);
  expect(module.parse).toThrow('parse is left out of the page');
});

it('does not pass over a module that has changed', () => {
  expect(() => withoutFunctions('export const parse = () => {};')).toThrow('no function');
});

it('leaves the decoders of whole messages, and every other line', async () => {
  const code = `const codec = message((obj, w) => w.uint32(obj.n), (reader, length) => {
    return { n: reader };
}, function* (reader, length, prefix, opts = {}) {
    if (length) {
        yield { field: \`\${prefix}.n\`, value: reader };
    }
});
export const decode = codec.decode;
function message(encode, decode, stream) { return { encode, decode, stream }; }
export const stream = codec.stream;
`;
  const url = `data:text/javascript,${encodeURIComponent(withoutStreamDecoders(code))}`;
  const module = await import(url);
  expect(module.decode(5)).toEqual({ n: 5 });
  expect(module.stream).toBeUndefined();
});

it('leaves out WebAssembly, and the numbers stay right', async () => {
  const code = withoutWebAssembly(readFileSync('node_modules/long/index.js', 'utf8'));
  const { default: Long } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const product = Long.fromString('3037000499').mul(Long.fromString('3037000499'));
  expect(String(product)).toBe('9223372030926249001');
  expect(String(product.div(7))).toBe('1317624575846607000');
  expect(() => withoutWebAssembly('var wasm = null;')).toThrow('not what it was');
});

it('finds them in a module of libp2p as it is', () => {
  const path = 'node_modules/@libp2p/gossipsub/dist/src/message/rpc.js';
  const code = readFileSync(path, 'utf8');
  const without = withoutStreamDecoders(code);
  expect(without).not.toContain('function*');
  expect(without.length).toBeLessThan(code.length * 0.8);
  expect(without.match(/_codec = message\(/g)).toEqual(code.match(/_codec = message\(/g));
});
