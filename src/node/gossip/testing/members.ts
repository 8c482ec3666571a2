// SPDX-License-Identifier: Apache-2.0
// Members of organisations for tests: real keys and signatures, and in place of certificates the bare public key, so that dozens are made
// in no time. The handshake is also tested with the real MSP.
import { createBCCSP } from '../../../common/crypto/bccsp.ts';
import { publicKeyFromSpki, publicKeyToSpki } from '../../../common/crypto/keys.ts';
import type { Identity, MSPManager, SigningIdentity } from '../../../common/msp/types.ts';
import { msp } from '../../../common/protos/index.ts';
import { toHex } from '../../../common/runtime/bytes.ts';
import { pkiIdOf } from '../message.ts';

const bccsp = createBCCSP('webcrypto');

/** A member with a fresh key. */
export async function newMember(mspId: string): Promise<SigningIdentity> {
  const key = await bccsp.generateKey();
  const identity = msp.SerializedIdentity.encode({
    mspid: mspId,
    id_bytes: publicKeyToSpki(key.publicKey),
  }).finish();
  return {
    mspId,
    certificate: '',
    serialize: () => identity,
    sign: (message) => bccsp.sign(key.privateKey, message),
  };
}

/** Accepts every key as a member of these MSPs, but those in `revoked` (hex PKI-IDs). */
export function openMsps(
  mspIds: readonly string[],
  revoked: ReadonlySet<string> = new Set(),
): MSPManager {
  return {
    mspIds,
    deserializeIdentity: async (serialized): Promise<Identity> => {
      const { mspid, id_bytes } = msp.SerializedIdentity.decode(serialized);
      if (!mspIds.includes(mspid)) throw new Error(`MSP ${mspid} is unknown`);
      const key = publicKeyFromSpki(id_bytes);
      const id = toHex(pkiIdOf(serialized));
      return {
        mspId: mspid,
        id,
        serialized,
        expiresAt: Number.POSITIVE_INFINITY,
        validate: async () => {
          if (revoked.has(id)) throw new Error('the certificate has been revoked');
        },
        verify: (message, signature) => bccsp.verify(key, message, signature),
        satisfiesPrincipal: async () => true,
      };
    },
  };
}
