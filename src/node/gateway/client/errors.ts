// SPDX-License-Identifier: Apache-2.0
// The errors of a client, one for each stage, with the names and data of @hyperledger/fabric-gateway.
import { DeadlineError } from '../../../common/runtime/deadline.ts';
import { FabricError, type FabricErrorOptions, messageOf } from '../../../common/runtime/errors.ts';
import { type ErrorDetail, GrpcStatus, ServiceError } from '../../../common/wire/service.ts';

export interface GatewayErrorOptions extends FabricErrorOptions {
  readonly transactionId: string;
  readonly details?: readonly ErrorDetail[];
}

/** A call that failed before its outcome was known to be in a block. */
export class GatewayError extends FabricError {
  override readonly name: string = 'GatewayError';
  readonly transactionId: string;
  readonly details: readonly ErrorDetail[];

  constructor(code: string, message: string, options: GatewayErrorOptions) {
    const { transactionId, details = [], ...rest } = options;
    super(code, message, { ...rest, data: { transactionId, details, ...rest.data } });
    this.transactionId = transactionId;
    this.details = details;
  }
}

/**
 * The proposal could not be evaluated or not enough equal endorsements were given. Codes: CHAINCODE_ERROR (the chaincode refused),
 * NO_ENDORSERS (nobody who could endorse is reachable), ENDORSEMENT_MISMATCH (peers computed different results), ENDORSEMENT_FAILED.
 */
export class EndorseError extends GatewayError {
  override readonly name: string = 'EndorseError';
}

/** The orderer did not take the transaction. Codes: ORDERER_REFUSED (with its status), ORDERER_UNREACHABLE. */
export class SubmitError extends GatewayError {
  override readonly name: string = 'SubmitError';
}

/** It could not be learnt whether the transaction was committed; it may be. Code: COMMIT_TIMEOUT or COMMIT_UNKNOWN. */
export class CommitStatusError extends GatewayError {
  override readonly name: string = 'CommitStatusError';
}

/** The transaction is in a block, marked invalid. `code` is the name of the validation code, e.g. `MVCC_READ_CONFLICT`. */
export class CommitError extends FabricError {
  override readonly name: string = 'CommitError';
  readonly transactionId: string;
  /** protos.TxValidationCode. */
  readonly validationCode: number;
  readonly blockNumber: number;

  constructor(name: string, validationCode: number, transactionId: string, blockNumber: number) {
    super(name, `transaction ${transactionId} is in block ${blockNumber} with code ${name}`, {
      data: { transactionId, validationCode, status: name, blockNumber },
    });
    this.transactionId = transactionId;
    this.validationCode = validationCode;
    this.blockNumber = blockNumber;
  }
}

/** Of a chaincode's own refusal, in the details of any gateway. */
const REFUSAL = /^chaincode response \d+, /;
const NOBODY = /^no (?:reachable peer|endorsers found|peers available)/;

const MISMATCH =
  'the peers came to different results; they run different packages, or the chaincode depends on something that is not the same at each';

/** What a failed Evaluate or Endorse means. */
export function toEndorseError(cause: unknown, transactionId: string): EndorseError {
  const details = cause instanceof ServiceError ? cause.details : [];
  const refusal = details.find(({ message }) => REFUSAL.test(message))?.message;
  const message = refusal ?? messageOf(cause);
  const code = endorseCode(message);
  const text = code === 'ENDORSEMENT_MISMATCH' ? `${message}: ${MISMATCH}` : message;
  return new EndorseError(code, text, { transactionId, details, cause });
}

function endorseCode(message: string): string {
  if (REFUSAL.test(message)) return 'CHAINCODE_ERROR';
  if (NOBODY.test(message)) return 'NO_ENDORSERS';
  if (message.includes('ProposalResponsePayloads do not match')) return 'ENDORSEMENT_MISMATCH';
  return 'ENDORSEMENT_FAILED';
}

/** What a failed Submit means. */
export function toSubmitError(cause: unknown, transactionId: string): SubmitError {
  const message = messageOf(cause);
  if (!(cause instanceof ServiceError)) {
    const text = `the orderer could not be reached: ${message}`;
    return new SubmitError('ORDERER_UNREACHABLE', text, { transactionId, cause });
  }
  const { details } = cause;
  const options = { transactionId, details, cause };
  const refused = /status=([^,]*), info=(.*)$/s.exec(message);
  if (!refused) return new SubmitError('ORDERER_UNREACHABLE', message, options);
  const [, status, info] = refused;
  return new SubmitError('ORDERER_REFUSED', message, { ...options, data: { status, info } });
}

/** What a failed CommitStatus means. */
export function toCommitStatusError(
  cause: unknown,
  transactionId: string,
  timeoutMs: number,
): CommitStatusError {
  const options = { transactionId, cause };
  const late = cause instanceof ServiceError && cause.status === GrpcStatus.DEADLINE_EXCEEDED;
  if (late || cause instanceof DeadlineError) {
    const text = `no block with transaction ${transactionId} within ${timeoutMs} ms; it may still come`;
    return new CommitStatusError('COMMIT_TIMEOUT', text, options);
  }
  const text = `it is not known whether transaction ${transactionId} was committed: ${messageOf(cause)}`;
  return new CommitStatusError('COMMIT_UNKNOWN', text, options);
}
