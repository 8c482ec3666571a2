// SPDX-License-Identifier: Apache-2.0
// Organisations of a channel with real CAs, certificates and MSPs, for tests.
import { type BCCSP, createBCCSP, publicKeyToSpki } from '../../../common/crypto/index.ts';
import {
  type MSPManager,
  MSPManagerImpl,
  type SigningIdentity,
} from '../../../common/msp/index.ts';
import { createOrganisation } from '../../../common/msp/testing/organisation.ts';
import { toHex } from '../../../common/runtime/bytes.ts';

export interface TestMembers {
  /** MSPs of all these organisations, or of some. */
  manager(mspIds?: readonly string[]): Promise<MSPManager>;
  /** A new peer, or with `unit` another kind of member. */
  member(mspId: string, name?: string, unit?: string): Promise<SigningIdentity>;
}

/** A BCCSP that checks each signature once for all the peers of a test, and answers at once: for fake clocks, which do not wait for WebCrypto. */
export function quickBCCSP(): BCCSP {
  const noble = createBCCSP('noble');
  const known = new Map<string, Promise<boolean>>();
  const verify: BCCSP['verify'] = (key, message, signature, options) => {
    const name = [publicKeyToSpki(key), signature, message].map(toHex).join();
    const answer = known.get(name) ?? noble.verify(key, message, signature, options);
    known.set(name, answer);
    return answer;
  };
  return {
    kind: noble.kind,
    sha256: (data) => noble.sha256(data),
    generateKey: (options) => noble.generateKey(options),
    importKey: (pkcs8, options) => noble.importKey(pkcs8, options),
    exportKey: (key) => noble.exportKey(key),
    sign: (key, message) => noble.sign(key, message),
    checkKey: (key) => noble.checkKey(key),
    verify,
  };
}

/** Makes the organisations. */
export async function testMembers(
  mspIds: readonly string[],
  bccsp: BCCSP = createBCCSP(),
): Promise<TestMembers> {
  const organisations = new Map(
    await Promise.all(
      mspIds.map(async (mspId) => [mspId, await createOrganisation(mspId, bccsp)] as const),
    ),
  );
  let made = 0;
  const of = (mspId: string) => {
    const organisation = organisations.get(mspId);
    if (!organisation) throw new Error(`no organisation ${mspId}`);
    return organisation;
  };
  return {
    manager: (ids = mspIds) =>
      MSPManagerImpl.create(
        ids.map((mspId) => of(mspId).mspConfig()),
        bccsp,
      ),
    member: (mspId, name = `peer${made++}.${mspId.toLowerCase()}`, unit = 'peer') =>
      of(mspId).member(name, [unit]),
  };
}
