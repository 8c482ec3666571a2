// SPDX-License-Identifier: Apache-2.0
// `window.tabric` as tests and scripts use it, from outside the page.
import { readFileSync } from 'node:fs';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';

const relays = relayFor();
let relay: TestNetwork;
test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

/** The code of the README's test, word for word. */
function readmeSnippet(): string {
  const [, code] = /```ts\n(.*?)```/s.exec(readFileSync('README.md', 'utf8')) ?? [];
  if (code === undefined) throw new Error('README.md has no TypeScript');
  return code;
}

test('the snippet of the README runs as it stands', async ({ tabs, browser }) => {
  const other = await tabs.open(relay, 'Org1MSP');
  await other.submit('basic', 'CreateAsset', 'asset1', 'blue', '5', 'Tomoko', '300');
  const context = await browser.newContext();
  const page = await context.newPage();
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const run = new AsyncFunction('page', 'otherPage', 'joinLink', readmeSnippet());
  await run(page, other.page, relay.join('Org2MSP'));
  await context.close();
  const value = await other.page.evaluate(() => window.tabric.state('basic', 'asset1'));
  expect(JSON.parse(value ?? '')).toMatchObject({ Owner: 'Max' });
});

test('is there at the page’s load, and says why a tab does not join', async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    addEventListener('load', () => {
      Object.assign(window, { atLoad: typeof window.tabric?.ready.then });
    });
  });
  await page.goto(relay.url);
  expect(await page.evaluate(() => Reflect.get(window, 'atLoad'))).toBe('function');
  await expect(page.evaluate(() => window.tabric.ready)).rejects.toThrow(/invitation|join link/i);
  await expect(page.evaluate(() => window.tabric.height())).rejects.toThrow('await tabric.ready');
  await context.close();
});

test('every error comes out of page.evaluate with its name, and with its fields as plain data', async ({
  tabs,
}) => {
  const { page } = await tabs.open(relay, 'Org1MSP');
  await page.evaluate(() => window.tabric.submit('basic', 'CreateAsset', 'e1', 'c', '1', 'o', '1'));
  const calls: [string, string, RegExp, string?][] = [
    [
      'a refusal',
      "tabric.submit('basic','ReadAsset','none')",
      /EndorseError: .*none does not exist/,
      'CHAINCODE_ERROR',
    ],
    ['nobody runs it', "tabric.submit('nothing','f')", /EndorseError: /, 'NO_ENDORSERS'],
    [
      'a conflict',
      "Promise.all([1,2,3].map((n) => tabric.submit('basic','TransferAsset','e1','o' + n)))",
      /CommitError: .*MVCC_READ_CONFLICT/,
      'MVCC_READ_CONFLICT',
    ],
    [
      'arguments',
      "tabric.submit('basic','CreateAsset',{ ID: 'x' })",
      /TypeError: "ID" is no option/,
    ],
    [
      'a wait',
      'tabric.waitFor({ height: 99, timeout: 10 })',
      /FabricError: after 10 ms height is/,
      'TIMEOUT',
    ],
    ['a condition', 'tabric.waitFor({ endorsingOrgs: [] })', /TypeError: .*none of them/],
    ['an event', "tabric.on('foo', () => {})", /TypeError: "foo" is no event/],
    ['a channel', "tabric.channel('none')", /FabricError: .*none/, 'CHANNEL_NOT_FOUND'],
    [
      'a package',
      "tabric.install('basic', new Uint8Array([1, 2]))",
      /FabricError: archive is not gzip/,
      'INVALID_PACKAGE',
    ],
  ];
  for (const [what, call, message, code] of calls) {
    await expect(page.evaluate(call), what).rejects.toThrow(message);
    const { sent, cloned } = await page.evaluate<{ sent: unknown; cloned: unknown }>(
      `(async () => ${call})().catch((error) => ({
        sent: JSON.parse(JSON.stringify(error)),
        cloned: structuredClone({ ...error }),
      }))`,
    );
    expect(cloned, what).toEqual(sent);
    if (code !== undefined) expect(sent, what).toMatchObject({ code });
  }
});
