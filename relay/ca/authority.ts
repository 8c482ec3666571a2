// SPDX-License-Identifier: Apache-2.0
// What a caller of a CA may do: the attributes and affiliations of fabric-ca's lib/serverrequestcontext.go.
import { attributeValue, booleanOf, needMayGive, RIGHTS, wordsOf } from './attribute-control.ts';
import { authorizationFailure } from './errors.ts';
import type { IdentityAttribute, RegisteredIdentity } from './identity-registry.ts';

/** Whether an affiliation is another one or below it; everything is below the root, which is empty. */
export function isBelow(affiliation: string, above: string): boolean {
  return above === '' || affiliation === above || affiliation.startsWith(`${above}.`);
}

/** A registered caller with its rights. */
export class Authority {
  readonly caller: RegisteredIdentity;
  /** Types of identities that it may handle as a registrar, `*` for all; empty when it is none. */
  readonly roles: readonly string[];

  constructor(caller: RegisteredIdentity) {
    this.caller = caller;
    this.roles = wordsOf(attributeValue(caller.attrs, RIGHTS.registrarRoles).toLowerCase());
  }

  get isRegistrar(): boolean {
    return this.roles.length > 0;
  }

  /** Throws CaError AUTHORIZATION_FAILURE. */
  needRegistrar(): void {
    if (!this.isRegistrar) throw authorizationFailure('Caller is not a registrar');
  }

  /** Whether it has a right. */
  has(right: string): boolean {
    return booleanOf(attributeValue(this.caller.attrs, right)) === true;
  }

  /** Throws CaError AUTHORIZATION_FAILURE. */
  need(right: string): void {
    if (!this.has(right))
      throw authorizationFailure(`Caller does not have the attribute '${right}'`);
  }

  handles(type: string): boolean {
    return this.roles.includes('*') || this.roles.includes(type.toLowerCase());
  }

  sees({ type, affiliation }: RegisteredIdentity): boolean {
    return this.handles(type) && this.covers(affiliation);
  }

  /** Throws CaError AUTHORIZATION_FAILURE unless it may manage an identity (CanManageUser). */
  needManage(identity: RegisteredIdentity): void {
    this.needRegistrar();
    if (!this.sees(identity))
      throw authorizationFailure(`Caller may not manage the identity '${identity.id}'`);
  }

  /** Whether an affiliation is the caller's or below it. */
  covers(affiliation: string): boolean {
    return isBelow(affiliation, this.caller.affiliation);
  }

  /** Throws CaError AUTHORIZATION_FAILURE unless it covers an affiliation. */
  needAffiliation(affiliation: string): void {
    if (!this.covers(affiliation))
      throw authorizationFailure(
        `Caller does not have authority over the affiliation '${affiliation}'`,
      );
  }

  /** See needMayGive. */
  needAttributes(
    wanted: readonly IdentityAttribute[],
    before: readonly IdentityAttribute[] = [],
  ): void {
    needMayGive(this.caller, wanted, before);
  }
}
