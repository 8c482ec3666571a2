// SPDX-License-Identifier: Apache-2.0
// Real npm in its sandbox against a registry of this test; nothing reaches another host.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../../common/runtime/bytes.ts';
import { threadBench } from '../../chaincode/testing/fixtures.ts';
import { type BuildOptions, buildChaincode } from './chaincode-builder.ts';
import { packFiles } from './package-folder.ts';
import { NpmRegistry } from './testing/npm-registry.ts';

/** TypeScript 5, from the packages of this project. */
const COMPILER = createRequire(import.meta.url).resolve('typescript-5');

let folder: string;
let registry: NpmRegistry;
let options: BuildOptions;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-builder-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  registry = await NpmRegistry.start();
  options = {
    registry: registry.url,
    cache: mkdtempSync(join(folder, 'cache-')),
    offline: false,
    allowScripts: false,
    timeoutMs: 60_000,
  };
  return () => registry.stop();
});

const INDEX = "exports.contracts = [require('adder')];";
const packageJson = (dependencies: object, more: object = {}): string =>
  JSON.stringify({ name: 'mine', main: 'index.js', dependencies, ...more });

function packed(files: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(files).map(([name, text]) => ({ name, bytes: utf8(text) }));
  return packFiles(entries, 'mine_1.0', 'mine');
}

async function build(
  files: Readonly<Record<string, string>>,
  changed: Partial<BuildOptions> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Readonly<Record<string, string>>> {
  const built = await buildChaincode(packed(files), { ...options, ...changed }, signal);
  return Object.fromEntries(built.files.map(({ name, bytes }) => [name, fromUtf8(bytes)]));
}

describe('npm packages of a chaincode', () => {
  it('are installed with theirs, and without what every peer provides', async () => {
    registry.publish({ name: 'base', version: '1.0.0', files: { 'index.js': '// base 1' } });
    registry.publish({ name: 'base', version: '1.1.0', files: { 'index.js': '// base 1.1' } });
    const uses = { base: '^1.0.0' };
    registry.publish({
      name: 'adder',
      version: '2.0.0',
      files: { 'index.js': '// adder', 'README.md': 'no' },
      dependencies: uses,
    });
    const files = await build({
      'index.js': INDEX,
      'package.json': packageJson({
        adder: '^2.0.0',
        'fabric-contract-api': '~2.5',
        'fabric-shim': '~2.5',
      }),
    });
    expect(Object.keys(files)).toEqual([
      'index.js',
      'node_modules/adder/index.js',
      'node_modules/adder/package.json',
      'node_modules/base/index.js',
      'node_modules/base/package.json',
      'package.json',
    ]);
    expect(files['node_modules/base/index.js']).toBe('// base 1.1');
    expect(registry.requests.some((path) => path.includes('fabric'))).toBe(false);
  });

  it('are those of the lock file, whatever is newer and wherever it says that they lie', async () => {
    for (const version of ['1.0.0', '1.0.1'])
      registry.publish({ name: 'adder', version, files: { 'index.js': `// ${version}` } });
    const lock = {
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { adder: '^1.0.0', 'fabric-shim': '~2.5' } },
        'node_modules/adder': { version: '1.0.0', resolved: 'http://127.0.0.1:9/adder.tgz' },
        'node_modules/fabric-shim': { version: '2.5.8' },
      },
    };
    const files = await build({
      'index.js': INDEX,
      'package.json': packageJson({ adder: '^1.0.0', 'fabric-shim': '~2.5' }),
      'package-lock.json': JSON.stringify(lock),
    });
    expect(files['node_modules/adder/index.js']).toBe('// 1.0.0');
    expect(Object.keys(files).filter((path) => /fabric|lock/.test(path))).toEqual([]);
  });

  it('come from the cache alone when that is asked for', async () => {
    registry.publish({ name: 'adder', version: '1.0.0', files: { 'index.js': '// cached' } });
    const source = { 'index.js': INDEX, 'package.json': packageJson({ adder: '1.0.0' }) };
    await expect(build(source, { offline: true })).rejects.toMatchObject({
      code: 'CHAINCODE_BUILD_FAILED',
    });
    await build(source);
    await registry.stop();
    const files = await build(source, { offline: true });
    expect(files['node_modules/adder/index.js']).toBe('// cached');
  });

  it('fail with the words of npm when there is no such package', async () => {
    const source = { 'index.js': INDEX, 'package.json': packageJson({ adder: '^7.0.0' }) };
    await expect(build(source)).rejects.toMatchObject({
      code: 'CHAINCODE_BUILD_FAILED',
      message: expect.stringMatching(/404.*adder|adder.*404/s),
    });
  });
});

