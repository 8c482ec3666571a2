// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { common, protos } from '../../../common/protos/index.ts';
import {
  computeTxId,
  createProposalResponse,
  unmarshalProposal,
  unmarshalSignedProposal,
} from '../../../common/protoutil/index.ts';
import { fromUtf8, utf8 } from '../../../common/runtime/bytes.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../../testing/test-channel.ts';
import type { ErrorDetail } from '../index.ts';
import {
  type Behaviour,
  type FakeEndorser,
  fails,
  hangs,
  returns,
  until,
} from '../testing/fake-network.ts';
import {
  ANY,
  type BenchMaker,
  BOTH,
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

const messages = (details: readonly ErrorDetail[]): string[] =>
  details.map(({ address, message }) => `${address}: ${message}`);

describe('endorse', () => {
  it('asks the client’s own peer first, and nobody else if that is enough', async () => {
    const { network, contract } = bench(ANY, org2, org1b, org1);
    const transaction = await contract.newProposal('f').endorse();
    expect(network.asked).toEqual(['org1']);
    expect(fromUtf8(transaction.getResult())).toBe('ok');
  });

  it('asks one peer of each organisation that the policy needs, at once', async () => {
    const { network, contract, trace } = bench(BOTH, org2, org2b, org1b, org1);
    await contract.newProposal('f').endorse();
    expect(network.asked).toEqual(['org1', 'org2']);
    const [propose, endorse] = trace.events();
    expect(propose).toMatchObject({ stage: 'propose', peer: 'client', channel: CHANNEL });
    expect(endorse).toMatchObject({ stage: 'endorse', data: { endorsers: ['org1', 'org2'] } });
  });

  it('prefers peers that are further ahead', async () => {
    const ahead = { ...org2b, height: 9 };
    const { network, contract } = bench(BOTH, org2, ahead, org1);
    await contract.newProposal('f').endorse();
    expect(network.asked).toEqual(['org1', 'org2b']);
  });

  it('sends what the client asked for, signed, under a fresh id', async () => {
    let seen = new Uint8Array();
    const spy: Behaviour = (signed, ...rest) => {
      seen = new Uint8Array(signed);
      return returns('ok')(signed, ...rest);
    };
    const { contract } = bench(ANY, that(org1, spy));
    const proposal = contract.newProposal('f', {
      arguments: ['a', Uint8Array.of(0xff)],
      transientData: { secret: 's' },
    });
    await proposal.endorse();
    const { proposal_bytes, signature } = unmarshalSignedProposal(seen);
    expect(proposal_bytes).toEqual(proposal.getBytes());
    const { header, payload } = unmarshalProposal(proposal_bytes);
    const { creator, nonce } = common.SignatureHeader.decode(
      common.Header.decode(header).signature_header,
    );
    const identity = await channel.bundle.mspManager.deserializeIdentity(creator);
    expect(await identity.verify(proposal_bytes, signature)).toBe(true);
    expect(proposal.getTransactionId()).toBe(computeTxId(nonce, creator));
    expect(contract.newProposal('f').getTransactionId()).not.toBe(proposal.getTransactionId());
    const { input, TransientMap } = protos.ChaincodeProposalPayload.decode(payload);
    expect(TransientMap).toEqual({ secret: utf8('s') });
    const spec = protos.ChaincodeInvocationSpec.decode(input).chaincode_spec;
    expect(spec?.input?.args).toEqual([utf8('f'), utf8('a'), Uint8Array.of(0xff)]);
  });

  it('goes on to another peer of an organisation whose first one fails', async () => {
    const { network, contract } = bench(BOTH, org1, that(org2, fails('out of disk')), org2b);
    await contract.newProposal('f').endorse();
    expect(network.asked).toEqual(['org1', 'org2', 'org2b']);
  });

  it('gives up on a peer that does not answer in time, and tells it so', async () => {
    const aborted: unknown[] = [];
    const slow: Behaviour = (_signed, _identity, signal) => {
      signal.addEventListener('abort', () => aborted.push(signal.reason));
      return hangs(_signed, _identity, signal);
    };
    const { clock, network, contract } = bench(BOTH, org1, that(org2, slow), org2b);
    const endorsing = contract.newProposal('f').endorse();
    await until(() => network.answered.includes('org1'));
    await clock.advance(29_999);
    expect(aborted).toEqual([]);
    await clock.advance(1);
    await endorsing;
    expect(String(aborted[0])).toContain('the endorsement took longer than 30000 ms');
  });

  it('fails when too few answer, with what each said', async () => {
    const broken = [that(org2, fails('full')), that(org2b, hangs)];
    const { clock, network, contract } = bench(BOTH, org1, ...broken);
    const failing = endorseErrorOf(contract.newProposal('f').endorse());
    await until(() => network.asked.includes('org2b'));
    await clock.advance(30_000);
    const error = await failing;
    expect(error.code).toBe('ENDORSEMENT_FAILED');
    expect(messages(error.details)).toEqual([
      'org2: full',
      'org2b: the endorsement took longer than 30000 ms',
    ]);
    expect(error.transactionId).toMatch(/^[0-9a-f]{64}$/);
    expect(error.data).toMatchObject({ transactionId: error.transactionId });
  });

  it('says whose endorsement is missing', async () => {
    const { contract } = bench(BOTH, org1);
    const error = await endorseErrorOf(contract.newProposal('f').endorse());
    expect(error.code).toBe('ENDORSEMENT_FAILED');
    expect(error.message).toContain('Org2MSP missing');
  });

  it('fails without endorsers', async () => {
    const { contract } = bench(ANY);
    const error = await endorseErrorOf(contract.newProposal('f').endorse());
    expect(error).toMatchObject({ code: 'NO_ENDORSERS', details: [] });
    expect(error.message).toContain('basic on mychannel');
  });

  it('fails with the chaincode’s refusal, and asks nobody else', async () => {
    const { network, contract } = bench(ANY, that(org1, returns('no such asset', 500)), org2);
    const error = await endorseErrorOf(contract.newProposal('f').endorse());
    expect(error).toMatchObject({
      code: 'CHAINCODE_ERROR',
      message: 'chaincode response 500, no such asset',
    });
    expect(messages(error.details)).toEqual(['org1: chaincode response 500, no such asset']);
    expect(network.asked).toEqual(['org1']);
  });

  it('fails when peers compute different results', async () => {
    const { contract } = bench(BOTH, org1, that(org2, returns('other')));
    const error = await endorseErrorOf(contract.newProposal('f').endorse());
    expect(error).toMatchObject({
      code: 'ENDORSEMENT_MISMATCH',
      message: expect.stringMatching(
        /^ProposalResponsePayloads do not match: .*different packages/,
      ),
    });
    expect(messages(error.details)).toEqual([
      'org1: endorsed',
      expect.stringContaining('org2: result differs from that of org1'),
    ]);
  });

  it('does without one that computed something else, first or not', async () => {
    for (const odd of ['org1', 'org2']) {
      const endorsers = [org1, org1b, org2, org2b].map((one) =>
        one.name === odd ? that(one, returns('behind')) : one,
      );
      const { contract } = bench(BOTH, ...endorsers);
      const transaction = await contract.newProposal('f').endorse();
      expect(fromUtf8(transaction.getResult()), odd).toBe('ok');
    }
  });

  it('stops asking when everybody says something else', async () => {
    const { client } = channel;
    const random = Array.from({ length: 10 }, (_, i) => ({
      name: `peer${i}`,
      identity: i === 0 ? org1.identity : client,
      does: returns(`result ${i}`),
    }));
    const { network, contract } = bench(BOTH, ...random);
    const error = await endorseErrorOf(contract.newProposal('f').endorse());
    expect(error.code).toBe('ENDORSEMENT_MISMATCH');
    expect(network.asked).toHaveLength(3);
  });

  it('does not count those whom the policy does not name', async () => {
    const impostor = { ...org2, name: 'impostor', identity: channel.client, height: 99 };
    const { network, contract } = bench("OR('Org2MSP.peer')", impostor, org2);
    await contract.newProposal('f').endorse();
    expect(network.asked).toEqual(['org2']);
    const alone = bench(ANY, impostor);
    expect(await endorseErrorOf(alone.contract.newProposal('f').endorse())).toMatchObject({
      code: 'ENDORSEMENT_FAILED',
    });
  });

  it('asks exactly the organisations that the caller names', async () => {
    const { network, contract } = bench(ANY, org1, org1b, org2);
    const endorsingOrganizations = ['Org2MSP'];
    await contract.newProposal('f', { endorsingOrganizations }).endorse();
    expect(network.asked).toEqual(['org2']);
    const alone = bench(ANY, org1, org1b);
    const error = await endorseErrorOf(
      alone.contract.newProposal('f', { endorsingOrganizations }).endorse(),
    );
    expect(error.code).toBe('ENDORSEMENT_FAILED');
    expect(error.message).toContain('Org2MSP missing');
    expect(alone.network.asked).toEqual([]);
  });

  it('asks its own organisation first where all depends on what is touched', async () => {
    const { network, contract } = bench(BOTH, org2, org1b, that(org1, fails('full')));
    const order: string[] = [];
    network.onPlan = (layouts, interest) => {
      order.push(`plan after ${network.answered.join()}`);
      return interest ? { layouts } : { layouts, dependsOnInterest: true };
    };
    await contract.newProposal('f').endorse();
    expect(network.asked).toEqual(['org1', 'org1b', 'org2']);
    expect(order).toEqual(['plan after ', 'plan after org1,org1b']);
  });

  it('does not show transient data to whom the plan does not allow', async () => {
    const transientData = { secret: 's' };
    const { network, contract } = bench(BOTH, org1, org1b, org2);
    network.onPlan = (layouts, interest) => {
      expect(interest?.hasTransientData ?? true).toBe(true);
      return interest ? { layouts: [['Org1MSP']], allowed: ['Org1MSP'] } : { layouts };
    };
    const error = await endorseErrorOf(contract.newProposal('f', { transientData }).endorse());
    expect(error.code).toBe('ENDORSEMENT_FAILED');
    expect(network.asked).toEqual(['org1', 'org1b']);

    network.asked.length = 0;
    network.onPlan = (layouts, interest) =>
      interest ? { layouts: [], problem: 'nobody may' } : { layouts };
    const refused = endorseErrorOf(contract.newProposal('f', { transientData }).endorse());
    expect((await refused).message).toBe('nobody may');
    expect(network.asked).toEqual(['org1']);
  });

  it('shows transient data to nobody when no peer of its own organisation is there', async () => {
    const transientData = { secret: 's' };
    const { network, contract } = bench(ANY, org2, org2b);
    const error = await endorseErrorOf(contract.newProposal('f', { transientData }).endorse());
    expect(error).toMatchObject({ code: 'NO_ENDORSERS' });
    expect(network.asked).toEqual([]);
    const endorsingOrganizations = ['Org2MSP'];
    await contract.newProposal('f', { transientData, endorsingOrganizations }).endorse();
    expect(network.asked).toEqual(['org2']);
  });

  const hostile: [string, Behaviour][] = [
    ['garbage', async () => Uint8Array.of(0xff)],
    ['nothing', async () => new Uint8Array()],
    ['status 100', returns('ok', 100)],
    [
      'an endorsement of garbage',
      async () =>
        protos.ProposalResponse.encode({
          response: { status: 200 },
          payload: Uint8Array.of(0xff),
        }).finish(),
    ],
    [
      'an endorsement of another proposal',
      async (signed, identity) => {
        const proposal = unmarshalProposal(unmarshalSignedProposal(signed).proposal_bytes);
        const other = { ...proposal, payload: new Uint8Array() };
        const response = await createProposalResponse(
          {
            ...other,
            payload: protos.ChaincodeProposalPayload.encode({ input: utf8('x') }).finish(),
          },
          {
            response: { status: 200 },
            results: new Uint8Array(),
            events: new Uint8Array(),
            chaincodeId: { name: 'basic', version: '1.0' },
          },
          identity,
        );
        return protos.ProposalResponse.encode(response).finish();
      },
    ],
    [
      'an exception',
      () => {
        throw new Error('the stream was reset');
      },
    ],
  ];

  it.each(hostile)('passes over a peer that answers with %s', async (_what, does) => {
    const { network, contract } = bench(ANY, that(org1, does), org2);
    await contract.newProposal('f').endorse();
    expect(network.asked).toEqual(['org1', 'org2']);
  });
});
