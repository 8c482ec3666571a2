// SPDX-License-Identifier: Apache-2.0
// Organisations of a channel with real CAs, certificates and MSPs, for tests.
import { type BCCSP, createBCCSP } from '../../../common/crypto/index.ts';
import {
  type MSPManager,
  MSPManagerImpl,
  type SigningIdentity,
} from '../../../common/msp/index.ts';
import { createOrganisation } from '../../../common/msp/testing/organisation.ts';

export interface TestMembers {
  /** MSPs of all these organisations, or of some. */
  manager(mspIds?: readonly string[]): Promise<MSPManager>;
  /** A new peer, or with `unit` another kind of member. */
  member(mspId: string, name?: string, unit?: string): Promise<SigningIdentity>;
}

/** Makes the organisations. A test on a fake clock takes noble, which answers at once; WebCrypto takes time of its own. */
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
