// SPDX-License-Identifier: Apache-2.0
// An organisation for tests: a CA, an MSP definition, and members on demand.

import { CertificateAuthority, type IssueOptions } from '../../crypto/ca.ts';
import { type BCCSP, createBCCSP } from '../../crypto/index.ts';
import { systemRandomBytes } from '../../runtime/clock.ts';
import { createMSPConfig, type MSPDefinition } from '../config-builder.ts';
import { createSigningIdentity } from '../signing-identity.ts';
import type { SigningIdentity } from '../types.ts';

export const YEAR_2026 = Date.UTC(2026, 0, 1);
export const YEAR_2036 = Date.UTC(2036, 0, 1);

export interface TestOrganisation {
  readonly mspId: string;
  readonly ca: CertificateAuthority;
  /** Serialized MSPConfig with NodeOUs, unless overridden. */
  mspConfig(changes?: Partial<MSPDefinition>): Uint8Array;
  member(
    commonName: string,
    units: readonly string[],
    changes?: Partial<IssueOptions>,
  ): Promise<SigningIdentity>;
}

export async function createOrganisation(
  mspId: string,
  bccsp: BCCSP = createBCCSP(),
): Promise<TestOrganisation> {
  const components = { bccsp, random: systemRandomBytes };
  const validity = { notBefore: YEAR_2026, notAfter: YEAR_2036 };
  const subject = { commonName: `ca.${mspId}` };
  const ca = await CertificateAuthority.createRoot(components, { subject, ...validity });
  return {
    mspId,
    ca,
    mspConfig: (changes = {}) =>
      createMSPConfig({
        mspId,
        rootCerts: [ca.certificate],
        nodeOUsCertificate: ca.certificate,
        ...changes,
      }),
    member: async (commonName, organizationalUnits, changes = {}) => {
      const keys = await bccsp.generateKey();
      const { publicKey } = keys;
      const certificate = await ca.issue({
        subject: { commonName, organizationalUnits },
        publicKey,
        ...validity,
        ...changes,
      });
      return createSigningIdentity(mspId, certificate, keys.privateKey);
    },
  };
}