describe('a hostile package', () => {
  const refused = { code: 'CHAINCODE_BUILD_FAILED' };

  it.each([
    ['a URL', 'http://127.0.0.1:1/x.tgz'],
    ['git', 'git+ssh://git@127.0.0.1/x.git'],
    ['GitHub', 'someone/x'],
    ['a folder', 'file:../../../etc'],
    ['another name for a URL', 'npm:x@http://127.0.0.1:1/x.tgz'],
    ['no text', 7],
  ])('cannot depend on %s', async (_what, spec) => {
    const source = { 'index.js': '', 'package.json': packageJson({ x: spec }) };
    await expect(build(source)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('is not one of the npm registry'),
    });
    expect(registry.requests).toEqual([]);
  });

  it('cannot have a folder of the machine linked by its lock file', async () => {
    const lock = {
      lockfileVersion: 3,
      packages: { 'node_modules/x': { link: true, resolved: '../..' } },
    };
    const source = {
      'index.js': '',
      'package.json': packageJson({ x: '1.0.0' }),
      'package-lock.json': JSON.stringify(lock),
    };
    await expect(build(source)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('links node_modules/x'),
    });
  });

  it('reaches no other host by the dependencies of its dependencies', async () => {
    let asked = 0;
    const inside = createServer((_request, response) => {
      asked++;
      response.end();
    });
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.2', () => resolve()));
    const { port } = inside.address() as AddressInfo;
    registry.publish({
      name: 'adder',
      version: '1.0.0',
      files: { 'index.js': '' },
      dependencies: { inner: `http://127.0.0.2:${port}/secret.tgz` },
    });
    const source = { 'index.js': INDEX, 'package.json': packageJson({ adder: '1.0.0' }) };
    await expect(build(source)).rejects.toMatchObject(refused);
    expect(asked).toBe(0);
    inside.close();
  });

  it('runs no script, unless the operator lets it', async () => {
    const witness = join(folder, 'witness');
    const scripts = { install: `echo ran > ${witness}` };
    registry.publish({ name: 'adder', version: '1.0.0', files: { 'index.js': '' }, scripts });
    const source = { 'index.js': INDEX, 'package.json': packageJson({ adder: '1.0.0' }) };
    await build(source);
    expect(existsSync(witness)).toBe(false);
    await build(source, { allowScripts: true });
    expect(readFileSync(witness, 'utf8')).toBe('ran\n');
  });

  it('is cut off when it fills the disk', async () => {
    const large = 'x'.repeat(3_000_000);
    const files = { 'index.js': '', 'large.txt': large };
    registry.publish({ name: 'adder', version: '1.0.0', files });
    const slow = { name: 'slow', version: '1.0.0', files: { 'index.js': '' }, delayMs: 20_000 };
    registry.publish(slow);
    const source = {
      'index.js': INDEX,
      'package.json': packageJson({ adder: '1.0.0', slow: '1.0.0' }),
      'padding.js': large,
    };
    await expect(build(source, { maxDiskBytes: 2_000_000 })).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('MB of disk'),
    });
  });

  it('is cut off by time, and by whoever stops the relay', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', () => resolve()));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const source = { 'index.js': INDEX, 'package.json': packageJson({ adder: '1.0.0' }) };
    await expect(build(source, { registry: url, timeoutMs: 1_500 })).rejects.toMatchObject({
      ...refused,
      message: 'the build took longer than 1.5 s',
    });
    const stop = new AbortController();
    const stopped = build(source, { registry: url }, stop.signal);
    stop.abort(new Error('the relay stops'));
    await expect(stopped).rejects.toThrow('the relay stops');
    silent.closeAllConnections();
    silent.close();
  });
});

