// SPDX-License-Identifier: Apache-2.0
//
// Hashes, ids and signatures of a channel of a real Fabric network.

import { describe, expect, it } from 'vitest';
import { createBCCSP, parseCertificatePem } from '../crypto/index.ts';
import type { SignedData } from '../policies/types.ts';
import { common, msp, protos } from '../protos/index.ts';
import { concat, equalBytes, fromUtf8, toHex } from '../runtime/bytes.ts';
import { expectedBlocks, readBlock, readTestdata } from '../testdata/mychannel.ts';
import * as protoutil from './index.ts';

const { TxValidationCode } = protos;

const blocks = expectedBlocks.map((expected) => {
  const encoded = readBlock(expected.number);
  return { expected, encoded, block: protoutil.unmarshalBlock(encoded) };
});

const transactions = blocks.flatMap(({ expected, block }) =>
  expected.txs.map((tx, index) => {
    const encoded = block.data?.data[index] ?? new Uint8Array(0);
    const envelope = protoutil.unmarshalEnvelope(encoded);
    const payload = protoutil.payloadFromEnvelope(envelope);
    return { ...tx, block: expected.number, encoded, envelope, payload };
  }),
);

// Transactions whose inside is in order, whatever became of them.
const SOUND = ['VALID', 'MVCC_READ_CONFLICT', 'PHANTOM_READ_CONFLICT', 'DUPLICATE_TXID'];
const endorsed = transactions
  .filter(({ type, codeName }) => type === 'ENDORSER_TRANSACTION' && SOUND.includes(codeName))
  .map((tx) => {
    const [action] = protoutil.unmarshalTransaction(tx.payload.data).actions;
    if (!action) throw new Error(`no action in block ${tx.block}`);
    return { ...tx, action, ...protoutil.getPayloads(action) };
  });

const providers = [createBCCSP('webcrypto'), createBCCSP('noble')];

// Whether both providers find the signature right; they must not differ.
async function verifies({ data, identity, signature }: SignedData): Promise<boolean> {
  const { id_bytes } = msp.SerializedIdentity.decode(identity);
  const { publicKey } = parseCertificatePem(fromUtf8(id_bytes));
  const verdicts = await Promise.all(providers.map((p) => p.verify(publicKey, data, signature)));
  expect(new Set(verdicts).size).toBe(1);
  return verdicts[0] ?? false;
}

describe('blocks of a real network', () => {
  it('re-encode to the same bytes', () => {
    for (const { block, encoded } of blocks) {
      expect(equalBytes(common.Block.encode(block).finish(), encoded)).toBe(true);
    }
    expect(blocks).toHaveLength(71);
  });

  it('have the hashes that Fabric computed, and link to each other', () => {
    let previous = '';
    for (const { block, expected } of blocks) {
      const { header, data } = block;
      if (!header || !data) throw new Error('incomplete block');
      expect(protoutil.blockNumber(block)).toBe(expected.number);
      expect(toHex(protoutil.blockHeaderHash(header))).toBe(expected.headerHash);
      expect(toHex(header.previous_hash)).toBe(previous);
      expect(toHex(header.data_hash)).toBe(expected.dataHash);
      expect(toHex(protoutil.computeBlockDataHash(data))).toBe(expected.dataHash);
      previous = expected.headerHash;
    }
  });

  it('are well-formed', () => {
    for (const { block, expected } of blocks) {
      if (!block.data) throw new Error('incomplete block');
      expect(toHex(protoutil.blockDataHash(block.data))).toBe(expected.dataHash);
    }
  });

  it('name their channel, their newest config block and their verdicts', () => {
    let lastConfig = 0;
    for (const { block, expected } of blocks) {
      const isConfig = expected.txs[0]?.type === 'CONFIG';
      if (isConfig) lastConfig = expected.number;
      expect(protoutil.isConfigBlock(block)).toBe(isConfig);
      expect(protoutil.getChannelIdFromBlock(block)).toBe('mychannel');
      expect(protoutil.getLastConfigIndexFromBlock(block)).toBe(lastConfig);
      expect([...protoutil.getTransactionsFilter(block)]).toEqual(expected.transactionsFilter);
    }
    expect(lastConfig).toBe(15);
  });

  it('carry the commit hash that the peer chained', () => {
    for (const { block, expected } of blocks.slice(1)) {
      const { COMMIT_HASH } = common.BlockMetadataIndex;
      const { value } = protoutil.getMetadataFromBlock(block, COMMIT_HASH);
      expect(toHex(value)).toBe(expected.commitHash);
    }
  });

  it('are signed by the orderer', async () => {
    for (const { block, expected } of blocks) {
      const signatures = protoutil.blockAsSignedData(block);
      expect(signatures).toHaveLength(expected.number === 0 ? 0 : 1);
      for (const signature of signatures) expect(await verifies(signature)).toBe(true);
    }
  });

  it('no longer verify when the header is another', async () => {
    const { header, metadata } = protoutil.unmarshalBlock(readBlock(16));
    const [signature] = protoutil.blockAsSignedData({
      header: { ...header, number: 17 },
      metadata,
    });
    expect(signature && (await verifies(signature))).toBe(false);
  });
});

