// SPDX-License-Identifier: Apache-2.0
// Which attributes a registrar may give (fabric-ca's lib/attr): those that its own `hf.Registrar.Attributes` names, and of the rights only what it
// has itself.
import { authorizationFailure } from './errors.ts';
import type { IdentityAttribute, RegisteredIdentity } from './identity-registry.ts';

/** Attributes that give rights at the CA. */
export const RIGHTS = Object.freeze({
  registrarRoles: 'hf.Registrar.Roles',
  delegateRoles: 'hf.Registrar.DelegateRoles',
  registrarAttributes: 'hf.Registrar.Attributes',
  revoker: 'hf.Revoker',
  intermediateCA: 'hf.IntermediateCA',
  genCRL: 'hf.GenCRL',
  affiliationMgr: 'hf.AffiliationMgr',
});

const LISTS: readonly string[] = [
  RIGHTS.registrarRoles,
  RIGHTS.delegateRoles,
  RIGHTS.registrarAttributes,
];
const BOOLEANS: readonly string[] = [
  RIGHTS.revoker,
  RIGHTS.intermediateCA,
  RIGHTS.genCRL,
  RIGHTS.affiliationMgr,
];

/** What the registrar of everything has, as in Fabric CA's own configuration file. */
export const ALL_RIGHTS: readonly IdentityAttribute[] = [
  ...LISTS.map((name) => ({ name, value: '*', ecert: false })),
  ...BOOLEANS.map((name) => ({ name, value: 'true', ecert: false })),
];

/** The words for yes and no that Go reads; undefined for others. */
export function booleanOf(text: string): boolean | undefined {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(?:0|f|F|false|FALSE|False)$/.test(text) ? false : undefined;
}

/** The value of an attribute; empty when there is none. */
export function attributeValue(attrs: readonly IdentityAttribute[], name: string): string {
  return attrs.find((attr) => attr.name === name)?.value ?? '';
}

/** The words of a list such as `peer, client`. */
export function wordsOf(list: string): string[] {
  const words = list.split(',').map((word) => word.trim());
  return words.filter((word) => word !== '');
}

/**
 * Checks what a registrar wants to give.
 * @param wanted as asked for: without a value, to be taken away.
 * @param before what an identity has that is changed; empty for a new one.
 * Throws CaError AUTHORIZATION_FAILURE.
 */
export function needMayGive(
  registrar: Pick<RegisteredIdentity, 'attrs'>,
  wanted: readonly IdentityAttribute[],
  before: readonly IdentityAttribute[] = [],
): void {
  for (const attr of wanted) {
    if (!isNamed(attr.name, registrar))
      refuse(`'${attr.name}' is not among the caller's '${RIGHTS.registrarAttributes}'`);
    if (attr.name.startsWith('hf.')) needRight(registrar, attr, { wanted, before });
  }
}

interface Given {
  readonly wanted: readonly IdentityAttribute[];
  readonly before: readonly IdentityAttribute[];
}

function needRight(
  { attrs }: Pick<RegisteredIdentity, 'attrs'>,
  { name, value }: IdentityAttribute,
  given: Given,
): void {
  const own = attributeValue(attrs, name);
  if (BOOLEANS.includes(name)) {
    if (booleanOf(own) !== true) refuse(`the caller does not have '${name}' itself`);
    if (value !== '' && booleanOf(value) === undefined) refuse(`'${name}' is true or false`);
    return;
  }
  // The name, type and affiliation are the registry's to tell.
  if (!LISTS.includes(name)) refuse(`'${name}' is not an attribute to be given`);
  if (!attrs.some((attr) => attr.name === name)) refuse(`the caller does not have '${name}'`);
  if (name === RIGHTS.registrarAttributes) needAttributeNames(own, value, given);
  else if (!isSubset(value, own)) refuse(`'${name}' is more than the caller has itself`);
  if (name !== RIGHTS.delegateRoles || value === '') return;
  const { wanted, before } = given;
  const roles =
    attributeValue(wanted, RIGHTS.registrarRoles) || attributeValue(before, RIGHTS.registrarRoles);
  if (!isSubset(value, roles)) refuse(`'${name}' is more than '${RIGHTS.registrarRoles}'`);
}

// Whoever may give a right has it.
function needAttributeNames(own: string, value: string, { wanted, before }: Given): void {
  for (const name of wordsOf(value)) {
    if (!matches(name, own)) refuse(`'${name}' is not the caller's to give`);
    const isRight = name.startsWith('hf.');
    if (isRight && ![...wanted, ...before].some((attr) => attr.name === name))
      refuse(`'${name}' can be given only by who has it`);
  }
}

function isNamed(name: string, { attrs }: Pick<RegisteredIdentity, 'attrs'>): boolean {
  return matches(name, attributeValue(attrs, RIGHTS.registrarAttributes));
}

function matches(name: string, patterns: string): boolean {
  return wordsOf(patterns).some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.replace(/\*+$/, '')) : name === pattern,
  );
}

function isSubset(small: string, large: string): boolean {
  const all = wordsOf(large.toLowerCase());
  return all.includes('*') || wordsOf(small.toLowerCase()).every((word) => all.includes(word));
}

function refuse(why: string): never {
  throw authorizationFailure(`Authorization failure: ${why}`);
}
