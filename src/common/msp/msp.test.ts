// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { bitString, DerReader, sequence, TAG } from '../crypto/asn1.ts';
import { CertificateAuthority } from '../crypto/ca.ts';
import {
  type BCCSP,
  CURVES,
  createBCCSP,
  derToPem,
  derToRaw,
  parseCertificatePem,
  pemToDer,
  rawToDer,
} from '../crypto/index.ts';
import { common, msp } from '../protos/index.ts';
import { fromHex, toHex, utf8 } from '../runtime/bytes.ts';
import { systemRandomBytes } from '../runtime/clock.ts';
import { createSigningIdentity, MSP, type SigningIdentity, serializeIdentity } from './index.ts';
import {
  createOrganisation,
  type TestOrganisation,
  YEAR_2026,
  YEAR_2036,
} from './testing/organisation.ts';
import { Classification, MSPRoleType, principal, role } from './testing/principals.ts';

describe('MSP', () => {
  const bccsp: BCCSP = createBCCSP();
  let org: TestOrganisation;

  beforeAll(async () => {
    org = await createOrganisation('Org1MSP');
  });

  async function identityOf(member: SigningIdentity, mspConfig = org.mspConfig()) {
    const provider = await MSP.create(mspConfig, bccsp);
    return provider.identity(utf8(member.certificate), member.serialize());
  }

  it('signs and verifies', async () => {
    const member = await org.member('peer0', ['peer']);
    const identity = await identityOf(member);
    expect(await identity.verify(utf8('m'), await member.sign(utf8('m')))).toBe(true);
    expect(identity.expiresAt).toBe(YEAR_2036);
    expect(await identity.satisfiesPrincipal(role('Org1MSP', MSPRoleType.PEER))).toBe(true);
    expect(await identity.satisfiesPrincipal(role('Org1MSP', MSPRoleType.CLIENT))).toBe(false);
  });

  it('demands exactly one role OU', async () => {
    for (const units of [[], ['department1'], ['peer', 'client'], ['peer', 'peer']]) {
      const identity = await identityOf(await org.member('x', units));
      await expect(identity.validate()).rejects.toMatchObject({ code: 'IDENTITY_OU' });
      expect(await identity.satisfiesPrincipal(role('Org1MSP', MSPRoleType.MEMBER))).toBe(false);
    }
    const identity = await identityOf(await org.member('x', ['client', 'department1']));
    await expect(identity.validate()).resolves.toBeUndefined();
  });

  it('judges validity at the time of issue, not now', async () => {
    const expired = { notBefore: YEAR_2026, notAfter: YEAR_2026 + 60_000 };
    const identity = await identityOf(await org.member('old', ['peer'], expired));
    await expect(identity.validate()).resolves.toBeUndefined();
    const unborn = { notBefore: YEAR_2026, notAfter: YEAR_2026 };
    await expect(identityOf(await org.member('no', ['peer'], unborn))).rejects.toMatchObject({
      code: 'IDENTITY_UNTRUSTED',
    });
  });

  it('never makes a member that is older than its CA', async () => {
    const early = await org.member('early', ['peer'], { notBefore: YEAR_2026 - 300_000 });
    await expect((await identityOf(early)).validate()).resolves.toBeUndefined();
  });

  it('refuses a member of another CA with the same name', async () => {
    const impostor = await createOrganisation('Org1MSP');
    await expect(identityOf(await impostor.member('p', ['peer']))).rejects.toMatchObject({
      code: 'IDENTITY_UNTRUSTED',
    });
  });

  it('refuses its own CA certificate as an identity', async () => {
    const ca = createSigningIdentity('Org1MSP', org.ca.certificate, org.ca.keys.privateKey);
    const identity = await identityOf(ca);
    await expect(identity.validate()).rejects.toThrow('CA certificate is no identity');
  });

  it('honours a revocation list signed by the issuer, and no other', async () => {
    const member = await org.member('gone', ['peer']);
    const { serialNumber } = parseCertificatePem(member.certificate);
    const dates = { thisUpdate: YEAR_2026, nextUpdate: YEAR_2036, number: 1 };
    const revoked = [{ serialNumber, revokedAt: YEAR_2036 }];
    const list = await org.ca.revocationList(revoked, dates);
    const identity = await identityOf(member, org.mspConfig({ revocationList: [list] }));
    await expect(identity.validate()).rejects.toMatchObject({ code: 'IDENTITY_REVOKED' });
    const forger = new CertificateAuthority(
      { bccsp, random: systemRandomBytes },
      await bccsp.generateKey(),
      org.ca.certificate,
    );
    const forged = await forger.revocationList(revoked, dates);
    const spared = await identityOf(member, org.mspConfig({ revocationList: [forged] }));
    await expect(spared.validate()).resolves.toBeUndefined();
  });

  // As a real network went on after such a configuration (block 101 of the raft ledger in src/node/replay/testdata).
  it('takes a revocation list that does not say whose it is, and then no identity', async () => {
    const dates = { thisUpdate: YEAR_2026, nextUpdate: YEAR_2036, number: 1 };
    const pem = await org.ca.revocationList([], dates);
    for (const list of [withoutKeyId(pem), withUnreadableKeyId(pem)]) {
      const identity = await identityOf(
        await org.member('peer0', ['peer']),
        org.mspConfig({ revocationList: [list] }),
      );
      await expect(identity.validate()).rejects.toMatchObject({
        code: 'IDENTITY_REVOKED',
        message: expect.stringContaining('no authority key identifier'),
      });
    }
  });

  it('makes one identity of the two forms of a certificate signature', async () => {
    const member = await org.member('peer0', ['peer']);
    const high = withHighS(member.certificate);
    expect(high).not.toBe(member.certificate);
    const provider = await MSP.create(org.mspConfig(), bccsp);
    const a = await provider.identity(utf8(member.certificate), member.serialize());
    const b = await provider.identity(utf8(high), serializeIdentity('Org1MSP', high));
    expect(b.id).toBe(a.id);
    await expect(b.validate()).resolves.toBeUndefined();
    const highRoot = withHighS(org.ca.certificate);
    const definition = { rootCerts: [highRoot], nodeOUsCertificate: highRoot };
    const c = await identityOf(member, org.mspConfig(definition));
    await expect(c.validate()).resolves.toBeUndefined();
  });

  it('knows admins by OU and by certificate', async () => {
    const byUnit = await identityOf(await org.member('Admin', ['admin']));
    expect(await byUnit.satisfiesPrincipal(role('Org1MSP', MSPRoleType.ADMIN))).toBe(true);
    const member = await org.member('boss', ['client']);
    const admin = role('Org1MSP', MSPRoleType.ADMIN);
    expect(await (await identityOf(member)).satisfiesPrincipal(admin)).toBe(false);
    const config = org.mspConfig({ admins: [member.certificate] });
    expect(await (await identityOf(member, config)).satisfiesPrincipal(admin)).toBe(true);
  });

  it('works without NodeOUs, where admins must be listed', async () => {
    const boss = await org.member('boss', []);
    const plain = { mspId: 'Org1MSP', rootCerts: [org.ca.certificate] };
    const { createMSPConfig } = await import('./config-builder.ts');
    await expect(MSP.create(createMSPConfig(plain), bccsp)).rejects.toThrow('administrators must');
    const config = createMSPConfig({ ...plain, admins: [boss.certificate] });
    const identity = await identityOf(await org.member('any', []), config);
    await expect(identity.validate()).resolves.toBeUndefined();
    expect(await identity.satisfiesPrincipal(role('Org1MSP', MSPRoleType.MEMBER))).toBe(true);
    expect(await identity.satisfiesPrincipal(role('Org1MSP', MSPRoleType.PEER))).toBe(false);
  });

  it('evaluates the other kinds of principals', async () => {
    const identity = await identityOf(await org.member('peer0', ['peer', 'lab']));
    const other = await org.member('peer1', ['peer']);
    const [lab] = (await identity.msp.organizationalUnits(identity)).filter(
      (u) => u.name === 'lab',
    );
    const unit = (name: string, certifiers_identifier: Uint8Array) =>
      principal(
        Classification.ORGANIZATION_UNIT,
        common.OrganizationUnit.encode({
          msp_identifier: 'Org1MSP',
          organizational_unit_identifier: name,
          certifiers_identifier,
        }).finish(),
      );
    const id = lab?.certifiersId ?? new Uint8Array();
    expect(toHex(id)).toBe(toHex(await bccsp.sha256(pemToDer(org.ca.certificate))));
    const anonymity = (anonymity_type: 0 | 1) =>
      principal(
        Classification.ANONYMITY,
        common.MSPIdentityAnonymity.encode({ anonymity_type }).finish(),
      );
    const combined = (...principals: common.MSPPrincipal[]) =>
      principal(Classification.COMBINED, common.CombinedPrincipal.encode({ principals }).finish());
    const peer = role('Org1MSP', MSPRoleType.PEER);
    const cases: [common.MSPPrincipal, boolean][] = [
      [unit('lab', id), true],
      [unit('lab', new Uint8Array()), false],
      [unit('office', id), false],
      [principal(Classification.IDENTITY, identity.serialized), true],
      [principal(Classification.IDENTITY, other.serialize()), false],
      [anonymity(0), true],
      [anonymity(1), false],
      [combined(peer, unit('lab', id)), true],
      [combined(peer, unit('office', id)), false],
      [combined(), false],
      [combined(combined(peer)), true],
      [principal(Classification.ROLE, Uint8Array.of(0xff)), false],
      [principal(99, new Uint8Array()), false],
    ];
    for (const [index, [wanted, expected]] of cases.entries()) {
      expect(await identity.satisfiesPrincipal(wanted), `case ${index}`).toBe(expected);
    }
  });

  describe('with an intermediate CA', () => {
    let intermediate: CertificateAuthority;
    const validity = { notBefore: YEAR_2026, notAfter: YEAR_2036 };

    beforeAll(async () => {
      const keys = await bccsp.generateKey();
      const subject = { commonName: 'ica' };
      const { publicKey } = keys;
      const pem = await org.ca.issue({ subject, publicKey, isCA: true, ...validity });
      intermediate = new CertificateAuthority({ bccsp, random: systemRandomBytes }, keys, pem);
    });

    async function memberOf(ca: CertificateAuthority): Promise<SigningIdentity> {
      const { privateKey, publicKey } = await bccsp.generateKey();
      const subject = { commonName: 'm', organizationalUnits: ['peer'] };
      const pem = await ca.issue({ subject, publicKey, ...validity });
      return createSigningIdentity('Org1MSP', pem, privateKey);
    }

    it('accepts members of the lowest CA only, under the right OU certificate', async () => {
      const { certificate } = intermediate;
      const config = org.mspConfig({
        intermediateCerts: [certificate],
        nodeOUsCertificate: certificate,
      });
      const low = await identityOf(await memberOf(intermediate), config);
      expect(low.chain).toHaveLength(3);
      await expect(low.validate()).resolves.toBeUndefined();
      const high = await identityOf(await memberOf(org.ca), config);
      await expect(high.validate()).rejects.toThrow('may not issue members');
      const pinned = org.mspConfig({ intermediateCerts: [certificate] });
      const wrongCa = await identityOf(await memberOf(intermediate), pinned);
      await expect(wrongCa.validate()).rejects.toThrow('does not come from the right CA');
    });

    it('does not take a configuration that revokes it', async () => {
      const { serialNumber } = parseCertificatePem(intermediate.certificate);
      const list = await org.ca.revocationList([{ serialNumber, revokedAt: YEAR_2036 }], {
        thisUpdate: YEAR_2026,
        nextUpdate: YEAR_2036,
        number: 1,
      });
      const config = org.mspConfig({
        intermediateCerts: [intermediate.certificate],
        nodeOUsCertificate: '',
        revocationList: [list],
      });
      await expect(MSP.create(config, bccsp)).rejects.toMatchObject({
        code: 'MSP_CONFIG',
        message: expect.stringContaining('revoked'),
      });
    });

    it('does not accept its members without its certificate', async () => {
      await expect(identityOf(await memberOf(intermediate))).rejects.toThrow('unknown authority');
    });

    // Its parent is not looked for once it is a root, so nothing says whose low S its signature should have.
    it('is no root', async () => {
      const config = org.mspConfig({
        rootCerts: [org.ca.certificate, intermediate.certificate],
        intermediateCerts: [intermediate.certificate],
        nodeOUsCertificate: '',
      });
      const identity = memberOf(intermediate).then((member) => identityOf(member, config));
      await expect(identity).rejects.toThrow('not signed by its own key');
    });
  });

  it('refuses definitions that cannot be used', async () => {
    const member = await org.member('peer0', ['peer']);
    const refused = [
      org.mspConfig({ rootCerts: [] }),
      org.mspConfig({ rootCerts: ['rubbish'] }),
      org.mspConfig({ rootCerts: [member.certificate] }),
      org.mspConfig({ nodeOUsCertificate: member.certificate }),
      org.mspConfig({ revocationList: ['rubbish'] }),
      org.mspConfig({ admins: [member.certificate] }),
      org.mspConfig({ mspId: '' }),
      org.mspConfig({ tlsRootCerts: ['rubbish'] }),
      msp.MSPConfig.encode({ type: 1, config: new Uint8Array() }).finish(),
      Uint8Array.of(0xff),
    ];
    for (const config of refused) {
      await expect(MSP.create(config, bccsp)).rejects.toMatchObject({ code: 'MSP_CONFIG' });
    }
  });
});

function withHighS(pem: string): string {
  const reader = new DerReader(pemToDer(pem)).enter(TAG.SEQUENCE);
  const tbs = reader.next().encoded;
  const algorithm = reader.next().encoded;
  const curve = CURVES['P-256'];
  const raw = derToRaw(parseCertificatePem(pem).signature, curve) ?? new Uint8Array(64);
  const value = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
  const s = (value(curve.order) - value(raw.subarray(32))).toString(16).padStart(64, '0');
  raw.set(
    Uint8Array.from(s.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
    32,
  );
  return derToPem(sequence(tbs, algorithm, bitString(rawToDer(raw))), 'CERTIFICATE');
}

const KEY_ID_OID = '0603551d23';

function withoutKeyId(crl: string): string {
  const other = '0603551d7f';
  return derToPem(fromHex(toHex(pemToDer(crl)).replace(KEY_ID_OID, other)), 'X509 CRL');
}

// A set in place of the sequence in the extension's value.
function withUnreadableKeyId(crl: string): string {
  const hex = toHex(pemToDer(crl));
  const value = new RegExp(`(${KEY_ID_OID}04..)30`);
  expect(hex).toMatch(value);
  return derToPem(fromHex(hex.replace(value, '$131')), 'X509 CRL');
}
