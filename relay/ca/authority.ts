// SPDX-License-Identifier: Apache-2.0
// What a caller of a CA may do: the attributes and affiliations of fabric-ca's lib/serverrequestcontext.go.
import { CaError, CaErrorCode } from './errors.ts';
import type { IdentityAttribute, IdentityType, RegisteredIdentity } from './identity-registry.ts';

/** Attributes that give rights at the CA. */
export const RIGHTS = Object.freeze({
  registrarRoles: 'hf.Registrar.Roles',
  revoker: 'hf.Revoker',
  genCRL: 'hf.GenCRL',
  affiliationMgr: 'hf.AffiliationMgr',
});

export function authorizationFailure(message = 'Authorization failure'): CaError {
  return new CaError(403, CaErrorCode.AUTHORIZATION_FAILURE, message);
}

/** Types of identities that a registrar may handle, `*` for all; empty for others. */
export function registrarRoles({ attrs }: RegisteredIdentity): readonly string[] {
  const value = attrs.find(({ name }) => name === RIGHTS.registrarRoles)?.value ?? '';
  const roles = value.split(',').map((role) => role.trim());
  return roles.filter((role) => role !== '');
}

/** Whether an affiliation is another one or below it; everything is below the root, which is empty. */
export function isBelow(affiliation: string, above: string): boolean {
  return above === '' || affiliation === above || affiliation.startsWith(`${above}.`);
}

/** A registered caller with its rights. */
export class Authority {
  readonly caller: RegisteredIdentity;
  readonly roles: readonly string[];

  constructor(caller: RegisteredIdentity) {
    this.caller = caller;
    this.roles = registrarRoles(caller);
  }

  get isRegistrar(): boolean {
    return this.roles.length > 0;
  }

  /** Throws CaError AUTHORIZATION_FAILURE. */
  needRegistrar(): void {
    if (!this.isRegistrar) throw authorizationFailure('Caller is not a registrar');
  }

  /** Whether it has a right. The registrar of everything, who was made at the first start, has all of them unless they were taken away. */
  has(right: string): boolean {
    const attribute = this.caller.attrs.find(({ name }) => name === right);
    return attribute ? attribute.value.toLowerCase() === 'true' : this.roles.includes('*');
  }

  /** Throws CaError AUTHORIZATION_FAILURE. */
  need(right: string): void {
    if (!this.has(right))
      throw authorizationFailure(`Caller does not have the attribute '${right}'`);
  }

  handles(type: IdentityType): boolean {
    return this.roles.includes('*') || this.roles.includes(type);
  }

  sees({ type, affiliation }: RegisteredIdentity): boolean {
    return this.handles(type) && isBelow(affiliation, this.caller.affiliation);
  }

  /** Throws CaError AUTHORIZATION_FAILURE unless it may manage an identity (CanManageUser). */
  needManage(identity: RegisteredIdentity): void {
    this.needRegistrar();
    if (!this.sees(identity))
      throw authorizationFailure(`Caller may not manage the identity '${identity.id}'`);
  }

  /** Throws CaError AUTHORIZATION_FAILURE unless an affiliation is the caller's or below it. */
  needAffiliation(affiliation: string): void {
    if (!isBelow(affiliation, this.caller.affiliation))
      throw authorizationFailure(
        `Caller does not have authority over the affiliation '${affiliation}'`,
      );
  }

  /** Throws CaError AUTHORIZATION_FAILURE unless it may give these; rights are for the registrar of everything to give. */
  needAttributes(attrs: readonly IdentityAttribute[]): void {
    const isPrivileged = attrs.some(({ name }) => name.startsWith('hf.'));
    if (isPrivileged && !this.roles.includes('*')) throw authorizationFailure();
  }
}
