// SPDX-License-Identifier: Apache-2.0
// What the orderer refuses, and how that is told to clients (ClassifyError in orderer/common/broadcast/broadcast.go @ v2.5).
import { common } from '../common/protos/index.ts';
import { FabricError, type FabricErrorOptions } from '../common/runtime/errors.ts';

/**
 * - PERMISSION_DENIED: the signature does not satisfy the policy
 * - CHANNEL_DOES_NOT_EXIST: this orderer does not serve the channel
 * - CHANNEL_ALREADY_EXISTS: the channel to join is already served
 * - MAINTENANCE_MODE: the channel takes config updates only
 * - REJECTED: a message that breaks a rule of the channel
 * - INVALID_JOIN_BLOCK: a block that cannot start a channel
 * - UNAVAILABLE: the chain is halted, or could not write a block
 * - CORRUPT_LEDGER: the stored chain cannot be continued
 */
export type OrdererErrorCode =
  | 'PERMISSION_DENIED'
  | 'CHANNEL_DOES_NOT_EXIST'
  | 'CHANNEL_ALREADY_EXISTS'
  | 'MAINTENANCE_MODE'
  | 'REJECTED'
  | 'INVALID_JOIN_BLOCK'
  | 'UNAVAILABLE'
  | 'CORRUPT_LEDGER';

/** A refusal or failure of the orderer. */
export class OrdererError extends FabricError {
  override readonly name: string = 'OrdererError';
  declare readonly code: OrdererErrorCode;

  constructor(code: OrdererErrorCode, message: string, options?: FabricErrorOptions) {
    super(code, message, options);
  }
}

/** The status that tells a client of `error`; what is not a refusal on purpose is the orderer's own fault. */
export function classifyError(error: unknown): common.Status {
  if (!(error instanceof FabricError)) return common.Status.INTERNAL_SERVER_ERROR;
  switch (error.code) {
    case 'CHANNEL_DOES_NOT_EXIST':
      return common.Status.NOT_FOUND;
    case 'PERMISSION_DENIED':
      return common.Status.FORBIDDEN;
    case 'MAINTENANCE_MODE':
    case 'UNAVAILABLE':
      return common.Status.SERVICE_UNAVAILABLE;
    default:
      return common.Status.BAD_REQUEST;
  }
}
