// SPDX-License-Identifier: Apache-2.0
// The parts of an MSP, made from its definition and checked (msp/mspimplsetup.go).
// docs/msp-setup.md has every check with its outcome in both.

import { parseRevocationList, type RevocationList } from '../crypto/crl.ts';
import {
  type BCCSP,
  type Certificate,
  decodePem,
  type HashName,
  isEcdsaSigned,
  isSignedBy,
  parseCertificate,
  sanitizeCertificate,
} from '../crypto/index.ts';
import type { msp } from '../protos/index.ts';
import { concat, equalBytes, toHex } from '../runtime/bytes.ts';
import { FabricError, messageOf } from '../runtime/errors.ts';
import { type CertificateChain, CertificatePool, isConstrained } from './certificate-pool.ts';
import { MSPError } from './errors.ts';
import { digestOf, hashFunctionsOf } from './hash-functions.ts';
import type { MSPRules } from './msp-version.ts';
import { revocationOf } from './revocation.ts';

/** An organizational unit and the hash of the CA chain it must come under; empty when any will do. */
export interface OUIdentifier {
  readonly name: string;
  readonly certifiersId: Uint8Array;
}

export interface NodeOUs {
  readonly client: OUIdentifier | undefined;
  readonly peer: OUIdentifier | undefined;
  readonly admin: OUIdentifier | undefined;
  readonly orderer: OUIdentifier | undefined;
}

export interface MSPParts {
  readonly name: string;
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly pool: CertificatePool;
  /** Hex DER of CAs that issued another configured CA: they may not issue members. */
  readonly internalNodes: ReadonlySet<string>;
  readonly revocationLists: readonly RevocationList[];
  readonly organizationalUnits: readonly OUIdentifier[];
  /** Undefined when NodeOUs are off. */
  readonly nodeOUs: NodeOUs | undefined;
  readonly tlsRootCerts: readonly Uint8Array[];
  /** Of members' ECDSA signatures; undefined when the definition names a family that nobody knows. */
  readonly signatureHash: HashName | undefined;
  /** Of certificates and chains. */
  readonly identifierHash: HashName;
}

// Far above any real organisation; bounds the work a hostile definition can cause.
const MAX_CERTIFICATES = 500;

function refuse(name: string, what: string, cause?: unknown): MSPError {
  return new MSPError('MSP_CONFIG', `MSP ${name}: ${what}`, { cause });
}

/** Parses the first PEM block; throws MSPError. */
export function certificateFromPem(name: string, pem: Uint8Array): Certificate {
  const block = decodePem(pem);
  if (!block) throw refuse(name, 'a certificate is not PEM');
  try {
    return parseCertificate(block.der);
  } catch (cause) {
    throw refuse(name, `a certificate cannot be read: ${messageOf(cause)}`, cause);
  }
}

/** The only chain of a certificate, judged one second after its own notBefore; throws MSPError. */
export async function uniqueChain(
  pool: CertificatePool,
  certificate: Certificate,
): Promise<CertificateChain> {
  const chains = await pool.chains(certificate, certificate.notBefore + 1000);
  const [chain] = chains;
  if (chain && chains.length === 1) {
    if (!isConstrained(chain)) return chain;
    const { isRefusedAsBefore } = await import('./name-constraints.ts');
    if (!isRefusedAsBefore(chain)) return chain;
    const why = 'its CA has name constraints, and it has a host name but no alternative names';
    throw new MSPError('IDENTITY_UNTRUSTED', why);
  }
  const text = chain
    ? `only a single validation chain is supported, got ${chains.length}`
    : 'certificate signed by unknown authority, or not valid under it';
  throw new MSPError('IDENTITY_UNTRUSTED', text);
}

/** The hash over the DER of the certificates, in order. */
export function certifiersIdOf(
  hash: HashName,
  chain: CertificateChain,
  bccsp: BCCSP,
): Promise<Uint8Array> {
  return digestOf(hash, concat(...chain.map((certificate) => certificate.der)), bccsp);
}

