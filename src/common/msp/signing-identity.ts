// SPDX-License-Identifier: Apache-2.0
// An identity with its private key.
import { derToPem, type PrivateKeyHandle, pemToDer, signerFor } from '../crypto/index.ts';
import { serializeIdentity } from './serialized-identity.ts';
import type { SigningIdentity } from './types.ts';

/**
 * A signing identity from a PEM certificate and its key. The PEM is rewritten in Go's form, because everybody compares
 * and hashes these bytes. Throws CryptoError when there is no PEM block.
 */
export function createSigningIdentity(
  mspId: string,
  certificatePem: string,
  key: PrivateKeyHandle,
): SigningIdentity {
  const certificate = derToPem(pemToDer(certificatePem), 'CERTIFICATE');
  const serialized = serializeIdentity(mspId, certificate);
  return { mspId, certificate, serialize: () => serialized, sign: signerFor(key) };
}
