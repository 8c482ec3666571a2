// SPDX-License-Identifier: Apache-2.0
// The endorser with real identities and, where chaincode runs, the real shim. Golden: proposals and answers of a real network.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBundleFromBlock } from '../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { createOrganisation } from '../../common/msp/testing/organisation.ts';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { common, kvrwset, protos, rwset } from '../../common/protos/index.ts';
import { toTimestamp } from '../../common/protoutil/numbers.ts';
import {
  createChaincodeProposal,
  getBytesProposalResponsePayload,
} from '../../common/protoutil/proputils.ts';
import { concat, fromUtf8, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { makeClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { readBlock, readTestdata } from '../../common/testdata/mychannel.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import { AclProvider } from '../aclmgmt/index.ts';
import {
  BASIC_SAMPLE,
  CHANNEL,
  type ChaincodeBench,
  contractFiles,
  threadBench,
} from '../chaincode/testing/fixtures.ts';
import type { ThreadLauncher } from '../chaincode/testing/thread-launcher.ts';
import { localMspOf } from '../peer/local-msp.ts';
import type { SystemChaincode } from '../scc/index.ts';
import { createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { chaincodeInterest } from './chaincode-interest.ts';
import { describeContract, parseMetadata } from './describe-contract.ts';
import { Endorser } from './endorser.ts';
import { unpackProposal } from './unpacked-proposal.ts';

const GOLDEN = new URL('./testdata/', import.meta.url);
const golden = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, GOLDEN)));
const decode = (bytes: Uint8Array) => protos.ProposalResponse.decode(bytes);

/** Pairs of proposal and answer, by name. */
const pairs: [string, Uint8Array, protos.ProposalResponse][] = [
  ...readdirSync(GOLDEN)
    .filter((name) => name.endsWith('.signedproposal.pb'))
    .map((name) => name.split('.')[0] ?? '')
    .map((name): [string, Uint8Array, protos.ProposalResponse] => [
      name,
      golden(`${name}.signedproposal.pb`),
      decode(golden(`${name}.org1.proposalresponse.pb`)),
    ]),
  ...['put', 'rmw', 'event', 'pvtput'].map(
    (name): [string, Uint8Array, protos.ProposalResponse] => [
      name,
      readTestdata(`proposals/${name}.signedproposal.pb`),
      decode(readTestdata(`proposals/${name}.org1.proposalresponse.pb`)),
    ],
  ),
];

const endorsed = pairs.filter(([, , { payload }]) => payload.length > 0);

describe('proposals of a real network', () => {
  it('are of all kinds: answered with a payload, and without one', () => {
    const names = (some: typeof pairs): string[] => some.map(([name]) => name).sort();
    expect(names(endorsed)).toEqual(
      'basic_metadata basic_read basic_read_absent err event put pvtput range rmw'.split(' '),
    );
    expect(names(pairs.filter((pair) => !endorsed.includes(pair)))).toEqual(['nosuchcc']);
  });

  it.each(endorsed)(
    '%s unpacks to the hash that the peer signed',
    (_name, proposal, { payload }) => {
      const { proposal_hash } = protos.ProposalResponsePayload.decode(payload);
      expect(proposal_hash).toHaveLength(32);
      expect(toHex(unpackProposal(proposal).proposalHash)).toBe(toHex(proposal_hash));
    },
  );

  it.each(endorsed)(
    '%s gives the same response payload and interest, byte for byte',
    (_name, proposal, { payload, interest }) => {
      const { extension } = protos.ProposalResponsePayload.decode(payload);
      const { response, results, events, chaincode_id } = protos.ChaincodeAction.decode(extension);
      if (!response || !chaincode_id) throw new Error('golden answer without response');
      const result = { response, results, events, chaincodeId: chaincode_id };
      const bytes = getBytesProposalResponsePayload(unpackProposal(proposal).proposalHash, result);
      expect(toHex(bytes)).toBe(toHex(payload));
      const own = protos.ChaincodeInterest.encode(chaincodeInterest(results)).finish();
      expect(toHex(own)).toBe(toHex(protos.ChaincodeInterest.encode(interest ?? {}).finish()));
    },
  );
});

