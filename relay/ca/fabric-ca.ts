// SPDX-License-Identifier: Apache-2.0
// One organisation's certificate authority, as far as peers, clients and registrars need Fabric CA (fabric-ca lib/server*.go):
// enrol, re-enrol, register; the rest is in management-api.ts. Added: `join`, which turns an invitation into a peer and a client of the next free number.
import {
  DISPLAY_NAME_ATTRIBUTE,
  displayNameOf,
  MAX_DISPLAY_NAME,
} from '../../src/common/identity/display-name.ts';
import type { Clock } from '../../src/common/runtime/clock.ts';
import { FabricError, messageOf } from '../../src/common/runtime/errors.ts';
import type { Affiliations } from './affiliations.ts';
import { ALL_RIGHTS } from './attribute-control.ts';
import { Authority } from './authority.ts';
import { type CertificateRecords, plainHex } from './certificate-records.ts';
import { authenticationFailure, authorizationFailure, CaError, CaErrorCode } from './errors.ts';
import {
  attributesOf,
  type IdentityAttribute,
  type IdentityRegistry,
  type NewIdentity,
  type RegisteredIdentity,
} from './identity-registry.ts';
import { COMMON_NAME_REFUSED } from './issuer.ts';
import { type ListSigner, Revocation } from './revocation.ts';
import { newSecret } from './secrets.ts';

/** Signs certificates; the CA's key stays behind it. */
export interface CertificateIssuer {
  /** PEM of the CA's own certificate. */
  readonly certificatePem: string;
  /** PEM certificate for the key of a PKCS#10 request, whose own signature is checked; rejects with a FabricError when it is not fit. */
  issue(request: {
    readonly csrPem: string;
    readonly commonName: string;
    readonly organisationalUnits: readonly string[];
    readonly attributes: Readonly<Record<string, string>>;
  }): Promise<string>;
  /** See ListSigner. */
  readonly revocationList: ListSigner['revocationList'];
}

export interface CaComponents {
  readonly issuer: CertificateIssuer;
  readonly registry: IdentityRegistry;
  readonly certificates: CertificateRecords;
  readonly affiliations: Affiliations;
  readonly clock: Clock;
}

export interface CaDescription {
  readonly caName: string;
  readonly mspId: string;
  readonly domain: string;
}

export interface AttributeRequest {
  readonly name: string;
  readonly optional: boolean;
}

export interface EnrollmentRequest {
  readonly csrPem: string;
  /** Attributes wanted in the certificate; absent: those registered for every certificate. */
  readonly attributeRequests?: readonly AttributeRequest[];
}

export interface Member {
  readonly id: string;
  readonly secret: string;
}

// The answer to an enrolment may be lost on the way; a tab must be able to ask again.
const MEMBER_ENROLLMENTS = 3;

/** A CA of one organisation. */
export class FabricCA {
  readonly description: CaDescription;
  readonly registry: IdentityRegistry;
  readonly certificates: CertificateRecords;
  readonly affiliations: Affiliations;
  readonly revocation: Revocation;
  readonly #issuer: CertificateIssuer;
  readonly #registry: IdentityRegistry;
  readonly #clock: Clock;

  constructor(components: CaComponents, description: CaDescription) {
    this.#issuer = components.issuer;
    this.#registry = components.registry;
    this.#clock = components.clock;
    const { registry, certificates, affiliations, issuer, clock } = components;
    this.registry = registry;
    this.certificates = certificates;
    this.affiliations = affiliations;
    this.revocation = new Revocation({ registry, certificates, signer: issuer, clock });
    this.description = description;
  }

  get certificatePem(): string {
    return this.#issuer.certificatePem;
  }

  /** Brings what an earlier version stored up to date. */
  async migrate(): Promise<void> {
    await this.#registry.migrate(ALL_RIGHTS);
  }

  /** True when it has identities already. */
  async isBootstrapped(): Promise<boolean> {
    return (await this.#registry.list()).length > 0;
  }

  /** Adds the bootstrap registrar, who may register anyone. */
  async bootstrap(registrar: Member): Promise<void> {
    const attrs = ALL_RIGHTS;
    await this.#registry.register(
      identity({ ...registrar, type: 'client', attrs, maxEnrollments: -1 }),
    );
  }

  /** A certificate for whoever knows the secret. */
  async enroll(id: string, secret: string, request: EnrollmentRequest): Promise<string> {
    return this.#issue(await this.#registry.spendEnrollment(id, secret), request);
  }

  /** A new certificate for a caller who proved an old one; so many a day. */
  async reenroll(callerId: string, request: EnrollmentRequest): Promise<string> {
    await this.authorityOf(callerId);
    const caller = await this.#registry.spendReenrollment(callerId, this.#clock.now());
    return this.#issue(caller, request);
  }

  /** The name by which people know a caller; its next certificate carries it. An empty one takes it away. */
  async rename(callerId: string, name: string): Promise<void> {
    await this.authorityOf(callerId);
    await this.#registry.setAttribute(callerId, DISPLAY_NAME_ATTRIBUTE, checkedName(name));
  }

