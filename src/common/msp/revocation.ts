// SPDX-License-Identifier: Apache-2.0
// Whether a certificate is revoked (validateCertAgainstChain of Fabric's msp/mspimplvalidate.go). A list that does not say whose it is makes every
// certificate of the MSP invalid, but not the configuration that it came with: a real network goes on with such a one, without that
// organisation. Dates on lists do not matter: revocation holds from the configuration on.
import { isRevocationListSignedBy, type RevocationList } from '../crypto/crl.ts';
import type { BCCSP, Certificate } from '../crypto/index.ts';
import { equalBytes } from '../runtime/bytes.ts';

/** Why a certificate does not hold, in words; undefined when it does. */
export async function revocationOf(
  lists: readonly RevocationList[],
  certificate: Certificate,
  issuer: Certificate,
  bccsp: BCCSP,
): Promise<string | undefined> {
  for (const list of lists) {
    const { authorityKeyId: keyId, serialNumbers } = list;
    if (!keyId) return 'a revocation list of its MSP has no authority key identifier';
    if (!issuer.subjectKeyId || !equalBytes(keyId, issuer.subjectKeyId)) continue;
    if (!serialNumbers.has(certificate.serialNumber)) continue;
    if (await isRevocationListSignedBy(list, issuer, bccsp))
      return 'the certificate has been revoked';
  }
  return undefined;
}
