// SPDX-License-Identifier: Apache-2.0
// Every code that validation can give, by transactions that are right in all but one thing.
import { beforeAll, describe, expect, it } from 'vitest';
import { common, type protos } from '../../common/protos/index.ts';
import { computeTxId, unmarshalEnvelope, unmarshalPayload } from '../../common/protoutil/index.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../common/runtime/clock.ts';
import { createTestChannel, type TestChannel } from '../testing/test-channel.ts';
import { type Crafted, type Mutable, readWriteSet, type Tampering } from './testing/crafted.ts';
import { MemoryValidationLedger } from './testing/memory-validation-ledger.ts';
import { type ValidationBench, validationBench } from './testing/validation-bench.ts';

const GARBAGE = Uint8Array.of(0xff);
const { HeaderType } = common;
const OK: Crafted['writes'] = { basic: { keys: ['k'] } };

let channel: TestChannel;
let bench: ValidationBench;

beforeAll(async () => {
  channel = await createTestChannel();
  bench = validationBench(channel);
});

/** A ledger that has seen every id. */
function knowing(): MemoryValidationLedger {
  const ledger = new MemoryValidationLedger();
  ledger.txIDExists = async () => true;
  return ledger;
}

const withHeader = (
  channelHeader: (header: Mutable<common.IChannelHeader>) => void,
): Tampering => ({
  channelHeader,
});
const withAction = (action: (action: Mutable<protos.IChaincodeAction>) => void): Tampering => ({
  action,
});