const PROBE = contractFiles(`
const { Contract } = require('fabric-contract-api');
class Probe extends Contract {
  async fail() { throw new Error('deliberate failure'); }
  async put(ctx, key, value) { await ctx.stub.putState(key, Buffer.from(value)); ctx.stub.setEvent('put', Buffer.from(key)); return 'done'; }
}
module.exports.contracts = [Probe];
`);
/** Says what it was called with. */
const ECHO: SystemChaincode = {
  name: 'echo',
  simulates: true,
  async invoke({ channelId, args, simulator }) {
    if (fromUtf8(args[0] ?? utf8('')) === 'fail') throw new FabricError('NO', 'it cannot');
    const seen = [channelId, simulator !== undefined, ...args.map(fromUtf8)];
    simulator?.setState('echo', 'k', utf8('v'));
    const response = { status: 200, payload: utf8(seen.join()) };
    return { response, event: { event_name: 'echoed', payload: utf8('e') } };
  },
};
const STATUS = contractFiles(`
const shim = require('fabric-shim');
shim.start({ async Init() {}, async Invoke() { return { status: 404, message: 'not here' }; } });
`);

describe('ProcessProposal', () => {
  let bench: ChaincodeBench;
  let launcher: ThreadLauncher;
  let channel: TestChannel;
  let client: SigningIdentity;
  let peer: SigningIdentity;
  let endorser: Endorser;
  const trace = new TraceBus();
  let now = Date.UTC(2026, 10, 21);
  const clock = makeClock(
    () => now,
    () => () => {},
  );

  beforeAll(async () => {
    channel = await createTestChannel();
    client = channel.client;
    [peer] = channel.peers.Org1MSP;
    ({ bench, launcher } = await threadBench({
      basic: BASIC_SAMPLE,
      probe: PROBE,
      status: STATUS,
    }));
    endorser = makeEndorser(channel.bundle);
    bench.systemChaincodes.deploy(ECHO);
  });
  afterAll(() => launcher.stop());

  function makeEndorser(bundle: ChannelConfigBundle): Endorser {
    const ledger = bench.ledger as unknown as PeerLedger;
    const collections = { retrieveCollectionConfig: () => Promise.reject(new Error('none')) };
    const found = { ledger, bundle, collections, distributor: undefined };
    const localMsp = () => localMspOf('Org1MSP', bundle);
    return new Endorser({
      name: 'peer0.org1.example.com',
      identity: peer,
      channels: (id) => (id === CHANNEL ? found : undefined),
      localMsp,
      acl: new AclProvider({ bundles: (id) => (id === CHANNEL ? bundle : undefined), localMsp }),
      lifecycle: bench.lifecycle,
      systemChaincodes: bench.systemChaincodes,
      chaincodes: bench.support,
      clock,
      trace,
      log: silentLogger,
    });
  }

  interface Changes {
    readonly signer?: SigningIdentity;
    readonly channelId?: string;
    readonly header?: (header: common.IChannelHeader) => common.IChannelHeader;
    readonly signature?: Uint8Array;
  }

  async function propose(
    chaincode: string,
    args: string[],
    changes: Changes = {},
  ): Promise<Uint8Array> {
    const { signer = client, channelId = CHANNEL } = changes;
    const input = { args: args.map(utf8) };
    const spec = { chaincode_spec: { chaincode_id: { name: chaincode }, input } };
    const { proposal } = createChaincodeProposal(
      { channelId, spec, creator: signer.serialize() },
      { now, nonce: systemRandomBytes(24) },
    );
    const header = common.Header.decode(proposal.header);
    const channelHeader = common.ChannelHeader.decode(header.channel_header);
    const changed = changes.header?.({ ...channelHeader }) ?? channelHeader;
    const bytes = protos.Proposal.encode({
      payload: proposal.payload,
      header: common.Header.encode({
        signature_header: header.signature_header,
        channel_header: common.ChannelHeader.encode(changed).finish(),
      }).finish(),
    }).finish();
    const signature = changes.signature ?? (await signer.sign(bytes));
    return protos.SignedProposal.encode({ proposal_bytes: bytes, signature }).finish();
  }
  const call = async (chaincode: string, args: string[], changes?: Changes) =>
    decode(await endorser.processProposal(await propose(chaincode, args, changes)));

  it('signs what the chaincode did', async () => {
    const response = await call('probe', ['put', 'k', 'v']);
    expect(response).toMatchObject({ version: 1, response: { status: 200 } });
    expect(fromUtf8(response.response?.payload ?? utf8(''))).toBe('done');
    const { endorsement, payload } = response;
    const signer = await channel.bundle.mspManager.deserializeIdentity(
      endorsement?.endorser ?? utf8(''),
    );
    const signed = concat(payload, endorsement?.endorser ?? utf8(''));
    expect(await signer.verify(signed, endorsement?.signature ?? utf8(''))).toBe(true);
    const { extension } = protos.ProposalResponsePayload.decode(payload);
    const action = protos.ChaincodeAction.decode(extension);
    expect(action.chaincode_id).toMatchObject({ name: 'probe', version: '1.0' });
    expect(protos.ChaincodeEvent.decode(action.events)).toMatchObject({
      chaincode_id: 'probe',
      event_name: 'put',
    });
    const sets = rwset.TxReadWriteSet.decode(action.results).ns_rwset.map((set) => {
      const { reads, writes } = kvrwset.KVRWSet.decode(set.rwset);
      return [set.namespace, reads.map(({ key }) => key), writes.map(({ key }) => key)];
    });
    expect(sets).toEqual([
      ['_lifecycle', ['namespaces/fields/probe/Sequence'], []],
      ['probe', [], ['k']],
    ]);
    expect(trace.events().at(-1)).toMatchObject({ stage: 'endorse', channel: CHANNEL });
  });

  it('does not sign failures: 500 with its payload, 4xx bare', async () => {
    const failed = await call('probe', ['fail']);
    expect(failed.response).toMatchObject({ status: 500, message: 'deliberate failure' });
    expect([failed.endorsement, failed.payload.length > 0, failed.version]).toEqual([
      null,
      true,
      0,
    ]);
    const refused = await call('status', ['x']);
    expect(refused.response).toMatchObject({ status: 404, message: 'not here' });
    expect([refused.endorsement, refused.payload.length]).toEqual([null, 0]);
  });

  it('answers for an unknown chaincode and an unknown channel with a response', async () => {
    expect((await call('nosuchcc', ['x'])).response?.message).toBe(
      'make sure the chaincode nosuchcc has been successfully defined on channel mychannel and try again: chaincode nosuchcc not found',
    );
    expect((await call('probe', ['x'], { channelId: 'other' })).response).toMatchObject({
      status: 500,
      message: "channel 'other' not found",
    });
    bench.definitions.set('later', { version: '1.0', initRequired: false });
    expect((await call('later', ['x'])).response?.message).toMatch(
      /chaincode definition for 'later' exists, but chaincode is not installed$/,
    );
  });

  it('answers a chaincode that cannot start with a response', async () => {
    bench.define('gone');
    expect((await call('gone', ['x'])).response?.message).toMatch(
      /^error in simulation: failed to execute transaction \w+: could not launch chaincode gone_1:00: /,
    );
  });

  const refusals: [string, string[], Changes | (() => Promise<Changes>), RegExp][] = [
    [
      'wrong type',
      ['x'],
      { header: (h) => ({ ...h, type: 2 }) },
      /invalid header type CONFIG_UPDATE$/,
    ],
    ['epoch', ['x'], { header: (h) => ({ ...h, epoch: 1 }) }, /epoch is non-zero$/],
    [
      'wrong transaction id',
      ['x'],
      { header: (h) => ({ ...h, tx_id: 'ab' }) },
      /^error validating proposal: incorrectly computed txid 'ab' -- expected '\w{64}'$/,
    ],
    [
      'no chaincode name',
      ['x'],
      {
        header: (h) => ({
          ...h,
          extension: protos.ChaincodeHeaderExtension.encode({ chaincode_id: {} }).finish(),
        }),
      },
      /^ChaincodeHeaderExtension\.ChaincodeId\.Name is empty$/,
    ],
    [
      'old',
      ['x'],
      { header: (h) => ({ ...h, timestamp: toTimestamp(now - 16 * 60_000) }) },
      /^request unauthorized due to incorrect timestamp 2026-11-20T23:44:00Z, peer time 2026-11-21T00:00:00Z, peer\.authentication\.timewindow 15m0s$/,
    ],
    ['no signature', ['x'], { signature: new Uint8Array(0) }, /empty signature bytes$/],
    [
      'wrong signature',
      ['x'],
      { signature: new Uint8Array(70).fill(1) },
      /^error validating proposal: access denied: channel \[mychannel\] creator org \[Org1MSP\]$/,
    ],
    [
      'stranger',
      ['x'],
      async () => ({ signer: await (await createOrganisation('EvilMSP')).member('x', ['client']) }),
      /access denied: channel \[mychannel\] creator org unknown, creator is malformed$/,
    ],
    [
      'impostor',
      ['x'],
      async () => ({ signer: await (await createOrganisation('Org1MSP')).member('x', ['client']) }),
      /access denied: channel \[mychannel\] creator org unknown, creator is malformed$/,
    ],
    [
      'peer that is no writer',
      ['x'],
      async () => ({ signer: peer }),
      /^Failed evaluating policy on signed data during check policy on channel \[mychannel\] with policy \[\/Channel\/Application\/Writers\]: \[signature set did not satisfy policy\]$/,
    ],
  ];
  it.each(refusals)('refuses with a gRPC error: %s', async (_name, args, changes, text) => {
    const request = await propose(
      'probe',
      args,
      typeof changes === 'function' ? await changes() : changes,
    );
    await expect(endorser.processProposal(request)).rejects.toMatchObject({
      status: 2,
      message: expect.stringMatching(text),
    });
  });

  it('refuses a client whose certificate has expired', async () => {
    const signer = await channel.organisations.Org1MSP.member('old', ['client'], {
      notAfter: Date.UTC(2026, 5, 1),
    });
    const request = await propose('probe', ['x'], { signer });
    await expect(endorser.processProposal(request)).rejects.toThrow(
      /^proposal client identity expired$/,
    );
  });

  it('refuses everything while a ledger that was reset has not its height again', async () => {
    Object.assign(bench.ledger, { preResetHeight: 7 });
    const request = await propose('probe', ['put', 'k', 'v']);
    await expect(endorser.processProposal(request)).rejects.toThrow(
      /^endorse requests are blocked while ledgers are being rebuilt$/,
    );
    Object.assign(bench.ledger, { preResetHeight: undefined });
    expect((await endorser.processProposal(request)).length).toBeGreaterThan(0);
  });

  it('refuses a transaction id that is in the ledger', async () => {
    const request = await propose('probe', ['put', 'k', 'v']);
    const { txId } = unpackProposal(request);
    bench.ledger.txIds.add(txId);
    await expect(endorser.processProposal(request)).rejects.toThrow(
      new RegExp(`^duplicate transaction found \\[${txId}\\]\\. Creator \\[[0-9a-f]+\\]$`),
    );
  });

  it('refuses garbage', async () => {
    for (const bytes of [utf8('garbage'), new Uint8Array(0), new Uint8Array(1000).fill(255)]) {
      await expect(endorser.processProposal(bytes)).rejects.toMatchObject({ status: 2 });
    }
  });

  it('takes the proposals of a real client, and answers as the real peer did', async () => {
    const real = makeEndorser(await createBundleFromBlock(readBlock(0)));
    const request = golden('nosuchcc.signedproposal.pb');
    const { channelHeader } = unpackProposal(request);
    const before = now;
    now = Number(channelHeader.timestamp?.seconds) * 1000;
    const answer = await real.processProposal(request);
    now = before;
    expect(toHex(answer)).toBe(toHex(golden('nosuchcc.org1.proposalresponse.pb')));
  });

  describe('of a system chaincode', () => {
    const payloadOf = ({ response }: protos.ProposalResponse): string =>
      fromUtf8(response?.payload ?? utf8(''));

    it('is signed on a channel, under its own version, with what it wrote', async () => {
      const answer = await call('echo', ['a']);
      expect(payloadOf(answer)).toBe('mychannel,true,a');
      expect(answer.endorsement?.signature.length).toBeGreaterThan(0);
      const { extension } = protos.ProposalResponsePayload.decode(answer.payload);
      const { chaincode_id, events, results } = protos.ChaincodeAction.decode(extension);
      expect(chaincode_id).toMatchObject({ name: 'echo', version: 'syscc' });
      expect(protos.ChaincodeEvent.decode(events)).toMatchObject({
        chaincode_id: 'echo',
        event_name: 'echoed',
      });
      const { ns_rwset } = rwset.TxReadWriteSet.decode(results);
      expect(ns_rwset.map(({ namespace }) => namespace)).toEqual(['echo']);
    });

    it('is not asked for peer/Propose, but for who signed it', async () => {
      expect(payloadOf(await call('echo', ['a'], { signer: peer }))).toBe('mychannel,true,a');
      await expect(call('echo', ['a'], { signer: channel.stranger })).rejects.toThrow(
        /creator org unknown/,
      );
    });

    it('is answered unsigned without a channel, and without the ledger', async () => {
      const answer = await call('echo', ['a'], { channelId: '' });
      expect(payloadOf(answer)).toBe(',false,a');
      expect([answer.endorsement, answer.payload.length]).toEqual([null, 0]);
      expect(trace.events().at(-1)).not.toHaveProperty('channel');
    });

    it('without a channel is for members of the peer’s own organisation', async () => {
      for (const signer of [channel.client2, channel.stranger]) {
        await expect(call('echo', ['a'], { channelId: '', signer })).rejects.toThrow(
          /access denied: channel \[\] creator org unknown, creator is malformed$/,
        );
      }
      const expired = {
        header: (h: common.IChannelHeader) => ({ ...h, timestamp: toTimestamp(0) }),
      };
      await expect(call('echo', ['a'], { channelId: '', ...expired })).rejects.toThrow(
        /incorrect timestamp/,
      );
    });

    it('that fails is a response of status 500', async () => {
      for (const channelId of [CHANNEL, '']) {
        const { response } = await call('echo', ['fail'], { channelId });
        expect(response).toMatchObject({ status: 500, message: 'it cannot' });
      }
    });

    it('cannot stand in for one that needs a channel', async () => {
      expect((await call('probe', ['put', 'k', 'v'], { channelId: '' })).response).toMatchObject({
        status: 500,
        message: expect.stringMatching(/cannot run without a channel$/),
      });
    });
  });

  it('describes the functions of a contract', async () => {
    const about = { chaincodes: bench.support, clock, random: systemRandomBytes };
    const on = { name: CHANNEL, ledger: bench.ledger as unknown as PeerLedger };
    const program = (name: string) => ({ name, ccid: `${name}_1:00` });
    const functions = await describeContract(about, on, program('basic'), client.serialize());
    expect(functions?.map(({ name }) => name)).toEqual(
      'InitLedger CreateAsset ReadAsset UpdateAsset DeleteAsset AssetExists TransferAsset GetAllAssets'.split(
        ' ',
      ),
    );
    const byName = Object.fromEntries((functions ?? []).map((one) => [one.name, one]));
    expect(byName.TransferAsset).toEqual({
      name: 'TransferAsset',
      params: ['id', 'newOwner'],
      submit: true,
    });
    expect(byName.ReadAsset?.submit).toBe(false);
    // It runs, and has its own answer to what it does not know.
    const other = await describeContract(about, on, program('status'), client.serialize());
    expect(other).toBeUndefined();
  });
});

describe('contract metadata', () => {
  it('of the real sample reads as a peer gave it', () => {
    const { response } = decode(golden('basic_metadata.org1.proposalresponse.pb'));
    const functions = parseMetadata(fromUtf8(response?.payload ?? utf8('')));
    expect(functions).toContainEqual({ name: 'ReadAsset', params: ['arg0'], submit: true });
  });

  it.each([
    '',
    '1',
    'null',
    '{}',
    '{"contracts":[1]}',
    '{"contracts":{"a":{"transactions":[null]}}}',
  ])('survives %s', (text) => {
    const functions = parseMetadata(text);
    if (functions !== undefined) expect(functions).toBeInstanceOf(Array);
  });
});