describe('TypeScript', () => {
  const publishCompiler = (): void => {
    const files = { 'index.js': readFileSync(COMPILER, 'utf8') };
    registry.publish({ name: 'typescript', version: '5.9.3', files });
    const base = { compilerOptions: { module: 'node16', target: 'es2022', strict: true } };
    const bases = { 'tsconfig.json': JSON.stringify(base) };
    registry.publish({ name: '@tsconfig/node20', version: '20.1.9', files: bases });
  };
  // As the samples of Fabric in TypeScript: decorators, a type of another file, a default import of CommonJS.
  const source = {
    'src/index.ts': `
import stringify from 'json-stringify-deterministic';
import { Context, Contract, Transaction, Returns } from 'fabric-contract-api';
import { Asset } from './asset';
export class Assets extends Contract {
  @Transaction()
  public async put(ctx: Context, asset: Asset): Promise<void> {
    await ctx.stub.putState(asset.id, Buffer.from(stringify(asset)));
  }
  @Transaction(false)
  @Returns('string')
  public async get(ctx: Context, id: string): Promise<string> {
    return Buffer.from(await ctx.stub.getState(id)).toString();
  }
}
export const contracts: (typeof Contract)[] = [Assets];
`,
    'src/asset.ts': `
import { Object as DataType, Property } from 'fabric-contract-api';
@DataType()
export class Asset {
  @Property() public id: string = '';
  @Property() public size: number = 0;
}
`,
    'tsconfig.json': JSON.stringify({
      extends: '@tsconfig/node20/tsconfig.json',
      compilerOptions: {
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        outDir: 'dist',
      },
      include: ['src/'],
    }),
    'package.json': packageJson(
      {
        'fabric-contract-api': '~2.5',
        'fabric-shim': '~2.5',
        'json-stringify-deterministic': '^1.0.0',
      },
      {
        main: 'dist/index.js',
        devDependencies: { typescript: '~5.9', '@tsconfig/node20': '^20.1.9', eslint: '^10.0.0' },
      },
    ),
  };

  it('is compiled to where package.json looks for it, and runs on the real shim', async () => {
    publishCompiler();
    const files = await build(source);
    expect(Object.keys(files)).toEqual([
      'dist/asset.js',
      'dist/index.js',
      'package.json',
      'tsconfig.json',
    ]);
    const { bench, launcher } = await threadBench({ mine: files });
    const call = (...args: string[]) => bench.call({ chaincode: 'mine', args });
    expect(await call('put', '{"id":"a1","size":5}')).toMatchObject({ status: 200 });
    // The metadata that the decorators emit says that size is a number.
    expect(await call('put', '{"id":"a2","size":"five"}')).toMatchObject({
      status: 500,
      message: expect.stringContaining('should be number'),
    });
    await launcher.stop();
  });

  it('says where a syntax error is', async () => {
    publishCompiler();
    await expect(build({ ...source, 'src/index.ts': 'const n: = 1;\n' })).rejects.toMatchObject({
      code: 'CHAINCODE_BUILD_FAILED',
      message: expect.stringMatching(/src\/index\.ts:1:\d+ - error TS1110/),
    });
  });

  it('takes no other compiler than that of the registry', async () => {
    const { devDependencies: _own, ...rest } = JSON.parse(source['package.json']);
    const other = { ...rest, devDependencies: { typescript: 'npm:evil@1' } };
    await expect(build({ ...source, 'package.json': JSON.stringify(other) })).rejects.toThrow(
      /typescript .* is not one of the npm registry/,
    );
    await expect(build({ ...source, 'package.json': JSON.stringify(rest) })).rejects.toThrow(
      /no typescript among its devDependencies/,
    );
  });
});
