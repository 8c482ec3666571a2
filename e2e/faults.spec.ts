// SPDX-License-Identifier: Apache-2.0
// What goes wrong at a tab, or is done to it: storage that is refused or full, chaincode that throws or never ends, envelopes
// and callers that should not be.

import { openTabIn } from '../src/playwright/tab.ts';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { chaincodePackage } from './support/chaincode.ts';
import { expect, relayFor, test } from './support/test.ts';

const config = `
organisations:
  - { name: Org1, mspId: Org1MSP, domain: org1.example.com }
  - { name: Org2, mspId: Org2MSP, domain: org2.example.com }
channels:
  - name: mychannel
    organisations: [Org1, Org2]
    chaincodes:
      - { name: basic, version: "1.0", endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')", package: asset-transfer-basic }
      - { name: rough, version: "1.0", endorsementPolicy: "OR('Org1MSP.peer','Org2MSP.peer')" }
`;

const relays = relayFor({ config });
let relay: TestNetwork;

test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

test('a policy that needs both organisations is met by two tabs, and not by one', async ({
  tabs,
}) => {
  const a = await tabs.open(relay, 'Org1MSP');
  const alone = await a.trySubmit('basic', 'CreateAsset', 'x', 'c', '1', 'o', '1');
  expect(alone).toMatchObject({ ok: false, code: 'ENDORSEMENT_FAILED' });
  expect(alone.ok ? '' : alone.message).toContain('Org2MSP');
  const b = await tabs.open(relay, 'Org2MSP');
  await a.waitForEndorser('Org2MSP', 'basic');
  const { txId, blockNumber } = await a.submit('basic', 'CreateAsset', 'x', 'c', '1', 'o', '1');
  await b.waitForHeight(blockNumber + 1);
  const tx = await b.page.evaluate((id) => window.tabric.tx(id), txId);
  expect(tx?.endorsers.map(({ mspId }) => mspId).sort()).toEqual(['Org1MSP', 'Org2MSP']);
});

test('a transaction that needs both succeeds as soon as both are ready, and while one of them is reloaded', async ({
  tabs,
}) => {
  const [one, two] = await Promise.all([tabs.open(relay, 'Org1MSP'), tabs.open(relay, 'Org2MSP')]);
  const create = async (key: string): Promise<void> => {
    const outcome = await one.trySubmit('basic', 'CreateAsset', key, 'c', '1', 'o', '1');
    expect(outcome.ok ? '' : JSON.stringify(outcome), key).toBe('');
  };
  await create('at-once');
  for (let n = 0; n < 3; n++) {
    const reloaded = two.page.reload();
    await create(`meanwhile${n}`);
    await reloaded;
    await two.ready();
    await create(`after${n}`);
  }
});

test('an installed package runs; chaincode that throws says why; chaincode that never ends is ended', async ({
  tabs,
}) => {
  test.slow();
  const tab = await tabs.open(relay, 'Org1MSP');
  const bytes = await chaincodePackage('rough_1.0', {
    'package.json': JSON.stringify({ name: 'rough', version: '1.0.0', main: 'index.js' }),
    'index.js': `
      'use strict';
      const { Contract } = require('fabric-contract-api');
      class Rough extends Contract {
        async Put(ctx, key, value) { await ctx.stub.putState(key, Buffer.from(value)); return 'put ' + key; }
        async Fail() { throw new Error('this is my reason'); }
        async Hang() { for (;;) {} }
        async Reach() {
          const found = ['fetch', 'indexedDB', 'WebSocket', 'caches'].filter((name) => globalThis[name] !== undefined);
          return found.join();
        }
        async When() { return String(Date.now() - Date.now()) + Math.random(); }
      }
      exports.contracts = [Rough];`,
  });
  const info = await tab.page.evaluate(
    (data) => window.tabric.install('rough', Uint8Array.from(data)),
    [...bytes],
  );
  expect(info).toMatchObject({ name: 'rough', running: true });
  expect(info.packageId).toMatch(/^rough_1\.0:[0-9a-f]{64}$/);

  expect(await tab.submit('rough', 'Put', 'k', 'v')).toMatchObject({
    status: 'VALID',
    result: 'put k',
  });
  const failed = await tab.trySubmit('rough', 'Fail');
  expect(failed).toMatchObject({ ok: false, name: 'EndorseError', code: 'CHAINCODE_ERROR' });
  expect(failed.ok ? '' : failed.message).toContain('this is my reason');
  const details = await tab.page.evaluate(() =>
    window.tabric.submit('rough', 'Fail').then(
      () => undefined,
      (error) => JSON.parse(JSON.stringify(error.details)),
    ),
  );
  expect(details).toEqual([
    expect.objectContaining({ log: expect.stringMatching(/this is my reason\n.*index\.js:6/s) }),
  ]);
  expect(await tab.evaluate('rough', 'Reach')).toBe('');
  const hung = await tab.trySubmit('rough', 'Hang');
  expect(hung.ok).toBe(false);
  expect(await tab.submit('rough', 'Put', 'k2', 'v')).toMatchObject({ status: 'VALID' });
  const unknown = await tab.trySubmit('nosuch', 'Put', 'k', 'v');
  expect(unknown).toMatchObject({ ok: false, code: 'NO_ENDORSERS' });
});

