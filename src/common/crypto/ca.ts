// SPDX-License-Identifier: Apache-2.0
// A certificate authority: makes its root, certificates of members as cryptogen and fabric-ca make them, and
// revocation lists. Every signature has low S: some versions of a real peer refuse a CA certificate that has not.
// Time and randomness come from the caller.
import { fromHex, utf8 } from '../runtime/bytes.ts';
import type { RandomBytes } from '../runtime/clock.ts';
import {
  bitString,
  contextTag,
  element,
  integer,
  octetString,
  oid,
  sequence,
  time,
} from './asn1.ts';
import { sha256Sync } from './bccsp.ts';
import { type Certificate, EXTENSION_OID, KEY_USAGE, parseCertificatePem } from './certificate.ts';
import { OID_ECDSA_SHA256 } from './csr.ts';
import { type NameFields, writeName } from './distinguished-name.ts';
import { CryptoError } from './errors.ts';
import {
  writeAuthorityKeyId,
  writeBasicConstraints,
  writeExtension,
  writeInteger,
  writeKeyUsage,
  writeSubjectAltName,
} from './extensions.ts';
import { type EcdsaPublicKey, type KeyPair, publicKeyToSpki } from './keys.ts';
import { derToPem } from './pem.ts';
import type { BCCSP } from './types.ts';

export interface Validity {
  /** Milliseconds since the Unix epoch; cut to whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface RootOptions extends Validity {
  readonly subject: NameFields;
}

export interface IssueOptions extends Validity {
  /** OUs first say the role (`peer`, `client`, `admin`, `orderer`), then the affiliation. */
  readonly subject: NameFields;
  readonly publicKey: EcdsaPublicKey;
  /** Fabric CA's attributes, e.g. `hf.EnrollmentID`; no extension when absent. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Host names and IPv4 addresses. */
  readonly hosts?: readonly string[];
  /** An intermediate CA instead of a member. Default false. */
  readonly isCA?: boolean;
}

export interface Revocation {
  /** Hex, as Certificate.serialNumber. */
  readonly serialNumber: string;
  readonly revokedAt: number;
}

const ALGORITHM = sequence(oid(OID_ECDSA_SHA256));
const CA_KEY_USAGE =
  KEY_USAGE.digitalSignature | (1 << 2) | KEY_USAGE.keyCertSign | KEY_USAGE.crlSign;

// SHA-256 of the point, as cryptogen; RFC 5280 leaves the method open.
const keyId = (key: EcdsaPublicKey): Uint8Array => sha256Sync(key.point);

interface Tbs extends Validity {
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly publicKey: EcdsaPublicKey;
  readonly extensions: readonly Uint8Array[];
}

export interface CertificateAuthorityComponents {
  readonly bccsp: BCCSP;
  readonly random: RandomBytes;
}

/** A CA with its key pair and its PEM certificate. */
export class CertificateAuthority {
  readonly certificate: string;
  readonly parsed: Certificate;
  readonly keys: KeyPair;
  readonly #components: CertificateAuthorityComponents;

  /** Throws CryptoError when the certificate is not a CA's. */
  constructor(components: CertificateAuthorityComponents, keys: KeyPair, certificate: string) {
    this.#components = components;
    this.keys = keys;
    this.certificate = certificate;
    this.parsed = parseCertificatePem(certificate);
    if (!this.parsed.isCA) throw new CryptoError('KEY_MISMATCH', 'not a CA certificate');
  }

  /** A new self-signed root; `keys` are made when not given (extractable, so that they can be kept). */
  static async createRoot(
    components: CertificateAuthorityComponents,
    options: RootOptions,
    keys?: KeyPair,
  ): Promise<CertificateAuthority> {
    const pair = keys ?? (await components.bccsp.generateKey({ extractable: true }));
    const name = writeName(options.subject);
    const { notBefore, notAfter } = options;
    const pem = await signCertificate(components, pair, {
      issuer: name,
      subject: name,
      publicKey: pair.publicKey,
      extensions: caExtensions(pair.publicKey),
      notBefore,
      notAfter,
    });
    return new CertificateAuthority(components, pair, pem);
  }

