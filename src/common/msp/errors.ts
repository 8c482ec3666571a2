// SPDX-License-Identifier: Apache-2.0
import { FabricError, type FabricErrorOptions } from '../runtime/errors.ts';

/**
 * - MSP_CONFIG: an MSP definition that cannot be used
 * - IDENTITY_MALFORMED: bytes that are not an X.509 identity
 * - MSP_UNKNOWN: an identity of an MSP that is not on the channel
 * - IDENTITY_UNTRUSTED: no chain, or more than one, to the MSP's roots
 * - IDENTITY_REVOKED: on a revocation list
 * - IDENTITY_OU: organizational units that the MSP does not accept
 */
export type MSPErrorCode =
  | 'MSP_CONFIG'
  | 'IDENTITY_MALFORMED'
  | 'MSP_UNKNOWN'
  | 'IDENTITY_UNTRUSTED'
  | 'IDENTITY_REVOKED'
  | 'IDENTITY_OU';

export class MSPError extends FabricError {
  override readonly name: string = 'MSPError';
  declare readonly code: MSPErrorCode;

  constructor(code: MSPErrorCode, message: string, options?: FabricErrorOptions) {
    super(code, message, options);
  }
}
