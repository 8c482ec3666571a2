// SPDX-License-Identifier: Apache-2.0
// Config updates through Broadcast: those of a real network, and what must be refused.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../common/msp/index.ts';
import { common } from '../common/protos/index.ts';
import {
  channelHeaderFromEnvelope,
  createSignedEnvelope,
  extractEnvelope,
  getLastConfigIndexFromBlock,
  isConfigBlock,
  payloadFromEnvelope,
  unmarshalEnvelope,
} from '../common/protoutil/index.ts';
import { toHex } from '../common/runtime/bytes.ts';
import {
  CHANNEL,
  identityOf,
  THEN,
  testBlock,
  testdata,
  transaction,
} from './testing/test-network.ts';
import { TestOrderer, textsOf, transactions } from './testing/test-orderer.ts';

let user1: SigningIdentity;
let admin1: SigningIdentity;
beforeAll(async () => {
  user1 = await identityOf('user1.org1', 'Org1MSP');
  admin1 = await identityOf('admin.org1', 'Org1MSP');
});

let test: TestOrderer;
beforeEach(async () => {
  test = await TestOrderer.start();
});
afterEach(() => test.node.stop());

describe('config updates', () => {
  const updates = ['anchor_org1', 'anchor_org2', 'batchsize'] as const;

  it('makes of real updates the configurations that the real orderer made', async () => {
    for (const [index, name] of updates.entries()) {
      expect(await test.broadcast(testdata(`${name}.envelope.pb`))).toMatchObject([
        { status: 200 },
      ]);
      const block = await test.blockAt(index + 1);
      const real = testBlock(`orderer-0${13 + index}.block`);
      expect(isConfigBlock(block)).toBe(true);
      expect(getLastConfigIndexFromBlock(block)).toBe(index + 1);
      const [mine, theirs] = [block, real].map(configOf);
      expect(mine).toEqual(theirs);
      expect(test.chain.sequence()).toBe(index + 1);
    }
    const header = channelHeaderFromEnvelope(extractEnvelope(await test.blockAt(1), 0));
    const realHeader = channelHeaderFromEnvelope(
      extractEnvelope(testBlock('orderer-013.block'), 0),
    );
    expect({ ...header, timestamp: null }).toEqual({ ...realHeader, timestamp: null });
    expect(test.chain.sharedConfig().batchSize.maxMessageCount).toBe(20);
  });

  it('puts what waits into a block before the config block, and names it in later blocks', async () => {
    await test.broadcast(...(await transactions(user1, 2)), testdata('anchor_org1.envelope.pb'));
    expect(textsOf(await test.blockAt(1))).toEqual(['tx 0', 'tx 1']);
    expect(isConfigBlock(await test.blockAt(2))).toBe(true);
    await test.broadcast(...(await transactions(user1, 10)));
    expect(getLastConfigIndexFromBlock(await test.blockAt(3))).toBe(2);
  });

  it('refuses an update twice, and one that nobody signed', async () => {
    const update = testdata('anchor_org1.envelope.pb');
    expect(await test.statusOf(update)).toBe(200);
    await test.blockAt(1);
    expect(await test.statusOf(update)).toBe(400);
    const unsigned = common.ConfigUpdateEnvelope.encode({
      ...common.ConfigUpdateEnvelope.decode(
        payloadFromEnvelope(unmarshalEnvelope(testdata('anchor_org2.envelope.pb'))).data,
      ),
      signatures: [],
    }).finish();
    const type = common.HeaderType.CONFIG_UPDATE;
    const envelope = await createSignedEnvelope(type, CHANNEL, user1, unsigned, {
      now: THEN,
      nonce: Uint8Array.of(1),
    });
    expect(await test.statusOf(common.Envelope.encode(envelope).finish())).toBe(400);
    expect(test.chain.height()).toBe(2);
  });

  it('orders only one of two updates that were made from one configuration', async () => {
    const update = testdata('anchor_org1.envelope.pb');
    const [first, second] = await Promise.all([test.broadcast(update), test.broadcast(update)]);
    expect([first[0]?.status, second[0]?.status]).toEqual([200, 200]);
    await test.broadcast(...(await transactions(user1, 10)));
    expect(isConfigBlock(await test.blockAt(1))).toBe(true);
    expect(textsOf(await test.blockAt(2))).toHaveLength(10);
  });

  it('refuses garbage for an update', async () => {
    const type = common.HeaderType.CONFIG_UPDATE;
    for (const text of ['', 'garbage', '\x0a\x03abc']) {
      expect(await test.statusOf(await transaction(admin1, text, { type }))).toBe(400);
    }
  });
});

/** The config in a config block, in a form that compares by meaning: map order does not count. */
function configOf(block: common.Block): unknown {
  const { data } = payloadFromEnvelope(extractEnvelope(block, 0));
  return plain(common.ConfigEnvelope.decode(data).config);
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value !== 'object' || value === null) return value;
  if ('low' in value && 'high' in value) return String(value);
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