  /** A certificate for a public key, PEM. */
  async issue(options: IssueOptions): Promise<string> {
    const { publicKey, attributes, hosts = [], isCA = false } = options;
    // An MSP judges the whole chain at the member's notBefore plus one second, so a member that is older than
    // its CA would never be valid.
    const notBefore = Math.max(options.notBefore, this.parsed.notBefore);
    const notAfter = Math.min(options.notAfter, this.parsed.notAfter);
    const authority = this.parsed.subjectKeyId ?? keyId(this.keys.publicKey);
    const extensions = [
      ...(isCA ? caExtensions(publicKey) : memberExtensions(publicKey)),
      writeExtension(EXTENSION_OID.authorityKeyId, writeAuthorityKeyId(authority)),
    ];
    if (hosts.length > 0) {
      extensions.push(writeExtension(EXTENSION_OID.subjectAltName, writeSubjectAltName(hosts)));
    }
    if (attributes) {
      const json = utf8(JSON.stringify({ attrs: attributes }));
      extensions.push(writeExtension(EXTENSION_OID.attributes, json));
    }
    return signCertificate(this.#components, this.keys, {
      issuer: this.parsed.subject.der,
      subject: writeName(options.subject),
      publicKey,
      extensions,
      notBefore,
      notAfter,
    });
  }

  /** A certificate revocation list, PEM. */
  async revocationList(
    revoked: readonly Revocation[],
    { thisUpdate, nextUpdate, number }: { thisUpdate: number; nextUpdate: number; number: number },
  ): Promise<string> {
    const entries = revoked.map(({ serialNumber, revokedAt }) =>
      sequence(integer(evenHex(serialNumber)), time(revokedAt)),
    );
    const authority = this.parsed.subjectKeyId ?? keyId(this.keys.publicKey);
    const extensions = sequence(
      writeExtension(EXTENSION_OID.authorityKeyId, writeAuthorityKeyId(authority)),
      writeExtension('2.5.29.20', writeInteger(number)),
    );
    const tbs = sequence(
      integer(Uint8Array.of(1)),
      ALGORITHM,
      this.parsed.subject.der,
      time(thisUpdate),
      time(nextUpdate),
      ...(entries.length > 0 ? [sequence(...entries)] : []),
      element(contextTag(0), extensions),
    );
    const signature = await this.#components.bccsp.sign(this.keys.privateKey, tbs);
    return derToPem(sequence(tbs, ALGORITHM, bitString(signature)), 'X509 CRL');
  }
}

function evenHex(hex: string): Uint8Array {
  return fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
}

function caExtensions(publicKey: EcdsaPublicKey): Uint8Array[] {
  return [
    writeExtension(EXTENSION_OID.keyUsage, writeKeyUsage(CA_KEY_USAGE), true),
    writeExtension(EXTENSION_OID.basicConstraints, writeBasicConstraints(true), true),
    writeExtension(EXTENSION_OID.subjectKeyId, octetString(keyId(publicKey))),
  ];
}

function memberExtensions(publicKey: EcdsaPublicKey): Uint8Array[] {
  return [
    writeExtension(EXTENSION_OID.keyUsage, writeKeyUsage(KEY_USAGE.digitalSignature), true),
    writeExtension(EXTENSION_OID.basicConstraints, writeBasicConstraints(false), true),
    writeExtension(EXTENSION_OID.subjectKeyId, octetString(keyId(publicKey))),
  ];
}

async function signCertificate(
  { bccsp, random }: CertificateAuthorityComponents,
  keys: KeyPair,
  tbs: Tbs,
): Promise<string> {
  const serial = random(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and always 16 bytes
  const body = sequence(
    element(contextTag(0), integer(Uint8Array.of(2))),
    integer(serial),
    ALGORITHM,
    tbs.issuer,
    sequence(time(tbs.notBefore), time(tbs.notAfter)),
    tbs.subject,
    publicKeyToSpki(tbs.publicKey),
    element(contextTag(3), sequence(...tbs.extensions)),
  );
  const signature = await bccsp.sign(keys.privateKey, body);
  return derToPem(sequence(body, ALGORITHM, bitString(signature)), 'CERTIFICATE');
}
