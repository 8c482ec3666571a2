// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tarGz } from '../../src/node/chaincode/tar/tar-writer.ts';
import { packChaincode } from './chaincode-packages.ts';

let folder: string;
const basic = { name: 'basic', version: '1.0', package: 'asset-transfer-basic' };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-packages-'));
  const sample = join(folder, 'asset-transfer-basic');
  mkdirSync(join(sample, 'lib'), { recursive: true });
  mkdirSync(join(sample, 'META-INF', 'statedb'), { recursive: true });
  mkdirSync(join(sample, 'node_modules', 'x'), { recursive: true });
  writeFileSync(join(sample, 'index.js'), 'exports.contracts = [];\n');
  writeFileSync(join(sample, 'package.json'), '{"main":"index.js"}');
  writeFileSync(join(sample, 'lib', 'contract.js'), `// ${'x'.repeat(200_000)}\n`);
  writeFileSync(join(sample, 'META-INF', 'statedb', 'index.json'), '{}');
  writeFileSync(join(sample, 'node_modules', 'x', 'index.js'), '');
  writeFileSync(join(sample, '.npmrc'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

// The system's tar stands for every other reader.
function unpack(bytes: Uint8Array, name: string): string {
  const target = mkdtempSync(join(folder, 'out-'));
  writeFileSync(join(target, name), bytes);
  execFileSync('tar', ['-xzf', name], { cwd: target });
  return target;
}

describe('a chaincode package', () => {
  it('has the layout of `peer lifecycle chaincode package` and its id', async () => {
    const packed = await packChaincode(folder, basic);
    expect(packed.label).toBe('basic_1.0');
    const hash = createHash('sha256').update(packed.bytes).digest('hex');
    expect(packed.packageId).toBe(`basic_1.0:${hash}`);
    const outer = unpack(packed.bytes, 'package.tar.gz');
    expect(JSON.parse(readFileSync(join(outer, 'metadata.json'), 'utf8'))).toEqual({
      path: 'asset-transfer-basic',
      type: 'node',
      label: 'basic_1.0',
    });
    const code = readFileSync(join(outer, 'code.tar.gz'));
    const inner = unpack(code, 'code.tar.gz');
    const names = execFileSync('tar', ['-tzf', 'code.tar.gz'], { cwd: inner })
      .toString()
      .trim()
      .split('\n');
    expect(names).toEqual([
      'META-INF/statedb/index.json',
      'src/index.js',
      'src/lib/contract.js',
      'src/package.json',
    ]);
    expect(readFileSync(join(inner, 'src/lib/contract.js'), 'utf8')).toBe(
      `// ${'x'.repeat(200_000)}\n`,
    );
  });

  it("is the same bytes whatever the files' times", async () => {
    const before = await packChaincode(folder, basic);
    utimesSync(join(folder, 'asset-transfer-basic', 'index.js'), 1, 1);
    expect((await packChaincode(folder, basic)).packageId).toBe(before.packageId);
  });

  it('has another id when the code has changed', async () => {
    const before = await packChaincode(folder, basic);
    writeFileSync(join(folder, 'asset-transfer-basic', 'index.js'), 'exports.contracts = [1];\n');
    expect((await packChaincode(folder, basic)).packageId).not.toBe(before.packageId);
  });

  it('may be a folder anywhere, or a package that is there already', async () => {
    const named = await packChaincode(folder, basic);
    const elsewhere = join(folder, 'asset-transfer-basic');
    const packed = await packChaincode('nowhere', { ...basic, package: elsewhere });
    expect(packed).toEqual(named);
    const file = join(folder, 'mine.tar.gz');
    writeFileSync(file, packed.bytes);
    const asItIs = await packChaincode('nowhere', { name: 'x', version: '9', package: file });
    expect(asItIs).toMatchObject({ packageId: named.packageId, path: named.path });
    writeFileSync(file, 'no package');
    await expect(packChaincode('nowhere', { ...basic, package: file })).rejects.toMatchObject({
      code: 'INVALID_PACKAGE',
    });
  });

  it('does not exist without a folder', async () => {
    await expect(packChaincode(folder, { ...basic, package: 'none' })).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});

it('writes the same archive on every machine', () => {
  const archive = tarGz([{ name: 'a.txt', bytes: Buffer.from('hello\n') }]);
  expect(createHash('sha256').update(archive).digest('hex')).toBe(
    'f1a6292ec3e3ef4847dbbed2b27bf71b738007be1e5eea546ddd7197144fbca8',
  );
  expect(Buffer.from(archive.subarray(0, 10)).toString('hex')).toBe('1f8b08000000000000ff');
  const deep = `${'folder/'.repeat(20)}file.js`;
  expect(deep.length).toBeGreaterThan(100);
  const unpacked = unpack(tarGz([{ name: deep, bytes: Buffer.from('deep\n') }]), 'deep.tar.gz');
  expect(readFileSync(join(unpacked, deep), 'utf8')).toBe('deep\n');
  expect(() => tarGz([{ name: 'x'.repeat(101), bytes: new Uint8Array() }])).toThrow(RangeError);
});
