// SPDX-License-Identifier: Apache-2.0
// A client of a channel of two organisations, and its peers.
import { FakeClock } from '../../../common/runtime/clock.ts';
import { TraceBus } from '../../../common/runtime/trace.ts';
import { CHANNEL, type TestChannel } from '../../testing/test-channel.ts';
import { type Contract, connect, EndorseError } from '../index.ts';
import { type Behaviour, FakeConnection, type FakeEndorser } from './fake-connection.ts';

export const ANY = "OR('Org1MSP.peer','Org2MSP.peer')";
export const BOTH = "AND('Org1MSP.peer','Org2MSP.peer')";

export interface GatewayBench {
  readonly connection: FakeConnection;
  readonly contract: Contract;
  readonly clock: FakeClock;
  readonly trace: TraceBus;
}

/** A client of Org1 in a network of these endorsers. */
export type BenchMaker = (policy: string, ...endorsers: readonly FakeEndorser[]) => GatewayBench;

export function benchMaker(channel: TestChannel): BenchMaker {
  return (policy, ...endorsers) => {
    const connection = new FakeConnection(channel, policy, endorsers);
    const clock = new FakeClock();
    const trace = new TraceBus();
    const gateway = connect({ identity: channel.client, connection, clock, trace });
    return { connection, clock, trace, contract: gateway.getNetwork(CHANNEL).getContract('basic') };
  };
}

/** Two peers of each organisation; `org1` is the client's own. */
export function endorsersOf({
  peers,
}: TestChannel): Record<'org1' | 'org1b' | 'org2' | 'org2b', FakeEndorser> {
  const [peer0, peer1] = peers.Org1MSP;
  const [peer2, peer3] = peers.Org2MSP;
  return {
    org1: { name: 'org1', identity: peer0, own: true },
    org1b: { name: 'org1b', identity: peer1 },
    org2: { name: 'org2', identity: peer2 },
    org2b: { name: 'org2b', identity: peer3 },
  };
}

/** The endorser, doing something else. */
export function that(endorser: FakeEndorser, does: Behaviour): FakeEndorser {
  return { ...endorser, does };
}

/** The error of a call that fails with an EndorseError. */
export async function endorseErrorOf(call: Promise<unknown>): Promise<EndorseError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof EndorseError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}
