// SPDX-License-Identifier: Apache-2.0

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { common, protos } from '../../../common/protos/index.ts';
import { fromUtf8 } from '../../../common/runtime/bytes.ts';
import type { FakeClock } from '../../../common/runtime/clock.ts';
import type { TraceBus } from '../../../common/runtime/trace.ts';
import { ParsedTx } from '../../../ledger/blkstorage/index.ts';
import { checkMessage } from '../../committer/message-checks.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../../testing/test-channel.ts';
import {
  CommitError,
  CommitStatusError,
  type Contract,
  type GatewayService,
  SubmitError,
} from '../index.ts';
import { type FakeNetwork, returns, until } from '../testing/fake-network.ts';
import { type BenchMaker, BOTH, benchMaker, endorsersOf, that } from '../testing/gateway-bench.ts';

const { TxValidationCode: Code } = protos;

let channel: TestChannel;
let bench: BenchMaker;
let network: FakeNetwork;
let service: GatewayService;
let contract: Contract;
let clock: FakeClock;
let trace: TraceBus;

beforeAll(async () => {
  channel = await createTestChannel();
  bench = benchMaker(channel);
});

beforeEach(() => {
  const { org1, org2 } = endorsersOf(channel);
  const does = returns('done');
  ({ network, service, contract, clock, trace } = bench(BOTH, that(org1, does), that(org2, does)));
});

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no error',
    (error: unknown) => error,
  );
}

describe('submit', () => {
  it('orders a transaction that a committer accepts, and gives the chaincode’s result', async () => {
    expect(fromUtf8(await contract.submitTransaction('f', 'a'))).toBe('done');
    const [envelope = new Uint8Array(), ...more] = network.sent;
    expect(more).toEqual([]);
    const { mspManager } = channel.bundle;
    const { action, txId } = await checkMessage(ParsedTx.of(envelope), CHANNEL, mspManager);
    const { proposalResponsePayload = new Uint8Array(), endorsements = [] } = action ?? {};
    expect(endorsements.map(({ endorser }) => endorser)).toEqual([
      channel.peers.Org1MSP[0].serialize(),
      channel.peers.Org2MSP[0].serialize(),
    ]);
    const args = [CHANNEL, proposalResponsePayload, endorsements] as const;
    expect(await network.satisfiesPolicy(...args)).toBe(true);
    const stages = trace.events(txId).map(({ stage }) => stage);
    expect(stages.toSorted()).toEqual(['endorse', 'event', 'propose', 'submit']);
    expect(trace.events(txId).find(({ stage }) => stage === 'event')).toMatchObject({
      block: 7,
      data: { code: 0 },
    });
  });

  it('learns of a block that is quicker than the orderer’s answer', async () => {
    network.outcomeOfOrdered = undefined;
    network.onBroadcast = async (envelope) => {
      const { txId } = await checkMessage(
        ParsedTx.of(envelope),
        CHANNEL,
        channel.bundle.mspManager,
      );
      network.commit({ [txId]: Code.VALID }, 3);
      return { status: 200, info: '' };
    };
    const submitted = await contract.submitAsync('f');
    expect(await submitted.getStatus()).toEqual({
      code: 0,
      successful: true,
      transactionId: submitted.getTransactionId(),
      blockNumber: 3n,
    });
    expect(fromUtf8(submitted.getResult())).toBe('done');
  });

  it('fails with the orderer’s refusal', async () => {
    const status = common.Status.FORBIDDEN;
    network.onBroadcast = async () => ({ status, info: 'not a writer' });
    const error = await errorOf(contract.submitTransaction('f'));
    expect(error).toBeInstanceOf(SubmitError);
    expect(error).toMatchObject({
      code: 'ORDERER_REFUSED',
      data: { status: 'FORBIDDEN', info: 'not a writer' },
      message: 'received unsuccessful response from orderer: status=FORBIDDEN, info=not a writer',
    });
    expect(service.waiting).toBe(0);
  });

  it('fails when the orderer is out of reach, or silent', async () => {
    network.onBroadcast = () => Promise.reject(new Error('no route'));
    const unreachable = await errorOf(contract.submitTransaction('f'));
    expect(unreachable).toBeInstanceOf(SubmitError);
    expect(unreachable).toMatchObject({
      code: 'ORDERER_UNREACHABLE',
      message: 'the orderer could not be reached: no route',
    });
    network.onBroadcast = () => new Promise(() => {});
    const waiting = errorOf(contract.submitTransaction('f'));
    await until(() => network.sent.length === 2);
    await clock.advance(10_000);
    expect(await waiting).toMatchObject({
      code: 'ORDERER_UNREACHABLE',
      message: 'the orderer could not be reached: the answer took longer than 10000 ms',
    });
  });
});

describe('the outcome', () => {
  it('is an error when the transaction is invalid, with the code’s name', async () => {
    network.outcomeOfOrdered = { code: Code.MVCC_READ_CONFLICT, blockNumber: 9 };
    const submitted = await contract.submitAsync('f');
    expect(await submitted.getStatus()).toMatchObject({ code: 11, successful: false });
    const error = await errorOf(contract.submitTransaction('f'));
    expect(error).toBeInstanceOf(CommitError);
    expect(error).toMatchObject({
      code: 'MVCC_READ_CONFLICT',
      validationCode: 11,
      blockNumber: 9,
      data: { status: 'MVCC_READ_CONFLICT', blockNumber: 9 },
    });
  });

  it('has a name even for a code that nobody knows', async () => {
    network.outcomeOfOrdered = { code: 200, blockNumber: 9 };
    expect(await errorOf(contract.submitTransaction('f'))).toMatchObject({ code: '200' });
  });

  it('is unknown when no block comes in time, and can be asked for again', async () => {
    network.outcomeOfOrdered = undefined;
    const submitted = await contract.submitAsync('f');
    const failing = errorOf(submitted.requireValid());
    await clock.advance(59_999);
    expect(service.waiting).toBe(1);
    await clock.advance(1);
    expect(service.waiting).toBe(0);
    const error = await failing;
    expect(error).toBeInstanceOf(CommitStatusError);
    expect(error).toMatchObject({
      code: 'COMMIT_TIMEOUT',
      transactionId: submitted.getTransactionId(),
    });
    expect(String(error)).toContain('within 60000 ms; it may still come');
    network.commit({ [submitted.getTransactionId()]: Code.VALID });
    expect(await submitted.requireValid()).toMatchObject({ successful: true });
  });

  it('is unknown when the peer cannot tell', async () => {
    const submitted = await contract.submitAsync('f');
    service.stop(new Error('the ledger is closed'));
    network.onOutcome = () => Promise.reject(new Error('the ledger is closed'));
    const error = await errorOf(submitted.getStatus());
    expect(error).toBeInstanceOf(CommitStatusError);
    expect(error).toMatchObject({ code: 'COMMIT_UNKNOWN' });
    expect(String(error)).toContain('the ledger is closed');
  });

  it('leaves no timer behind', async () => {
    const timers = new Set<symbol>();
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (callback, ms) => {
      const id = Symbol();
      timers.add(id);
      const cancel = setTimer(callback, ms);
      return () => {
        timers.delete(id);
        cancel();
      };
    };
    await contract.submitTransaction('f');
    expect(timers.size).toBe(0);
  });
});