describe('an endorser transaction', () => {
  it('is valid as it should be', async () => {
    expect(await bench.codeOf({})).toBe('VALID');
  });

  // Found before the id is looked up.
  const early: [code: string, what: string, Tampering][] = [
    ['BAD_PAYLOAD', 'a payload that is none', { envelope: (e) => (e.payload = GARBAGE) }],
    ['BAD_COMMON_HEADER', 'no header', { payload: (p) => (p.header = null) }],
    [
      'BAD_COMMON_HEADER',
      'a channel header that is none',
      { payload: (p) => (p.header = { ...p.header, channel_header: GARBAGE }) },
    ],
    [
      'BAD_COMMON_HEADER',
      'a signature header that is none',
      { payload: (p) => (p.header = { ...p.header, signature_header: GARBAGE }) },
    ],
    ['BAD_COMMON_HEADER', 'type MESSAGE', withHeader((h) => (h.type = HeaderType.MESSAGE))],
    ['BAD_COMMON_HEADER', 'an epoch', withHeader((h) => (h.epoch = 1))],
    ['BAD_COMMON_HEADER', 'no nonce', { signatureHeader: (h) => (h.nonce = null) }],
    ['BAD_COMMON_HEADER', 'no creator', { signatureHeader: (h) => (h.creator = null) }],
    ['BAD_CREATOR_SIGNATURE', 'another channel', withHeader((h) => (h.channel_id = 'yours'))],
    ['BAD_CREATOR_SIGNATURE', 'a wrong signature', { envelope: (e) => (e.signature = GARBAGE) }],
    ['BAD_CREATOR_SIGNATURE', 'no signature', { envelope: (e) => (e.signature = null) }],
    ['BAD_CREATOR_SIGNATURE', 'no identity', { signatureHeader: (h) => (h.creator = GARBAGE) }],
    [
      'BAD_CREATOR_SIGNATURE',
      'a peer’s name under a client’s signature',
      { signatureHeader: (h) => (h.creator = channel.peers.Org1MSP[0].serialize()) },
    ],
    ['BAD_PROPOSAL_TXID', 'another id', withHeader((h) => (h.tx_id = '00'))],
    [
      'UNSUPPORTED_TX_PAYLOAD',
      'type CONFIG_UPDATE',
      withHeader((h) => (h.type = HeaderType.CONFIG_UPDATE)),
    ],
    ['INVALID_ENDORSER_TRANSACTION', 'no action', { transaction: (t) => (t.actions = []) }],
    [
      'INVALID_ENDORSER_TRANSACTION',
      'two actions',
      { transaction: (t) => (t.actions = [...(t.actions ?? []), ...(t.actions ?? [])]) },
    ],
    ['INVALID_ENDORSER_TRANSACTION', 'garbage', { payload: (p) => (p.data = GARBAGE) }],
    [
      'INVALID_ENDORSER_TRANSACTION',
      'an action without header',
      { transaction: ({ actions }) => Object.assign(actions?.[0] ?? {}, { header: null }) },
    ],
    [
      'INVALID_ENDORSER_TRANSACTION',
      'no endorsed action',
      { actionPayload: (p) => (p.action = null) },
    ],
    [
      'INVALID_ENDORSER_TRANSACTION',
      'another proposal than was endorsed',
      { actionPayload: (p) => (p.chaincode_proposal_payload = utf8('another')) },
    ],
    [
      'INVALID_ENDORSER_TRANSACTION',
      'the hash of another proposal',
      { response: (r) => (r.proposal_hash = new Uint8Array(32)) },
    ],
  ];

  it.each(early)(
    'is %s with %s, whether or not its id is known',
    async (code, _what, tampering) => {
      expect(await bench.codeOf(tampering)).toBe(code);
      expect(await bench.codeOf(tampering, knowing())).toBe(code);
    },
  );

  // Found after the id is looked up.
  const late: [code: string, what: string, Partial<Crafted>][] = [
    [
      'BAD_HEADER_EXTENSION',
      'an extension that is none',
      withHeader((h) => (h.extension = GARBAGE)),
    ],
    ['BAD_RESPONSE_PAYLOAD', 'no chaincode action', { response: (r) => (r.extension = null) }],
    ['BAD_RESPONSE_PAYLOAD', 'a garbled action', { response: (r) => (r.extension = GARBAGE) }],
    ['BAD_RWSET', 'results that are none', withAction((a) => (a.results = GARBAGE))],
    ['INVALID_OTHER_REASON', 'no chaincode in the header', withHeader((h) => (h.extension = null))],
    [
      'INVALID_OTHER_REASON',
      'no chaincode in the action',
      withAction((a) => (a.chaincode_id = null)),
    ],
    ['INVALID_CHAINCODE', 'a nameless chaincode', { chaincode: '' }],
    [
      'INVALID_CHAINCODE',
      'another chaincode in the action',
      withAction((a) => (a.chaincode_id = { name: 'both', version: '1.0' })),
    ],
    ['INVALID_CHAINCODE', 'no version', withAction((a) => (a.chaincode_id = { name: 'basic' }))],
    ['INVALID_CHAINCODE', 'an unknown chaincode', { chaincode: 'nosuchcc', writes: {} }],
    [
      'INVALID_CHAINCODE',
      'writes to an unknown chaincode',
      { writes: { ...OK, nosuchcc: { keys: ['k'] } } },
    ],
    ['INVALID_OTHER_REASON', 'an event that is none', withAction((a) => (a.events = GARBAGE))],
    ['INVALID_OTHER_REASON', 'an event of another', { event: { chaincode_id: 'both' } }],
    [
      'ILLEGAL_WRITESET',
      'a namespace twice',
      withAction((a) => {
        const once = readWriteSet({ basic: { keys: ['k'] } });
        a.results = Uint8Array.of(...once, ...once);
      }),
    ],
    ['ENDORSEMENT_POLICY_FAILURE', 'no endorsement', { endorsers: [] }],
  ];

  it.each(late)('is %s with %s, unless its id is known', async (code, _what, options) => {
    expect(await bench.codeOf(options)).toBe(code);
    expect(await bench.codeOf(options, knowing())).toBe('DUPLICATE_TXID');
  });

  it('may name its own event and read what nobody defined', async () => {
    expect(await bench.codeOf({ event: { chaincode_id: 'basic', event_name: 'e' } })).toBe('VALID');
    expect(await bench.codeOf({ writes: { ...OK, nosuchcc: {} } })).toBe('VALID');
  });

  it('is told by a code even when it is hardly there', async () => {
    expect(await bench.codesOf([GARBAGE, new Uint8Array()])).toEqual([
      'INVALID_OTHER_REASON',
      'BAD_COMMON_HEADER',
    ]);
  });

  it('needs a creator of the channel', async () => {
    expect(await bench.codeOf({ client: channel.stranger })).toBe('BAD_CREATOR_SIGNATURE');
  });

  it('needs valid endorsements of those whom the policy names', async () => {
    const [org1] = channel.peers.Org1MSP;
    const [org2] = channel.peers.Org2MSP;
    expect(await bench.codeOf({ endorsers: [org2] })).toBe('ENDORSEMENT_POLICY_FAILURE');
    expect(await bench.codeOf({ endorsers: [channel.client] })).toBe('ENDORSEMENT_POLICY_FAILURE');
    expect(await bench.codeOf({ endorsers: [org2, org1] })).toBe('VALID');
    const forged: Tampering = {
      actionPayload: (payload) => {
        const endorsements = payload.action?.endorsements?.map((endorsement) => ({
          ...endorsement,
          endorser: org1.serialize(),
        }));
        payload.action = { ...payload.action, endorsements };
      },
    };
    expect(await bench.codeOf({ endorsers: [org2], ...forged })).toBe('ENDORSEMENT_POLICY_FAILURE');
  });

  it('needs the endorsement of every chaincode it writes to, and of the one it calls', async () => {
    const [org1] = channel.peers.Org1MSP;
    const [org2] = channel.peers.Org2MSP;
    const cases: [string, Crafted['writes'], (typeof org1)[], string][] = [
      ['basic', { both: { keys: ['k'] } }, [org1], 'ENDORSEMENT_POLICY_FAILURE'],
      ['basic', { both: { keys: ['k'] } }, [org1, org2], 'VALID'],
      ['basic', { both: {} }, [org1], 'VALID'],
      ['both', { basic: { keys: ['k'] } }, [org1], 'ENDORSEMENT_POLICY_FAILURE'],
      ['both', { both: {} }, [org1], 'ENDORSEMENT_POLICY_FAILURE'],
      ['both', {}, [org1, org2], 'VALID'],
    ];
    for (const [chaincode, writes = {}, endorsers, code] of cases) {
      expect(await bench.codeOf({ chaincode, writes, endorsers })).toBe(code);
    }
  });
});

