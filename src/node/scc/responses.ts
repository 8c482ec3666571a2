// SPDX-License-Identifier: Apache-2.0
// What the system chaincodes have in common in their answers; the shim's Success and Error.
import { invokedChaincodeName } from '../../common/protoutil/index.ts';
import { EMPTY_BYTES, fromUtf8 } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { SystemChaincodeResult, SystemChaincodeStub } from './system-chaincode.ts';

export function success(payload: Uint8Array): SystemChaincodeResult {
  return { response: { status: 200, payload } };
}

/** Ends a call with a response of status 500. */
export function refuse(message: string, cause?: unknown): never {
  throw new FabricError('SYSTEM_CHAINCODE_FAILED', message, { cause });
}

/** An argument as text; empty when there is none. */
export function textArg({ args }: SystemChaincodeStub, index: number): string {
  return fromUtf8(args[index] ?? EMPTY_BYTES);
}

/** The chaincode that the client called, which may have called this one. */
export function calledByClient({ signedProposal }: SystemChaincodeStub): string {
  try {
    return invokedChaincodeName(signedProposal.proposal_bytes ?? EMPTY_BYTES);
  } catch (error) {
    return refuse(`Failed to identify the called chaincode: ${messageOf(error)}`, error);
  }
}
