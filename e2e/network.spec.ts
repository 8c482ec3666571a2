// SPDX-License-Identifier: Apache-2.0
// Four tabs of two organisations: joining, a transaction's whole way, conflicts, and a leader that leaves.

import type { Tab } from '../src/playwright/tab.ts';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';

const relays = relayFor();
let relay: TestNetwork;

test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

const STAGES = [
  'propose',
  'endorse',
  'submit',
  'order',
  'cut',
  'write',
  'deliver',
  'gossip',
  'buffer',
  'validate',
  'commit',
  'event',
];

test('four tabs of two organisations form one network and commit the same chain', async ({
  tabs,
}) => {
  const a = await tabs.open(relay, 'Org1MSP');
  const b = await tabs.open(relay, 'Org1MSP');
  const c = await tabs.open(relay, 'Org2MSP');
  const d = await tabs.open(relay, 'Org2MSP');
  const all: Tab[] = [a, b, c, d];

  const names = await Promise.all(all.map(async (tab) => (await tab.me()).name));
  expect(new Set(names).size).toBe(4);
  expect(names.slice(0, 2).every((name) => name.endsWith('.org1.example.com'))).toBe(true);
  for (const tab of all) await tab.waitForPeers(4);
  for (const tab of all) await tab.waitForLeader();

  const created = await a.submit('basic', 'CreateAsset', 'asset1', 'blue', '5', 'Tomoko', '300');
  expect(created.status).toBe('VALID');
  for (const tab of all) await tab.waitForHeight(created.blockNumber + 1);
  const asset = JSON.parse(await d.evaluate('basic', 'ReadAsset', 'asset1'));
  expect(asset).toMatchObject({ ID: 'asset1', Color: 'blue', Owner: 'Tomoko' });

  const hashes = await Promise.all(
    all.map((tab) =>
      tab.page.evaluate(async (number) => {
        const block = await window.tabric.block(number);
        return `${block?.hash} ${block?.commitHash}`;
      }, created.blockNumber),
    ),
  );
  expect(new Set(hashes).size).toBe(1);
});

test('the twelve stages of a transaction are traced, in order', async ({ tabs }) => {
  const a = await tabs.open(relay, 'Org1MSP');
  const b = await tabs.open(relay, 'Org1MSP');
  await a.waitForLeader();
  const leaderIsA = (await a.waitForLeader()) === (await a.me()).name;
  // The submitter that does not lead sees its block arrive by gossip.
  const submitter = leaderIsA ? b : a;
  await submitter.waitForPeers(2);
  const { txId } = await submitter.submit('basic', 'CreateAsset', 'traced', 'red', '1', 'Max', '1');
  const traced = await submitter.page.waitForFunction(
    ([id, count]) => {
      const block = window.tabric.trace(id).find((e) => e.stage === 'event')?.block;
      const seen = window.tabric
        .trace()
        .filter((e) => e.txId === id || (e.block !== undefined && e.block === block));
      const stages = [...new Set(seen.map((e) => e.stage))];
      return stages.length >= count ? stages : undefined;
    },
    [txId, 11] as const,
  );
  const stages = (await traced.jsonValue()) ?? [];
  // `deliver` is the leader's; everything else is seen or told at the submitter.
  for (const stage of STAGES) if (stage !== 'deliver') expect(stages).toContain(stage);
});

test('two people update one asset at once: one VALID, one MVCC_READ_CONFLICT, explained', async ({
  tabs,
}) => {
  const a = await tabs.open(relay, 'Org1MSP');
  const b = await tabs.open(relay, 'Org2MSP');
  const { blockNumber } = await a.submit('basic', 'CreateAsset', 'hot', 'red', '1', 'Ann', '1');
  await b.waitForHeight(blockNumber + 1);
  const outcomes = await Promise.all([
    a.trySubmit('basic', 'TransferAsset', 'hot', 'Bea'),
    b.trySubmit('basic', 'TransferAsset', 'hot', 'Cleo'),
  ]);
  const failed = outcomes.filter((outcome) => !outcome.ok);
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  expect(failed).toMatchObject([{ name: 'CommitError', code: 'MVCC_READ_CONFLICT' }]);
  const conflict = await a.page.evaluate(async () => {
    const blocks = await window.tabric.blocks({ limit: 20 });
    const bad = blocks
      .flatMap((block) => block.transactions)
      .find((tx) => tx.status === 'MVCC_READ_CONFLICT');
    return bad && (await window.tabric.tx(bad.txId))?.conflict;
  });
  expect(conflict).toMatchObject({ namespace: 'basic', key: 'hot' });
  expect(conflict?.writtenBy).toMatch(/^[0-9a-f]{64}$/);
});

test('the leader closes its tab: another takes over and blocks go on', async ({ tabs }) => {
  const all = [
    await tabs.open(relay, 'Org1MSP'),
    await tabs.open(relay, 'Org1MSP'),
    await tabs.open(relay, 'Org1MSP'),
  ];
  for (const tab of all) await tab.waitForPeers(3);
  const [first] = all;
  if (!first) throw new Error('no tab');
  const leaderName = await first.waitForLeader();
  const names = await Promise.all(all.map(async (tab) => (await tab.me()).name));
  const leader = all[names.indexOf(leaderName)];
  const others = all.filter((tab) => tab !== leader);
  if (!leader) throw new Error(`no tab is ${leaderName}`);
  await leader.close();
  const [survivor, other] = others;
  if (!survivor || !other) throw new Error('too few tabs');
  await survivor.page.waitForFunction(
    (old) =>
      window.tabric.peers().some((p) => p.isLeader && p.name !== old && p.mspId === 'Org1MSP'),
    leaderName,
    { timeout: 15_000 },
  );
  const { blockNumber, status } = await survivor.submit(
    'basic',
    'CreateAsset',
    'after',
    'x',
    '1',
    'Y',
    '2',
  );
  expect(status).toBe('VALID');
  await other.waitForHeight(blockNumber + 1);
});
