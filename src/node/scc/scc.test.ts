// SPDX-License-Identifier: Apache-2.0
// The system chaincodes over a real channel: what they give must be the bytes that its peer stored.
import { beforeAll, describe, expect, it } from 'vitest';
import type { SigningIdentity } from '../../common/msp/types.ts';
import { common, protos } from '../../common/protos/index.ts';
import { createChaincodeProposal, toNumber } from '../../common/protoutil/index.ts';
import { equalBytes, fromHex, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import { AclProvider } from '../aclmgmt/index.ts';
import { configBlockOf } from '../peer/channel-config.ts';
import { localMspOf } from '../peer/local-msp.ts';
import { realLedger } from '../replay/testing/chains.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { cscc, qscc, type SystemChaincode, SystemChaincodes } from './index.ts';

let channel: TestChannel;
let ledger: PeerLedger;
let chaincodes: Readonly<Record<'qscc' | 'cscc', SystemChaincode>>;

beforeAll(async () => {
  channel = await createTestChannel();
  ledger = await realLedger();
  const { bundle } = channel;
  const acl = new AclProvider({
    bundles: (channelId) => (channelId === CHANNEL ? bundle : undefined),
    localMsp: () => localMspOf('Org1MSP', bundle),
  });
  const ledgers = (channelId: string) => (channelId === CHANNEL ? ledger : undefined);
  const channels = new Map([[CHANNEL, { configBlock: () => configBlockOf(ledger) }]]);
  chaincodes = { qscc: qscc({ ledgers, acl }), cscc: cscc({ channels, acl }) };
});

interface CallOptions {
  readonly client?: SigningIdentity;
  /** The chaincode that the client called. */
  readonly called?: string;
}

async function invoke(
  name: 'qscc' | 'cscc',
  args: readonly (string | Uint8Array)[],
  { client = channel.client, called = name }: CallOptions = {},
): Promise<Uint8Array> {
  const bytes = args.map((arg) => (typeof arg === 'string' ? utf8(arg) : arg));
  const spec = { chaincode_spec: { chaincode_id: { name: called }, input: { args: bytes } } };
  const about = { channelId: CHANNEL, spec, creator: client.serialize() };
  const { proposal, txId } = createChaincodeProposal(about, { now: 0, nonce: utf8('nonce') });
  const proposal_bytes = protos.Proposal.encode(proposal).finish();
  const signedProposal = { proposal_bytes, signature: await client.sign(proposal_bytes) };
  const stub = { channelId: CHANNEL, txId, args: bytes, signedProposal, simulator: undefined };
  const { response } = await chaincodes[name].invoke(stub);
  expect(response.status).toBe(200);
  return response.payload ?? utf8('');
}

const hexOf = async (...args: Parameters<typeof invoke>) => toHex(await invoke(...args));
const tip = expectedBlocks.at(-1);

describe('qscc', () => {
  it('tells the height and the last hashes', async () => {
    const [hash, previous] = [tip?.headerHash ?? '', tip?.previousHash ?? ''];
    // Field by field: 71, and two hashes of 32 bytes.
    expect(await hexOf('qscc', ['GetChainInfo', CHANNEL])).toBe(`08471220${hash}1a20${previous}`);
    const fromSnapshot = {
      getBlockchainInfo: () => ({ ...ledger.getBlockchainInfo(), lastBlockInSnapshot: 5 }),
    };
    const { bundle } = channel;
    const acl = new AclProvider({ bundles: () => bundle, localMsp: () => undefined });
    const other = Object.assign(Object.create(ledger), fromSnapshot);
    const before = chaincodes;
    chaincodes = { ...before, qscc: qscc({ ledgers: () => other, acl }) };
    const info = common.BlockchainInfo.decode(await invoke('qscc', ['GetChainInfo', CHANNEL]));
    expect(toNumber(info.bootstrappingSnapshotInfo?.lastBlockInSnapshot ?? 0)).toBe(5);
    chaincodes = before;
  });

  it('gives blocks by number, hash and transaction, as they are stored', async () => {
    for (const { number, headerHash, txs } of expectedBlocks.slice(14, 30)) {
      const block = toHex(readBlock(number));
      expect(await hexOf('qscc', ['GetBlockByNumber', CHANNEL, String(number)])).toBe(block);
      expect(await hexOf('qscc', ['GetBlockByHash', CHANNEL, fromHex(headerHash)])).toBe(block);
      const [tx] = txs;
      if (!tx?.txid) continue;
      expect(await hexOf('qscc', ['GetBlockByTxID', CHANNEL, tx.txid])).toBe(block);
    }
    const newest = await hexOf('qscc', ['GetBlockByNumber', CHANNEL, '18446744073709551615']);
    expect(newest).toBe(toHex(readBlock(70)));
  });

  it('gives transactions with their codes', async () => {
    const seen = new Set<number>();
    for (const { number, txs } of expectedBlocks.slice(16, 50)) {
      const envelopes = common.Block.decode(readBlock(number)).data?.data ?? [];
      for (const [i, { txid, code }] of txs.entries()) {
        // Of two with one id, the first counts.
        if (!txid || code === protos.TxValidationCode.DUPLICATE_TXID) continue;
        seen.add(code);
        const found = await invoke('qscc', ['GetTransactionByID', CHANNEL, txid]);
        const transactionEnvelope = common.Envelope.decode(envelopes[i] ?? utf8(''));
        const { ProcessedTransaction } = protos;
        const expected = ProcessedTransaction.encode({ transactionEnvelope, validationCode: code });
        expect(toHex(found), `${number}/${i}`).toBe(toHex(expected.finish()));
      }
    }
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 10, 11, 12]);
  });

  it.each<[string, readonly (string | Uint8Array)[], string]>([
    ['no arguments', ['GetChainInfo'], 'Incorrect number of arguments, 1'],
    [
      'nothing asked for',
      ['GetBlockByNumber', CHANNEL],
      'missing 3rd argument for GetBlockByNumber',
    ],
    ['another channel', ['GetChainInfo', 'other'], 'Invalid chain ID, other'],
    [
      'another function',
      ['GetAnything', CHANNEL, 'x'],
      'access denied for [GetAnything][mychannel]: [Unmapped policy for qscc/GetAnything]',
    ],
    [
      'no number',
      ['GetBlockByNumber', CHANNEL, '-1'],
      'Failed to parse block number with error strconv.ParseUint: parsing "-1": invalid syntax',
    ],
    [
      'too large a number',
      ['GetBlockByNumber', CHANNEL, '18446744073709551616'],
      'Failed to parse block number with error strconv.ParseUint: parsing "18446744073709551616": value out of range',
    ],
    [
      'a block to come',
      ['GetBlockByNumber', CHANNEL, '71'],
      'Failed to get block number 71, error no such block number [71] in index',
    ],
    [
      'a block that never comes',
      ['GetBlockByNumber', CHANNEL, '18446744073709551614'],
      'Failed to get block number 18446744073709551614, error no such block number [18446744073709551614] in index',
    ],
    [
      'an unknown hash',
      ['GetBlockByHash', CHANNEL, utf8('ab')],
      'Failed to get block hash ab, error no such block hash [6162] in index',
    ],
    [
      'an unknown transaction',
      ['GetTransactionByID', CHANNEL, 'ab'],
      'Failed to get transaction with id ab, error no such transaction ID [ab] in index',
    ],
    [
      'the block of an unknown transaction',
      ['GetBlockByTxID', CHANNEL, 'ab'],
      'Failed to get block for txID ab, error no such transaction ID [ab] in index',
    ],
  ])('refuses %s', async (_name, args, message) => {
    await expect(invoke('qscc', args)).rejects.toThrow(message);
  });

  it('is for readers, and not for other chaincodes', async () => {
    const args = ['GetChainInfo', CHANNEL];
    await expect(invoke('qscc', args, { client: channel.stranger })).rejects.toThrow(
      /^access denied for \[GetChainInfo\]\[mychannel\]: \[Failed evaluating policy on signed data during check policy on channel \[mychannel\] with policy \[\/Channel\/Application\/Readers\]: /,
    );
    await expect(invoke('qscc', args, { called: 'basic' })).rejects.toThrow(
      "Rejecting invoke of QSCC from another chaincode because of potential for deadlocks, original invocation for 'basic'",
    );
  });
});