/** Makes the parts of an MSP. Throws MSPError MSP_CONFIG. */
export async function setupMSP(
  config: msp.FabricMSPConfig,
  bccsp: BCCSP,
  rules: MSPRules,
): Promise<MSPParts> {
  const { name } = config;
  const { signature: signatureHash, identifier: identifierHash } = hashFunctionsOf(config);
  if (!identifierHash) throw refuse(name, 'the hash function of identifiers is not known');
  checkSigningIdentity(config);
  const cas = await setupCAs(name, config.root_certs, config.intermediate_certs, bccsp);
  const revocationLists = config.revocation_list.map((list) => readRevocationList(name, list));
  const internalNodes = await validateCAs(name, cas, revocationLists, bccsp);
  await setupTlsCAs(config, revocationLists, bccsp);
  const tree = { ...cas, internalNodes, identifierHash };
  const units: OUIdentifier[] = [];
  for (const identifier of config.organizational_unit_identifiers) {
    units.push(await ouIdentifier(name, identifier, tree, bccsp));
  }
  const nodeOUs = await setupNodeOUs(config, tree, bccsp, rules);
  return {
    name,
    ...cas,
    internalNodes,
    revocationLists,
    organizationalUnits: units,
    nodeOUs,
    tlsRootCerts: config.tls_root_certs,
    signatureHash,
    identifierHash,
  };
}

// A peer's own definition has one, those of channels have none: Fabric looks for its key, and refuses where it cannot be had.
function checkSigningIdentity({ name, signing_identity: signer }: msp.FabricMSPConfig): void {
  if (signer) throw refuse(name, 'the definition of a channel member holds a signing identity');
}

type CAs = Pick<MSPParts, 'roots' | 'intermediates' | 'pool'>;
type CATree = CAs & Pick<MSPParts, 'internalNodes' | 'identifierHash'>;

async function setupCAs(
  name: string,
  rootPems: readonly Uint8Array[],
  intermediatePems: readonly Uint8Array[],
  bccsp: BCCSP,
): Promise<CAs> {
  if (rootPems.length === 0) throw refuse(name, 'expected at least one CA certificate');
  if (rootPems.length + intermediatePems.length > MAX_CERTIFICATES) {
    throw refuse(name, 'too many CA certificates');
  }
  const given = {
    roots: rootPems.map((pem) => certificateFromPem(name, pem)),
    intermediates: intermediatePems.map((pem) => certificateFromPem(name, pem)),
  };
  // Chains are first built over the certificates as given, only to find whose key normalises which signature.
  const pool = new CertificatePool(given.roots, given.intermediates, bccsp);
  const sanitize = (certificate: Certificate) => sanitizeCA(name, certificate, pool, bccsp);
  const roots = await Promise.all(given.roots.map(sanitize));
  const intermediates = await Promise.all(given.intermediates.map(sanitize));
  return { roots, intermediates, pool: new CertificatePool(roots, intermediates, bccsp) };
}

async function sanitizeCA(
  name: string,
  certificate: Certificate,
  pool: CertificatePool,
  bccsp: BCCSP,
): Promise<Certificate> {
  if (!isEcdsaSigned(certificate)) return certificate;
  if (certificate.isCA && (await isSignedBy(certificate, certificate, bccsp))) {
    return sanitizeCertificate(certificate, certificate.publicKey);
  }
  let chain: CertificateChain;
  try {
    chain = await uniqueChain(pool, certificate);
  } catch (cause) {
    throw refuse(name, `CA certificate is not valid: ${messageOf(cause)}`, cause);
  }
  const [, parent] = chain;
  if (!parent) throw refuse(name, 'a root certificate is not signed by its own key');
  return sanitizeCertificate(certificate, parent.publicKey);
}

// Checks each CA; returns the inner nodes of the tree.
async function validateCAs(
  name: string,
  cas: CAs,
  revocationLists: readonly RevocationList[],
  bccsp: BCCSP,
): Promise<Set<string>> {
  const internalNodes = new Set<string>();
  for (const certificate of [...cas.roots, ...cas.intermediates]) {
    if (!certificate.isCA) throw refuse(name, 'CA certificate did not have the CA attribute');
    if (!certificate.subjectKeyId)
      throw refuse(name, 'CA certificate has no subject key identifier');
    let chain: CertificateChain;
    try {
      chain = await uniqueChain(cas.pool, certificate);
    } catch (cause) {
      throw refuse(name, `CA certificate is not valid: ${messageOf(cause)}`, cause);
    }
    const [, parent] = chain;
    const revoked = parent && (await revocationOf(revocationLists, certificate, parent, bccsp));
    if (revoked !== undefined) throw refuse(name, `CA certificate is not valid: ${revoked}`);
    if (cas.roots.includes(certificate)) continue;
    for (const parent of chain.slice(1)) internalNodes.add(toHex(parent.der));
  }
  return internalNodes;
}

