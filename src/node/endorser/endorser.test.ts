// SPDX-License-Identifier: Apache-2.0
// The endorser with real identities and, where chaincode runs, the real shim. Golden: proposals and answers of a real network.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import { defaultBCCSP } from '../../common/crypto/index.ts';
import { MSPManagerImpl } from '../../common/msp/index.ts';
import {
  createOrganisation,
  type TestOrganisation,
} from '../../common/msp/testing/organisation.ts';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { parsePolicy, SignaturePolicy } from '../../common/policies/index.ts';
import { common, kvrwset, protos, rwset } from '../../common/protos/index.ts';
import { toTimestamp } from '../../common/protoutil/numbers.ts';
import {
  createChaincodeProposal,
  getBytesProposalResponsePayload,
} from '../../common/protoutil/proputils.ts';
import { concat, fromUtf8, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { makeClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { readBlock, readTestdata } from '../../common/testdata/mychannel.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import {
  BASIC_SAMPLE,
  CHANNEL,
  type ChaincodeBench,
  contractFiles,
  threadBench,
} from '../chaincode/testing/fixtures.ts';
import type { ThreadLauncher } from '../chaincode/testing/thread-launcher.ts';
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

describe('proposals of a real network', () => {
  it.each(pairs)('%s unpacks to the hash that the peer signed', (_name, proposal, { payload }) => {
    const unpacked = unpackProposal(proposal);
    if (payload.length === 0) return;
    const { proposal_hash } = protos.ProposalResponsePayload.decode(payload);
    expect(toHex(unpacked.proposalHash)).toBe(toHex(proposal_hash));
  });

  it.each(pairs.filter(([, , { payload }]) => payload.length > 0))(
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

// The MSPs of the real channel and its writers' policy.
async function realBundle(): Promise<ChannelConfigBundle> {
  const block = common.Block.decode(readBlock(0));
  const payload = common.Payload.decode(
    common.Envelope.decode(block.data?.data[0] ?? utf8('')).payload,
  );
  const { config } = common.ConfigEnvelope.decode(payload.data);
  const organisations = Object.values(config?.channel_group?.groups.Application?.groups ?? {});
  const configs = organisations.map(({ values }) => values.MSP?.value ?? utf8(''));
  return bundleOf(await MSPManagerImpl.create(configs, defaultBCCSP()), CHANNEL);
}

function bundleOf(mspManager: MSPManagerImpl, channelId: string): ChannelConfigBundle {
  const writers = parsePolicy(
    "OR('Org1MSP.admin','Org1MSP.client','Org2MSP.admin','Org2MSP.client')",
  );
  const policy = SignaturePolicy.fromEnvelope(writers, mspManager);
  return {
    channelId,
    mspManager,
    policyManager: { getPolicy: () => policy, hasPolicy: () => true },
    application: { orgs: [], capabilities: new Set(), acls: new Map() },
  } as unknown as ChannelConfigBundle;
}

const PROBE = contractFiles(`
const { Contract } = require('fabric-contract-api');
class Probe extends Contract {
  async fail() { throw new Error('deliberate failure'); }
  async put(ctx, key, value) { await ctx.stub.putState(key, Buffer.from(value)); ctx.stub.setEvent('put', Buffer.from(key)); return 'done'; }
}
module.exports.contracts = [Probe];
`);
const STATUS = contractFiles(`
const shim = require('fabric-shim');
shim.start({ async Init() {}, async Invoke() { return { status: 404, message: 'not here' }; } });
`);

describe('ProcessProposal', () => {
  let bench: ChaincodeBench;
  let launcher: ThreadLauncher;
  let org1: TestOrganisation;
  let client: SigningIdentity;
  let peer: SigningIdentity;
  let endorser: Endorser;
  let bundle: ChannelConfigBundle;
  const trace = new TraceBus();
  let now = Date.UTC(2026, 10, 21);
  const clock = makeClock(
    () => now,
    () => () => {},
  );

  beforeAll(async () => {
    org1 = await createOrganisation('Org1MSP');
    client = await org1.member('user0.org1.example.com', ['client']);
    peer = await org1.member('peer0.org1.example.com', ['peer']);
    bundle = bundleOf(await MSPManagerImpl.create([org1.mspConfig()], defaultBCCSP()), CHANNEL);
    ({ bench, launcher } = await threadBench({
      basic: BASIC_SAMPLE,
      probe: PROBE,
      status: STATUS,
    }));
    endorser = makeEndorser(bundle);
  });
  afterAll(() => launcher.stop());

  function makeEndorser(own: ChannelConfigBundle): Endorser {
    const made = new Endorser({
      name: 'peer0.org1.example.com',
      identity: peer,
      ledgers: (id) => (id === CHANNEL ? (bench.ledger as unknown as PeerLedger) : undefined),
      bundles: (id) => (id === CHANNEL ? own : undefined),
      definitions: (_id, name) => bench.definitions.get(name),
      privateData: () => undefined,
      clock,
      trace,
      log: silentLogger,
    });
    made.use(bench.support);
    return made;
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
      { now },
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
    const signer = await bundle.mspManager.deserializeIdentity(endorsement?.endorser ?? utf8(''));
    const signed = concat(payload, endorsement?.endorser ?? utf8(''));
    expect(await signer.verify(signed, endorsement?.signature ?? utf8(''))).toBe(true);
    const { extension } = protos.ProposalResponsePayload.decode(payload);
    const action = protos.ChaincodeAction.decode(extension);
    expect(action.chaincode_id).toMatchObject({ name: 'probe', version: '1.0' });
    expect(protos.ChaincodeEvent.decode(action.events)).toMatchObject({
      chaincode_id: 'probe',
      event_name: 'put',
    });
    const [set] = rwset.TxReadWriteSet.decode(action.results).ns_rwset;
    expect(kvrwset.KVRWSet.decode(set?.rwset ?? utf8('')).writes[0]?.key).toBe('k');
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
    bench.define('later', {});
    const { packageId: _, ...notInstalled } = bench.definitions.get('later') ?? {};
    bench.definitions.set('later', notInstalled as never);
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
    const signer = await org1.member('old', ['client'], { notAfter: Date.UTC(2026, 5, 1) });
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
    const real = makeEndorser(await realBundle());
    const request = golden('nosuchcc.signedproposal.pb');
    const { channelHeader } = unpackProposal(request);
    const before = now;
    now = Number(channelHeader.timestamp?.seconds) * 1000;
    const answer = await real.processProposal(request);
    now = before;
    expect(toHex(answer)).toBe(toHex(golden('nosuchcc.org1.proposalresponse.pb')));
  });

  it('describes the functions of a contract', async () => {
    const channel = { name: CHANNEL, ledger: bench.ledger as unknown as PeerLedger };
    const functions = await describeContract(bench.support, channel, 'basic', {
      creator: client.serialize(),
      now,
    });
    expect(functions.map(({ name }) => name)).toEqual(
      'InitLedger CreateAsset ReadAsset UpdateAsset DeleteAsset AssetExists TransferAsset GetAllAssets'.split(
        ' ',
      ),
    );
    const about = Object.fromEntries(functions.map((one) => [one.name, one]));
    expect(about.TransferAsset).toEqual({
      name: 'TransferAsset',
      params: ['id', 'newOwner'],
      submit: true,
    });
    expect(about.ReadAsset?.submit).toBe(false);
    await expect(
      describeContract(bench.support, channel, 'status', {
        creator: client.serialize(),
        now,
      }),
    ).rejects.toThrow('not here');
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
    try {
      expect(parseMetadata(text)).toBeInstanceOf(Array);
    } catch (error) {
      expect(error).toMatchObject({ code: 'NO_METADATA' });
    }
  });
});
