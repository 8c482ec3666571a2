// SPDX-License-Identifier: Apache-2.0
// Who holds the administrator's link shows invitations, renews and cancels them; and what people see whose link is no longer good.
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';

const relays = relayFor({ args: ['--invitation-uses', '2'] });
let relay: TestNetwork;
test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

test('invitations are projected, count their places, are renewed and cancelled without a restart', async ({
  tabs,
}) => {
  const context = await tabs.browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(relay.invite);
  // The page is projected, and its address with it.
  await expect(page).toHaveURL(/#\/invite$/);
  const link = page.getByTestId('link-Org1MSP');
  await expect(link).toHaveAttribute('href', relay.join('Org1MSP'));
  await expect(
    page.getByRole('img', { name: 'QR code of the link to join Org2MSP' }),
  ).toBeVisible();
  const places = page.getByTestId('places-Org1MSP');
  await expect(places).toHaveText('2 of 2 places left');
  await tabs.open(relay, 'Org1MSP');
  await expect(places).toHaveText('1 of 2 places left');
  await page.reload();
  await expect(places).toHaveText('1 of 2 places left');

  const own = page.getByTestId('invitation-Org1MSP');
  await own.getByRole('button', { name: 'Replace' }).click();
  await expect(places).toHaveText('2 of 2 places left');
  const renewed = (await link.getAttribute('href')) ?? '';
  expect(renewed).not.toBe(relay.join('Org1MSP'));
  const late = await (await tabs.browser.newContext()).newPage();
  await late.goto(`${relay.join('Org1MSP')}&lang=en`);
  await expect(late.getByTestId('fault-JOIN_SECRET_EXPIRED')).toBeVisible();

  await own.getByRole('button', { name: 'Cancel' }).click();
  await expect(own).toHaveAttribute('data-state', 'none');
  await late.goto('about:blank');
  await late.goto(renewed);
  await expect(late.getByTestId('fault-JOIN_SECRET_EXPIRED')).toBeVisible();
  await late.context().close();
  await context.close();
});

test('a link that is used up says so, and the administrator’s link of one organisation is of no other', async ({
  tabs,
}) => {
  await tabs.open(relay, 'Org2MSP');
  await tabs.open(relay, 'Org2MSP');
  const context = await tabs.browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(relay.join('Org2MSP'));
  await expect(page.getByTestId('fault-JOIN_SECRET_USED_UP')).toBeVisible();
  await page.goto('about:blank');
  await page.goto(relay.administrator('Org2MSP').replace('Org2MSP', 'Org1MSP'));
  await expect(page.getByTestId('invitation-Org1MSP')).toHaveAttribute('data-state', 'failed');
  await expect(page.getByRole('alert')).toContainText('not the administrator');
  await page.goto('about:blank');
  await page.goto(relay.administrator('Org2MSP'));
  await expect(page.getByTestId('invitation-Org2MSP')).toHaveAttribute('data-state', 'none');
  await expect(page.getByTestId('invitation-Org1MSP')).toHaveCount(0);
  await context.close();
});
