// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CommitError, EndorseError } from '../../node/gateway/index.ts';
import { callErrorOf } from './call-error.ts';

describe('what a failed call says', () => {
  it('names the validation code, the transaction and its block', () => {
    expect(callErrorOf(new CommitError('MVCC_READ_CONFLICT', 11, 'ab', 5))).toMatchObject({
      at: 'invalid',
      status: 'MVCC_READ_CONFLICT',
      txId: 'ab',
      block: 5,
    });
  });

  it('tells a refusal of the chaincode, which has no validation code', () => {
    const error = new EndorseError('CHAINCODE_ERROR', 'the asset exists', { transactionId: 'ab' });
    const told = callErrorOf(error);
    expect(told).toMatchObject({ at: 'endorse', message: 'the asset exists', txId: 'ab' });
    expect(told).not.toHaveProperty('status');
  });

  it('takes whatever else was thrown by its message', () => {
    expect(callErrorOf(new TypeError('odd'))).toEqual({
      code: 'UNKNOWN',
      message: 'odd',
      at: 'unknown',
    });
  });
});
