// SPDX-License-Identifier: Apache-2.0
// Signatures of certificates and revocation lists: those of Go's crypto/x509 (signatureAlgorithmDetails of x509.go). Members of a Fabric
// network have ECDSA or Ed25519 keys, but CAs above them may have RSA ones.
// Differs: RSASSA-PSS is not verified; Go does.
import { CURVES } from './curves.ts';
import { isCanonical } from './ecdsa-signature.ts';
import { isEcdsaKey, type PublicKey } from './keys.ts';
import type { BCCSP, HashName } from './types.ts';

/** What a signature algorithm is made of. */
export interface SignatureAlgorithm {
  readonly key: 'ECDSA' | 'RSA' | 'Ed25519';
  /** Undefined for Ed25519, which hashes by itself. */
  readonly hash: HashName | undefined;
}

/** By OID. */
const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['1.2.840.10045.4.1', { key: 'ECDSA', hash: 'SHA-1' }],
  ['1.2.840.10045.4.3.2', { key: 'ECDSA', hash: 'SHA-256' }],
  ['1.2.840.10045.4.3.3', { key: 'ECDSA', hash: 'SHA-384' }],
  ['1.2.840.10045.4.3.4', { key: 'ECDSA', hash: 'SHA-512' }],
  ['1.2.840.113549.1.1.5', { key: 'RSA', hash: 'SHA-1' }],
  ['1.2.840.113549.1.1.11', { key: 'RSA', hash: 'SHA-256' }],
  ['1.2.840.113549.1.1.12', { key: 'RSA', hash: 'SHA-384' }],
  ['1.2.840.113549.1.1.13', { key: 'RSA', hash: 'SHA-512' }],
  ['1.3.101.112', { key: 'Ed25519', hash: undefined }],
]);

/** The hash of an ECDSA signature algorithm; undefined when the OID is of another. */
export function ecdsaHashOf(oid: string): HashName | undefined {
  const algorithm = ALGORITHMS.get(oid);
  return algorithm?.key === 'ECDSA' ? algorithm.hash : undefined;
}

export interface X509Signature {
  /** OID of its algorithm. */
  readonly signatureAlgorithm: string;
  /** The signed part. */
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * True when the key made the signature. SHA-1 counts only for revocation lists (`allowsSha1`). An ECDSA signature is taken in its one
 * form, unlike Fabric's signatures of transactions, except that of a list, which Fabric writes anew before it asks Go (`isRewritten`).
 */
export async function isX509Signature(
  { signatureAlgorithm, tbs, signature }: X509Signature,
  key: PublicKey,
  bccsp: BCCSP,
  { allowsSha1 = false, isRewritten = false } = {},
): Promise<boolean> {
  const algorithm = ALGORITHMS.get(signatureAlgorithm);
  if (!algorithm || (algorithm.hash === 'SHA-1' && !allowsSha1)) return false;
  const { hash } = algorithm;
  if (isEcdsaKey(key)) {
    if (algorithm.key !== 'ECDSA') return false;
    if (!isRewritten && !isCanonical(signature, CURVES[key.curve])) return false;
    return bccsp.verify(key, tbs, signature, { ...(hash && { hash }), allowHighS: true });
  }
  if (algorithm.key !== key.algorithm) return false;
  if (key.algorithm === 'Ed25519') return bccsp.verify(key, tbs, signature);
  // Apart, because hardly any network has such a CA.
  const { verifyRsa } = await import('./rsa-signature.ts');
  return hash !== undefined && verifyRsa(key, hash, tbs, signature);
}
