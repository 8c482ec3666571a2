// SPDX-License-Identifier: Apache-2.0
// What a failed submit or evaluate says of itself, as plain data for the page.
import { FabricError, messageOf } from '../../common/runtime/errors.ts';

export interface CallError {
  readonly code: string;
  readonly message: string;
  /** Where it stopped: the stages of fabric-gateway's errors. */
  readonly at: 'endorse' | 'submit' | 'commit' | 'invalid' | 'unknown';
  readonly txId?: string;
  /** Name of the validation code of a transaction that is in a block but invalid. */
  readonly status?: string;
  readonly block?: number;
}

// By the gateway's codes: names of classes do not outlive minification.
const STOPPED_AT: Readonly<Record<string, CallError['at']>> = {
  CHAINCODE_ERROR: 'endorse',
  NO_ENDORSERS: 'endorse',
  ENDORSEMENT_MISMATCH: 'endorse',
  ENDORSEMENT_FAILED: 'endorse',
  ORDERER_REFUSED: 'submit',
  ORDERER_UNREACHABLE: 'submit',
  COMMIT_TIMEOUT: 'commit',
  COMMIT_UNKNOWN: 'commit',
};

export function callErrorOf(thrown: unknown): CallError {
  if (!(thrown instanceof FabricError)) {
    return { code: 'UNKNOWN', message: messageOf(thrown), at: 'unknown' };
  }
  const { transactionId, blockNumber, validationCode, status } = thrown.data;
  const invalid = typeof validationCode === 'number' && typeof status === 'string';
  return {
    code: thrown.code,
    message: thrown.message,
    at: invalid ? 'invalid' : (STOPPED_AT[thrown.code] ?? 'unknown'),
    ...(typeof transactionId === 'string' ? { txId: transactionId } : {}),
    ...(typeof blockNumber === 'number' ? { block: blockNumber } : {}),
    ...(invalid ? { status } : {}),
  };
}
