// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../msp/types.ts';
import { common, protos } from '../protos/index.ts';
import { concat, utf8 } from '../runtime/bytes.ts';
import * as protoutil from './index.ts';

// Its signatures show what was signed.
function signerNamed(name: string): SigningIdentity {
  return {
    mspId: 'Org1MSP',
    certificate: '',
    serialize: () => utf8(name),
    sign: async (message) => concat(utf8(`${name}:`), message),
  };
}

const client = signerNamed('client');
const spec = {
  chaincode_spec: { chaincode_id: { name: 'basic' }, input: { args: [utf8('Read'), utf8('a')] } },
};
const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const { proposal, txId } = protoutil.createChaincodeProposal(
  {
    channelId: 'mychannel',
    spec,
    creator: client.serialize(),
    transientMap: { secret: utf8('s') },
  },
  { nonce: utf8('nonce'), now },
);

async function response(endorser: string, results = 'rwset', status = 200) {
  return protoutil.createProposalResponse(
    proposal,
    {
      response: { status, message: 'm' },
      results: utf8(results),
      events: new Uint8Array(0),
      chaincodeId: { name: 'basic', version: '1' },
    },
    signerNamed(endorser),
  );
}

describe('a proposal', () => {
  it('carries what was asked, and when', () => {
    const header = protoutil.unmarshalHeader(proposal.header);
    const channelHeader = protoutil.unmarshalChannelHeader(header.channel_header);
    expect(channelHeader).toMatchObject({ type: 3, channel_id: 'mychannel', tx_id: txId });
    expect(protoutil.fromTimestamp(channelHeader.timestamp)).toBe(now);
    const extension = protoutil.unmarshalChaincodeHeaderExtension(channelHeader.extension);
    expect(extension.chaincode_id?.name).toBe('basic');
    expect(protoutil.invokedChaincodeName(protos.Proposal.encode(proposal).finish())).toBe('basic');
    protoutil.checkTxId(txId, utf8('nonce'), utf8('client'));
  });

  it('has the id that its nonce and its creator make', () => {
    const idOf = (nonce: string, creator: string): string =>
      protoutil.createChaincodeProposal(
        { channelId: '', spec, creator: utf8(creator) },
        { nonce: utf8(nonce), now },
      ).txId;
    expect(idOf('a', 'c')).toBe(idOf('a', 'c'));
    expect(new Set([idOf('a', 'c'), idOf('b', 'c'), idOf('a', 'd')]).size).toBe(3);
  });

  it('is signed over its bytes', async () => {
    const signed = await protoutil.getSignedProposal(proposal, client);
    expect(signed.signature).toEqual(concat(utf8('client:'), signed.proposal_bytes));
  });

  it('hashes the same with and without its transient map', () => {
    const header = protoutil.unmarshalHeader(proposal.header);
    const stripped = protoutil.getBytesProposalPayloadForTx(
      protoutil.unmarshalChaincodeProposalPayload(proposal.payload),
    );
    expect(stripped.length).toBeLessThan(proposal.payload.length);
    expect(protoutil.getProposalHash1(header, proposal.payload)).toEqual(
      protoutil.getProposalHash2(header, stripped),
    );
    expect(() => protoutil.getProposalHash2({}, stripped)).toThrow('without channel header');
  });
});

describe('a transaction', () => {
  it('holds every endorser once, and no transient data', async () => {
    const responses = [await response('peer1'), await response('peer2'), await response('peer1')];
    const envelope = await protoutil.createSignedTx(proposal, client, responses);
    expect(envelope.signature).toEqual(concat(utf8('client:'), envelope.payload));
    const payload = protoutil.payloadFromEnvelope(envelope);
    const [action] = protoutil.unmarshalTransaction(payload.data).actions;
    if (!action) throw new Error('no action');
    const { actionPayload, endorsedAction, chaincodeAction } = protoutil.getPayloads(action);
    expect(endorsedAction.endorsements.map(({ endorser }) => endorser)).toEqual([
      utf8('peer1'),
      utf8('peer2'),
    ]);
    expect(endorsedAction.endorsements[1]?.signature).toEqual(
      concat(utf8('peer2:'), endorsedAction.proposal_response_payload, utf8('peer2')),
    );
    expect(chaincodeAction.results).toEqual(utf8('rwset'));
    const { TransientMap } = protoutil.unmarshalChaincodeProposalPayload(
      actionPayload.chaincode_proposal_payload,
    );
    expect(TransientMap).toEqual({});
    const encoded = common.Envelope.encode(envelope).finish();
    expect(protoutil.getActionFromEnvelope(encoded)).toEqual(chaincodeAction);
    expect(protoutil.getOrComputeTxIdFromEnvelope(encoded)).toBe(txId);
  });

  it('needs responses that agree and succeed', async () => {
    const good = await response('peer1');
    const create =
      (...responses: protos.IProposalResponse[]) =>
      () =>
        protoutil.createTxPayload(proposal, responses);
    expect(create()).toThrow('at least one');
    expect(create(good, await response('peer2', 'other'))).toThrow('do not match');
    expect(create(await response('peer1', 'rwset', 400))).toThrow('error code 400, msg m');
    expect(create(await response('peer1', 'rwset', 399))).not.toThrow();
    expect(create({ ...good, endorsement: null })).toThrow('no endorsements');
    expect(create({ ...good, response: null })).toThrow('error code 0');
  });

  it('is signed by the creator of its proposal only', async () => {
    const tx = protoutil.createSignedTx(proposal, signerNamed('other'), [await response('peer1')]);
    await expect(tx).rejects.toThrow('not the creator');
  });

  it('is refused where a layer is missing', () => {
    expect(() => protoutil.getPayloads({})).toThrow('no payload in ChaincodeActionPayload');
    const empty = protos.ProposalResponsePayload.encode({ proposal_hash: utf8('h') }).finish();
    const action = { proposal_response_payload: empty };
    const payload = protos.ChaincodeActionPayload.encode({ action }).finish();
    expect(() => protoutil.getPayloads({ payload })).toThrow('missing extension');
  });
});

