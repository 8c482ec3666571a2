// SPDX-License-Identifier: Apache-2.0
import { FabricError, type FabricErrorOptions } from '../runtime/errors.ts';

/** POLICY_SYNTAX: text that is not a policy. POLICY_MALFORMED: bytes that are not one. POLICY_UNKNOWN: no such path. */
export type PolicyErrorCode = 'POLICY_SYNTAX' | 'POLICY_MALFORMED' | 'POLICY_UNKNOWN';

export class PolicyError extends FabricError {
  override readonly name: string = 'PolicyError';
  declare readonly code: PolicyErrorCode;

  constructor(code: PolicyErrorCode, message: string, options?: FabricErrorOptions) {
    super(code, message, options);
  }
}
