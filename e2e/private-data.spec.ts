// SPDX-License-Identifier: Apache-2.0
// Private data in real tabs: a value that only Org1's peers may have, its hash in everybody's ledger.
import { createHash } from 'node:crypto';
import type { Tab } from '../src/playwright/tab.ts';
import type { TestNetwork } from '../src/playwright/test-network.ts';
import { expect, relayFor, test } from './support/test.ts';

const NETWORK = `
channels:
  - name: mychannel
    chaincodes:
      - name: private
        package: asset-transfer-private-data
        collections:
          - name: appraisals
            policy: OR('Org1MSP.member')
            memberOnlyRead: true
            memberOnlyWrite: true
          - { name: offers, policy: OR('Org1MSP.member'), blockToLive: 2 }
          - { name: careful, policy: OR('Org1MSP.member'), requiredPeerCount: 1, maxPeerCount: 2 }
`;

const relays = relayFor({ config: NETWORK });
let relay: TestNetwork;

test.beforeAll(async () => {
  relay = await relays.start();
});
test.afterAll(() => relays.stop());

const secret = (value: string) => ({ transientData: { value } });
const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex');

async function twoOrganisations(open: (mspId: string) => Promise<Tab>): Promise<[Tab, Tab]> {
  const org1 = await open('Org1MSP');
  const org2 = await open('Org2MSP');
  for (const tab of [org1, org2]) {
    await tab.waitForEndorser('Org1MSP', 'private');
    await tab.waitForEndorser('Org2MSP', 'private');
  }
  return [org1, org2];
}

test('members have the value, everybody else its hash, before and after a reload', async ({
  tabs,
}) => {
  const [org1, org2] = await twoOrganisations((mspId) => tabs.open(relay, mspId));
  const value = `worth ${Math.random()}`;
  const created = await org1.submit(
    'private',
    'CreateAsset',
    'appraisals',
    'a1',
    'blue',
    secret(value),
  );
  expect(created.status).toBe('VALID');
  expect(await org1.evaluate('private', 'ReadValue', 'appraisals', 'a1')).toBe(value);

  await org2.waitForHeight(created.blockNumber + 1);
  expect(JSON.parse(await org2.evaluate('private', 'ReadAsset', 'a1'))).toMatchObject({ ID: 'a1' });
  const block = await org2.page.evaluate((n) => window.tabric.block(n), created.blockNumber);
  expect(JSON.stringify(block)).not.toContain(value);
  expect(await org2.evaluate('private', 'ValueHash', 'appraisals', 'a1')).toBe(hashOf(value));
  const verify = (guess: string): Promise<string> =>
    org2.evaluate('private', 'VerifyValue', 'appraisals', 'a1', secret(guess));
  expect([await verify(value), await verify('worth nothing')]).toEqual(['true', 'false']);
  await expect(org2.evaluate('private', 'ReadValue', 'appraisals', 'a1')).rejects.toThrow(
    /tx creator does not have read access permission on privatedata in chaincodeName:private collectionName: appraisals/,
  );
  await expect(
    org2.submit('private', 'SetValue', 'appraisals', 'a1', secret('more')),
  ).rejects.toThrow(/tx creator does not have write access permission on privatedata/);

  await org1.reload();
  await org2.reload();
  expect(await org1.evaluate('private', 'ReadValue', 'appraisals', 'a1')).toBe(value);
  expect(await verify(value)).toBe('true');
  const values = await org1.evaluate('private', 'ValuesByRange', 'appraisals', '', '');
  expect(JSON.parse(values)).toEqual({ a1: value });

  const purged = await org1.submit('private', 'PurgeValue', 'appraisals', 'a1');
  await org2.waitForHeight(purged.blockNumber + 1);
  await expect(org1.evaluate('private', 'ReadValue', 'appraisals', 'a1')).rejects.toThrow(
    /There is no value of a1/,
  );
  expect(await org2.evaluate('private', 'ValueHash', 'appraisals', 'a1')).toBe('');
});

test('a member that did not endorse misses the value, and says so', async ({ tabs }) => {
  const [org1] = await twoOrganisations((mspId) => tabs.open(relay, mspId));
  const other = await tabs.open(relay, 'Org1MSP');
  const { blockNumber } = await org1.submit(
    'private',
    'CreateAsset',
    'appraisals',
    'a2',
    'red',
    secret('5'),
  );
  await other.waitForHeight(blockNumber + 1);
  await expect(other.evaluate('private', 'ReadValue', 'appraisals', 'a2')).rejects.toThrow(
    /private data matching public hash version is not available/,
  );
  expect(await other.evaluate('private', 'ValueHash', 'appraisals', 'a2')).toBe(hashOf('5'));
});

test('an outsider’s value reaches the members, and expires at everybody’s peer', async ({
  tabs,
}) => {
  const [org1, org2] = await twoOrganisations((mspId) => tabs.open(relay, mspId));
  const { blockNumber } = await org2.submit('private', 'SetValue', 'offers', 'o1', secret('7'));
  await org1.waitForHeight(blockNumber + 1);
  expect(await org1.evaluate('private', 'ReadValue', 'offers', 'o1')).toBe('7');
  await expect(org2.evaluate('private', 'ReadValue', 'offers', 'o1')).rejects.toThrow(
    /private data matching public hash version is not available/,
  );
  expect(await org2.evaluate('private', 'ValueHash', 'offers', 'o1')).toBe(hashOf('7'));

  for (let i = 0; (await org1.height()) < blockNumber + 3; i++) {
    await org1.submit('private', 'SetValue', 'appraisals', `filler${i}`, secret('x'));
  }
  expect(await org1.evaluate('private', 'ReadValue', 'offers', 'o1')).toBe('7');
  const last = await org1.submit('private', 'SetValue', 'appraisals', 'last', secret('x'));
  expect(last.blockNumber).toBe(blockNumber + 3);
  await org2.waitForHeight(last.blockNumber + 1);
  await expect(org1.evaluate('private', 'ReadValue', 'offers', 'o1')).rejects.toThrow(
    /There is no value of o1/,
  );
  expect(await org2.evaluate('private', 'ValueHash', 'offers', 'o1')).toBe('');
});

test('a collection that asks for more peers than can be given fails the endorsement', async ({
  tabs,
}) => {
  const [org1] = await twoOrganisations((mspId) => tabs.open(relay, mspId));
  const outcome = await org1.trySubmit('private', 'SetValue', 'careful', 'k', secret('v'));
  expect(outcome).toMatchObject({ ok: false, name: 'EndorseError' });
  const details = await org1.page.evaluate(async () => {
    try {
      const options = { transientData: { value: 'v' } };
      await window.tabric.submit('private', 'SetValue', 'careful', 'k', options);
      return [];
    } catch (error) {
      return (error as { details?: { message: string }[] }).details?.map((one) => one.message);
    }
  });
  expect(details).toEqual([
    expect.stringContaining(
      'required to disseminate to at least 1 peers, but know of only 0 eligible peers',
    ),
  ]);
});