describe('transactions of a real network', () => {
  it('have the id that follows from nonce and creator, unless they were made wrong', () => {
    for (const { txid = '', codeName, payload, encoded } of transactions) {
      const { nonce, creator } = protoutil.unmarshalSignatureHeader(
        payload.header.signature_header,
      );
      const computed = protoutil.computeTxId(nonce, creator);
      // Config transactions that an orderer made carry none.
      const id = txid === '' ? computed : txid;
      expect(protoutil.getOrComputeTxIdFromEnvelope(encoded)).toBe(id);
      const check = () => protoutil.checkTxId(id, nonce, creator);
      if (codeName === 'BAD_PROPOSAL_TXID') expect(check).toThrow('invalid txid');
      else check();
    }
    expect(transactions.filter(({ txid }) => txid === '').map(({ block }) => block)).toEqual([
      13, 14, 15,
    ]);
  });

  it('are signed by their creator', async () => {
    const signed = transactions.filter(({ block }) => block > 0);
    for (const { envelope } of signed) {
      const [signature] = protoutil.envelopeAsSignedData(envelope);
      expect(signature && (await verifies(signature))).toBe(true);
    }
    expect(signed).toHaveLength(82);
  });

  it('hold the proposal hash that the endorsers signed', () => {
    for (const { payload, actionPayload, responsePayload } of endorsed) {
      const bytes = actionPayload.chaincode_proposal_payload;
      const hash = protoutil.getProposalHash2(payload.header, bytes);
      expect(toHex(hash)).toBe(toHex(responsePayload.proposal_hash));
      expect(toHex(protoutil.getProposalHash1(payload.header, bytes))).toBe(toHex(hash));
    }
    expect(endorsed.length).toBeGreaterThan(55);
  });

  it('are endorsed: each endorser signed response payload and own identity', async () => {
    for (const { endorsedAction } of endorsed) {
      for (const { endorser, signature } of endorsedAction.endorsements) {
        const data = concat(endorsedAction.proposal_response_payload, endorser);
        expect(await verifies({ data, identity: endorser, signature })).toBe(true);
      }
    }
  });

  it('are rebuilt byte for byte from proposal and responses', () => {
    for (const { envelope, payload, actionPayload, endorsedAction, chaincodeAction } of endorsed) {
      const proposal = {
        header: common.Header.encode(payload.header).finish(),
        payload: actionPayload.chaincode_proposal_payload,
      };
      const responses = endorsedAction.endorsements.map((endorsement) => ({
        payload: endorsedAction.proposal_response_payload,
        response: chaincodeAction.response,
        endorsement,
      }));
      const rebuilt = protoutil.createTxPayload(proposal, [...responses, ...responses]);
      expect(equalBytes(rebuilt, envelope.payload)).toBe(true);
    }
  });

  it('have a response payload that is rebuilt byte for byte', () => {
    for (const { endorsedAction, responsePayload, chaincodeAction } of endorsed) {
      const { response, results, events, chaincode_id } = chaincodeAction;
      if (!response || !chaincode_id) throw new Error('incomplete action');
      const result = { response, results, events, chaincodeId: chaincode_id };
      const { proposal_hash } = responsePayload;
      const rebuilt = protoutil.getBytesProposalResponsePayload(proposal_hash, result);
      expect(equalBytes(rebuilt, endorsedAction.proposal_response_payload)).toBe(true);
    }
  });

  it('use every verdict by its number', () => {
    for (const { code, codeName } of transactions) expect(TxValidationCode[code]).toBe(codeName);
  });
});

describe('proposals of a real client', () => {
  it.each(['put', 'rmw', 'event', 'pvtput'])('%s is rebuilt byte for byte', async (name) => {
    const signed = protoutil.unmarshalSignedProposal(
      readTestdata(`proposals/${name}.signedproposal.pb`),
    );
    const original = protoutil.unmarshalProposal(signed.proposal_bytes);
    const header = protoutil.unmarshalHeader(original.header);
    const channelHeader = protoutil.unmarshalChannelHeader(header.channel_header);
    const { nonce, creator } = protoutil.unmarshalSignatureHeader(header.signature_header);
    const payload = protoutil.unmarshalChaincodeProposalPayload(original.payload);

    const { proposal, txId } = protoutil.createChaincodeProposal(
      {
        channelId: channelHeader.channel_id,
        spec: protoutil.unmarshalChaincodeInvocationSpec(payload.input),
        creator,
        transientMap: payload.TransientMap,
      },
      { nonce, now: protoutil.fromTimestamp(channelHeader.timestamp) },
    );
    expect(txId).toBe(channelHeader.tx_id);
    expect(toHex(protos.Proposal.encode(proposal).finish())).toBe(toHex(signed.proposal_bytes));
    expect(protoutil.invokedChaincodeName(signed.proposal_bytes)).toBe(
      name === 'pvtput' ? 'pvt' : 'both',
    );
    const { signature } = signed;
    expect(await verifies({ data: signed.proposal_bytes, identity: creator, signature })).toBe(
      true,
    );
  });

  it.each(['put', 'rmw', 'event', 'pvtput'])('%s got the same payload from both peers', (name) => {
    const signed = protoutil.unmarshalSignedProposal(
      readTestdata(`proposals/${name}.signedproposal.pb`),
    );
    const proposal = protoutil.unmarshalProposal(signed.proposal_bytes);
    const responses = ['org1', 'org2'].map((org) =>
      protoutil.unmarshalProposalResponse(
        readTestdata(`proposals/${name}.${org}.proposalresponse.pb`),
      ),
    );
    const payload = protoutil.unmarshalPayload(protoutil.createTxPayload(proposal, responses));
    const [action] = protoutil.unmarshalTransaction(payload.data).actions;
    if (!action || !payload.header) throw new Error('incomplete transaction');
    const { actionPayload, endorsedAction, responsePayload } = protoutil.getPayloads(action);
    expect(endorsedAction.endorsements).toHaveLength(2);
    const hash = protoutil.getProposalHash2(
      payload.header,
      actionPayload.chaincode_proposal_payload,
    );
    expect(toHex(hash)).toBe(toHex(responsePayload.proposal_hash));
    const stripped = protoutil.unmarshalChaincodeProposalPayload(
      actionPayload.chaincode_proposal_payload,
    );
    expect(stripped.TransientMap).toEqual({});
  });
});
