// SPDX-License-Identifier: Apache-2.0
// What a person does on the page, in English and Chinese, wide and on a phone.
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';

const relays = relayFor();
let relay: TestNetwork;

test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

test('a person creates an asset by pressing buttons and sees code, result and stages', async ({
  tabs,
}) => {
  const { page } = await tabs.open(relay, 'Org1MSP');
  await page.goto(`${relay.url}/#/chaincode`);
  await page.getByTestId('fn-CreateAsset').click();
  // An id that is free, and good values beside it.
  await expect(page.getByTestId('arg-0')).toHaveValue('asset0011');
  await expect(page.getByTestId('arg-3')).toHaveValue('Tomoko');
  await page.getByTestId('submit-button').click();
  await expect(page.getByTestId('tx-status').first()).toHaveAttribute('data-status', 'VALID');
  await expect(page.getByTestId('tx-strip').first()).toBeVisible();

  await page.getByTestId('fn-ReadAsset').click();
  await page.getByTestId('arg-0').fill('asset0011');
  await page.getByTestId('evaluate-button').click();
  await expect(page.getByTestId('result').first()).toContainText('Tomoko');

  await page.getByTestId('submit-button').first().waitFor();
  await page.goto(`${relay.url}/#/state/basic/asset0011`);
  await expect(page.getByTestId('key-page')).toContainText('Tomoko');
  await page.goto(`${relay.url}/#/blocks/1`);
  await expect(page.getByTestId('block-page')).toHaveAttribute('data-number', '1');
});

test('a page is printed without what one presses, and in large type when it is asked for', async ({
  tabs,
}) => {
  const { page } = await tabs.open(relay, 'Org1MSP');
  await page.goto(`${relay.url}/#/network`);
  const name = page.locator('.node-name').first();
  const heightOf = async (): Promise<number> => (await name.boundingBox())?.height ?? 0;
  await expect(name).toBeVisible();
  const normal = await heightOf();
  await page.evaluate(() => {
    document.documentElement.dataset.large = 'true';
  });
  expect(await heightOf()).toBeGreaterThan(normal * 1.1);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('nav').first()).toBeHidden();
  await expect(page.getByRole('banner')).toBeHidden();
  await expect(page.locator('main table').first()).toBeVisible();
});

test('the page speaks Chinese when asked, and fits a phone without sideways scrolling', async ({
  tabs,
}) => {
  const { page } = await tabs.open(relay, 'Org2MSP');
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ['/', '/network', '/blocks', '/state/basic', '/chaincode']) {
    await page.goto(`${relay.url}/?lang=zh#${path}`);
    await expect(page.locator('html')).toHaveAttribute('lang', /^zh/);
    await expect(page.getByTestId('connection-state').first()).toBeVisible();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `sideways overflow at ${path}`).toBeLessThanOrEqual(0);
  }
});

test('a wrong secret, and a page without a link, are told in words with a code', async ({
  tabs,
}) => {
  const context = await tabs.browser.newContext();
  const page = await context.newPage();
  await page.goto(relay.join('Org1MSP').replace(/secret=[^&]+/, 'secret=wrong-wrong-wrong'));
  await expect(page.getByTestId('fault-JOIN_SECRET_WRONG')).toBeVisible();
  const stranger = await context.newPage();
  await stranger.goto(relay.url);
  await expect(stranger.getByTestId('invitation')).toBeVisible();
  await context.close();
});

test('a join link pasted into an open tab is tried, whatever was tried before', async ({
  tabs,
}) => {
  const context = await tabs.browser.newContext();
  const page = await context.newPage();
  const link = relay.join('Org1MSP');
  // Pasted into the address bar: the page stays, only what follows the `#` changes.
  const paste = (text: string) => page.evaluate((to) => window.location.assign(to), text);
  await page.goto(relay.url);
  await expect(page.getByTestId('invitation')).toBeVisible();
  await paste(link.replace('Org1MSP', 'NoneMSP'));
  await expect(page.getByTestId('fault-JOIN_ORG_UNKNOWN')).toBeVisible();
  await paste(link);
  await page.evaluate(() => window.tabric.ready.then(() => {}));
  expect(await page.evaluate(() => window.tabric.me.mspId)).toBe('Org1MSP');
  await paste(relay.join('Org2MSP'));
  await expect(page.getByRole('link', { name: /new tab|新标签页/ })).toBeVisible();
  await context.close();
});

test('a browser that was in an earlier network of the address is told that it is another', async ({
  tabs,
}) => {
  const context = await tabs.browser.newContext();
  await context.addInitScript(() => localStorage.setItem('tabric/network', 'an-earlier-one'));
  const page = await context.newPage();
  await page.goto(relay.url);
  await expect(page.getByTestId('fault-NETWORK_CHANGED')).toBeVisible();
  await context.close();
});

test('a device whose clock is off is told so, in minutes, and no invitation is spent', async ({
  browser,
}) => {
  const context = await browser.newContext({ locale: 'en-US' });
  await context.addInitScript(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() - 20 * 60_000;
  });
  const page = await context.newPage();
  await page.goto(relay.join('Org1MSP'));
  await expect(page.getByTestId('fault-CLOCK_BEHIND')).toContainText('20 minutes behind');
  await page.getByTestId('language-switch').click();
  await expect(page.getByTestId('fault-CLOCK_BEHIND')).toContainText('慢了 20 分钟');
  await expect(page.evaluate(() => window.tabric.ready)).rejects.toThrow('20 minutes behind');
  await context.close();
});
