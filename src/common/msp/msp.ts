// SPDX-License-Identifier: Apache-2.0
// An X.509 membership service provider (msp/mspimpl.go, mspimplvalidate.go), with the rules that the channel's
// capabilities select (msp-version.ts).

import {
  type BCCSP,
  type Certificate,
  CryptoError,
  decodePem,
  isEcdsaKey,
  NAME_OID,
  nameText,
  nameValues,
  type PublicKey,
  parseCertificate,
  sanitizeCertificate,
} from '../crypto/index.ts';
import { msp } from '../protos/index.ts';
import { equalBytes, toHex } from '../runtime/bytes.ts';
import { messageOf } from '../runtime/errors.ts';
import type { CertificateChain } from './certificate-pool.ts';
import { MSPError } from './errors.ts';
import { digestOf } from './hash-functions.ts';
import { X509Identity } from './identity.ts';
import {
  certifiersIdOf,
  type MSPParts,
  type OUIdentifier,
  setupMSP,
  uniqueChain,
} from './msp-setup.ts';
import { type MSPRules, type MSPVersion, mspRulesOf } from './msp-version.ts';
import { revocationOf } from './revocation.ts';
import type { NodeRole, X509Member, X509MSP } from './x509-msp.ts';

/** One organisation's rules of membership. Immutable. */
export class MSP implements X509MSP {
  readonly bccsp: BCCSP;
  readonly rules: MSPRules;
  readonly #parts: MSPParts;
  #admins: readonly X509Identity[] = [];

  private constructor(parts: MSPParts, bccsp: BCCSP, rules: MSPRules) {
    this.rules = rules;
    this.#parts = parts;
    this.bccsp = bccsp;
  }

