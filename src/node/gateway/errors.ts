// SPDX-License-Identifier: Apache-2.0
// The errors of a client, one for each stage, with the names and data of @hyperledger/fabric-gateway.
import { FabricError, type FabricErrorOptions } from '../../common/runtime/errors.ts';

/** What one endorser or orderer answered. */
export interface ErrorDetail {
  readonly address: string;
  readonly mspId: string;
  readonly message: string;
}

export interface GatewayErrorOptions extends FabricErrorOptions {
  readonly transactionId: string;
  readonly details?: readonly ErrorDetail[];
}

/** A call that failed before its outcome was known to be in a block. */
export class GatewayError extends FabricError {
  // Written out, here and below, because a build renames classes.
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
  readonly blockNumber: bigint;

  constructor(name: string, validationCode: number, transactionId: string, blockNumber: bigint) {
    super(name, `transaction ${transactionId} is in block ${blockNumber} with code ${name}`, {
      data: { transactionId, validationCode, status: name, blockNumber: Number(blockNumber) },
    });
    this.transactionId = transactionId;
    this.validationCode = validationCode;
    this.blockNumber = blockNumber;
  }
}
