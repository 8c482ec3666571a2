// SPDX-License-Identifier: Apache-2.0
// Who is who: the names that members choose, wherever Fabric's names are.
import { readFile } from 'node:fs/promises';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';

const relays = relayFor();
let relay: TestNetwork;
test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

test('a member is known by the name it gave, in the network, in blocks, in histories and to the search', async ({
  tabs,
}) => {
  const li = await tabs.openIn(
    await tabs.browser.newContext(),
    `${relay.join('Org1MSP')}&name=Li+Wei`,
  );
  const ana = await tabs.open(relay, 'Org2MSP');
  expect((await li.me()).displayName).toBe('Li Wei');
  // Whoever came by a plain link is asked.
  await expect(li.page.getByTestId('display-name')).toHaveCount(0);
  await ana.page.getByTestId('display-name').fill('  Ana\u202e ');
  await ana.page.getByRole('button', { name: 'Save' }).click();
  await expect(ana.page.getByRole('heading', { level: 1 })).toContainText('Ana');
  await expect(ana.page.getByTestId('display-name')).toHaveCount(0);

  // The transaction's certificate carries it.
  const { txId, blockNumber } = await ana.submit(
    'basic',
    'CreateAsset',
    'n1',
    'blue',
    '5',
    'A',
    '3',
  );
  await li.waitForHeight(blockNumber + 1);
  const client = (await ana.me()).name.replace('peer', 'user');
  const creator = { name: client, displayName: 'Ana', mspId: 'Org2MSP' };
  const tx = await li.page.evaluate((id) => window.tabric.tx(id), txId);
  expect(tx?.creator).toMatchObject(creator);
  expect(await li.page.evaluate(() => window.tabric.history('basic', 'n1'))).toMatchObject([
    { txId, creator },
  ]);

  await li.page.goto(`${relay.url}/#/network`);
  await expect(li.page.locator('.peer-table')).toContainText('Ana');
  await expect(li.page.locator('.graph')).toContainText('Ana');
  await li.page.goto(`${relay.url}/#/tx/${txId}`);
  await expect(li.page.getByTestId('tx-page')).toContainText(`Ana ${client}`);
  await li.page.goto(`${relay.url}/#/blocks/${blockNumber}`);
  await expect(li.page.getByTestId('tx-row-0')).toContainText('Ana');
  await li.page.goto(`${relay.url}/#/state/basic/n1`);
  await expect(li.page.getByTestId('history-creator')).toHaveText('by Ana');
  await li.page.getByRole('searchbox').fill('ana');
  await li.page.keyboard.press('Enter');
  await expect(li.page.getByTestId('member-Ana')).toHaveAttribute('data-valid', '1');
  await expect(li.page.locator('.class-table tbody tr')).toHaveCount(1);

  // A reload is the same person, and another name is another certificate.
  await ana.reload();
  expect((await ana.me()).displayName).toBe('Ana');
  await ana.page.evaluate(() => window.tabric.setName('Ana B'));
  const second = await ana.submit('basic', 'CreateAsset', 'n2', 'blue', '5', 'A', '3');
  expect(await ana.page.evaluate((id) => window.tabric.tx(id), second.txId)).toMatchObject({
    creator: { ...creator, displayName: 'Ana B' },
  });
  await ana.page.evaluate(() => window.tabric.setName(''));
  expect((await ana.me()).displayName).toBeUndefined();
  const refused = ana.page.evaluate(() => window.tabric.setName('x'.repeat(41)));
  await expect(refused).rejects.toThrow('a name has letters');
});

test('the class is a table that sorts, and a file for a spreadsheet', async ({ tabs }) => {
  const one = await tabs.openIn(
    await tabs.browser.newContext(),
    `${relay.join('Org1MSP')}&name=%3DSUM(A1)`,
  );
  const two = await tabs.openIn(
    await tabs.browser.newContext(),
    `${relay.join('Org2MSP')}&name=Zoë`,
  );
  for (const key of ['n3', 'n4', 'n5'])
    await two.submit('basic', 'CreateAsset', key, 'blue', '5', 'A', '3');
  const invalid = two.page.evaluate(() =>
    Promise.allSettled(
      ['a', 'b', 'c'].map((owner) => window.tabric.submit('basic', 'TransferAsset', 'n3', owner)),
    ),
  );
  const failed = (await invalid).filter(({ status }) => status === 'rejected').length;
  await one.waitForHeight(await two.height());
  await one.page.goto(`${relay.url}/#/network`);
  await one.page.getByRole('link', { name: 'Class list' }).click();
  const row = one.page.getByTestId('member-Zoë');
  await expect(row).toHaveAttribute('data-valid', String(6 - failed));
  await expect(row).toHaveAttribute('data-invalid', String(failed));
  const names = () => one.page.locator('.class-table tbody th').allTextContents();
  await one.page.getByRole('button', { name: 'Valid', exact: true }).click();
  await expect(one.page.getByRole('columnheader', { name: 'Valid', exact: true })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
  expect((await names())[0]).toContain('Zoë');
  const download = one.page.waitForEvent('download');
  await one.page.getByRole('button', { name: 'Save as CSV' }).click();
  const csv = await readFile(await (await download).path(), 'utf8');
  const client = (await two.me()).name.replace('peer', 'user');
  expect(csv).toContain(`Zoë,${(await two.me()).name},${client},Org2MSP,`);
  expect(csv).toContain(`'=SUM(A1),`);
});
