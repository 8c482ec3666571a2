// SPDX-License-Identifier: Apache-2.0
// The CertificateIssuer of a CA whose key lies in the relay's data directory, and how such a CA is made.
import { CertificateAuthority } from '../../src/common/crypto/ca.ts';
import {
  type BCCSP,
  type CertificateRequest,
  commonName as commonNameOf,
  EXTENSION_OID,
  parseCertificateRequest,
  readSubjectAltName,
} from '../../src/common/crypto/index.ts';
import { fromBase64, toBase64 } from '../../src/common/runtime/bytes.ts';
import type { Clock, RandomBytes } from '../../src/common/runtime/clock.ts';
import { FabricError } from '../../src/common/runtime/errors.ts';
import type { CertificateIssuer } from './fabric-ca.ts';

export interface CryptoComponents {
  readonly bccsp: BCCSP;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** A certificate with its private key, as kept in the data directory. */
export interface StoredKey {
  /** PEM. */
  readonly certificate: string;
  /** PKCS#8 DER in base64. */
  readonly pkcs8: string;
}

/** Code of the refusal of a request whose common name is not the enrolment id. */
export const COMMON_NAME_REFUSED = 'CSR_COMMON_NAME';
const MAX_HOSTS = 100;
const DAY_MS = 24 * 3_600_000;
const CA_DAYS = 15 * 365;
const MEMBER_DAYS = 365;
/** Clocks of a class differ; a certificate of this second would not be valid everywhere yet. */
const BACKDATE_MS = 5 * 60_000;

/** A new self-signed CA named as cryptogen names it. */
export async function createCa(
  { bccsp, clock, random }: CryptoComponents,
  domain: string,
): Promise<{ ca: CertificateAuthority; stored: StoredKey }> {
  const subject = {
    country: 'US',
    province: 'California',
    locality: 'San Francisco',
    organization: domain,
    commonName: `ca.${domain}`,
  };
  const ca = await CertificateAuthority.createRoot(
    { bccsp, random },
    { subject, ...validity(clock, CA_DAYS) },
  );
  const pkcs8 = toBase64(await bccsp.exportKey(ca.keys));
  return { ca, stored: { certificate: ca.certificate, pkcs8 } };
}

/** The CA of a stored key. */
export async function loadCa(
  { bccsp, random }: CryptoComponents,
  stored: StoredKey,
): Promise<CertificateAuthority> {
  const keys = await bccsp.importKey(fromBase64(stored.pkcs8));
  return new CertificateAuthority({ bccsp, random }, keys, stored.certificate);
}

/** A new key with a certificate for it, e.g. of the orderer. */
export async function createMember(
  { bccsp, clock }: CryptoComponents,
  ca: CertificateAuthority,
  member: { commonName: string; role: string; days?: number },
): Promise<StoredKey> {
  const keys = await bccsp.generateKey({ extractable: true });
  const certificate = await ca.issue({
    subject: { commonName: member.commonName, organizationalUnits: [member.role] },
    publicKey: keys.publicKey,
    ...validity(clock, member.days ?? MEMBER_DAYS),
  });
  return { certificate, pkcs8: toBase64(await bccsp.exportKey(keys)) };
}

/**
 * Issues certificates of one year from PKCS#10 requests. Of a request its key and its hosts are used: names are the registry's, and a request
 * for another one is refused, as Fabric CA does (lib/serverenroll.go).
 */
export function certificateIssuer(
  { bccsp, clock }: CryptoComponents,
  ca: CertificateAuthority,
): CertificateIssuer {
  return {
    certificatePem: ca.certificate,
    revocationList: (revoked, about) => ca.revocationList(revoked, about),
    issue: async ({ csrPem, commonName, organisationalUnits, attributes }) => {
      const request = await parseCertificateRequest(bccsp, csrPem);
      if (commonNameOf(request.subject) !== commonName) {
        const text = 'The CSR subject common name must equal the enrollment ID';
        throw new FabricError(COMMON_NAME_REFUSED, text);
      }
      const { publicKey } = request;
      const hosts = hostsOf(request);
      const subject = { commonName, organizationalUnits: organisationalUnits };
      return ca.issue({ subject, publicKey, attributes, hosts, ...validity(clock, MEMBER_DAYS) });
    },
  };
}

function hostsOf({ extensions }: CertificateRequest): string[] {
  const names = extensions.get(EXTENSION_OID.subjectAltName);
  return names ? readSubjectAltName(names.value).slice(0, MAX_HOSTS) : [];
}

function validity(clock: Clock, days: number): { notBefore: number; notAfter: number } {
  const now = clock.now();
  return { notBefore: now - BACKDATE_MS, notAfter: now + days * DAY_MS };
}
