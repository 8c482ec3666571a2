// SPDX-License-Identifier: Apache-2.0
// The relay goes away and comes back; and tabs that cannot use WebRTC.
import { spawnSync } from 'node:child_process';
import { openTabIn, type Tab } from '../src/playwright/tab.ts';
import { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, test } from './support/test.ts';

test('the relay is killed and restarted: the same chain goes on, tabs reconnect by themselves', async ({
  tabs,
}) => {
  const relay = await TestNetwork.start({ args: ['--batch-timeout', '200ms'] });
  try {
    const a = await tabs.open(relay, 'Org1MSP');
    const b = await tabs.open(relay, 'Org2MSP');
    const before = await a.submit('basic', 'CreateAsset', 'kept', 'c', '1', 'o', '1');
    await b.waitForHeight(before.blockNumber + 1);
    await relay.kill();
    await a.page.waitForFunction(() =>
      ['reconnecting', 'offline'].includes(window.tabric.network.connection),
    );
    const refused = await a.trySubmit('basic', 'CreateAsset', 'lost', 'c', '1', 'o', '1');
    expect(refused).toMatchObject({ name: 'SubmitError', code: 'ORDERER_UNREACHABLE' });
    // Reading goes on without a relay.
    expect(JSON.parse(await a.evaluate('basic', 'ReadAsset', 'kept'))).toMatchObject({
      ID: 'kept',
    });

    await relay.start();
    for (const tab of [a, b]) {
      await tab.page.waitForFunction(
        () => ['online', 'relay-only'].includes(window.tabric.network.connection),
        undefined,
        { timeout: 40_000 },
      );
    }
    const after = await b.submit('basic', 'CreateAsset', 'again', 'c', '1', 'o', '1');
    expect(after.blockNumber).toBe(before.blockNumber + 1);
    await a.waitForHeight(after.blockNumber + 1, 40_000);

    const code = await relay.stop();
    expect(code).toBe(0);
    // What the orderer keeps says nothing of codes, nor of the chaincodes that the network file defines.
    const replay = spawnSync(process.execPath, ['cmd/tabric.ts', 'ledger', 'replay', relay.data]);
    expect(replay.stdout.toString()).toMatch(/nothing was compared: .*; 2 transaction\(s\)/);
    expect(replay.status).toBe(1);
  } finally {
    await relay.dispose();
  }
});

async function openWithout(
  tabs: { browser: import('@playwright/test').Browser },
  relay: TestNetwork,
  script: string,
): Promise<Tab> {
  const context = await tabs.browser.newContext();
  await context.addInitScript(script);
  return openTabIn(context, relay.join('Org1MSP'));
}

test('where WebRTC is missing or cannot connect, the relay carries the blocks and the page says so', async ({
  tabs,
}) => {
  const relay = await TestNetwork.start({ args: ['--batch-timeout', '200ms'] });
  try {
    const missing = await openWithout(tabs, relay, 'delete window.RTCPeerConnection;');
    // A network that lets no ICE candidate through: only relayed candidates, and no TURN server.
    const blocked = await openWithout(
      tabs,
      relay,
      `const Real = window.RTCPeerConnection;
       window.RTCPeerConnection = class extends Real {
         constructor(config) { super({ ...config, iceTransportPolicy: 'relay' }); }
       };`,
    );
    const plain = await tabs.open(relay, 'Org1MSP');
    await plain.waitForPeers(3);
    const { blockNumber } = await missing.submit('basic', 'CreateAsset', 'far', 'c', '1', 'o', '1');
    for (const tab of [missing, blocked, plain]) await tab.waitForHeight(blockNumber + 1);
    expect(
      (await missing.page.evaluate(() => window.tabric.network)).faults.map((f) => f.code),
    ).toContain('NO_WEBRTC');
    await blocked.page.waitForFunction(
      () => window.tabric.network.connection === 'relay-only',
      undefined,
      { timeout: 60_000 },
    );
    await expect(blocked.page.getByTestId('connection-state')).toBeVisible();
    const second = await blocked.submit('basic', 'CreateAsset', 'farther', 'c', '1', 'o', '1');
    for (const tab of [missing, plain]) await tab.waitForHeight(second.blockNumber + 1);
    for (const tab of [missing, blocked]) await tab.page.context().close();
  } finally {
    await relay.dispose();
  }
});