describe('a config transaction', () => {
  const config: Tampering = withHeader((header) => {
    header.type = HeaderType.CONFIG;
    header.tx_id = '';
  });

  it('is for the channel to judge, unless it is empty', async () => {
    expect(await bench.codeOf(config)).toBe('VALID');
    expect(await bench.codeOf({ ...config, payload: (p) => (p.data = null) })).toBe(
      'INVALID_CONFIG_TRANSACTION',
    );
    expect(await bench.codeOf({ ...config, client: channel.stranger })).toBe(
      'BAD_CREATOR_SIGNATURE',
    );
  });
});

describe('one id twice in a block', () => {
  it('belongs to the first transaction that is valid', async () => {
    const nonce = systemRandomBytes(24);
    const good = await bench.transaction({ nonce });
    const bad = await bench.transaction({ nonce, endorsers: [] });
    const policy = 'ENDORSEMENT_POLICY_FAILURE';
    expect(await bench.codesOf([good, good])).toEqual(['VALID', 'DUPLICATE_TXID']);
    expect(await bench.codesOf([bad, good, bad, good])).toEqual([
      policy,
      'VALID',
      policy,
      'DUPLICATE_TXID',
    ]);
  });

  it('is known once any block had it', async () => {
    const ledger = new MemoryValidationLedger();
    const nonce = systemRandomBytes(24);
    ledger.txIds.add(computeTxId(nonce, channel.client.serialize()));
    expect(await bench.codeOf({ nonce }, ledger)).toBe('DUPLICATE_TXID');
    expect(await bench.codeOf({}, ledger)).toBe('VALID');
  });
});

describe('a verdict', () => {
  it('tells id and type, why, and what is written', async () => {
    const nonce = systemRandomBytes(24);
    const good = await bench.transaction({ nonce });
    const bad = await bench.transaction({ event: { chaincode_id: 'both' } });
    const verdicts = await bench.verdictsOf([good, bad, GARBAGE]);
    const { channel_header = new Uint8Array() } =
      unmarshalPayload(unmarshalEnvelope(good).payload).header ?? {};
    expect(verdicts[0]).toEqual({
      code: 0,
      txId: common.ChannelHeader.decode(channel_header).tx_id,
      type: HeaderType.ENDORSER_TRANSACTION,
      namespaces: [
        {
          namespace: 'basic',
          writtenKeys: ['k'],
          metadataKeys: [],
          collections: [],
          chaincodePolicySatisfied: true,
        },
      ],
    });
    expect(verdicts[1]).toMatchObject({ code: 255, type: 3, reason: 'an event of both' });
    expect(verdicts[2]).toMatchObject({ code: 255, type: -1, txId: '' });
    expect(structuredClone(verdicts)).toEqual(verdicts);
  });
});
