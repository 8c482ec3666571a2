// SPDX-License-Identifier: Apache-2.0
// The endpoints by which registrars manage a CA: identities, affiliations, certificates and their revocation, with Fabric CA's fields.
import type { AffiliationTree } from './affiliations.ts';
import { RIGHTS } from './attribute-control.ts';
import type { Authority } from './authority.ts';
import { isWithin, plainHex } from './certificate-records.ts';
import { authorizationFailure, CaError, CaErrorCode, type CaErrorNumber } from './errors.ts';
import type { FabricCA } from './fabric-ca.ts';
import { attributesOf, type RegisteredIdentity } from './identity-registry.ts';
import {
  type JsonObject,
  readAffiliationName,
  readAttributes,
  readIdentityChanges,
  readRegistration,
  readSwitch,
  readTime,
  text,
} from './request-body.ts';
import { REVOCATION_REASONS } from './revocation.ts';

/** A call of somebody who has proven to be an identity of the CA. */
export interface ManagementCall {
  readonly ca: FabricCA;
  readonly callerId: string;
  readonly fields: JsonObject;
  readonly query: URLSearchParams;
  /** What is named in the path, e.g. an identity; empty when nothing is. */
  readonly name: string;
  readonly now: number;
}

type Management = (
  call: ManagementCall,
  authority: Authority,
) => Promise<{ status: number; result: object }>;

const MAX_HEX = 200;
/** What one answer holds; larger CAs are asked with filters. */
const MAX_CERTIFICATES = 5_000;
const MAX_IDENTITIES = 10_000;

/** By method and path; `*` is a name. */
export const MANAGEMENT: Readonly<Record<string, Management>> = {
  'GET identities': listIdentities,
  'POST identities': addIdentity,
  'GET identities/*': getIdentity,
  'PUT identities/*': modifyIdentity,
  'DELETE identities/*': removeIdentity,
  'GET affiliations': ({ ca }, authority) => answerOf(ca.affiliations.all(authority)),
  'POST affiliations': addAffiliation,
  'GET affiliations/*': ({ ca, name }, authority) =>
    answerOf(ca.affiliations.get(authority, readAffiliationName(name))),
  'PUT affiliations/*': renameAffiliation,
  'DELETE affiliations/*': removeAffiliation,
  'GET certificates': listCertificates,
  'POST revoke': revoke,
  'POST gencrl': generateCRL,
};

/** The answer of one of the above. Throws CaError. */
export async function manage(
  management: Management,
  call: ManagementCall,
): Promise<{ status: number; result: unknown }> {
  const { status, result } = await management(call, await call.ca.authorityOf(call.callerId));
  return { status, result: { ...result, caname: call.ca.description.caName } };
}

async function listIdentities({ ca }: ManagementCall, authority: Authority) {
  authority.needRegistrar();
  const found = (await ca.registry.list()).filter((identity) => authority.sees(identity));
  if (found.length > MAX_IDENTITIES) {
    const message = `there are ${found.length} of them, of which one answer cannot tell`;
    throw new CaError(400, CaErrorCode.GETTING_IDENTITIES, message);
  }
  return { status: 200, result: { identities: found.map(publicIdentity) } };
}

async function getIdentity({ ca, name }: ManagementCall, authority: Authority) {
  const found = await needIdentity(ca, name);
  if (authority.caller.id !== name) authority.needManage(found);
  return { status: 200, result: publicIdentity(found) };
}

async function addIdentity({ ca, fields }: ManagementCall, authority: Authority) {
  const wanted = readRegistration(fields, authority.caller);
  await ca.register(authority, wanted);
  const added = await needIdentity(ca, wanted.id);
  return { status: 201, result: { ...publicIdentity(added), secret: wanted.secret } };
}

async function modifyIdentity({ ca, name, fields }: ManagementCall, authority: Authority) {
  const found = await needIdentity(ca, name);
  authority.needManage(found);
  const changes = readIdentityChanges(fields, found);
  const { affiliation, type } = changes;
  if (affiliation !== undefined && !(await ca.affiliations.has(affiliation))) {
    const message = `Affiliation '${affiliation}' is not supported`;
    throw new CaError(400, CaErrorCode.MODIFYING_IDENTITY, message);
  }
  if (affiliation !== undefined) authority.needAffiliation(affiliation);
  if (type !== undefined && !authority.handles(type))
    throw authorizationFailure(`Caller may not give the type '${type}'`);
  authority.needAttributes(readAttributes(fields), found.attrs);
  const modified = await ca.registry.update(name, changes);
  const { secret } = changes;
  return {
    status: 200,
    result: { ...publicIdentity(modified), ...(secret !== undefined && { secret }) },
  };
}

async function removeIdentity({ ca, name, query }: ManagementCall, authority: Authority) {
  const found = await needIdentity(ca, name);
  authority.needManage(found);
  const force = readSwitch(query, 'force', CaErrorCode.REMOVING_AFFILIATION);
  if (name === authority.caller.id && !force) {
    const message = "Need to use 'force' option to delete your own identity";
    throw new CaError(403, CaErrorCode.REMOVING_IDENTITY, message);
  }
  await ca.remove([name], reasonOf('cessationofoperation'));
  return { status: 200, result: publicIdentity(found) };
}

async function addAffiliation({ ca, fields, query }: ManagementCall, authority: Authority) {
  const name = readAffiliationName(text(fields, 'name', MAX_HEX));
  const force = readSwitch(query, 'force', CaErrorCode.REMOVING_AFFILIATION);
  const { result } = await answerOf(ca.affiliations.add(authority, name, { force }));
  return { status: 201, result };
}

