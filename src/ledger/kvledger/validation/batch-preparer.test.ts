// SPDX-License-Identifier: Apache-2.0
// What is taken out of a block for validation, and what is refused before (preprocessProtoBlock of validation/batch_preparer.go).
import { describe, expect, test } from 'vitest';
import { common, kvrwset, protos, rwset } from '../../../common/protos/index.ts';
import { utf8 } from '../../../common/runtime/bytes.ts';
import { parseBlock } from '../../blkstorage/serialized-block.ts';
import { checkFlags, preprocessBlock } from './batch-preparer.ts';

const { VALID, NOT_VALIDATED, NIL_TXACTION, INVALID_OTHER_REASON, INVALID_WRITESET } =
  protos.TxValidationCode;
const { CONFIG, ENDORSER_TRANSACTION, MESSAGE } = common.HeaderType;
const BAD_PAYLOAD = protos.TxValidationCode.BAD_PAYLOAD;

function envelope(type: common.HeaderType, data: Uint8Array): Uint8Array {
  const channel_header = common.ChannelHeader.encode({ type, tx_id: 'tx' }).finish();
  const payload = common.Payload.encode({ header: { channel_header }, data }).finish();
  return common.Envelope.encode({ payload }).finish();
}

function transaction(results: Uint8Array): Uint8Array {
  const extension = protos.ChaincodeAction.encode({ results, response: { status: 200 } }).finish();
  const proposal_response_payload = protos.ProposalResponsePayload.encode({ extension }).finish();
  const action = { proposal_response_payload };
  const payload = protos.ChaincodeActionPayload.encode({ action }).finish();
  const actions = [{ payload }];
  return envelope(ENDORSER_TRANSACTION, protos.Transaction.encode({ actions }).finish());
}

function writing(...keys: string[]): Uint8Array {
  const writes = keys.map((key) => ({ key, value: utf8('v') }));
  const ns_rwset = [{ namespace: 'cc', rwset: kvrwset.KVRWSet.encode({ writes }).finish() }];
  return rwset.TxReadWriteSet.encode({ ns_rwset }).finish();
}

const blockOf = (...data: Uint8Array[]) =>
  parseBlock(common.Block.encode({ header: { number: 7 }, data: { data } }).finish());

const mismatch = (message: string) =>
  expect.objectContaining({ code: 'FLAGS_MISMATCH', message: expect.stringContaining(message) });

describe('the codes that come with a block', () => {
  const block = blockOf(transaction(writing('a')), transaction(writing('b')));

  test.each<[string, number[]]>([
    ['block 7 has 2 transactions but 1 validation codes', [VALID]],
    ['block 7 has 2 transactions but 3 validation codes', [VALID, VALID, VALID]],
    ['block 7 has 2 transactions but 0 validation codes', []],
    ['transaction 1 of block 7 is not validated', [VALID, NOT_VALIDATED]],
  ])('are refused: %s', (message, flags) => {
    expect(() => checkFlags(block, Uint8Array.from(flags))).toThrow(mismatch(message));
  });

  test('are one for each transaction, and final', () => {
    expect(() => checkFlags(block, Uint8Array.of(VALID, BAD_PAYLOAD))).not.toThrow();
    expect(() => checkFlags(blockOf(), new Uint8Array())).not.toThrow();
  });
});

describe('the transactions of a block', () => {
  test('are those called valid that have a set; the others are marked', () => {
    const set = writing('a');
    const block = blockOf(
      transaction(set),
      utf8('neither envelope nor valid'),
      transaction(utf8('no set')),
      envelope(ENDORSER_TRANSACTION, utf8('no transaction')),
      envelope(ENDORSER_TRANSACTION, new Uint8Array()),
      envelope(MESSAGE, utf8('what no peer processes')),
      transaction(new Uint8Array()),
      transaction(set),
    );
    const flags = Uint8Array.of(VALID, BAD_PAYLOAD, VALID, VALID, VALID, VALID, VALID, BAD_PAYLOAD);
    const prepared = preprocessBlock(block, flags);
    expect(prepared.map(({ txNum, rwSet }) => [txNum, rwSet.length])).toEqual([
      [0, 1],
      [6, 0],
    ]);
    const unread = [INVALID_OTHER_REASON, NIL_TXACTION, NIL_TXACTION];
    expect([...flags]).toEqual([VALID, BAD_PAYLOAD, ...unread, VALID, VALID, BAD_PAYLOAD]);
  });

  test('must have the writes that the state database takes, every one of them', () => {
    const block = blockOf(transaction(writing('a', 'b')), transaction(writing('a', 'bad')));
    const flags = new Uint8Array(2);
    const rules = (key: string): string | undefined => (key === 'bad' ? 'no' : undefined);
    expect(preprocessBlock(block, flags, rules).map(({ txNum }) => txNum)).toEqual([0]);
    expect([...flags]).toEqual([VALID, INVALID_WRITESET]);
  });

  test('include a configuration, which replaces the one in the state', () => {
    const [prepared] = preprocessBlock(
      blockOf(envelope(CONFIG, utf8('config'))),
      new Uint8Array(1),
    );
    expect(prepared?.rwSet).toMatchObject([
      {
        namespace: '',
        kv: { writes: [{ key: 'CHANNEL_CONFIG_ENV_BYTES', value: utf8('config') }] },
      },
    ]);
    expect(() =>
      preprocessBlock(blockOf(envelope(CONFIG, new Uint8Array())), new Uint8Array(1)),
    ).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  test('cannot be called valid when they are malformed: the validator did not look', () => {
    expect(() => preprocessBlock(blockOf(utf8('no envelope')), new Uint8Array(1))).toThrow(
      mismatch('transaction 0 of block 7 is called valid, but is malformed'),
    );
  });
});
