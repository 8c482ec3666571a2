// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { importsIn, staticClosure } from './size-budget.ts';

const manifest = {
  'index.html': { file: 'a.js', imports: ['_shared.js'] },
  '_shared.js': { file: 's.js', imports: ['index.html'] },
  'peer.ts': { file: 'p.js', imports: ['_shared.js', '_crypto.js'] },
  '_crypto.js': { file: 'c.js' },
  'lazy.tsx': { file: 'l.js', imports: ['_shared.js'] },
};

describe('the first load', () => {
  it('is the roots and what they import, once each, rings included', () => {
    expect([...staticClosure(manifest, ['index.html', 'peer.ts'])].sort()).toEqual(
      ['_crypto.js', '_shared.js', 'index.html', 'peer.ts'].sort(),
    );
  });

  it('does not pass over a root that the build lacks', () => {
    expect(() => staticClosure(manifest, ['gone.ts'])).toThrow(/gone\.ts/);
  });

  it('follows static imports of built workers, not those on demand', () => {
    const script = 'import{a as b}from"./shared-1a.js";import`./more-2b.js`;import(`./late-3c.js`)';
    expect(importsIn(script)).toEqual(['shared-1a.js', 'more-2b.js']);
  });
});
