// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ModuleLoader } from './module-loader.ts';

const vendored = new Map<string, unknown>([['path', { isPath: true }]]);
const load = (files: Record<string, string>, main = 'index.js'): unknown =>
  new ModuleLoader(files, vendored).load(main);

describe('a module', () => {
  it('knows itself, who loaded it, and what it loaded', () => {
    const exports = load({
      'index.js': `require('./lib/a'); module.exports = {
        main: require.main === module, id: module.id, file: module.filename, dir: __dirname, path: module.path,
        children: module.children.map((one) => [one.id, one.loaded, one.parent === module]), loaded: module.loaded,
        cached: Object.keys(require.cache), same: require.cache[__filename] === module, paths: module.paths,
      };`,
      'lib/a.js': 'exports.isMain = require.main === module; exports.paths = module.paths;',
    });
    expect(exports).toEqual({
      main: true,
      id: '.',
      file: '/index.js',
      dir: '/',
      path: '/',
      children: [['/lib/a.js', true, true]],
      loaded: false,
      cached: ['/index.js', '/lib/a.js'],
      same: true,
      paths: ['/node_modules'],
    });
    expect(load({ 'lib/a.js': 'module.exports = module.paths' }, 'lib/a.js')).toEqual([
      '/lib/node_modules',
      '/node_modules',
    ]);
  });

  it('is resolved without being run, and is found by its file name', () => {
    const exports = load({
      'index.js': `const file = require.resolve('./data.json');
        module.exports = [file, require(file).n, require.resolve('node:path'), module.require('./data').n];`,
      'data.json': '\\uFEFF{"n":7}'.replace('\\uFEFF', '\uFEFF'),
    });
    expect(exports).toEqual(['/data.json', 7, 'path', 7]);
  });

  it('runs once, unless it is taken out of the cache', () => {
    const files = {
      'a.js':
        'globalThis.__runs = (globalThis.__runs ?? 0) + 1; module.exports = globalThis.__runs;',
      'index.js': `const file = require.resolve('./a');
        const runs = [require('./a'), require('./a.js')]; delete require.cache[file];
        runs.push(require(file)); delete globalThis.__runs; module.exports = runs;`,
    };
    expect(load(files)).toEqual([1, 1, 2]);
  });

  it('sees what a module that is still loading has so far', () => {
    const files = {
      'index.js': "exports.early = 1; exports.seen = require('./b').seen; exports.late = 2;",
      'b.js': "exports.seen = Object.keys(require('./index'));",
    };
    expect(load(files)).toEqual({ early: 1, seen: ['early'], late: 2 });
  });

  it('that throws is not kept, and one that is missing says so with a code', () => {
    const files = {
      'index.js': `const seen = [];
        for (let i = 0; i < 2; i++) try { require('./bad'); } catch (error) { seen.push(error.message); }
        try { require('nowhere'); } catch (error) { seen.push(error.code, error.requireStack); }
        for (const id of ['', undefined]) try { require(id); } catch (error) { seen.push(error.name); }
        module.exports = seen;`,
      'bad.js': "throw new Error('bad');",
    };
    expect(load(files)).toEqual([
      'bad',
      'bad',
      'MODULE_NOT_FOUND',
      ['/index.js'],
      'TypeError',
      'TypeError',
    ]);
  });
});

describe('a package', () => {
  const file = (name: string): string => `module.exports = ${JSON.stringify(name)};`;
  const resolved = (description: object, ids: readonly string[], more = {}): unknown =>
    load({
      'index.js': `module.exports = ${JSON.stringify(ids)}.map((id) => {
        try { return require(id); } catch (error) { return error.code; } });`,
      'node_modules/p/package.json': JSON.stringify(description),
      'node_modules/p/index.js': file('index'),
      'node_modules/p/lib/a.js': file('a'),
      'node_modules/p/lib/b.cjs': file('b'),
      'node_modules/p/lib/c/index.json': '"c"',
      ...more,
    });

  it('has its main, and its files', () => {
    const ids = ['p', 'p/lib/a', 'p/lib/a.js', 'p/lib/b', 'p/lib/c', 'p/lib/none'];
    expect(resolved({ main: './lib/a' }, ids)).toEqual([
      'a',
      'a',
      'a',
      'b',
      'c',
      'MODULE_NOT_FOUND',
    ]);
    expect(resolved({ main: './gone.js' }, ['p'])).toEqual(['index']);
    expect(resolved({ main: './lib/c' }, ['p'])).toEqual(['c']);
    expect(resolved({ main: '.' }, ['p'])).toEqual(['index']);
  });

  it('shows only what its exports name', () => {
    const exports = {
      '.': { import: './lib/none.mjs', require: './lib/a.js' },
      './b': [null, { browser: './lib/none.js' }, './lib/b.cjs'],
      './*': './lib/*.js',
      './deep/*/index': { node: { default: './lib/*/index.json' } },
      './secret/*': null,
    };
    const ids = ['p', 'p/b', 'p/a', 'p/deep/c/index', 'p/secret/a', 'p/lib/b.cjs'];
    expect(resolved({ main: 'index.js', exports }, ids)).toEqual([
      'a',
      'b',
      'a',
      'c',
      'MODULE_NOT_FOUND',
      'MODULE_NOT_FOUND',
    ]);
    expect(resolved({ exports: './lib/a.js' }, ['p', 'p/lib/a.js'])).toEqual([
      'a',
      'MODULE_NOT_FOUND',
    ]);
    expect(resolved({ exports: { node: './lib/b.cjs' } }, ['p'])).toEqual(['b']);
  });

  it('is looked for in every folder above, nearest first, scoped names too', () => {
    const files = {
      'index.js': "module.exports = require('./src/deep/a');",
      'src/deep/a.js':
        "module.exports = [require('near'), require('@scope/far'), require('@scope/far/x')];",
      'src/node_modules/near.js': file('near'),
      'node_modules/near/index.js': file('farther'),
      'node_modules/@scope/far/index.js': file('far'),
      'node_modules/@scope/far/x.js': file('x'),
    };
    expect(load(files)).toEqual(['near', 'far', 'x']);
  });

  it('has imports of its own', () => {
    const more = {
      'node_modules/p/lib/own.js':
        "module.exports = [require('#a'), require('#dep'), require('#x/b.cjs')];",
      'node_modules/q.js': file('q'),
    };
    const imports = { '#a': './lib/a.js', '#dep': { require: 'q' }, '#x/*': './lib/*' };
    expect(resolved({ imports }, ['p/lib/own'], more)).toEqual([['a', 'q', 'b']]);
  });

  it('leads nowhere by a path that goes up, a target that never ends, or a description that is none', () => {
    let deep: unknown = './lib/a.js';
    for (let i = 0; i < 50; i++) deep = { node: deep };
    expect(resolved({ exports: deep }, ['p'])).toEqual(['MODULE_NOT_FOUND']);
    expect(resolved({ exports: '../../../../index.js' }, ['p/../../index.js'])).toEqual([
      'MODULE_NOT_FOUND',
    ]);
    expect(resolved({}, ['p'], { 'node_modules/p/package.json': '[1]' })).toEqual(['index']);
  });
});
