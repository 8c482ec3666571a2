// SPDX-License-Identifier: Apache-2.0
// Revoking certificates and their owners, and the lists that tell of it (fabric-ca's lib/serverrevoke.go and servergencrl.go).
import type { Clock } from '../../src/common/runtime/clock.ts';
import { RIGHTS } from './attribute-control.ts';
import type { Authority } from './authority.ts';
import {
  type CertificateRecord,
  type CertificateRecords,
  isWithin,
  type TimeSpan,
} from './certificate-records.ts';
import { authorizationFailure, CaError, CaErrorCode } from './errors.ts';
import type { IdentityRegistry } from './identity-registry.ts';

/** Codes of RFC 5280 5.3.1. */
export const REVOCATION_REASONS: ReadonlyMap<string, number> = new Map([
  ['unspecified', 0],
  ['keycompromise', 1],
  ['cacompromise', 2],
  ['affiliationchanged', 3],
  ['superseded', 4],
  ['cessationofoperation', 5],
  ['certificatehold', 6],
  ['removefromcrl', 8],
  ['privilegewithdrawn', 9],
  ['aacompromise', 10],
]);

const DAY_MS = 24 * 3_600_000;

export interface RevocationRequest {
  /** Enrolment id; all its certificates are meant unless a serial number is given. */
  readonly id: string;
  /** Plain hex; empty when `id` is meant. */
  readonly serial: string;
  readonly aki: string;
  readonly reason: number;
}

export interface CRLRequest {
  readonly revoked: TimeSpan;
  readonly expire: TimeSpan;
}

/** Signs revocation lists with the CA's key. */
export interface ListSigner {
  /** PEM. Times in milliseconds since the Unix epoch; serial numbers in hex. */
  revocationList(
    revoked: readonly { readonly serialNumber: string; readonly revokedAt: number }[],
    about: { readonly thisUpdate: number; readonly nextUpdate: number; readonly number: number },
  ): Promise<string>;
}

export interface RevocationComponents {
  readonly registry: IdentityRegistry;
  readonly certificates: CertificateRecords;
  readonly signer: ListSigner;
  readonly clock: Clock;
}

export class Revocation {
  readonly #components: RevocationComponents;

  constructor(components: RevocationComponents) {
    this.#components = components;
  }

  /**
   * Revokes one certificate, or an identity with all of its certificates; gives those that were not revoked before. Everybody may revoke what is
   * their own. Throws CaError.
   */
  async revoke(
    authority: Authority,
    request: RevocationRequest,
  ): Promise<readonly CertificateRecord[]> {
    if (request.serial !== '' && request.aki !== '') return this.#revokeOne(authority, request);
    if (request.id === '') {
      const text = 'Either Name or Serial and AKI are required for a revoke request';
      throw new CaError(400, CaErrorCode.MISSING_REVOKE_ARGUMENTS, text);
    }
    return this.#revokeAll(authority, request);
  }

  /** A revocation list of those that are within both spans. Throws CaError AUTHORIZATION_FAILURE. */
  async list(authority: Authority, request: CRLRequest): Promise<string> {
    authority.need(RIGHTS.genCRL);
    return this.sign(request);
  }

  async sign({ revoked: when, expire }: CRLRequest): Promise<string> {
    const { certificates, signer, clock } = this.#components;
    const revoked = (await certificates.list()).flatMap(({ serial, revokedAt, expiresAt }) =>
      revokedAt !== undefined && isWithin(when, revokedAt) && isWithin(expire, expiresAt)
        ? [{ serialNumber: serial, revokedAt }]
        : [],
    );
    const now = clock.now();
    // Newer lists have larger numbers, as RFC 5280 5.2.3 asks for.
    const about = { thisUpdate: now, nextUpdate: now + DAY_MS, number: Math.floor(now / 1000) };
    return signer.revocationList(revoked, about);
  }

  async #revokeOne(
    authority: Authority,
    { id, serial, aki, reason }: RevocationRequest,
  ): Promise<readonly CertificateRecord[]> {
    const { certificates, clock } = this.#components;
    const found = await certificates.get(serial);
    const what = `Certificate with serial ${serial} and AKI ${aki}`;
    if (!found || found.aki !== aki)
      throw new CaError(404, CaErrorCode.CERTIFICATE_NOT_FOUND, `${what} was not found`);
    await this.#needAuthority(authority, found.id);
    if (found.revokedAt !== undefined)
      throw new CaError(404, CaErrorCode.ALREADY_REVOKED, `${what} was already revoked`);
    if (id !== '' && id !== found.id)
      throw new CaError(400, CaErrorCode.WRONG_OWNER, `${what} is not owned by ${id}`);
    return certificates.revoke((one) => one.serial === serial, { revokedAt: clock.now(), reason });
  }

  async #revokeAll(
    authority: Authority,
    { id, reason }: RevocationRequest,
  ): Promise<readonly CertificateRecord[]> {
    const { registry, certificates, clock } = this.#components;
    await this.#needAuthority(authority, id);
    await registry.update(id, { revoked: true });
    return certificates.revoke((one) => one.id === id, { revokedAt: clock.now(), reason });
  }

  async #needAuthority(authority: Authority, id: string): Promise<void> {
    const isOwn = authority.caller.id === id;
    if (!isOwn && !authority.has(RIGHTS.revoker))
      throw authorizationFailure('Caller does not have authority to revoke');
    const owner = await this.#components.registry.get(id);
    if (!owner)
      throw new CaError(404, CaErrorCode.REVOKED_ID_NOT_FOUND, `Identity ${id} was not found`);
    if (!isOwn) authority.needManage(owner);
  }
}
