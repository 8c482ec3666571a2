// SPDX-License-Identifier: Apache-2.0
// How long each of many tabs takes to join, opened one after the other while those before it go on.
import { TestNetwork } from '../src/playwright/test-network.ts';
import { BenchBrowser } from './support/browsers.ts';
import type { BenchContext } from './support/context.ts';
import { joinTab, organisationsOf } from './support/joined-tab.ts';
import { amountFigure, type Figure, median } from './support/table.ts';

export async function joiningTabs({ options }: BenchContext): Promise<Figure[]> {
  const count = Math.max(...options.tabs);
  const relay = await TestNetwork.start();
  try {
    await using browser = await BenchBrowser.launch();
    const times: number[] = [];
    for (const mspId of organisationsOf(count)) {
      times.push((await joinTab(browser.context, relay.join(mspId))).readyMs / 1000);
    }
    const all = times.map((seconds) => seconds.toFixed(1)).join(', ');
    const method = `navigation to tabric.ready, one profile, two organisations: ${all}`;
    return [
      amountFigure(`joining, slowest of ${count} tabs`, [Math.max(...times), 's'], method, {
        aim: '5 s',
      }),
      amountFigure('  median', [median(times), 's'], 'of the same'),
    ];
  } finally {
    await relay.dispose();
  }
}