  /** Registers `wanted` on behalf of a registrar. Throws CaError AUTHORIZATION_FAILURE when it may not, or when there is no such affiliation. */
  async register(authority: Authority, wanted: NewIdentity): Promise<void> {
    authority.needRegistrar();
    if (!authority.handles(wanted.type))
      throw authorizationFailure(`Caller may not register the type '${wanted.type}'`);
    authority.needAffiliation(wanted.affiliation);
    if (!(await this.affiliations.has(wanted.affiliation)))
      throw authorizationFailure(`There is no affiliation '${wanted.affiliation}'`);
    authority.needAttributes(wanted.attrs);
    await this.#registry.register(identity(wanted));
  }

  /** Removes identities; their certificates do not outlive them. `reason` is of RFC 5280 5.3.1. */
  async remove(ids: readonly string[], reason: number): Promise<void> {
    const leaving = new Set(ids);
    // In this order, since an owner that is named so later would have what is left, or what is issued meanwhile.
    for (const id of ids) await this.#registry.update(id, { revoked: true });
    const revokedAt = this.#clock.now();
    await this.certificates.revoke(({ id }) => leaving.has(id), { revokedAt, reason });
    for (const id of ids) await this.#registry.remove(id);
  }

  /** The rights of whoever has proven to be an identity. Throws CaError AUTHENTICATION_FAILURE when there is no such one, or no more. */
  async authorityOf(callerId: string): Promise<Authority> {
    const caller = await this.#registry.get(callerId);
    if (!caller || caller.revoked) throw authenticationFailure();
    return new Authority(caller);
  }

  /** Throws CaError AUTHENTICATION_FAILURE when a certificate has been revoked, by its serial number in hex. */
  async needUnrevoked(serial: string): Promise<void> {
    const known = await this.certificates.get(plainHex(serial));
    if (known?.revokedAt !== undefined) throw authenticationFailure();
  }

  /**
   * A peer and a client of the next free number, e.g. `peer3.org1.example.com` and `user3.org1.example.com`.
   * @param displayName of the client; none when empty.
   */
  async join(displayName = ''): Promise<{ peer: Member; client: Member }> {
    const { domain } = this.description;
    const value = checkedName(displayName);
    const named = value === undefined ? [] : [{ name: DISPLAY_NAME_ATTRIBUTE, value, ecert: true }];
    const member = (
      type: 'peer' | 'client',
      name: string,
      attrs: readonly IdentityAttribute[],
    ): NewIdentity =>
      identity({
        id: `${name}.${domain}`,
        secret: newSecret(),
        type,
        attrs,
        maxEnrollments: MEMBER_ENROLLMENTS,
      });
    const [peer, client] = await this.#registry.registerNumbered((n) => [
      member('peer', `peer${n}`, []),
      member('client', `user${n}`, named),
    ]);
    if (!peer || !client) throw new FabricError('INTERNAL', 'no member was registered');
    return {
      peer: { id: peer.id, secret: peer.secret },
      client: { id: client.id, secret: client.secret },
    };
  }

  // Its owner may have been revoked or removed while it was signed, too late for the certificates that were known then.
  async #record(id: string, certificate: string): Promise<void> {
    const { serial } = await this.certificates.add(id, certificate);
    const owner = await this.#registry.get(id);
    if (owner && !owner.revoked) return;
    const about = { revokedAt: this.#clock.now(), reason: 0 };
    await this.certificates.revoke((one) => one.serial === serial, about);
    throw authenticationFailure();
  }

  async #issue(owner: RegisteredIdentity, request: EnrollmentRequest): Promise<string> {
    const attributes = selectAttributes(owner, request.attributeRequests);
    const affiliation = owner.affiliation === '' ? [] : owner.affiliation.split('.');
    try {
      const certificate = await this.#issuer.issue({
        csrPem: request.csrPem,
        commonName: owner.id,
        organisationalUnits: [owner.type, ...affiliation],
        attributes,
      });
      await this.#record(owner.id, certificate);
      return certificate;
    } catch (cause) {
      if (!(cause instanceof FabricError) || cause instanceof CaError) throw cause;
      if (cause.code === COMMON_NAME_REFUSED)
        throw new CaError(403, CaErrorCode.COMMON_NAME, cause.message, { cause });
      throw new CaError(
        400,
        CaErrorCode.BAD_CSR,
        `Bad certificate signing request: ${messageOf(cause)}`,
        { cause },
      );
    }
  }
}

function checkedName(name: string): string | undefined {
  if (name === '') return undefined;
  const checked = displayNameOf(name);
  if (checked !== undefined) return checked;
  const message = `DISPLAY_NAME_REFUSED: a name has letters, and at most ${MAX_DISPLAY_NAME} of them`;
  throw new CaError(400, CaErrorCode.BAD_BODY, message);
}

function identity(
  wanted: Omit<NewIdentity, 'affiliation'> & { readonly affiliation?: string },
): NewIdentity {
  return { affiliation: '', ...wanted };
}

function selectAttributes(
  owner: RegisteredIdentity,
  requests: readonly AttributeRequest[] | undefined,
): Record<string, string> {
  const all = attributesOf(owner);
  const chosen = requests
    ? requests.flatMap(({ name, optional }) => {
        const found = all.find((attr) => attr.name === name);
        if (found || optional) return found ?? [];
        const message = `Attribute '${name}' is required but the identity does not have it`;
        throw new CaError(400, CaErrorCode.BAD_BODY, message);
      })
    : all.filter((attr) => attr.ecert);
  return Object.fromEntries(chosen.map(({ name, value }) => [name, value]));
}