  /** From serialized msp.MSPConfig. Throws MSPError MSP_CONFIG when the definition cannot be used. */
  static async create(
    mspConfig: Uint8Array,
    bccsp: BCCSP,
    version: MSPVersion = 'V1_4_3',
  ): Promise<MSP> {
    const config = decodeConfig(mspConfig);
    const rules = mspRulesOf(version);
    const provider = new MSP(await setupMSP(config, bccsp, rules), bccsp, rules);
    await provider.#setupAdmins(config.admins);
    return provider;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** PEM certificates of its TLS roots. */
  get tlsRootCerts(): readonly Uint8Array[] {
    return this.#parts.tlsRootCerts;
  }

  /**
   * The identity of a PEM certificate (the first block; what follows is ignored, as Fabric does). It has one chain to
   * the roots, but may still be no valid member. Throws MSPError.
   */
  async identity(pem: Uint8Array, serialized: Uint8Array): Promise<X509Identity> {
    const certificate = await this.#readCertificate(pem);
    let chain: CertificateChain;
    try {
      chain = await uniqueChain(this.#parts.pool, certificate);
    } catch (cause) {
      const who = `${nameText(certificate.subject)} (${this.name})`;
      throw new MSPError('IDENTITY_UNTRUSTED', `${who}: ${messageOf(cause)}`, { cause });
    }
    const parent = chain[1];
    const sanitized = parent ? sanitizeCertificate(certificate, parent.publicKey) : certificate;
    const id = toHex(await digestOf(this.#parts.identifierHash, sanitized.der, this.bccsp));
    return new X509Identity(this, { serialized, id, certificate: sanitized, chain });
  }

  /** Resolves when the identity is a valid member. Throws MSPError. Not cached: Identity.validate is. */
  async validate({ certificate, chain }: X509Member): Promise<void> {
    const who = `${nameText(certificate.subject)} (${this.name})`;
    if (!this.#takesKey(certificate.publicKey)) {
      throw new MSPError('IDENTITY_UNTRUSTED', `${who}: its kind of key is not supported`);
    }
    if (certificate.isCA) {
      throw new MSPError('IDENTITY_UNTRUSTED', `${who}: a CA certificate is no identity`);
    }
    const parent = this.#issuerOf(chain);
    if (!parent) {
      throw new MSPError('IDENTITY_UNTRUSTED', `${who}: its CA may not issue members`);
    }
    const revoked = await revocationOf(
      this.#parts.revocationLists,
      certificate,
      parent,
      this.bccsp,
    );
    if (revoked !== undefined) {
      throw new MSPError('IDENTITY_REVOKED', `${who}: ${revoked}`);
    }
    await this.#validateOUs(who, certificate, chain);
  }

  /** True when a member's key made the signature, by the hash of this MSP (Verify of msp/identities.go). Never throws. */
  async verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    if (!isEcdsaKey(key)) return this.bccsp.verify(key, message, signature);
    const { signatureHash: hash } = this.#parts;
    return hash !== undefined && this.bccsp.verify(key, message, signature, { hash });
  }

  #takesKey(key: PublicKey): boolean {
    if (isEcdsaKey(key)) return true;
    return key.algorithm === 'Ed25519' && this.rules.ed25519Members;
  }

  /** True for certificates that the definition lists as admins. */
  isListedAdmin(certificate: Certificate): boolean {
    return this.#admins.some((admin) => equalBytes(admin.certificate.der, certificate.der));
  }

  /** Whether NodeOUs tell apart clients, peers, admins and orderers. */
  get hasNodeOUs(): boolean {
    return this.#parts.nodeOUs !== undefined;
  }

  /** Whether the certificate carries the OU of a role; its validity is checked elsewhere. */
  hasOURole(certificate: Certificate, role: NodeRole): boolean {
    const unit = this.#parts.nodeOUs?.[role];
    return unit !== undefined && organizationalUnits(certificate).includes(unit.name);
  }

  /** The certificate's OUs, each under the hash of the chain above it; none when the chain is not acceptable. */
  async organizationalUnits({ certificate, chain }: X509Member): Promise<OUIdentifier[]> {
    if (certificate.isCA || !this.#issuerOf(chain)) return [];
    const certifiersId = await this.#certifiersIdOf(chain);
    return organizationalUnits(certificate).map((name) => ({ name, certifiersId }));
  }

  async #readCertificate(pem: Uint8Array): Promise<Certificate> {
    const block = decodePem(pem);
    if (!block) throw new MSPError('IDENTITY_MALFORMED', 'identity is not a PEM certificate');
    try {
      const certificate = parseCertificate(block.der);
      if (isEcdsaKey(certificate.publicKey)) await this.bccsp.checkKey(certificate.publicKey);
      return certificate;
    } catch (cause) {
      if (!(cause instanceof CryptoError)) throw cause;
      const text = `certificate cannot be read: ${cause.message}`;
      throw new MSPError('IDENTITY_MALFORMED', text, { cause });
    }
  }

  #certifiersIdOf(chain: CertificateChain): Promise<Uint8Array> {
    return certifiersIdOf(this.#parts.identifierHash, chain.slice(1), this.bccsp);
  }

  // The CA above a member: it must not be one that issued another configured CA.
  #issuerOf(chain: CertificateChain): Certificate | undefined {
    const parent = chain[1];
    return parent && !this.#parts.internalNodes.has(toHex(parent.der)) ? parent : undefined;
  }

  async #validateOUs(
    who: string,
    certificate: Certificate,
    chain: CertificateChain,
  ): Promise<void> {
    const certifiersId = await this.#certifiersIdOf(chain);
    const units = organizationalUnits(certificate);
    const listed = this.#parts.organizationalUnits;
    const isListed = (unit: OUIdentifier) =>
      units.includes(unit.name) && equalBytes(unit.certifiersId, certifiersId);
    if (listed.length > 0 && !listed.some(isListed)) {
      throw new MSPError('IDENTITY_OU', `${who}: none of its organizational units is accepted`);
    }
    if (!this.#parts.nodeOUs) return;
    const roles: readonly (OUIdentifier | undefined)[] = Object.values(this.#parts.nodeOUs);
    let count = 0;
    for (const name of units) {
      // A unit that stands for two roles counts once: under the later role, as in Fabric's map, or the earlier one before 1.4.3.
      const isNamed = (unit: OUIdentifier | undefined) => unit?.name === name;
      const role = this.rules.nodeOUs === 'any' ? roles.findLast(isNamed) : roles.find(isNamed);
      if (!role) continue;
      if (role.certifiersId.length > 0 && !equalBytes(role.certifiersId, certifiersId)) {
        throw new MSPError('IDENTITY_OU', `${who}: unit ${name} does not come from the right CA`);
      }
      count++;
    }
    if (count === 1) return;
    const text = count === 0 ? 'has no' : 'has more than one';
    throw new MSPError(
      'IDENTITY_OU',
      `${who}: ${text} OU that says client, peer, orderer or admin`,
    );
  }

  async #setupAdmins(pems: readonly Uint8Array[]): Promise<void> {
    if (pems.length === 0 && this.rules.requiresAdmin && !this.#parts.nodeOUs?.admin) {
      const text = 'administrators must be declared when no admin OU is set';
      throw new MSPError('MSP_CONFIG', `MSP ${this.name}: ${text}`);
    }
    try {
      this.#admins = await Promise.all(
        pems.map((pem) => this.identity(pem, serialize(this.name, pem))),
      );
      for (const admin of this.#admins) await this.#checkAdmin(admin);
    } catch (cause) {
      const text = `MSP ${this.name}: an admin is invalid: ${messageOf(cause)}`;
      throw new MSPError('MSP_CONFIG', text, { cause });
    }
  }

  // Fabric looks only at the OU when there are NodeOUs, and fully validates otherwise; before 1.4.3, it does both.
  async #checkAdmin(admin: X509Identity): Promise<void> {
    if (!this.hasNodeOUs || this.rules.nodeOUs !== 'any') await admin.validate();
    if (!this.hasNodeOUs) return;
    const units = (await this.organizationalUnits(admin)).map((unit) => unit.name);
    const { client, admin: role } = this.#parts.nodeOUs ?? {};
    const isAllowed = [client, role].some((unit) => unit && units.includes(unit.name));
    if (!isAllowed) throw new MSPError('IDENTITY_OU', 'neither client nor admin');
  }
}

function organizationalUnits(certificate: Certificate): string[] {
  return nameValues(certificate.subject, NAME_OID.organizationalUnit);
}

function serialize(mspid: string, pem: Uint8Array): Uint8Array {
  return msp.SerializedIdentity.encode({ mspid, id_bytes: pem }).finish();
}

// X.509 MSPs have type 0; idemix (1) is not supported.
function decodeConfig(mspConfig: Uint8Array): msp.FabricMSPConfig {
  let config: msp.FabricMSPConfig;
  try {
    const { type, config: bytes } = msp.MSPConfig.decode(mspConfig);
    if (type !== 0) throw new MSPError('MSP_CONFIG', `MSP type ${type} is not supported`);
    config = msp.FabricMSPConfig.decode(bytes);
  } catch (cause) {
    if (cause instanceof MSPError) throw cause;
    throw new MSPError('MSP_CONFIG', `MSP definition cannot be decoded: ${messageOf(cause)}`, {
      cause,
    });
  }
  if (config.name === '') throw new MSPError('MSP_CONFIG', 'MSP definition has no name');
  return config;
}
