// SPDX-License-Identifier: Apache-2.0
// The parts of an MSP, made from its definition and checked (msp/mspimplsetup.go).
// Differs: only ECDSA CAs without name constraints; only SHA2/SHA256.

import { parseRevocationList, type RevocationList } from '../crypto/crl.ts';
import {
  type BCCSP,
  type Certificate,
  CURVES,
  decodePem,
  EXTENSION_OID,
  isSignedBy,
  parseCertificate,
  sanitizeCertificate,
} from '../crypto/index.ts';
import type { msp } from '../protos/index.ts';
import { concat, equalBytes, toHex } from '../runtime/bytes.ts';
import { FabricError, messageOf } from '../runtime/errors.ts';
import { type CertificateChain, CertificatePool } from './certificate-pool.ts';
import { MSPError } from './errors.ts';
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
  if (chain && chains.length === 1) return chain;
  const text = chain
    ? `only a single validation chain is supported, got ${chains.length}`
    : 'certificate signed by unknown authority, or not valid under it';
  throw new MSPError('IDENTITY_UNTRUSTED', text);
}

/** SHA-256 over the DER of the certificates, in order. */
export function certifiersIdOf(bccsp: BCCSP, chain: CertificateChain): Promise<Uint8Array> {
  return bccsp.sha256(concat(...chain.map((certificate) => certificate.der)));
}

/** Makes the parts of an MSP. Throws MSPError MSP_CONFIG. */
export async function setupMSP(
  config: msp.FabricMSPConfig,
  bccsp: BCCSP,
  rules: MSPRules,
): Promise<MSPParts> {
  const { name } = config;
  checkCryptoConfig(config);
  const cas = await setupCAs(name, config.root_certs, config.intermediate_certs, bccsp);
  const revocationLists = config.revocation_list.map((list) => readRevocationList(name, list));
  const internalNodes = await validateCAs(name, cas, revocationLists, bccsp);
  await setupTlsCAs(config, revocationLists, bccsp);
  const tree = { ...cas, internalNodes };
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
  };
}

function checkCryptoConfig({ name, crypto_config }: msp.FabricMSPConfig): void {
  const family = crypto_config?.signature_hash_family || 'SHA2';
  const identifier = crypto_config?.identity_identifier_hash_function || 'SHA256';
  if (family !== 'SHA2' || identifier !== 'SHA256') {
    throw refuse(name, `hash family ${family} / ${identifier} is not supported`);
  }
}

type CAs = Pick<MSPParts, 'roots' | 'intermediates' | 'pool'>;
type CATree = CAs & Pick<MSPParts, 'internalNodes'>;

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
  if (certificate.extensions.has(EXTENSION_OID.nameConstraints)) {
    throw refuse(name, 'CA certificates with name constraints are not supported');
  }
  if (certificate.isCA && (await isSignedBy(certificate, certificate, bccsp))) {
    return sanitizeCertificate(certificate, CURVES[certificate.publicKey.curve]);
  }
  try {
    const [, parent] = await uniqueChain(pool, certificate);
    return parent ? sanitizeCertificate(certificate, CURVES[parent.publicKey.curve]) : certificate;
  } catch (cause) {
    throw refuse(name, `CA certificate is not valid: ${messageOf(cause)}`, cause);
  }
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

// TLS CAs are checked like the others, but nothing here uses them: one with a key that we cannot read (RSA) is let be.
async function setupTlsCAs(
  config: msp.FabricMSPConfig,
  revocationLists: readonly RevocationList[],
  bccsp: BCCSP,
): Promise<void> {
  if (config.tls_root_certs.length === 0) return;
  const { name, tls_root_certs, tls_intermediate_certs } = config;
  try {
    const cas = await setupCAs(name, tls_root_certs, tls_intermediate_certs, bccsp);
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
  if (root) return certifiersIdOf(bccsp, [root]);
  const intermediate = tree.intermediates.find(isSame);
  if (!intermediate)
    throw refuse(name, 'the certificate of an OU is not in root or intermediate certs');
  if (tree.internalNodes.has(toHex(intermediate.der))) {
    throw refuse(name, 'the certificate of an OU is of a CA that may not issue members');
  }
  return certifiersIdOf(bccsp, await uniqueChain(tree.pool, intermediate));
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