async function renameAffiliation(
  { ca, name, fields, query }: ManagementCall,
  authority: Authority,
) {
  const to = readAffiliationName(text(fields, 'name', MAX_HEX));
  const force = readSwitch(query, 'force', CaErrorCode.ADDING_AFFILIATION);
  const from = readAffiliationName(name);
  return answerOf(ca.affiliations.rename(authority, from, to, { force }));
}

async function removeAffiliation({ ca, name, query }: ManagementCall, authority: Authority) {
  const force = readSwitch(query, 'force', CaErrorCode.REMOVING_AFFILIATION);
  const removeIdentities = (ids: readonly string[]) =>
    ca.remove(ids, reasonOf('affiliationchanged'));
  const change = { force, removeIdentities };
  return answerOf(ca.affiliations.remove(authority, readAffiliationName(name), change));
}

async function listCertificates({ ca, query, now }: ManagementCall, authority: Authority) {
  if (!authority.isRegistrar && !authority.has(RIGHTS.revoker)) throw authorizationFailure();
  const code = CaErrorCode.GETTING_CERTIFICATE;
  const asked = (name: string): string => query.get(name) ?? '';
  const [id, serial, aki] = [asked('id'), plainHex(asked('serial')), plainHex(asked('aki'))];
  const isRevoked = asked('revoked_start') + asked('revoked_end') !== '';
  const isExpired = asked('expired_start') + asked('expired_end') !== '';
  const notRevoked = readSwitch(query, 'notrevoked', code);
  const notExpired = readSwitch(query, 'notexpired', code);
  if ((notRevoked && isRevoked) || (notExpired && isExpired))
    throw new CaError(400, code, 'Invalid Request: the filters exclude each other');
  const time = (field: string): number | undefined => readTime(asked(field), { field, now, code });
  const revoked = { from: time('revoked_start'), to: time('revoked_end') };
  const expired = { from: time('expired_start'), to: time('expired_end') };
  const owners = new Map(
    (await ca.registry.list()).map((owner) => [owner.id, owner.affiliation] as const),
  );
  const found = (await ca.certificates.list()).filter(
    (one) =>
      authority.covers(owners.get(one.id) ?? '') &&
      (id === '' || one.id === id) &&
      (serial === '' || one.serial === serial) &&
      (aki === '' || one.aki === aki) &&
      !(notRevoked && one.revokedAt !== undefined) &&
      !(notExpired && one.expiresAt < now) &&
      (!isRevoked || (one.revokedAt !== undefined && isWithin(revoked, one.revokedAt))) &&
      isWithin(expired, one.expiresAt),
  );
  if (found.length > MAX_CERTIFICATES) {
    const message = `there are ${found.length} of them; ask for fewer by id, serial or dates`;
    throw new CaError(400, CaErrorCode.GETTING_CERTIFICATE, message);
  }
  return { status: 200, result: { certs: found.map(({ pem }) => ({ PEM: pem })) } };
}

async function revoke({ ca, fields }: ManagementCall, authority: Authority) {
  const revoked = await ca.revocation.revoke(authority, {
    id: text(fields, 'id', MAX_HEX * 2),
    serial: plainHex(text(fields, 'serial', MAX_HEX)),
    aki: plainHex(text(fields, 'aki', MAX_HEX)),
    reason: reasonOf(text(fields, 'reason', MAX_HEX)),
  });
  const RevokedCerts = revoked.map(({ serial, aki }) => ({ Serial: serial, AKI: aki }));
  const wantsList = fields.gencrl === true && revoked.length > 0;
  const CRL = wantsList ? base64(await ca.revocation.sign({ revoked: {}, expire: {} })) : '';
  return { status: 200, result: { RevokedCerts, CRL } };
}

async function generateCRL({ ca, fields, now }: ManagementCall, authority: Authority) {
  const code: CaErrorNumber = CaErrorCode.BAD_BODY;
  const time = (field: string): number | undefined =>
    readTime(text(fields, field, MAX_HEX), { field, now, code });
  const revoked = { from: time('revokedafter'), to: time('revokedbefore') };
  const expire = { from: time('expireafter'), to: time('expirebefore') };
  for (const [{ from, to }, code, what] of [
    [revoked, CaErrorCode.INVALID_REVOKED_AFTER, 'revokedafter'],
    [expire, CaErrorCode.INVALID_EXPIRED_AFTER, 'expireafter'],
  ] as const) {
    if (from !== undefined && to !== undefined && from > to)
      throw new CaError(400, code, `Invalid '${what}' value: it is later than the end`);
  }
  const CRL = base64(await ca.revocation.list(authority, { revoked, expire }));
  return { status: 200, result: { CRL } };
}

async function needIdentity(ca: FabricCA, id: string): Promise<RegisteredIdentity> {
  const found = await ca.registry.get(id);
  if (!found) throw new CaError(404, CaErrorCode.GETTING_USER, `Failed to get identity '${id}'`);
  return found;
}

async function answerOf(found: Promise<AffiliationTree>) {
  return { status: 200, result: publicTree(await found) };
}

function publicTree({ name, affiliations, identities }: AffiliationTree): object {
  return {
    name,
    ...(affiliations && { affiliations: affiliations.map(publicTree) }),
    ...(identities && { identities: identities.map(publicIdentity) }),
  };
}

// Fabric CA takes any other word as unspecified.
function reasonOf(word: string): number {
  return REVOCATION_REASONS.get(word.toLowerCase()) ?? 0;
}

// Neither the hash of its secret nor how often it enrolled.
function publicIdentity(identity: RegisteredIdentity) {
  const { id, type, affiliation, maxEnrollments } = identity;
  const attrs = attributesOf(identity);
  return { id, type, affiliation, attrs, max_enrollments: maxEnrollments };
}

function base64(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
