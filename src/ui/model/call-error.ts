// SPDX-License-Identifier: Apache-2.0
// What a failed submit or evaluate says of itself, as plain data for the page.
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { enCodes } from '../i18n/en-codes.ts';

export interface CallError {
  readonly code: string;
  readonly message: string;
  /** Where it stopped: told from the error's class, as in fabric-gateway. */
  readonly at: 'endorse' | 'submit' | 'commit' | 'invalid' | 'unknown';
  readonly txId?: string;
  /** Name of the validation code of a transaction that is in a block but invalid. */
  readonly status?: string;
  readonly block?: number;
}

const STOPPED_AT: Readonly<Record<string, CallError['at']>> = {
  EndorseError: 'endorse',
  SubmitError: 'submit',
  CommitStatusError: 'commit',
  CommitError: 'invalid',
};

export function callErrorOf(thrown: unknown): CallError {
  if (!(thrown instanceof FabricError)) {
    return { code: 'UNKNOWN', message: messageOf(thrown), at: 'unknown' };
  }
  const fields: Readonly<Record<string, unknown>> = { ...thrown.data, ...own(thrown) };
  const txId = fields.txId ?? fields.transactionId;
  const block = fields.blockNumber ?? fields.block;
  const status = [fields.status, thrown.code].find(isValidationCode);
  return {
    code: thrown.code,
    message: thrown.message,
    at: status === undefined ? (STOPPED_AT[thrown.name] ?? 'unknown') : 'invalid',
    ...(typeof txId === 'string' ? { txId } : {}),
    ...(typeof block === 'number' ? { block } : {}),
    ...(status === undefined ? {} : { status }),
  };
}

// Subclasses may carry the transaction's id as a property of their own.
function own(error: FabricError): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(error));
}

function isValidationCode(value: unknown): value is string {
  return typeof value === 'string' && value !== 'VALID' && Object.hasOwn(enCodes.codes, value);
}
