// SPDX-License-Identifier: Apache-2.0
// Errors of this folder.
import { FabricError, type FabricErrorOptions } from '../runtime/errors.ts';

/** ASN1_MALFORMED: not the DER that was expected. PEM_MALFORMED, KEY_UNSUPPORTED, KEY_MISMATCH, SIGNATURE_INVALID. */
export type CryptoErrorCode =
  | 'ASN1_MALFORMED'
  | 'PEM_MALFORMED'
  | 'KEY_UNSUPPORTED'
  | 'KEY_MISMATCH'
  | 'SIGNATURE_INVALID';

export class CryptoError extends FabricError {
  override readonly name: string = 'CryptoError';
  declare readonly code: CryptoErrorCode;

  constructor(code: CryptoErrorCode, message: string, options?: FabricErrorOptions) {
    super(code, message, options);
  }
}
