// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { protos } from '../../../common/protos/index.ts';
import { unmarshalProposal } from '../../../common/protoutil/index.ts';
import { fromUtf8 } from '../../../common/runtime/bytes.ts';
import { ownClient } from '../../../common/wire/local-client.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../../testing/test-channel.ts';
import { connect } from '../index.ts';
import { type FakeEndorser, fails, returns } from '../testing/fake-network.ts';
import {
  ANY,
  type BenchMaker,
  benchMaker,
  endorseErrorOf,
  endorsersOf,
  that,
} from '../testing/gateway-bench.ts';

let channel: TestChannel;
let bench: BenchMaker;
let org1: FakeEndorser;
let org1b: FakeEndorser;
let org2: FakeEndorser;
let org2b: FakeEndorser;

beforeAll(async () => {
  channel = await createTestChannel();
  bench = benchMaker(channel);
  ({ org1, org1b, org2, org2b } = endorsersOf(channel));
});

describe('evaluate', () => {
  it('gives the result of the client’s own peer', async () => {
    const { network, contract } = bench(ANY, org2, that(org1, returns('mine')));
    expect(fromUtf8(await contract.evaluateTransaction('f', 'a'))).toBe('mine');
    expect(network.asked).toEqual(['org1']);
  });

  it('tries the others in turn when a peer fails', async () => {
    const ahead = { ...org2b, height: 9 };
    const { network, contract } = bench(
      ANY,
      org2,
      ahead,
      that(org1b, fails('x')),
      that(org1, fails('y')),
    );
    expect(fromUtf8(await contract.evaluateTransaction('f'))).toBe('ok');
    expect(network.asked).toEqual(['org1', 'org1b', 'org2b']);
  });

  it('fails with the chaincode’s refusal', async () => {
    const { network, contract } = bench(ANY, that(org1, returns('no', 404)), org2);
    expect(await endorseErrorOf(contract.evaluateTransaction('f'))).toMatchObject({
      code: 'CHAINCODE_ERROR',
      message: 'chaincode response 404, no',
    });
    expect(network.asked).toEqual(['org1']);
  });

  it('fails when nobody can, and when there is nobody', async () => {
    const broken = bench(ANY, that(org1, fails('x')));
    expect(await endorseErrorOf(broken.contract.evaluateTransaction('f'))).toMatchObject({
      code: 'ENDORSEMENT_FAILED',
      details: [{ address: 'org1', mspId: 'Org1MSP', message: 'x' }],
    });
    const { contract } = bench(ANY);
    expect(await endorseErrorOf(contract.evaluateTransaction('f'))).toMatchObject({
      code: 'NO_ENDORSERS',
    });
  });

  it('shows transient data to other organisations only when told to', async () => {
    const transientData = { secret: 's' };
    const { network, contract } = bench(ANY, org2);
    expect(await endorseErrorOf(contract.evaluate('f', { transientData }))).toMatchObject({
      code: 'NO_ENDORSERS',
    });
    expect(network.asked).toEqual([]);
    const endorsingOrganizations = ['Org2MSP'];
    await contract.evaluate('f', { transientData, endorsingOrganizations });
    expect(network.asked).toEqual(['org2']);
  });

  it('names the contract when there are several', async () => {
    const { service } = bench(ANY, org1);
    const client = ownClient(service.services, 'client');
    const gateway = connect({ identity: channel.client, client });
    const contract = gateway.getNetwork(CHANNEL).getContract('basic', 'admin');
    const { payload } = unmarshalProposal(contract.newProposal('f').getBytes());
    const { input } = protos.ChaincodeProposalPayload.decode(payload);
    const spec = protos.ChaincodeInvocationSpec.decode(input).chaincode_spec;
    expect(spec?.input?.args.map(fromUtf8)).toEqual(['admin:f']);
  });
});