describe('envelopes', () => {
  it('are signed over their payload, with a timestamp of whole seconds', async () => {
    const { CONFIG_UPDATE, MESSAGE } = common.HeaderType;
    const update = common.ConfigUpdateEnvelope.encode({ config_update: utf8('u') }).finish();
    const envelope = await protoutil.createSignedEnvelope(CONFIG_UPDATE, 'ch', client, update, {
      nonce: utf8('nonce'),
      now,
      epoch: 2,
    });
    const header = protoutil.channelHeaderFromEnvelope(envelope);
    expect(header).toMatchObject({ type: CONFIG_UPDATE, channel_id: 'ch', tx_id: '' });
    expect(protoutil.fromTimestamp(header.timestamp)).toBe(now - 678);
    expect(protoutil.toNumber(header.epoch)).toBe(2);
    const [signed] = protoutil.envelopeAsSignedData(envelope);
    expect(signed).toMatchObject({ data: envelope.payload, identity: utf8('client') });
    expect(envelope.signature).toEqual(concat(utf8('client:'), envelope.payload));
    expect(protoutil.envelopeToConfigUpdate(envelope).config_update).toEqual(utf8('u'));
    expect(() => protoutil.unmarshalEnvelopeOfType(envelope, MESSAGE, common.Config)).toThrow(
      'envelope is of type CONFIG_UPDATE, not MESSAGE',
    );
    expect(protoutil.isConfigTransaction(envelope)).toBe(false);
  });

  it('may go unsigned, as a genesis block does', async () => {
    const { CONFIG } = common.HeaderType;
    const envelope = await protoutil.createSignedEnvelope(CONFIG, 'ch', undefined, utf8(''), {
      nonce: utf8('nonce'),
      now,
    });
    expect(envelope.signature).toHaveLength(0);
    expect(protoutil.isConfigTransaction(envelope)).toBe(true);
    const data = [common.Envelope.encode(envelope).finish()];
    expect(protoutil.hasConfigTx({ data })).toBe(true);
    expect(protoutil.hasConfigTx({ data: [...data, ...data] })).toBe(false);
    expect(protoutil.hasConfigTx({ data: [utf8('garbage')] })).toBe(false);
  });

  it('without header are errors, or no config transactions', () => {
    expect(() => protoutil.channelHeaderFromEnvelope({})).toThrow('envelope has no header');
    expect(() => protoutil.channelIdFromEnvelope({ payload: utf8('garbage') })).toThrow(
      'unmarshalling Payload',
    );
    expect(protoutil.isConfigTransaction({ payload: utf8('garbage') })).toBe(false);
    expect(() => protoutil.extractEnvelope({}, 0)).toThrow('no envelope at index 0');
  });

  it('sign a config update over signature header and update', () => {
    const signature_header = common.SignatureHeader.encode({ creator: utf8('admin') }).finish();
    const signatures = [{ signature_header, signature: utf8('sig') }];
    expect(
      protoutil.configUpdateEnvelopeAsSignedData({ config_update: utf8('u'), signatures }),
    ).toEqual([
      {
        data: concat(signature_header, utf8('u')),
        identity: utf8('admin'),
        signature: utf8('sig'),
      },
    ]);
  });
});

describe('decoding and numbers', () => {
  it('names the message that is broken', () => {
    expect(() => protoutil.unmarshalTransaction(utf8('garbage'))).toThrow(
      expect.objectContaining({
        code: 'MALFORMED_MESSAGE',
        message: expect.stringContaining('Transaction'),
      }),
    );
  });

  it('refuses more than any Fabric node accepts, unread', () => {
    const large = new Uint8Array(protoutil.MAX_MESSAGE_BYTES + 1);
    expect(() => protoutil.unmarshalEnvelope(large)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }),
    );
  });

  it('turns safe integers only into numbers', () => {
    expect(protoutil.toNumber(undefined)).toBe(0);
    expect(protoutil.toNumber(2 ** 53 - 1)).toBe(2 ** 53 - 1);
    for (const value of [protoutil.MAX_UINT64, 2 ** 53, 0.5, Number.NaN]) {
      expect(() => protoutil.toNumber(value)).toThrow(
        expect.objectContaining({ code: 'NUMBER_OUT_OF_RANGE' }),
      );
    }
    expect(protoutil.fromTimestamp(null)).toBe(0);
    expect(protoutil.fromTimestamp(protoutil.toTimestamp(-1.5))).toBe(-1.5);
  });
});
