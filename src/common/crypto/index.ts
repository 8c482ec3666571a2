// SPDX-License-Identifier: Apache-2.0
// Cryptography for everybody else. The CA side is imported from ./ca.ts, so that pages do not carry it.
export {
  createBCCSP,
  defaultBCCSP,
  sha256Sync,
  signerFor,
} from './bccsp.ts';
export {
  type Certificate,
  EXTENSION_OID,
  isEcdsaSigned,
  isSignedBy,
  lowS,
  parseCertificate,
  parseCertificatePem,
  sanitizeCertificate,
} from './certificate.ts';
export {
  type CertificateRequest,
  createCertificateRequest,
  parseCertificateRequest,
  type RequestOptions,
} from './csr.ts';
export { CURVES, type Curve, type CurveName } from './curves.ts';
export {
  commonName,
  type DistinguishedName,
  NAME_OID,
  type NameFields,
  nameText,
  nameValues,
} from './distinguished-name.ts';
export { derToRaw, isLowS, rawToDer, readsAsEcdsa, toLowS } from './ecdsa-signature.ts';
export { CryptoError, type CryptoErrorCode } from './errors.ts';
export { readSubjectAltName } from './extensions.ts';
export { loadHashes } from './hashes-on-demand.ts';
export {
  type EcdsaPublicKey,
  isEcdsaKey,
  type KeyPair,
  type PrivateKeyHandle,
  type PublicKey,
  publicKeyFromJwk,
  publicKeyFromPoint,
  publicKeyFromSpki,
  publicKeyToSpki,
} from './keys.ts';
export { decodePem, derToPem, type PemBlock, pemToDer } from './pem.ts';
export type { BCCSP, GenerateKeyOptions, HashName, VerifyOptions } from './types.ts';
