// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { withoutFunctions } from './left-out-of-page.ts';

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