test('a package that cannot run is said so with file and line; one that runs shows its log', async ({
  tabs,
}) => {
  const { page } = await tabs.open(relay, 'Org1MSP');
  await page.goto(`${relay.url}/?lang=en#/chaincode`);
  const install = async (source: string): Promise<void> => {
    const bytes = await chaincodePackage('rough_2.0', {
      'package.json': JSON.stringify({ name: 'rough', version: '2.0.0', main: 'index.js' }),
      'index.js': source,
    });
    const file = { name: 'rough.tar.gz', mimeType: 'application/gzip', buffer: Buffer.from(bytes) };
    await page.getByTestId('install-file').setInputFiles(file);
    await page.getByTestId('install-name').fill('rough');
    await page.getByTestId('install-button').click();
  };
  await install("const { Contract } = require('fabric-contract-api');\nconst broken = ;\n");
  await expect(page.getByTestId('install-problem')).toContainText('index.js:2:16');
  await expect(page.getByTestId('install-result')).toBeEmpty();
  const definition = page.getByTestId('chaincode-rough');
  await expect(definition).toHaveAttribute('data-running', 'false');
  await expect(page.getByTestId('problem-rough')).toContainText('const broken = ;');
  await install(`
    const { Contract } = require('fabric-contract-api');
    class Rough extends Contract {
      async Say(ctx, word) { console.warn('the word is %s', word, [1]); }
      async Fail() { throw new Error('on purpose'); }
    }
    exports.contracts = [Rough];`);
  await expect(definition).toHaveAttribute('data-running', 'true');
  await expect(page.getByTestId('install-problem')).toHaveCount(0);
  await definition.getByTestId('chaincode-log').locator('summary').click();
  const txId = await page.evaluate(async () => {
    const { txId } = await window.tabric.submit('rough', 'Say', 'hello');
    await window.tabric.submit('rough', 'Fail').catch(() => {});
    return txId;
  });
  const line = definition.locator('li[data-level="warn"]');
  await expect(line.locator('pre')).toHaveText('the word is hello [ 1 ]');
  await expect(line.getByRole('link')).toHaveAttribute('href', new RegExp(txId));
  const errors = definition.locator('li[data-level="error"]');
  await expect(errors.filter({ hasText: 'index.js:5' })).toHaveCount(1);
});

test('a browser that refuses storage gets a peer in memory and is told; a full disk stops commits, loses nothing', async ({
  tabs,
}) => {
  const refusing = await tabs.browser.newContext();
  await refusing.addInitScript(`
    Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('denied', 'SecurityError'); } });`);
  // Workers of the page are refused alike.
  await refusing.route('**/*peer-worker*', async (route) => {
    const response = await route.fetch();
    const body = `Object.defineProperty(self, 'indexedDB', { get() { throw new DOMException('denied', 'SecurityError'); } });\n${await response.text()}`;
    await route.fulfill({ response, body });
  });
  const tab = await openTabIn(refusing, relay.join('Org1MSP'));
  const network = await tab.page.evaluate(() => window.tabric.network);
  expect(network.storage.kind).toBe('memory');
  expect(network.faults.map(({ code }) => code)).toContain('STORAGE_REFUSED');
  await refusing.close();

  const full = await tabs.browser.newContext();
  await full.route('**/*peer-worker*', async (route) => {
    const response = await route.fetch();
    const body = `
      let full = false;
      new BroadcastChannel('test/disk').onmessage = ({ data }) => { full = data; };
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (...args) {
        if (full) throw new DOMException('the disk is full', 'QuotaExceededError');
        return put.apply(this, args);
      };\n${await response.text()}`;
    await route.fulfill({ response, body });
  });
  const small = await openTabIn(full, relay.join('Org1MSP'));
  const other = await tabs.open(relay, 'Org2MSP');
  await small.waitForPeers(2);
  const disk = (isFull: boolean) =>
    small.page.evaluate((value) => new BroadcastChannel('test/disk').postMessage(value), isFull);
  const before = await small.height();
  await disk(true);
  const written = await other.submit('basic', 'CreateAsset', 'full', 'c', '1', 'o', '1');
  await small.page.waitForFunction(() =>
    window.tabric.network.faults.some(({ code }) => code === 'QUOTA_EXCEEDED'),
  );
  expect(await small.height()).toBe(before);
  await disk(false);
  await small.waitForHeight(written.blockNumber + 1);
  await small.page.waitForFunction(
    () => !window.tabric.network.faults.some(({ code }) => code === 'QUOTA_EXCEEDED'),
  );
  await full.close();
});
