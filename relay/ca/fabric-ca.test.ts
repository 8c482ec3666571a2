// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { createBCCSP } from '../../src/common/crypto/index.ts';
import { FakeClock, systemRandomBytes } from '../../src/common/runtime/clock.ts';
import { MemoryKVStore } from '../../src/ledger/memory/memory-kv-store.ts';
import { Affiliations } from './affiliations.ts';
import { CertificateRecords } from './certificate-records.ts';
import { FabricCA } from './fabric-ca.ts';
import { IdentityRegistry } from './identity-registry.ts';
import { certificateIssuer, createCa } from './issuer.ts';

const DOMAIN = 'org1.example.com';
const MEMBER = { id: 'ana', secret: 'pw' };

/** A CA in which something happens while it signs. */
async function caWith(meanwhile: (ca: FabricCA) => Promise<void>): Promise<FabricCA> {
  const [store, clock] = [new MemoryKVStore(), new FakeClock(Date.now())];
  const components = { bccsp: createBCCSP(), clock, random: systemRandomBytes };
  const { ca: authority } = await createCa(components, DOMAIN);
  const registry = new IdentityRegistry(store, 'ca');
  const issuer = {
    ...certificateIssuer(components, authority),
    issue: async () => {
      await meanwhile(ca);
      return authority.certificate;
    },
  };
  const certificates = new CertificateRecords(store, 'ca');
  const affiliations = new Affiliations(store, 'ca', registry);
  const ca = new FabricCA(
    { issuer, registry, certificates, affiliations, clock },
    { caName: 'ca', mspId: 'Org1MSP', domain: DOMAIN },
  );
  await ca.bootstrap(MEMBER);
  return ca;
}

describe('a certificate that is signed', () => {
  const enroll = (ca: FabricCA) => ca.enroll(MEMBER.id, MEMBER.secret, { csrPem: '' });

  it.each<[string, (ca: FabricCA) => Promise<unknown>]>([
    ['removed', (ca) => ca.remove([MEMBER.id], 5)],
    ['revoked', (ca) => ca.registry.update(MEMBER.id, { revoked: true })],
  ])('while its owner is %s is given to nobody, and revoked', async (_, change) => {
    const ca = await caWith(async (one) => void (await change(one)));
    await expect(enroll(ca)).rejects.toMatchObject({ httpStatus: 401 });
    expect(await ca.certificates.list()).toMatchObject([
      { id: 'ana', revokedAt: expect.any(Number) },
    ]);
  });

  it('otherwise is given', async () => {
    const ca = await caWith(async () => {});
    expect(await enroll(ca)).toContain('BEGIN CERTIFICATE');
    expect((await ca.certificates.list())[0]?.revokedAt).toBeUndefined();
  });
});