function readRevocationList(name: string, bytes: Uint8Array): RevocationList {
  try {
    return parseRevocationList(bytes);
  } catch (cause) {
    throw refuse(name, `revocation list cannot be read: ${messageOf(cause)}`, cause);
  }
}

// TLS CAs are checked like the others, but nothing here uses them: one with a kind of key that is not read (DSA) is let be.
async function setupTlsCAs(
  config: msp.FabricMSPConfig,
  revocationLists: readonly RevocationList[],
  bccsp: BCCSP,
): Promise<void> {
  const { name, tls_root_certs, tls_intermediate_certs } = config;
  if (tls_root_certs.length + tls_intermediate_certs.length === 0) return;
  if (tls_root_certs.length + tls_intermediate_certs.length > MAX_CERTIFICATES)
    throw refuse(name, 'too many TLS CA certificates');
  try {
    // As they are: Fabric sanitises only what identities are compared with.
    const roots = tls_root_certs.map((pem) => certificateFromPem(name, pem));
    const intermediates = tls_intermediate_certs.map((pem) => certificateFromPem(name, pem));
    const pool = new CertificatePool(roots, intermediates, bccsp);
    const cas = { roots, intermediates, pool };
    await validateCAs(name, cas, revocationLists, bccsp);
  } catch (error) {
    const cause = error instanceof MSPError ? error.cause : undefined;
    if (cause instanceof FabricError && cause.code === 'KEY_UNSUPPORTED') return;
    throw error;
  }
}

async function ouIdentifier(
  name: string,
  { organizational_unit_identifier, certificate }: msp.FabricOUIdentifier,
  tree: CATree,
  bccsp: BCCSP,
): Promise<OUIdentifier> {
  const certifiersId = await certifiersIdOfPem(name, certificate, tree, bccsp);
  return { name: organizational_unit_identifier, certifiersId };
}

async function certifiersIdOfPem(
  name: string,
  pem: Uint8Array,
  tree: CATree,
  bccsp: BCCSP,
): Promise<Uint8Array> {
  const certificate = certificateFromPem(name, pem);
  // Same signed part means same certificate up to the form of its signature.
  const isSame = (other: Certificate) => equalBytes(other.tbs, certificate.tbs);
  const root = tree.roots.find(isSame);
  if (root) return certifiersIdOf(tree.identifierHash, [root], bccsp);
  const intermediate = tree.intermediates.find(isSame);
  if (!intermediate)
    throw refuse(name, 'the certificate of an OU is not in root or intermediate certs');
  if (tree.internalNodes.has(toHex(intermediate.der))) {
    throw refuse(name, 'the certificate of an OU is of a CA that may not issue members');
  }
  return certifiersIdOf(tree.identifierHash, await uniqueChain(tree.pool, intermediate), bccsp);
}

async function setupNodeOUs(
  { name, fabric_node_ous: config }: msp.FabricMSPConfig,
  tree: CATree,
  bccsp: BCCSP,
  rules: MSPRules,
): Promise<NodeOUs | undefined> {
  if (!config || rules.nodeOUs === 'none') return undefined;
  const hasAll = rules.nodeOUs === 'any';
  if (!hasAll) requireClientAndPeer(name, config);
  const read = async (
    identifier: msp.FabricOUIdentifier | null | undefined,
  ): Promise<OUIdentifier | undefined> => {
    if (!identifier) return undefined;
    // Without a certificate, members under any of the CAs may carry the unit.
    if (identifier.certificate.length > 0) return ouIdentifier(name, identifier, tree, bccsp);
    return { name: identifier.organizational_unit_identifier, certifiersId: new Uint8Array() };
  };
  const nodeOUs: NodeOUs = {
    client: await read(config.client_ou_identifier),
    peer: await read(config.peer_ou_identifier),
    admin: hasAll ? await read(config.admin_ou_identifier) : undefined,
    orderer: hasAll ? await read(config.orderer_ou_identifier) : undefined,
  };
  const isAnySet = Object.values(nodeOUs).some((unit) => unit !== undefined);
  return config.enable && isAnySet ? nodeOUs : undefined;
}

// Even where they are not enforced.
function requireClientAndPeer(name: string, config: msp.FabricNodeOUs | msp.IFabricNodeOUs): void {
  const { client_ou_identifier: client, peer_ou_identifier: peer } = config;
  if (client?.organizational_unit_identifier && peer?.organizational_unit_identifier) return;
  throw refuse(name, 'NodeOUs must name the units of clients and of peers');
}
