// SPDX-License-Identifier: Apache-2.0
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../../../common/msp/types.ts';
import { common, gateway, type orderer, protos } from '../../../common/protos/index.ts';
import { newBlock, setMetadataSlot, toNumber } from '../../../common/protoutil/index.ts';
import { EMPTY_BYTES, fromUtf8 } from '../../../common/runtime/bytes.ts';
import { localClient, ownClient } from '../../../common/wire/local-client.ts';
import { GrpcStatus, type ServiceClient } from '../../../common/wire/service.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../../testing/test-channel.ts';
import type { GatewayService } from '../index.ts';
import { CHAINCODE_EVENTS } from '../methods.ts';
import { type FakeNetwork, returns, until } from '../testing/fake-network.ts';
import { ANY, benchMaker, endorsersOf, that } from '../testing/gateway-bench.ts';

const { VALID, MVCC_READ_CONFLICT } = protos.TxValidationCode;

let channel: TestChannel;
let network: FakeNetwork;
let service: GatewayService;
/** Ids of the transactions, by the name of their event. */
let txIds: Map<string, string>;

beforeAll(async () => {
  channel = await createTestChannel();
});

beforeEach(() => {
  ({ network, service } = benchMaker(channel)(ANY));
  txIds = new Map();
});

/** An envelope whose transaction emits an event of that name; none when the name is empty. */
async function envelopeOf(event: string): Promise<Uint8Array> {
  const { org1 } = endorsersOf(channel);
  const made = benchMaker(channel)(ANY, that(org1, returns(event, 200, event !== '')));
  const { transactionId } = await (await made.contract.submitAsync('f')).getStatus();
  txIds.set(event, transactionId);
  return made.network.sent[0] ?? EMPTY_BYTES;
}

/** Adds a block of transactions that emit these events, of which some may be invalid, and tells of it. */
async function addBlock(events: readonly string[], invalid: readonly string[] = []): Promise<void> {
  const number = network.blocks.length;
  const data = { data: await Promise.all(events.map(envelopeOf)) };
  const codes = events.map((event) => (invalid.includes(event) ? MVCC_READ_CONFLICT : VALID));
  const { TRANSACTIONS_FILTER } = common.BlockMetadataIndex;
  const block = { ...newBlock(number, EMPTY_BYTES), data };
  const whole = setMetadataSlot(block, TRANSACTIONS_FILTER, Uint8Array.from(codes));
  network.blocks.push(common.Block.encode(whole).finish());
  for (const event of events) {
    const txId = txIds.get(event) ?? '';
    network.ledger.set(txId, { code: VALID, blockNumber: number });
  }
  network.tell({ blockNumber: number });
}

interface Following {
  /** `block:event,event`, as they come. */
  readonly seen: string[];
  readonly end: Promise<unknown>;
  readonly stop: () => void;
}

async function follow(
  request: gateway.IChaincodeEventsRequest = {},
  client: ServiceClient = ownClient(service.services, 'peer'),
  identity?: SigningIdentity,
): Promise<Following> {
  const caller = new AbortController();
  const all = { channel_id: CHANNEL, chaincode_id: 'basic', identity: identity?.serialize() };
  const bytes = gateway.ChaincodeEventsRequest.encode({ ...all, ...request }).finish();
  const signature = identity ? await identity.sign(bytes) : EMPTY_BYTES;
  const signed = gateway.SignedChaincodeEventsRequest.encode({ request: bytes, signature });
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    const { signal } = caller;
    for await (const one of client.call(CHAINCODE_EVENTS, [signed.finish()], { signal })) {
      const { events, block_number } = gateway.ChaincodeEventsResponse.decode(one);
      const names = events.map(({ event_name, payload }) => {
        expect(fromUtf8(payload)).toBe(event_name);
        return event_name;
      });
      seen.push(`${toNumber(block_number)}:${names.join()}`);
    }
  };
  const end = read().then(
    () => 'ended',
    (error: unknown) => error,
  );
  return { seen, end, stop: () => caller.abort(new Error('gone')) };
}

const at = (number: number): orderer.ISeekPosition => ({ specified: { number } });

describe('chaincode events', () => {
  it('come block by block from the next commit on, of valid transactions only', async () => {
    await addBlock(['before']);
    const { seen, end, stop } = await follow();
    await until(() => network.listeners > 2);
    await addBlock(['a', 'b', 'c'], ['b']);
    await addBlock(['', 'd'], ['d']);
    await addBlock(['e']);
    await until(() => seen.length === 2);
    expect(seen).toEqual(['1:a,c', '3:e']);
    stop();
    expect(String(await end)).toContain('gone');
  });

  it('come from an earlier block, and from after a transaction', async () => {
    await addBlock(['a', 'b']);
    await addBlock(['c', 'd']);
    const first = await follow({ start_position: at(0) });
    const later = await follow({ start_position: at(1) });
    const after = await follow({ after_transaction_id: txIds.get('c') ?? '' });
    const unknown = await follow({ start_position: at(1), after_transaction_id: 'x' });
    await until(() => first.seen.length === 2 && later.seen.length + after.seen.length === 2);
    expect(first.seen).toEqual(['0:a,b', '1:c,d']);
    expect(later.seen).toEqual(['1:c,d']);
    expect(after.seen).toEqual(['1:d']);
    // As in Fabric: from where it was told, but nothing until that transaction.
    expect(unknown.seen).toEqual([]);
    for (const { stop } of [first, later, after, unknown]) stop();
  });

  it('of other chaincodes are left out', async () => {
    const { seen, stop } = await follow({ chaincode_id: 'other', start_position: at(0) });
    const own = await follow({ start_position: at(0) });
    await addBlock(['a']);
    await until(() => own.seen.length === 1);
    expect(seen).toEqual([]);
    stop();
    own.stop();
  });

  it('leave nothing behind when their reader goes', async () => {
    const before = network.listeners;
    const { end, stop } = await follow();
    await until(() => network.listeners === before + 1);
    stop();
    await end;
    expect(network.listeners).toBe(before);
  });

  it('are refused to whom the channel does not let read, and from nowhere', async () => {
    const remote = localClient(service.services, { address: 'somebody' });
    const stranger = await createTestChannel();
    const denied = await follow({}, remote, stranger.client);
    expect(await denied.end).toMatchObject({ status: GrpcStatus.PERMISSION_DENIED });
    const nobody = await follow({}, remote);
    expect(await nobody.end).toMatchObject({ status: GrpcStatus.INVALID_ARGUMENT });
    const oldest = await follow({ start_position: { oldest: {} } }, remote, channel.client2);
    expect(await oldest.end).toMatchObject({ status: GrpcStatus.INVALID_ARGUMENT });
    await addBlock(['a']);
    const { seen, stop } = await follow({ start_position: at(0) }, remote, channel.client2);
    await until(() => seen.length === 1);
    stop();
  });

  it('end where the ledger has no block', async () => {
    await addBlock(['a']);
    // As where a ledger began with a snapshot.
    network.blocks[2] = EMPTY_BYTES;
    const { end } = await follow({ start_position: at(1) });
    expect(await end).toMatchObject({ status: GrpcStatus.ABORTED });
  });
});
