// SPDX-License-Identifier: Apache-2.0
import { beforeAll, expect, it } from 'vitest';
import { createTestChannel } from '../../testing/test-channel.ts';
import { type FakeEndorser, until } from '../testing/fake-network.ts';
import {
  ANY,
  type BenchMaker,
  BOTH,
  benchMaker,
  endorseErrorOf,
  endorsersOf,
} from '../testing/gateway-bench.ts';

const WAIT_MS = 5_000;
let bench: BenchMaker;
let org1: FakeEndorser;
let org2: FakeEndorser;

beforeAll(async () => {
  const channel = await createTestChannel();
  bench = benchMaker(channel, WAIT_MS);
  ({ org1, org2 } = endorsersOf(channel));
});

it('waits for a peer that the policy needs, says so, and endorses when it is there', async () => {
  const { network, contract, clock, trace } = bench(BOTH, org1);
  const endorsed = contract.newProposal('f').endorse();
  const told = () => trace.events().find(({ data }) => data?.waitingFor)?.data;
  await until(() => told() !== undefined);
  expect(told()).toEqual({ waitingFor: ['Org2MSP'] });
  await clock.advance(1_000);
  expect(network.asked).toEqual([]);
  network.add(org2);
  await clock.advance(100);
  await endorsed;
  expect(network.asked).toEqual(['org1', 'org2']);
});

it('fails when nobody comes, and names who was missing', async () => {
  const { contract, clock, trace } = bench(BOTH, org1);
  const failed = endorseErrorOf(contract.newProposal('f').endorse());
  await until(() => trace.events().some(({ data }) => data?.waitingFor));
  await clock.advance(WAIT_MS);
  const { details } = await failed;
  expect(details.map(({ mspId, message }) => `${mspId}: ${message}`)).toEqual([
    'Org2MSP: no reachable peer of Org2MSP runs chaincode basic',
  ]);
});

it('does not wait when there are enough', async () => {
  const { contract, trace } = bench(ANY, org2);
  await contract.newProposal('f').endorse();
  expect(trace.events().some(({ data }) => data?.waitingFor)).toBe(false);
});

it('ends when the caller does', async () => {
  const { contract, trace } = bench(BOTH, org1);
  const controller = new AbortController();
  const failed = endorseErrorOf(contract.newProposal('f').endorse({ signal: controller.signal }));
  await until(() => trace.events().some(({ data }) => data?.waitingFor));
  controller.abort(new Error('enough of it'));
  expect((await failed).message).toContain('enough of it');
});
