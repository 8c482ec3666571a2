// SPDX-License-Identifier: Apache-2.0
// A relay that cuts blocks often, and tabs that have run the chaincode once.

import type { Tab } from '../../src/playwright/tab.ts';
import { TestNetwork } from '../../src/playwright/test-network.ts';
import { BenchBrowser, type Visibility } from './browsers.ts';
import { joinTabs } from './joined-tab.ts';

export const BATCH_TIMEOUT_MS = 200;
const ARGS = ['--batch-timeout', `${BATCH_TIMEOUT_MS}ms`, '--max-message-count', '100'];

export interface LoadNetwork extends AsyncDisposable {
  readonly relay: TestNetwork;
  readonly browser: BenchBrowser;
  readonly tabs: readonly Tab[];
}

/** Tabs of two organisations in turn, each with a leader. Hidden ones are hidden when it resolves. */
export async function loadNetwork(count: number, visibility: Visibility): Promise<LoadNetwork> {
  await using stack = new AsyncDisposableStack();
  const relay = await TestNetwork.start({ args: ARGS });
  stack.defer(() => relay.dispose());
  const browser = stack.use(await BenchBrowser.launch(visibility));
  const tabs = await joinTabs(browser.context, relay, count);
  for (const tab of tabs) {
    await tab.page.waitForFunction(
      () => {
        const { mspId } = window.tabric.me;
        return window.tabric.peers().some((peer) => peer.isLeader && peer.mspId === mspId);
      },
      undefined,
      { polling: 200 },
    );
    await tab.evaluate('basic', 'GetAllAssets');
  }
  await browser.hideAll();
  const held = stack.move();
  return { relay, browser, tabs, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
