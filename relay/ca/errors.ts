// SPDX-License-Identifier: Apache-2.0
// Errors of the CA's REST interface, with the numbers of fabric-ca's lib/caerrors; those of invitations are ours.
import { FabricError } from '../../src/common/runtime/errors.ts';

/** `errors[0].code` of a reply. Messages of ours begin with a word (`JOIN_SECRET_EXPIRED: …`) that a page can translate. */
export const CaErrorCode = Object.freeze({
  UNKNOWN: 0,
  METHOD_NOT_ALLOWED: 1,
  NO_AUTH_HEADER: 2,
  READING_BODY: 3,
  EMPTY_BODY: 4,
  BAD_BODY: 5,
  CERTIFICATE_NOT_FOUND: 8,
  WRONG_OWNER: 9,
  REVOKED_ID_NOT_FOUND: 10,
  MISSING_REVOKE_ARGUMENTS: 15,
  GETTING_AFFILIATION: 16,
  CA_NOT_FOUND: 19,
  AUTHENTICATION_FAILURE: 20,
  BAD_CSR: 31,
  INVALID_REVOKED_AFTER: 36,
  INVALID_EXPIRED_AFTER: 37,
  GETTING_IDENTITIES: 49,
  REMOVING_IDENTITY: 56,
  MODIFYING_IDENTITY: 58,
  ADDING_AFFILIATION: 60,
  REMOVING_AFFILIATION: 61,
  GETTING_USER: 63,
  MODIFYING_AFFILIATION: 64,
  ALREADY_REVOKED: 66,
  GETTING_CERTIFICATE: 67,
  AUTHORIZATION_FAILURE: 71,
  ALREADY_REGISTERED: 74,
  COMMON_NAME: 77,
  INVALID_MAX_ENROLLMENTS: 82,
  /** The invitation of a join link is not known to this network. */
  INVITATION_UNKNOWN: 9001,
  /** It was known, but its time has passed. */
  INVITATION_EXPIRED: 9002,
  /** Every place of it is taken. */
  INVITATION_USED_UP: 9003,
  /** The link names an organisation that this network does not have. */
  ORGANISATION_UNKNOWN: 9004,
  /** Too many failed attempts from one address; try again after a while. */
  TOO_MANY_FAILURES: 9005,
  /** An identity has got new certificates too often; try again tomorrow. */
  TOO_MANY_REENROLLMENTS: 9006,
} as const);

export type CaErrorNumber = (typeof CaErrorCode)[keyof typeof CaErrorCode];

/** A request that the CA refuses: HTTP status, number and a sentence for the person who asked. */
export class CaError extends FabricError {
  override readonly name: string = 'CaError';
  readonly httpStatus: number;
  readonly number: CaErrorNumber;

  constructor(
    httpStatus: number,
    number: CaErrorNumber,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(`CA_${number}`, message, options);
    this.httpStatus = httpStatus;
    this.number = number;
  }
}

/** One answer for every reason, so that a stranger cannot tell a wrong secret from a missing identity. */
export function authenticationFailure(cause?: unknown): CaError {
  return new CaError(401, CaErrorCode.AUTHENTICATION_FAILURE, 'Authentication failure', { cause });
}

/** Fabric CA tells no reason; ours do, as far as they are the caller's own. */
export function authorizationFailure(message = 'Authorization failure'): CaError {
  return new CaError(403, CaErrorCode.AUTHORIZATION_FAILURE, message);
}
