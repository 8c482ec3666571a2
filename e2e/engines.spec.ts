// SPDX-License-Identifier: Apache-2.0
// Other engines than Chromium's: real Firefox with everything that a tab does, and WebKitGTK, which is built without WebRTC, by the relay.
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { ensureFirefox, ensureWebKit } from '../scripts/find-browsers.ts';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';
import { WebKitWindow } from './support/webdriver.ts';

const LEDGER = 'src/ledger/testdata/load500/blockfile_000000.gz';

const relays = relayFor();
let relay: TestNetwork;
test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

test.describe('Firefox', () => {
  const executablePath = ensureFirefox();
  test.skip(executablePath === undefined, 'there is no Firefox on this machine');
  let firefox: Browser;
  let errors: string[];
  test.beforeEach(async () => {
    errors = [];
    firefox = await puppeteer.launch({
      browser: 'firefox',
      executablePath: executablePath ?? '',
      args: ['--no-sandbox'],
      // As for Chromium: no names instead of local addresses, which only a multicast network resolves.
      extraPrefsFirefox: { 'media.peerconnection.ice.obfuscate_host_addresses': false },
    });
  });
  test.afterEach(() => firefox.close());

  async function open(url: string): Promise<Page> {
    const page = await firefox.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(url);
    return page;
  }

  async function join(mspId: string): Promise<Page> {
    const page = await open(relay.join(mspId));
    await page.evaluate(() => window.tabric.ready);
    return page;
  }

  test('joins, reaches a tab of Chromium directly, transacts, and is the same peer after a reload', async ({
    tabs,
  }) => {
    const other = await tabs.open(relay, 'Org2MSP');
    const page = await join('Org1MSP');
    await page.evaluate(() => window.tabric.waitFor({ peers: 2 }));
    await page.waitForFunction(() => window.tabric.peers().some(({ link }) => link === 'webrtc'));
    const { blockNumber, status } = await page.evaluate(() =>
      window.tabric.submit('basic', 'CreateAsset', 'ff1', 'blue', '5', 'Fox', '300'),
    );
    expect(status).toBe('VALID');
    await other.waitForHeight(blockNumber + 1);
    await other.submit('basic', 'TransferAsset', 'ff1', 'Max');
    await page.evaluate((height) => window.tabric.waitFor({ height }), blockNumber + 2);
    const owner = () => page.evaluate(() => window.tabric.evaluate('basic', 'ReadAsset', 'ff1'));
    expect(JSON.parse(await owner())).toMatchObject({ Owner: 'Max' });
    const { name } = await page.evaluate(() => window.tabric.me);
    await page.reload();
    expect(await page.evaluate(() => window.tabric.ready)).toMatchObject({
      name,
      height: blockNumber + 2,
    });
    expect(JSON.parse(await owner())).toMatchObject({ Owner: 'Max' });
    expect(errors).toEqual([]);
  });

  test('takes the lead when the leader is gone', async ({ tabs }) => {
    const leader = await tabs.open(relay, 'Org1MSP');
    await leader.waitForLeader();
    const page = await join('Org1MSP');
    await page.evaluate(() => window.tabric.waitFor({ peers: 2 }));
    await leader.close();
    await page.waitForFunction(() => window.tabric.me.isLeader, { timeout: 60_000 });
    const { status } = await page.evaluate(() =>
      window.tabric.submit('basic', 'CreateAsset', 'ff2', 'blue', '5', 'Fox', '300'),
    );
    expect(status).toBe('VALID');
  });

  test('opens the ledger of a real peer', async () => {
    const page = await open(`${relay.url}/#/ledger`);
    const input = await page.waitForSelector('[data-testid="ledger-files"]');
    await (input as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(LEDGER);
    await page.waitForSelector('[data-testid="verdict"][data-outcome="clean"]', {
      timeout: 60_000,
    });
    expect(errors).toEqual([]);
  });
});

test.describe('WebKit', () => {
  const driver = ensureWebKit();
  test.skip(driver === undefined, 'there is no WebKitGTK on this machine');

  test('joins by the relay, transacts, and is the same peer after a reload', async ({ tabs }) => {
    const other = await tabs.open(relay, 'Org2MSP');
    const window = await WebKitWindow.open(driver ?? '');
    try {
      await window.goto(relay.join('Org1MSP'));
      const me = await window.evaluate('tabric.ready');
      const { status, blockNumber } = (await window.evaluate(
        "tabric.submit('basic', 'CreateAsset', 'wk1', 'blue', '5', 'Kit', '300')",
      )) as { status: string; blockNumber: number };
      expect(status).toBe('VALID');
      await other.waitForHeight(blockNumber + 1);
      await other.submit('basic', 'TransferAsset', 'wk1', 'Max');
      await window.evaluate(`tabric.waitFor({ height: ${blockNumber + 2} })`);
      expect(await window.evaluate("tabric.evaluate('basic', 'ReadAsset', 'wk1')")).toContain(
        '"Max"',
      );
      await window.reload();
      expect(await window.evaluate('tabric.ready')).toMatchObject({
        name: (me as { name: string }).name,
      });
    } finally {
      await window.close();
    }
  });
});
