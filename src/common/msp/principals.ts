// SPDX-License-Identifier: Apache-2.0
// Whether an identity is whom a principal names (satisfiesPrincipalInternalV142 and below in msp/mspimpl.go).
// A principal that cannot be decoded is satisfied by nobody; Fabric's error means the same to its callers.
import { common } from '../protos/index.ts';
import { unmarshal } from '../protoutil/index.ts';
import { equalBytes } from '../runtime/bytes.ts';
import { FabricError } from '../runtime/errors.ts';
import { decodeSerializedIdentity } from './serialized-identity.ts';
import type { NodeRole, X509Member } from './x509-msp.ts';

// Combined principals nest; Fabric sets no limit, nobody needs more than one level.
const MAX_NESTING = 16;

const { MSPRoleType } = common.MSPRole;
const { Classification } = common.MSPPrincipal;

const OU_ROLES: Readonly<Record<number, NodeRole>> = {
  [MSPRoleType.CLIENT]: 'client',
  [MSPRoleType.PEER]: 'peer',
  [MSPRoleType.ORDERER]: 'orderer',
};

export async function satisfiesPrincipal(
  identity: X509Member,
  principal: common.MSPPrincipal,
  depth = 0,
): Promise<boolean> {
  try {
    if (!isKnown(identity, principal)) return false;
    switch (principal.principal_classification) {
      case Classification.ROLE:
        return await satisfiesRole(
          identity,
          unmarshal(common.MSPRole, 'MSPRole', principal.principal),
        );
      case Classification.ORGANIZATION_UNIT:
        return await satisfiesUnit(
          identity,
          unmarshal(common.OrganizationUnit, 'OrganizationUnit', principal.principal),
        );
      case Classification.IDENTITY:
        return await satisfiesIdentity(identity, principal.principal);
      case Classification.ANONYMITY:
        return isNominal(
          unmarshal(common.MSPIdentityAnonymity, 'MSPIdentityAnonymity', principal.principal),
        );
      case Classification.COMBINED:
        return await satisfiesCombined(identity, principal.principal, depth);
      default:
        return false;
    }
  } catch (error) {
    if (error instanceof FabricError) return false;
    throw error; // a bug or a dead crypto provider must not look like a verdict
  }
}

function isKnown({ msp }: X509Member, principal: common.MSPPrincipal): boolean {
  if (msp.rules.combinedPrincipals) return true;
  const { principal_classification: classification } = principal;
  return classification !== Classification.COMBINED && classification !== Classification.ANONYMITY;
}

async function satisfiesRole(identity: X509Member, role: common.MSPRole): Promise<boolean> {
  const { msp, certificate } = identity;
  if (role.msp_identifier !== msp.name) return false;
  if (role.role === MSPRoleType.MEMBER) return identity.isValid();
  if (role.role === MSPRoleType.ADMIN) {
    // Listed admins were checked when the MSP was set up.
    if (msp.isListedAdmin(certificate)) return true;
    return msp.hasOURole(certificate, 'admin') && identity.isValid();
  }
  const name = OU_ROLES[role.role];
  return name !== undefined && msp.hasOURole(certificate, name) && identity.isValid();
}

async function satisfiesUnit(
  identity: X509Member,
  wanted: common.OrganizationUnit,
): Promise<boolean> {
  if (wanted.msp_identifier !== identity.msp.name || !(await identity.isValid())) return false;
  const units = await identity.msp.organizationalUnits(identity);
  return units.some(
    (unit) =>
      unit.name === wanted.organizational_unit_identifier &&
      equalBytes(unit.certifiersId, wanted.certifiers_identifier),
  );
}

async function satisfiesIdentity(identity: X509Member, serialized: Uint8Array): Promise<boolean> {
  const { mspid, id_bytes } = decodeSerializedIdentity(serialized);
  if (mspid !== identity.msp.name) return false;
  const wanted = await identity.msp.identity(id_bytes, serialized);
  return wanted.id === identity.id && wanted.isValid();
}

function isNominal({ anonymity_type }: common.MSPIdentityAnonymity): boolean {
  return anonymity_type === common.MSPIdentityAnonymity.MSPIdentityAnonymityType.NOMINAL;
}

async function satisfiesCombined(
  identity: X509Member,
  bytes: Uint8Array,
  depth: number,
): Promise<boolean> {
  if (depth >= MAX_NESTING) throw new FabricError('PRINCIPAL_NESTING', 'principals nest too deep');
  const { principals } = unmarshal(common.CombinedPrincipal, 'CombinedPrincipal', bytes);
  if (principals.length === 0) return false;
  for (const principal of principals) {
    if (!(await satisfiesPrincipal(identity, principal, depth + 1))) return false;
  }
  return true;
}
