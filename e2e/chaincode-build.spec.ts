// SPDX-License-Identifier: Apache-2.0
// Packages as `peer lifecycle chaincode package` makes them: with npm packages named and not brought, which the relay's build installs; and
// sources named in the network file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NpmRegistry } from '../src/node/headless/chaincode-build/testing/npm-registry.ts';
import { TestNetwork } from '../src/playwright/test-network.ts';
import { chaincodePackage } from './support/chaincode.ts';
import { expect, test } from './support/test.ts';

const contract = (body: string): string => `
const { Contract } = require('fabric-contract-api');
const add = require('adder');
class Sums extends Contract { async sum(_ctx, a, b) { ${body} } }
exports.contracts = [Sums];`;
const PACKAGE_JSON = JSON.stringify({
  name: 'sums',
  version: '1.0.0',
  main: 'index.js',
  dependencies: { adder: '^1.0.0', 'fabric-contract-api': '~2.5', 'fabric-shim': '~2.5' },
});

let folder: string;
let registry: NpmRegistry;
let relay: TestNetwork;
test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-sources-'));
  writeFileSync(join(folder, 'package.json'), PACKAGE_JSON);
  writeFileSync(join(folder, 'index.js'), contract('return String(add(Number(a), Number(b)));'));
  registry = await NpmRegistry.start();
  const source = 'module.exports = (a, b) => a + b;';
  registry.publish({ name: 'adder', version: '1.0.3', files: { 'index.js': source } });
  relay = await TestNetwork.start({
    config: `
channels:
  - name: mychannel
    batchTimeout: 200ms
    chaincodes:
      - { name: sums, version: "1.0", endorsementPolicy: "OR('Org1MSP.peer','Org2MSP.peer')", package: ${folder} }
      - { name: mine, version: "1.0", endorsementPolicy: "OR('Org1MSP.peer','Org2MSP.peer')" }
`,
    args: ['--npm-registry', registry.url],
  });
});
test.afterAll(async () => {
  await relay.dispose();
  await registry.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a folder of the network file runs in every tab with its npm packages, and follows its edits', async ({
  tabs,
}) => {
  const tab = await tabs.open(relay, 'Org1MSP');
  const other = await tabs.open(relay, 'Org2MSP');
  expect(await tab.evaluate('sums', 'sum', '2', '3')).toBe('5');
  expect(await other.evaluate('sums', 'sum', '2', '40')).toBe('42');
  expect(registry.requests.filter((path) => path.endsWith('.tgz'))).toHaveLength(1);
  writeFileSync(join(folder, 'index.js'), contract("return 'edited';"));
  await relay.stop();
  await relay.start();
  await tab.reload();
  expect(await tab.evaluate('sums', 'sum', '2', '3')).toBe('edited');
});

test('a package that is installed in the page is built by the relay, whose words are in its log', async ({
  tabs,
}) => {
  const { page, ...tab } = await tabs.open(relay, 'Org1MSP');
  const install = async (name: string, dependencies: object): Promise<void> => {
    const bytes = await chaincodePackage('mine_1.0', {
      'package.json': JSON.stringify({ ...JSON.parse(PACKAGE_JSON), dependencies }),
      'index.js': contract(`return '${name}:' + add(Number(a), Number(b));`),
    });
    await page.goto(`${relay.url}/#/chaincode`);
    const file = { name: 'mine.tar.gz', mimeType: 'application/gzip', buffer: Buffer.from(bytes) };
    await page.getByTestId('install-file').setInputFiles(file);
    await page.getByTestId('install-name').fill('mine');
    await page.getByTestId('install-button').click();
  };
  await install('bad', { adder: '^9.0.0' });
  await expect(page.getByTestId('install-problem')).toContainText('could not make it runnable');
  await expect(page.getByTestId('install-problem')).toContainText('adder');
  await install('good', { adder: '^1.0.0' });
  const definition = page.getByTestId('chaincode-mine');
  await expect(definition).toHaveAttribute('data-running', 'true');
  await definition.getByTestId('chaincode-log').locator('summary').click();
  await expect(definition.locator('li').filter({ hasText: 'added 1 package' })).toHaveCount(1);
  const sum = () => page.evaluate(() => window.tabric.evaluate('mine', 'sum', '1', '2'));
  expect(await sum()).toBe('good:3');
  await page.reload();
  await page.evaluate(() => window.tabric.ready);
  expect(await sum()).toBe('good:3');
  expect(tab.errors).toEqual([]);
});

test('a relay that does not build says what works', async ({ tabs }) => {
  const unwilling = await TestNetwork.start({ args: ['--no-chaincode-build'] });
  const tab = await tabs.open(unwilling, 'Org1MSP');
  const bytes = await chaincodePackage('basic_2.0', {
    'package.json': PACKAGE_JSON,
    'index.js': contract('return a;'),
  });
  const failure = await tab.page.evaluate(
    (given) =>
      window.tabric.install('basic', Uint8Array.from(given)).catch((error) => error.message),
    [...bytes],
  );
  expect(failure).toContain('does not bring the npm packages that it needs (adder)');
  expect(failure).toContain('tabric chaincode package');
  await unwilling.dispose();
});