describe('cscc', () => {
  it('gives the last config block, as it is stored', async () => {
    const found = await invoke('cscc', ['GetConfigBlock', CHANNEL]);
    expect(equalBytes(found, readBlock(15))).toBe(true);
    const args = ['GetConfigBlock', CHANNEL];
    await expect(invoke('cscc', args, { client: channel.stranger })).rejects.toThrow(
      /^access denied for \[GetConfigBlock\]\[mychannel\]: Failed evaluating policy/,
    );
    await expect(invoke('cscc', ['GetConfigBlock', 'other'])).rejects.toThrow(
      'access denied for [GetConfigBlock][other]: Failed to get policy manager for channel [other]',
    );
  });

  it('names the channels, to members of the peer’s organisation', async () => {
    const found = await invoke('cscc', ['GetChannels']);
    expect(protos.ChannelQueryResponse.decode(found)).toEqual({
      channels: [{ channel_id: CHANNEL }],
    });
    await expect(invoke('cscc', ['GetChannels'], { client: channel.client2 })).rejects.toThrow(
      /^access denied for \[GetChannels\]: Failed deserializing proposal creator during channelless check policy with policy \[Members\]: /,
    );
  });

  it('refuses what it does not know, and other chaincodes', async () => {
    await expect(invoke('cscc', ['Nonsense', 'x'])).rejects.toThrow(
      'Requested function Nonsense not found.',
    );
    await expect(invoke('cscc', ['GetConfigBlock'])).rejects.toThrow(
      'Incorrect number of arguments, 1',
    );
    await expect(invoke('cscc', ['GetChannels'], { called: 'basic' })).rejects.toThrow(
      "Rejecting invoke of CSCC from another chaincode, original invocation for 'basic'",
    );
  });
});

describe('the system chaincodes of a peer', () => {
  it('have names of their own', async () => {
    const all = new SystemChaincodes();
    all.deploy(chaincodes.qscc);
    expect([all.get('qscc'), all.get('cscc')]).toEqual([chaincodes.qscc, undefined]);
    expect(['qscc', 'cscc'].map(all.isSystemChaincode)).toEqual([true, false]);
    expect(() => all.deploy(chaincodes.qscc)).toThrow(
      expect.objectContaining({ code: 'CHAINCODE_EXISTS' }),
    );
  });
});
