// SPDX-License-Identifier: Apache-2.0
// Fixtures of Playwright for applications on Tabric: every test has a network of its own, and tabs that are its peers.
import { type BrowserContext, test as base, type TestInfo } from '@playwright/test';
import { WEBRTC_ARGS } from './browser-args.ts';
import { openTabIn, type Tab } from './tab.ts';
import { type NetworkOptions, TestNetwork } from './test-network.ts';

export interface TabricOptions {
  /** Of the network that each test gets: `test.use({ networkOptions: { chaincodes: [{ name: 'mine', package: './chaincode' }] } })`. */
  networkOptions: NetworkOptions;
}

export interface TabricFixtures {
  /** A network, which ends with the test. */
  network: TestNetwork;
  /** Opens a tab in a browser profile of its own that is a peer of an organisation of `network`: `await peer('Org1')`. */
  peer: (organisation: string) => Promise<Tab>;
  /** A peer of Org1 and one of Org2, which know each other as endorsers. */
  twoOrgs: readonly [Tab, Tab];
  /** As `peer`, of any network, or one more tab of a profile that is there. */
  openPeer: (network: TestNetwork, organisation: string, context?: BrowserContext) => Promise<Tab>;
}

export const test = base.extend<TabricOptions & TabricFixtures>({
  networkOptions: [{}, { option: true }],
  launchOptions: [
    async ({ launchOptions }, use) => {
      const { args = [] } = launchOptions;
      await use({
        ...launchOptions,
        args: [...args, ...WEBRTC_ARGS.filter((one) => !args.includes(one))],
      });
    },
    { scope: 'worker' },
  ],
  network: async ({ networkOptions }, use, testInfo) => {
    const network = await TestNetwork.start(networkOptions);
    await use(network);
    if (testInfo.status !== testInfo.expectedStatus && network.stderr !== '')
      await testInfo.attach('relay', { body: network.stderr, contentType: 'text/plain' });
    await network.dispose();
  },
  openPeer: async ({ browser }, use, testInfo) => {
    const tabs: Tab[] = [];
    const traced = new Set<BrowserContext>();
    await use(async (network, organisation, given) => {
      const context = given ?? (await browser.newContext());
      if (!given && (await startTrace(context, testInfo))) traced.add(context);
      const tab = await openTabIn(context, network.join(organisation));
      tabs.push(tab);
      return tab;
    });
    const failed = testInfo.status !== testInfo.expectedStatus;
    for (const [index, tab] of tabs.entries()) if (failed) await attachTab(tab, index, testInfo);
    for (const context of new Set(tabs.map(({ page }) => page.context()))) {
      if (traced.has(context)) await endTrace(context, failed, testInfo);
      await context.close();
    }
  },
  peer: async ({ network, openPeer }, use) => {
    await use((organisation) => openPeer(network, organisation));
  },
  twoOrgs: async ({ peer, networkOptions }, use) => {
    const [one, two] = await Promise.all([peer('Org1MSP'), peer('Org2MSP')]);
    await Promise.all([one.waitForPeers(2), two.waitForPeers(2)]);
    const { chaincodes = [{ name: 'basic' }], config } = networkOptions;
    for (const { name } of config === undefined ? chaincodes : [])
      await Promise.all([
        one.waitForEndorser('Org2MSP', name),
        two.waitForEndorser('Org1MSP', name),
      ]);
    await use([one, two]);
  },
});

// Playwright's own traces, where they are on, hold every context already.
async function startTrace(context: BrowserContext, { project }: TestInfo): Promise<boolean> {
  const { trace = 'off' } = project.use;
  if ((typeof trace === 'string' ? trace : trace.mode) !== 'off') return false;
  await context.tracing.start({ screenshots: true, snapshots: true });
  return true;
}

async function endTrace(
  context: BrowserContext,
  failed: boolean,
  testInfo: TestInfo,
): Promise<void> {
  if (!failed) return context.tracing.stop();
  const path = testInfo.outputPath(`tab-${testInfo.attachments.length}-trace.zip`);
  await context.tracing.stop({ path });
  await testInfo.attach('trace', { path, contentType: 'application/zip' });
}

// What the tab was and saw: its peer, the peers it knew, its errors, and the stages of its transactions.
async function attachTab(tab: Tab, index: number, testInfo: TestInfo): Promise<void> {
  const state = await tab.page
    .evaluate(() => ({
      me: window.tabric.me,
      peers: window.tabric.peers(),
      trace: window.tabric.trace(),
      logs: window.tabric.logs(),
    }))
    .catch((error: unknown) => ({ error: String(error) }));
  const body = JSON.stringify({ ...state, errors: tab.errors, console: tab.console }, undefined, 2);
  await testInfo.attach(`tab ${index}`, { body, contentType: 'application/json' });
}
