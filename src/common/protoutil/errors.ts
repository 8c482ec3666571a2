// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong with messages.

import { FabricError, type FabricErrorOptions } from '../runtime/errors.ts';

/**
 * - MALFORMED_MESSAGE: bytes that are not the message they should be
 * - MISSING_FIELD: a field that must be there is not
 * - UNEXPECTED_TYPE: an envelope of another type
 * - NOT_WELL_FORMED: an encoding that Fabric's would not produce
 * - NUMBER_OUT_OF_RANGE: a 64-bit number that does not fit a JavaScript number
 * - MESSAGE_TOO_LARGE: more bytes than any Fabric node accepts
 * - TXID_MISMATCH: a transaction id that is not the hash of nonce and creator
 * - ENDORSEMENT_MISMATCH: proposal responses that cannot make one transaction
 */
export type ProtoErrorCode =
  | 'MALFORMED_MESSAGE'
  | 'MISSING_FIELD'
  | 'UNEXPECTED_TYPE'
  | 'NOT_WELL_FORMED'
  | 'NUMBER_OUT_OF_RANGE'
  | 'MESSAGE_TOO_LARGE'
  | 'TXID_MISMATCH'
  | 'ENDORSEMENT_MISMATCH';

/** A message that cannot be used as what it claims to be. */
export class ProtoError extends FabricError {
  override readonly name: string = 'ProtoError';
  declare readonly code: ProtoErrorCode;

  constructor(code: ProtoErrorCode, message: string, options?: FabricErrorOptions) {
    super(code, message, options);
  }
}
