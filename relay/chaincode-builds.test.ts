// SPDX-License-Identifier: Apache-2.0
// What the relay builds, and how a peer takes it.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../src/common/runtime/bytes.ts';
import { silentLogger } from '../src/common/runtime/log.ts';
import { localClient } from '../src/common/wire/local-client.ts';
import type { ServiceHandler } from '../src/common/wire/service.ts';
import {
  BUILD_METHOD,
  type BuiltChaincode,
  buildAtRelay,
  buildService,
} from '../src/node/chaincode/build-service.ts';
import { readChaincodePackage, readProgram } from '../src/node/chaincode/package.ts';
import { packFiles } from '../src/node/headless/chaincode-build/package-folder.ts';
import { NpmRegistry } from '../src/node/headless/chaincode-build/testing/npm-registry.ts';
import { ChaincodeBuilds } from './chaincode-builds.ts';

let folder: string;
let registry: NpmRegistry;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-builds-'));
  registry = await NpmRegistry.start();
  registry.publish({ name: 'adder', version: '1.0.0', files: { 'index.js': '// adder' } });
  return async () => {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  };
});

const newBuilds = (): ChaincodeBuilds =>
  new ChaincodeBuilds(
    { folder, log: silentLogger },
    { registry: registry.url, offline: false, allowScripts: false, timeoutMs: 60_000 },
  );

function packageOf(source: string): Uint8Array {
  const description = { main: 'index.js', dependencies: { adder: '^1.0.0' } };
  const files = { 'index.js': source, 'package.json': JSON.stringify(description) };
  const entries = Object.entries(files).map(([name, text]) => ({ name, bytes: utf8(text) }));
  return packFiles(entries, 'mine_1.0', 'mine');
}

const fetched = (): number => registry.requests.filter((path) => path.endsWith('.tgz')).length;

describe('builds of a relay', () => {
  it('are made once for all who ask, and outlive it', async () => {
    const builds = newBuilds();
    const bytes = packageOf('// one');
    const [first, second] = await Promise.all([builds.build(bytes), builds.build(bytes)]);
    expect(second).toBe(first);
    expect(fetched()).toBe(1);
    registry.publish({ name: 'adder', version: '1.1.0', files: { 'index.js': '// newer' } });
    const again = await newBuilds().build(bytes);
    expect(again.sha256).toBe(first.sha256);
    expect((await readProgram(again.program))['node_modules/adder/index.js']).toBe('// adder');
    expect(fetched()).toBe(1);
  });

  it('are made again when what was kept is damaged', async () => {
    const bytes = packageOf('// one');
    const first = await newBuilds().build(bytes);
    const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('.tar.gz'));
    writeFileSync(join(folder, name), 'damaged');
    const again = await newBuilds().build(bytes);
    expect(again.sha256).toBe(first.sha256);
  });

  it('wait in a line that has an end', async () => {
    const builds = newBuilds();
    const codes: string[] = [];
    const all = Array.from({ length: 20 }, (_, i) =>
      builds.build(packageOf(`// ${i}`)).then(
        () => codes.push('built'),
        (error) => codes.push(error.code),
      ),
    );
    const refused = () => codes.filter((code) => code === 'CHAINCODE_BUILD_UNAVAILABLE');
    await expect.poll(refused).toHaveLength(4);
    builds.stop();
    await Promise.all(all);
    expect(refused()).toHaveLength(4);
  });
});

describe('a peer that has its package built', () => {
  const signal = new AbortController().signal;
  const remote = { address: 'peer0' };
  const ask = async (handler: ServiceHandler, bytes: Uint8Array): Promise<BuiltChaincode> => {
    const { packageId } = await readChaincodePackage(bytes);
    const client = localClient(new Map([[BUILD_METHOD, handler]]), remote);
    return buildAtRelay(client, packageId, bytes, { signal });
  };

  it('gets a program that runs as it is, with what npm said', async () => {
    const builds = newBuilds();
    const handler = buildService((bytes) => builds.build(bytes));
    const { program, log } = await ask(handler, packageOf('// one'));
    expect(Object.keys(await readProgram(program))).toContain('node_modules/adder/package.json');
    expect(log).toContain('added 1 package');
  });

  it('is told by code what is wrong', async () => {
    const builds = newBuilds();
    const handler = buildService((bytes) => builds.build(bytes));
    await registry.stop();
    await expect(ask(handler, packageOf('// one'))).rejects.toMatchObject({
      code: 'CHAINCODE_BUILD_FAILED',
    });
    const unwilling = new ChaincodeBuilds({ folder, log: silentLogger }, undefined);
    const refusing = buildService((bytes) => unwilling.build(bytes));
    await expect(ask(refusing, packageOf('// one'))).rejects.toMatchObject({
      code: 'CHAINCODE_BUILD_UNAVAILABLE',
    });
  });

  it('takes no other program than was said', async () => {
    const builds = newBuilds();
    const bytes = packageOf('// one');
    const honest = await builds.build(bytes);
    const lies: Partial<BuiltChaincode>[] = [
      { program: utf8('another') },
      { sha256: '00' },
      { packageId: 'other_1.0:00' },
    ];
    for (const lie of lies) {
      const handler = buildService(async () => ({ ...honest, ...lie }));
      await expect(ask(handler, bytes)).rejects.toMatchObject({ code: 'CHAINCODE_BUILD_FAILED' });
    }
  });
});
