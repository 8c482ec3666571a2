// SPDX-License-Identifier: Apache-2.0

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { common, protos } from '../../common/protos/index.ts';
import { fromUtf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { ParsedTx } from '../../ledger/blkstorage/index.ts';
import { checkMessage } from '../committer/message-checks.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { CommitError, CommitStatusError, type Contract, connect, SubmitError } from './index.ts';
import { FakeConnection, returns, until } from './testing/fake-connection.ts';

const POLICY = "AND('Org1MSP.peer','Org2MSP.peer')";
const { TxValidationCode: Code } = protos;

let channel: TestChannel;
let connection: FakeConnection;
let contract: Contract;
let clock: FakeClock;
let trace: TraceBus;

beforeAll(async () => {
  channel = await createTestChannel();
});

beforeEach(() => {
  const [org1] = channel.peers.Org1MSP;
  const [org2] = channel.peers.Org2MSP;
  connection = new FakeConnection(channel, POLICY, [
    { name: 'org1', identity: org1, own: true, does: returns('done') },
    { name: 'org2', identity: org2, does: returns('done') },
  ]);
  clock = new FakeClock();
  trace = new TraceBus();
  const gateway = connect({ identity: channel.client, connection, clock, trace });
  contract = gateway.getNetwork(CHANNEL).getContract('basic');
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
    const [envelope = new Uint8Array(), ...more] = connection.sent;
    expect(more).toEqual([]);
    const { mspManager } = channel.bundle;
    const { action, txId } = await checkMessage(ParsedTx.of(envelope), CHANNEL, mspManager);
    const { proposalResponsePayload = new Uint8Array(), endorsements = [] } = action ?? {};
    expect(endorsements.map(({ endorser }) => endorser)).toEqual([
      channel.peers.Org1MSP[0].serialize(),
      channel.peers.Org2MSP[0].serialize(),
    ]);
    const args = ['', '', proposalResponsePayload, endorsements] as const;
    expect(await connection.satisfiesPolicy(...args)).toBe(true);
    const stages = trace.events(txId).map(({ stage }) => stage);
    expect(stages.toSorted()).toEqual(['endorse', 'event', 'propose', 'submit']);
    expect(trace.events(txId).find(({ stage }) => stage === 'event')).toMatchObject({
      block: 7,
      data: { code: 0 },
    });
  });

  it('waits for the commit from before it is ordered', async () => {
    const order: string[] = [];
    connection.onCommit = async (txId) => {
      order.push('listen');
      expect(txId).toMatch(/^[0-9a-f]{64}$/);
      return { code: 0, blockNumber: 3 };
    };
    connection.onBroadcast = async () => {
      order.push('broadcast');
      return { status: 200, info: '' };
    };
    const submitted = await contract.submitAsync('f');
    expect(order).toEqual(['listen', 'broadcast']);
    expect(await submitted.getStatus()).toEqual({
      code: 0,
      successful: true,
      transactionId: submitted.getTransactionId(),
      blockNumber: 3n,
    });
    expect(fromUtf8(submitted.getResult())).toBe('done');
  });

  it('fails with the orderer’s refusal, and waits no more', async () => {
    let signal: AbortSignal | undefined;
    connection.onCommit = (_txId, given) => {
      signal = given;
      return new Promise(() => {});
    };
    const status = common.Status.FORBIDDEN;
    connection.onBroadcast = async () => ({ status, info: 'not a writer' });
    const error = await errorOf(contract.submitTransaction('f'));
    expect(error).toBeInstanceOf(SubmitError);
    expect(error).toMatchObject({
      code: 'ORDERER_REFUSED',
      data: { status: 'FORBIDDEN', info: 'not a writer' },
      message: 'received unsuccessful response from orderer: status=FORBIDDEN, info=not a writer',
    });
    expect(signal?.aborted).toBe(true);
  });

  it('fails when the orderer is out of reach, or silent', async () => {
    connection.onBroadcast = () => Promise.reject(new Error('no route'));
    const unreachable = await errorOf(contract.submitTransaction('f'));
    expect(unreachable).toBeInstanceOf(SubmitError);
    expect(unreachable).toMatchObject({
      code: 'ORDERER_UNREACHABLE',
      message: 'the orderer could not be reached: no route',
    });
    connection.onBroadcast = () => new Promise(() => {});
    const waiting = errorOf(contract.submitTransaction('f'));
    await until(() => connection.sent.length === 2);
    await clock.advance(10_000);
    expect(await waiting).toMatchObject({
      code: 'ORDERER_UNREACHABLE',
      message: 'the orderer could not be reached: the answer took longer than 10000 ms',
    });
  });
});

describe('the outcome', () => {
  it('is an error when the transaction is invalid, with the code’s name', async () => {
    connection.onCommit = async () => ({ code: Code.MVCC_READ_CONFLICT, blockNumber: 9 });
    const submitted = await contract.submitAsync('f');
    expect(await submitted.getStatus()).toMatchObject({ code: 11, successful: false });
    const error = await errorOf(contract.submitTransaction('f'));
    expect(error).toBeInstanceOf(CommitError);
    expect(error).toMatchObject({
      code: 'MVCC_READ_CONFLICT',
      validationCode: 11,
      blockNumber: 9n,
      data: { status: 'MVCC_READ_CONFLICT', blockNumber: 9 },
    });
  });

  it('has a name even for a code that nobody knows', async () => {
    connection.onCommit = async () => ({ code: 200, blockNumber: 9 });
    expect(await errorOf(contract.submitTransaction('f'))).toMatchObject({ code: '200' });
  });

  it('is unknown when no block comes in time', async () => {
    let signal: AbortSignal | undefined;
    connection.onCommit = (_txId, given) => {
      signal = given;
      return new Promise(() => {});
    };
    const submitted = await contract.submitAsync('f');
    await clock.advance(59_999);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(signal?.aborted).toBe(true);
    const error = await errorOf(submitted.requireValid());
    expect(error).toBeInstanceOf(CommitStatusError);
    expect(error).toMatchObject({
      code: 'COMMIT_TIMEOUT',
      transactionId: submitted.getTransactionId(),
    });
    expect(String(error)).toContain('within 60000 ms; it may still come');
  });

  it('is unknown when the peer cannot tell', async () => {
    connection.onCommit = () => Promise.reject(new Error('the ledger is closed'));
    const submitted = await contract.submitAsync('f');
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
