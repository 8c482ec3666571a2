// SPDX-License-Identifier: Apache-2.0
// What becomes of a peer when its tab is reloaded, duplicated, closed, or opened beside another.

import { Tab } from '../src/playwright/tab.ts';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';

const relays = relayFor();
let relay: TestNetwork;

test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

test('a reload is the same peer with its ledger, in the middle of transactions too', async ({
  tabs,
}) => {
  const a = await tabs.open(relay, 'Org1MSP');
  const b = await tabs.open(relay, 'Org1MSP');
  await a.waitForPeers(2);
  const before = await a.me();
  const load = (async () => {
    const valid: string[] = [];
    for (let i = 0; i < 12; i++) {
      const outcome = await b.trySubmit('basic', 'CreateAsset', `load${i}`, 'c', '1', 'o', '1');
      if (outcome.ok) valid.push(`load${i}`);
    }
    return valid;
  })();
  await a.waitForHeight(before.height + 2);
  const reported = await a.height();
  const after = await a.reload();
  expect(after.name).toBe(before.name);
  expect(after.pkiId).toBe(before.pkiId);
  expect(after.height).toBeGreaterThanOrEqual(reported);
  const written = await load;
  expect(written).toHaveLength(12);
  await a.waitForHeight(await b.height());
  for (const id of written) {
    expect(JSON.parse(await a.evaluate('basic', 'ReadAsset', id))).toMatchObject({ ID: id });
  }
});

test('a second tab of one browser is a second peer, and a duplicated tab a third', async ({
  tabs,
}) => {
  const context = await tabs.browser.newContext();
  const first = await tabs.openIn(context, relay.join('Org1MSP'));
  const second = await tabs.openIn(context, relay.join('Org1MSP'));
  // window.open copies sessionStorage, as "duplicate tab" does.
  const [page] = await Promise.all([
    context.waitForEvent('page'),
    first.page.evaluate(() => {
      window.open(location.href);
    }),
  ]);
  // Its scripts may not have run yet; after the load they have.
  await page.waitForURL(`${relay.url}/**`, { waitUntil: 'load' });
  const third = new Tab(page);
  await third.ready();
  const names = [(await first.me()).name, (await second.me()).name, (await third.me()).name];
  expect(new Set(names).size).toBe(3);

  // A closed tab frees its place, and whoever opens next gets it with its ledger.
  const freed = await second.me();
  await second.close();
  const fourth = await tabs.openIn(context, relay.join('Org1MSP'));
  expect((await fourth.me()).name).toBe(freed.name);
});

test('a page without a secure context joins all the same', async ({ tabs }) => {
  // Not localhost, not https: no crypto.subtle, no Web Locks, as at http://<LAN address>.
  const context = await tabs.browser.newContext();
  const link = relay.join('Org2MSP').replace('127.0.0.1', 'classroom.test');
  const first = await tabs.openIn(context, link);
  expect(await first.page.evaluate(() => [isSecureContext, crypto.subtle === undefined])).toEqual([
    false,
    true,
  ]);
  const { status, blockNumber } = await first.submit(
    'basic',
    'CreateAsset',
    'lan',
    'c',
    '1',
    'o',
    '1',
  );
  expect(status).toBe('VALID');
  const second = await tabs.openIn(context, link);
  expect((await second.me()).name).not.toBe((await first.me()).name);
  await second.waitForHeight(blockNumber + 1);
  const before = await first.me();
  expect((await first.reload()).name).toBe(before.name);
});
