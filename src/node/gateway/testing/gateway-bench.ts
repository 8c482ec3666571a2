// SPDX-License-Identifier: Apache-2.0
// A client of a channel of two organisations at its own peer's gateway service, and the peers.
import type { FakeClock } from '../../../common/runtime/clock.ts';
import type { TraceBus } from '../../../common/runtime/trace.ts';
import { ownClient } from '../../../common/wire/local-client.ts';
import { CHANNEL, type TestChannel } from '../../testing/test-channel.ts';
import { type Contract, connect, EndorseError, GatewayService } from '../index.ts';
import { type Behaviour, type FakeEndorser, FakeNetwork } from './fake-network.ts';

export const ANY = "OR('Org1MSP.peer','Org2MSP.peer')";
export const BOTH = "AND('Org1MSP.peer','Org2MSP.peer')";

export interface GatewayBench {
  readonly network: FakeNetwork;
  readonly service: GatewayService;
  readonly contract: Contract;
  readonly clock: FakeClock;
  readonly trace: TraceBus;
}

/** A client of Org1 in a network of these endorsers. */
export type BenchMaker = (policy: string, ...endorsers: readonly FakeEndorser[]) => GatewayBench;

/** Nobody is waited for unless that is asked for: the clock stands still. */
export function benchMaker(channel: TestChannel, endorserWaitMs = 0): BenchMaker {
  return (policy, ...endorsers) => {
    const network = new FakeNetwork(channel, policy, endorsers);
    const service = new GatewayService(network, { endorserWaitMs });
    service.start();
    const { clock, trace } = network;
    const client = ownClient(service.services, 'client');
    const gateway = connect({ identity: channel.client, client, clock, trace });
    const contract = gateway.getNetwork(CHANNEL).getContract('basic');
    return { network, service, clock, trace, contract };
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
