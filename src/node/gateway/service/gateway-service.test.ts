// SPDX-License-Identifier: Apache-2.0
// The service as its callers see it: the node itself, and others whom it has to check. How endorsements are collected: endorse.test.ts.
import { beforeAll, describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../../../common/msp/types.ts';
import { gateway, protos } from '../../../common/protos/index.ts';
import { toNumber } from '../../../common/protoutil/index.ts';
import { EMPTY_BYTES, utf8 } from '../../../common/runtime/bytes.ts';
import { localClient, ownClient } from '../../../common/wire/local-client.ts';
import {
  GrpcStatus,
  type ServiceClient,
  ServiceError,
  type ServiceTable,
  unary,
} from '../../../common/wire/service.ts';
import { decodeStatus, encodeStatus } from '../../../common/wire/status.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../../testing/test-channel.ts';
import { type Contract, connect, GatewayService } from '../index.ts';
import { CHAINCODE_EVENTS, COMMIT_STATUS, ENDORSE, EVALUATE, SUBMIT } from '../methods.ts';
import { type FakeEndorser, fails, hangs, returns, until } from '../testing/fake-network.ts';
import {
  ANY,
  type BenchMaker,
  BOTH,
  benchMaker,
  endorseErrorOf,
  endorsersOf,
  type GatewayBench,
  that,
} from '../testing/gateway-bench.ts';

const { VALID, MVCC_READ_CONFLICT, DUPLICATE_TXID } = protos.TxValidationCode;

let channel: TestChannel;
let bench: BenchMaker;
let org1: FakeEndorser;
let org2: FakeEndorser;
let org2b: FakeEndorser;

beforeAll(async () => {
  channel = await createTestChannel();
  bench = benchMaker(channel);
  ({ org1, org2, org2b } = endorsersOf(channel));
});

const forever = new AbortController().signal;
const own = ({ service }: Pick<GatewayBench, 'service'>): ServiceClient =>
  ownClient(service.services, 'peer');
/** A caller elsewhere, whose errors went over a wire. */
const remote = (services: ServiceTable): ServiceClient => ({
  async *call(...args) {
    try {
      yield* localClient(services, { address: 'somebody' }).call(...args);
    } catch (error) {
      throw error instanceof ServiceError ? decodeStatus(encodeStatus(error)) : error;
    }
  },
});

function contractOf(client: ServiceClient, identity = channel.client): Contract {
  return connect({ identity, client }).getNetwork(CHANNEL).getContract('basic');
}

async function statusRequest(
  transaction_id: string,
  identity?: SigningIdentity,
  channel_id = CHANNEL,
): Promise<Uint8Array> {
  const asked = { transaction_id, channel_id, identity: identity?.serialize() };
  const request = gateway.CommitStatusRequest.encode(asked).finish();
  const signature = identity ? await identity.sign(request) : EMPTY_BYTES;
  return gateway.SignedCommitStatusRequest.encode({ request, signature }).finish();
}

async function statusOf(
  client: ServiceClient,
  txId: string,
  options: { identity?: SigningIdentity; signal?: AbortSignal } = {},
): Promise<{ code: number; block: number }> {
  const { identity, signal = forever } = options;
  const request = await statusRequest(txId, identity);
  const bytes = await unary(client, COMMIT_STATUS, request, { signal });
  const { result, block_number } = gateway.CommitStatusResponse.decode(bytes);
  return { code: result, block: toNumber(block_number) };
}

const rejection = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('CommitStatus', () => {
  it('finds a transaction in the ledger first, also without a notifier', async () => {
    const { network } = bench(ANY);
    network.ledger.set('old', { code: MVCC_READ_CONFLICT, blockNumber: 3 });
    // As after a restart: a new service, which nothing has told anything yet.
    const restarted = new GatewayService(network);
    const client = ownClient(restarted.services, 'peer');
    expect(await statusOf(client, 'old')).toEqual({ code: MVCC_READ_CONFLICT, block: 3 });
    expect(network.calls).toEqual(['outcome']);
  });

  it('waits for the block of one that is not, and for its channel’s', async () => {
    const { network, service } = bench(ANY);
    const asked = statusOf(own({ service }), 'new');
    await until(() => service.waiting === 1);
    network.tell({ channel: 'other', txIds: ['new'], codes: [MVCC_READ_CONFLICT] });
    network.commit({ old: VALID, new: VALID }, 8);
    expect(await asked).toEqual({ code: VALID, block: 8 });
    expect(service.waiting).toBe(0);
  });

  it('misses no block that comes while the ledger is asked', async () => {
    const made = bench(ANY);
    const { network } = made;
    network.onOutcome = async () => {
      network.tell({ txIds: ['tx'], codes: [VALID], blockNumber: 4 });
      return undefined;
    };
    expect(await statusOf(own(made), 'tx')).toEqual({ code: VALID, block: 4 });
  });

  it('tells of the first of two transactions with one id', async () => {
    const made = bench(ANY);
    const { network, service } = made;
    const asked = statusOf(own(made), 'twice');
    await until(() => service.waiting === 1);
    network.tell({ txIds: ['twice', 'twice'], codes: [VALID, DUPLICATE_TXID], blockNumber: 5 });
    expect(await asked).toEqual({ code: VALID, block: 5 });
    network.ledger.set('twice', { code: VALID, blockNumber: 5 });
    network.tell({ txIds: ['twice'], codes: [DUPLICATE_TXID], blockNumber: 6 });
    expect(await statusOf(own(made), 'twice')).toEqual({ code: VALID, block: 5 });
  });

  it('frees everything when its caller goes away, before or after the ledger has answered', async () => {
    const made = bench(ANY);
    const { network, service } = made;
    const before = network.listeners;
    const caller = new AbortController();
    const { signal } = caller;
    const asked = rejection(statusOf(own(made), 'tx', { signal }));
    network.onOutcome = () => new Promise(() => {});
    const slow = rejection(statusOf(own(made), 'other', { signal }));
    await until(() => service.waiting === 2);
    caller.abort(new Error('gone'));
    expect(String(await asked)).toContain('gone');
    expect(String(await slow)).toContain('gone');
    expect(service.waiting).toBe(0);
    expect(network.listeners).toBe(before);
  });

  it('is refused to whom the channel does not let read', async () => {
    const { network, service } = bench(ANY);
    network.ledger.set('tx', { code: VALID, blockNumber: 3 });
    const client = remote(service.services);
    const identity = channel.client2;
    expect(await statusOf(client, 'tx', { identity })).toEqual({ code: VALID, block: 3 });

    const stranger = await createTestChannel();
    const denied = await rejection(statusOf(client, 'tx', { identity: stranger.client }));
    expect(denied).toMatchObject({ status: GrpcStatus.PERMISSION_DENIED });
    const elsewhere = await statusRequest('tx', identity, 'nochannel');
    expect(
      await rejection(unary(client, COMMIT_STATUS, elsewhere, { signal: forever })),
    ).toMatchObject({ status: GrpcStatus.PERMISSION_DENIED });

    const { request } = gateway.SignedCommitStatusRequest.decode(
      await statusRequest('tx', identity),
    );
    const forged = gateway.SignedCommitStatusRequest.encode({ request, signature: utf8('x') });
    expect(
      await rejection(unary(client, COMMIT_STATUS, forged.finish(), { signal: forever })),
    ).toMatchObject({ status: GrpcStatus.PERMISSION_DENIED });
    // What the node itself may leave out.
    expect(await rejection(statusOf(client, 'tx'))).toMatchObject({
      status: GrpcStatus.INVALID_ARGUMENT,
      message: 'no identity provided',
    });
  });

  it('ends with the service', async () => {
    const made = bench(ANY);
    const asked = rejection(statusOf(own(made), 'tx'));
    await until(() => made.service.waiting === 1);
    made.service.stop();
    expect(await asked).toMatchObject({ status: GrpcStatus.UNAVAILABLE });
    expect(made.service.waiting).toBe(0);
    expect(made.network.listeners).toBe(0);
  });
});

describe('a transaction of the node’s own client', () => {
  it('costs one question to its peer and two signatures when one endorsement is enough', async () => {
    const { network, service } = bench(ANY, org1, org2);
    network.tell({ blockNumber: 6 });
    let signatures = 0;
    const identity: SigningIdentity = {
      ...channel.client,
      serialize: () => channel.client.serialize(),
      sign: (bytes) => {
        signatures++;
        return channel.client.sign(bytes);
      },
    };
    const contract = contractOf(ownClient(service.services, 'peer'), identity);
    await contract.submitTransaction('f');
    // The plan is made once; the endorsement comes with its verdict; the block comes by itself.
    expect(network.calls).toEqual(['plan']);
    expect(network.asked).toEqual(['org1']);
    expect(signatures).toBe(2);
    await contract.submitTransaction('f');
    expect(network.calls).toEqual(['plan']);
  });

  it('costs one more when several have to be judged together', async () => {
    const { network, contract } = bench(BOTH, org1, org2);
    network.tell({ blockNumber: 6 });
    await contract.submitTransaction('f');
    await contract.submitTransaction('f');
    expect(network.calls).toEqual(['plan', 'satisfies', 'satisfies']);
  });

  it('believes no verdict of another peer', async () => {
    const elsewhere = { ...org2, own: false };
    const { network, contract } = bench(ANY, elsewhere);
    await contract.newProposal('f').endorse();
    expect(network.calls).toEqual(['plan', 'satisfies']);
  });

  it('asks the ledger when its own peer did not endorse', async () => {
    const { network, contract } = bench(ANY, that(org1, fails('full')), org2);
    await contract.submitTransaction('f');
    expect(network.calls).toEqual(['plan', 'satisfies', 'outcome']);
  });
});

describe('plans', () => {
  it('are made again when a block changes what they are made from', async () => {
    const { network, contract } = bench(ANY, org1);
    const plans = (): number => network.calls.filter((call) => call === 'plan').length;
    const endorse = () => contract.newProposal('f').endorse();
    await endorse();
    network.tell({});
    await endorse();
    const made = plans();
    network.tell({ blockNumber: 8 });
    await endorse();
    expect(plans()).toBe(made);
    network.planVersion++;
    network.tell({ channel: 'other', blockNumber: 9 });
    await endorse();
    expect(plans()).toBe(made);
    network.tell({ blockNumber: 9 });
    await endorse();
    expect(plans()).toBe(made + 1);
  });

  it('for transient data are always asked for', async () => {
    const { network, contract } = bench(ANY, org1);
    const transientData = { secret: 's' };
    for (let i = 0; i < 2; i++) await contract.newProposal('f', { transientData }).endorse();
    // One of the chaincode, which is kept, and one for each endorsement that touched something.
    expect(network.calls.filter((call) => call === 'plan')).toHaveLength(3);
  });

  it('that could not be made are tried again', async () => {
    const { network, contract } = bench(ANY, org1);
    const { onPlan } = network;
    network.onPlan = () => {
      throw new Error('the worker is busy');
    };
    const failed = await endorseErrorOf(contract.newProposal('f').endorse());
    expect(failed.message).toBe('the worker is busy');
    network.onPlan = onPlan;
    await contract.newProposal('f').endorse();
  });
});

describe('a remote caller', () => {
  it('endorses, submits and learns the outcome with signatures', async () => {
    const { network, service } = bench(BOTH, org1, org2);
    const contract = contractOf(remote(service.services), channel.client2);
    await contract.submitTransaction('f');
    expect(network.calls).toContain('acl');
  });

  it('learns what each endorser said', async () => {
    const endorsers = [org1, that(org2, fails('out of disk')), that(org2b, fails('asleep'))];
    const { service } = bench(BOTH, ...endorsers);
    const contract = contractOf(remote(service.services));
    const error = await endorseErrorOf(contract.submitTransaction('f'));
    expect(error.code).toBe('ENDORSEMENT_FAILED');
    expect(error.details).toEqual([
      { address: 'org2', mspId: 'Org2MSP', message: 'out of disk' },
      { address: 'org2b', mspId: 'Org2MSP', message: 'asleep' },
    ]);
    const refusing = bench(ANY, that(org1, returns('no such asset', 500)));
    const refused = contractOf(remote(refusing.service.services)).evaluateTransaction('f');
    expect(await endorseErrorOf(refused)).toMatchObject({
      code: 'CHAINCODE_ERROR',
      message: 'chaincode response 500, no such asset',
    });
  });

  it('that goes away is no longer worked for', async () => {
    let aborted = 0;
    const slow: FakeEndorser['does'] = (_signed, _identity, signal) => {
      signal.addEventListener('abort', () => aborted++);
      return hangs(_signed, _identity, signal);
    };
    const { network, service } = bench(ANY, that(org1, slow), org2);
    const caller = new AbortController();
    const { signal } = caller;
    const proposal = contractOf(remote(service.services)).newProposal('f');
    const endorsing = rejection(proposal.endorse({ signal }));
    const evaluating = rejection(proposal.evaluate({ signal }));
    await until(() => network.asked.length === 2);
    caller.abort(new Error('gone'));
    expect(String(await endorsing)).toContain('gone');
    expect(String(await evaluating)).toContain('gone');
    expect(aborted).toBe(2);
    // Nobody else is asked for who is not there.
    expect(network.asked).toEqual(['org1', 'org1']);
  });

  const proposed = (fields: gateway.IEndorseRequest) =>
    gateway.EndorseRequest.encode(fields).finish();
  const requests: [string, string, Uint8Array, string][] = [
    ['garbage', ENDORSE, Uint8Array.of(0xff), 'invalid request'],
    ['no proposal', EVALUATE, EMPTY_BYTES, 'must contain a signed proposal'],
    [
      'a proposal of garbage',
      ENDORSE,
      proposed({ proposed_transaction: { proposal_bytes: Uint8Array.of(0xff) } }),
      'failed to unpack transaction proposal',
    ],
    [
      'too many organisations',
      ENDORSE,
      proposed({
        proposed_transaction: { proposal_bytes: utf8('x') },
        endorsing_organizations: Array.from({ length: 101 }, (_, i) => `Org${i}`),
      }),
      'too many organizations',
    ],
    ['no transaction', SUBMIT, EMPTY_BYTES, 'a prepared transaction is required'],
    [
      'an unsigned transaction',
      SUBMIT,
      gateway.SubmitRequest.encode({ prepared_transaction: { payload: utf8('x') } }).finish(),
      'prepared transaction must be signed',
    ],
    ['no transaction id', COMMIT_STATUS, EMPTY_BYTES, 'transaction ID should not be empty'],
    ['no channel', CHAINCODE_EVENTS, EMPTY_BYTES, 'no channel ID provided'],
  ];

  it.each(requests)('is told that %s is no request', async (_what, method, request, message) => {
    const { service } = bench(ANY, org1);
    const call = unary(remote(service.services), method, request, { signal: forever });
    expect(await rejection(call)).toMatchObject({
      status: GrpcStatus.INVALID_ARGUMENT,
      message: expect.stringContaining(message),
    });
  });

  it('finds nobody on a channel that this peer has not joined', async () => {
    const { service } = bench(ANY, org1);
    const client = remote(service.services);
    const contract = connect({ identity: channel.client, client })
      .getNetwork('elsewhere')
      .getContract('basic');
    const error = await endorseErrorOf(contract.submitTransaction('f'));
    expect(error).toMatchObject({ code: 'NO_ENDORSERS' });
    expect(error.message).toContain('basic on elsewhere');
  });
});
