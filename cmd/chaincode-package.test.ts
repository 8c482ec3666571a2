// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { readChaincodePackage } from '../src/node/chaincode/package.ts';
import { NpmRegistry } from '../src/node/headless/chaincode-build/testing/npm-registry.ts';
import { runTabric } from './run-tabric.ts';

let folder: string;
let registry: NpmRegistry;
let said: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-package-'));
  registry = await NpmRegistry.start();
  said = '';
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
  vi.stubEnv('npm_config_cache', join(folder, 'cache'));
  return async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await registry.stop();
    rmSync(folder, { recursive: true });
  };
});

function tabric(...args: string[]): Promise<number> {
  return runTabric(['chaincode', 'package', ...args], new AbortController().signal);
}

it('brings npm packages along, so that any peer runs it as it is', async () => {
  registry.publish({ name: 'big.js', version: '6.2.1', files: { 'index.js': '// big' } });
  cpSync(new URL('./testdata/needs-big', import.meta.url), folder, { recursive: true });
  const output = join(folder, 'out.tar.gz');
  const code = await tabric(folder, '--output', output, '--npm-registry', registry.url, '--json');
  expect(said).toContain('"label":"deps_1.0.0"');
  expect(code).toBe(0);
  const { files, missing, packageId } = await readChaincodePackage(readFileSync(output));
  expect(missing).toBeUndefined();
  expect(JSON.parse(said)).toMatchObject({ packageId, file: output });
  expect(Object.keys(files)).toEqual([
    'index.js',
    'node_modules/big.js/index.js',
    'node_modules/big.js/package.json',
    'package.json',
  ]);
});

it('packs the sources alone when that is asked for', async () => {
  cpSync(new URL('./testdata/needs-big', import.meta.url), folder, { recursive: true });
  const output = join(folder, 'out.tar.gz');
  expect(await tabric(folder, '--no-build', '--label', 'mine_2', '--output', output)).toBe(0);
  const { missing, label } = await readChaincodePackage(readFileSync(output));
  expect(missing).toEqual({ dependencies: ['big.js'] });
  expect(label).toBe('mine_2');
});

it.each([
  ['a folder that is not there', ['nowhere'], /cannot read nowhere/],
  ['a folder without package.json', ['EMPTY'], /no src\/package.json/],
  ['a label that Fabric would not take', ['EMPTY', '--label', '-x'], /must match/],
])('refuses %s', async (_what, args, text) => {
  writeFileSync(join(folder, 'index.js'), '');
  expect(await tabric(...args.map((arg) => (arg === 'EMPTY' ? folder : arg)))).toBe(2);
  expect(said).toMatch(text);
});
