// SPDX-License-Identifier: Apache-2.0
// CAs and members with the kinds of keys, and definitions with the hashes, that real peers and orderers take.
import 'reflect-metadata';
import { createHash, KeyObject, sign } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNodeBCCSP } from '../../node/headless/node-bccsp.ts';
import { contextTag, element, sequence } from '../crypto/asn1.ts';
import { CURVES, createBCCSP, derToRaw, rawToDer, toLowS } from '../crypto/index.ts';
import { msp } from '../protos/index.ts';
import { toHex, utf8 } from '../runtime/bytes.ts';
import { createMSPConfig, type MSPDefinition } from './config-builder.ts';
import { MSP, type MSPVersion, serializeIdentity } from './index.ts';
import { YEAR_2026, YEAR_2036 } from './testing/organisation.ts';
import { MSPRoleType, role } from './testing/principals.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const P521 = { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' };
const ED25519 = { name: 'Ed25519' };
const rsa = (hash: string, modulusLength = 2048) => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash,
  modulusLength,
  publicExponent: Uint8Array.of(1, 0, 1),
});

type Algorithm = { readonly name: string };
const validity = { notBefore: new Date(YEAR_2026), notAfter: new Date(YEAR_2036) };
const bccsp = createBCCSP();

function keysOf(algorithm: Algorithm): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm as EcKeyGenParams, true, [
    'sign',
    'verify',
  ]) as Promise<CryptoKeyPair>;
}

interface Authority {
  readonly keys: CryptoKeyPair;
  readonly pem: string;
  member(
    algorithm: Algorithm,
    subject?: string,
    names?: x509.JsonGeneralNames,
  ): Promise<{ pem: string; keys: CryptoKeyPair }>;
}

async function createCA(
  algorithm: Algorithm,
  given?: CryptoKeyPair,
  constraints?: Uint8Array,
): Promise<Authority> {
  const keys = given ?? (await keysOf(algorithm));
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: given ? '03' : '01',
    name: 'CN=ca',
    keys,
    signingAlgorithm: algorithm as EcdsaParams,
    ...validity,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(constraints ? [new x509.Extension('2.5.29.30', true, Uint8Array.from(constraints))] : []),
    ],
  });
  return {
    keys,
    pem: root.toString('pem'),
    member: async (kind, subject = 'CN=p q,OU=peer', names) => {
      const own = await keysOf(kind);
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: '02',
        subject,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm as EcdsaParams,
        ...validity,
        ...(names && { extensions: [new x509.SubjectAlternativeNameExtension(names)] }),
      });
      return { pem: certificate.toString('pem'), keys: own };
    },
  };
}

interface Changes {
  readonly family?: string;
  readonly identifier?: string;
  readonly version?: MSPVersion;
  readonly definition?: Partial<MSPDefinition>;
}

function mspOf(
  rootPem: string,
  { family, identifier, version, definition }: Changes = {},
): Promise<MSP> {
  const bytes = createMSPConfig({
    mspId: 'Org1MSP',
    rootCerts: [rootPem],
    nodeOUsCertificate: rootPem,
    ...definition,
  });
  const { type, config } = msp.MSPConfig.decode(bytes);
  const fabric = msp.FabricMSPConfig.decode(config);
  const changed = msp.FabricMSPConfig.encode({
    ...fabric,
    crypto_config: {
      signature_hash_family: family ?? '',
      identity_identifier_hash_function: identifier ?? '',
    },
  }).finish();
  return MSP.create(msp.MSPConfig.encode({ type, config: changed }).finish(), bccsp, version);
}

const identityOf = (provider: MSP, pem: string) =>
  provider.identity(utf8(pem), serializeIdentity('Org1MSP', pem));

describe('a CA', () => {
  it.each([
    ['ECDSA P-521', P521],
    ['RSA SHA-256', rsa('SHA-256')],
    ['RSA SHA-384', rsa('SHA-384')],
    ['RSA SHA-512', rsa('SHA-512', 1024)],
    ['Ed25519', ED25519],
  ])('may have a key of %s, and its members are valid', async (_, algorithm) => {
    const [ca, impostor] = await Promise.all([createCA(algorithm), createCA(algorithm)]);
    const { pem } = await ca.member(P256);
    const provider = await mspOf(ca.pem, { definition: { tlsRootCerts: [ca.pem] } });
    const identity = await identityOf(provider, pem);
    await expect(identity.validate()).resolves.toBeUndefined();
    expect(await identity.satisfiesPrincipal(role('Org1MSP', MSPRoleType.PEER))).toBe(true);
    const foreign = await impostor.member(P256);
    await expect(identityOf(provider, foreign.pem)).rejects.toThrow('unknown authority');
  });

  it('does not sign with SHA-1', async () => {
    const ca = await createCA(rsa('SHA-1'));
    const { pem } = await ca.member(P256);
    const provider = await mspOf(ca.pem);
    await expect(identityOf(provider, pem)).rejects.toThrow('unknown authority');
  });

  it('may stand twice in a definition', async () => {
    const ca = await createCA(P256);
    const { pem } = await ca.member(P256);
    const provider = await mspOf(ca.pem, { definition: { rootCerts: [ca.pem, ca.pem] } });
    await expect((await identityOf(provider, pem)).validate()).resolves.toBeUndefined();
  });

  it('with two certificates makes two chains, which is one too many', async () => {
    const ca = await createCA(P256);
    const again = await createCA(P256, ca.keys);
    const { pem } = await ca.member(P256);
    const provider = await mspOf(ca.pem, { definition: { rootCerts: [ca.pem, again.pem] } });
    await expect(identityOf(provider, pem)).rejects.toThrow('single validation chain');
  });

  it('of TLS is checked without a root, too', async () => {
    const ca = await createCA(P256);
    const config = createMSPConfig({
      mspId: 'Org1MSP',
      rootCerts: [ca.pem],
      nodeOUsCertificate: '',
    });
    const { type, config: bytes } = msp.MSPConfig.decode(config);
    const fabric = { ...msp.FabricMSPConfig.decode(bytes), tls_intermediate_certs: [utf8(ca.pem)] };
    const changed = msp.FabricMSPConfig.encode(fabric).finish();
    const created = MSP.create(msp.MSPConfig.encode({ type, config: changed }).finish(), bccsp);
    await expect(created).rejects.toThrow('unknown authority');
  });
});

describe('a member', () => {
  let ca: Authority;
  beforeAll(async () => {
    ca = await createCA(P256);
  });

  it('may have an Ed25519 key from channel capability V3_0 on', async () => {
    const { pem, keys } = await ca.member(ED25519);
    const before = await identityOf(await mspOf(ca.pem), pem);
    await expect(before.validate()).rejects.toThrow('kind of key is not supported');
    // The family is of ECDSA's hashes: it does not matter here.
    const provider = await mspOf(ca.pem, { version: 'V3_0', family: 'SHA9' });
    const identity = await identityOf(provider, pem);
    await expect(identity.validate()).resolves.toBeUndefined();
    const signature = new Uint8Array(
      await crypto.subtle.sign('Ed25519', keys.privateKey, utf8('message')),
    );
    const { publicKey } = identity.certificate;
    for (const one of [bccsp, createBCCSP('noble'), createNodeBCCSP()]) {
      expect(await one.verify(publicKey, utf8('message'), signature)).toBe(true);
      expect(await one.verify(publicKey, utf8('massage'), signature)).toBe(false);
      expect(await one.verify(publicKey, utf8('message'), signature.subarray(1))).toBe(false);
    }
    expect(await identity.verify(utf8('message'), signature)).toBe(true);
  });

  it('with an RSA key is none, and signs nothing', async () => {
    const { pem, keys } = await ca.member(rsa('SHA-256'));
    const identity = await identityOf(await mspOf(ca.pem, { version: 'V3_0' }), pem);
    await expect(identity.validate()).rejects.toThrow('kind of key is not supported');
    const signed = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', keys.privateKey, utf8('m'));
    expect(await identity.verify(utf8('m'), new Uint8Array(signed))).toBe(false);
  });
});

describe('a definition', () => {
  let ca: Authority;
  let pem: string;
  let key: KeyObject;

  beforeAll(async () => {
    ca = await createCA(P256);
    const member = await ca.member(P256);
    pem = member.pem;
    key = KeyObject.from(member.keys.privateKey);
  });

  function signed(hash: string, message: Uint8Array): Uint8Array {
    const curve = CURVES['P-256'];
    const raw = derToRaw(Uint8Array.from(sign(hash, message, key)), curve) ?? new Uint8Array(64);
    return rawToDer(toLowS(raw, curve));
  }

  it.each([
    ['SHA2', { sha256: true, 'sha3-256': false }],
    ['SHA3', { sha256: false, 'sha3-256': true }],
    ['SHA9', { sha256: false, 'sha3-256': false }],
  ])('with signatures of family %s takes those and no others', async (family, outcomes) => {
    const identity = await identityOf(await mspOf(ca.pem, { family }), pem);
    await expect(identity.validate()).resolves.toBeUndefined();
    for (const [hash, outcome] of Object.entries(outcomes)) {
      expect(await identity.verify(utf8('m'), signed(hash, utf8('m'))), hash).toBe(outcome);
    }
    const { publicKey } = identity.certificate;
    const signature = signed('sha3-256', utf8('m'));
    for (const one of [bccsp, createBCCSP('noble'), createNodeBCCSP()]) {
      expect(await one.verify(publicKey, utf8('m'), signature, { hash: 'SHA3-256' })).toBe(true);
      expect(await one.verify(publicKey, utf8('n'), signature, { hash: 'SHA3-256' })).toBe(false);
    }
  });

  it.each([
    ['SHA256', 'sha256'],
    ['SHA384', 'sha384'],
    ['SHA3_256', 'sha3-256'],
    ['SHA3_384', 'sha3-384'],
  ])('identifies certificates and chains by %s', async (identifier, name) => {
    const identity = await identityOf(await mspOf(ca.pem, { identifier }), pem);
    await expect(identity.validate()).resolves.toBeUndefined();
    const digest = (bytes: Uint8Array) => createHash(name).update(bytes).digest('hex');
    expect(identity.id).toBe(digest(identity.certificate.der));
    const [unit] = await identity.msp.organizationalUnits(identity);
    const root = identity.chain[1]?.der ?? new Uint8Array();
    expect(toHex(unit?.certifiersId ?? new Uint8Array())).toBe(digest(root));
  });

  it('with identifiers that nobody knows is refused, and so is one that holds a key', async () => {
    await expect(mspOf(ca.pem, { identifier: 'SHA1' })).rejects.toMatchObject({
      code: 'MSP_CONFIG',
    });
    const { type, config } = msp.MSPConfig.decode(
      createMSPConfig({ mspId: 'Org1MSP', rootCerts: [ca.pem], nodeOUsCertificate: '' }),
    );
    const signing_identity = { public_signer: utf8(pem), private_signer: null };
    const changed = { ...msp.FabricMSPConfig.decode(config), signing_identity };
    const bytes = msp.FabricMSPConfig.encode(changed).finish();
    const created = MSP.create(msp.MSPConfig.encode({ type, config: bytes }).finish(), bccsp);
    await expect(created).rejects.toThrow('signing identity');
  });
});

describe('a CA with name constraints', () => {
  const subtree = (tag: number, content: Uint8Array) => sequence(element(tag, content));
  const [EMAIL, DNS, URI, IP] = [0x81, 0x82, 0x86, 0x87] as const;
  const range = Uint8Array.of(10, 1, 0, 0, 255, 255, 0, 0);
  const constraints = sequence(
    element(
      contextTag(0),
      subtree(DNS, utf8('example.com')),
      subtree(IP, range),
      subtree(EMAIL, utf8('Ana@example.com')),
      subtree(URI, utf8('.example.com')),
    ),
    element(contextTag(1), subtree(DNS, utf8('secret.example.com')), subtree(EMAIL, utf8('x.org'))),
  );
  let ca: Authority;
  beforeAll(async () => {
    ca = await createCA(P256, undefined, constraints);
  });

  const isTaken = async (subject: string, names?: x509.JsonGeneralNames): Promise<boolean> => {
    const { pem } = await ca.member(P256, subject, names);
    const provider = await mspOf(ca.pem);
    return identityOf(provider, pem).then(
      () => true,
      () => false,
    );
  };

  // Each outcome is that of x509.Certificate.Verify of Go 1.26.8 for the same names.
  it.each([
    ['dns', 'example.com', true],
    ['dns', 'Peer0.EXAMPLE.com', true],
    ['dns', 'anexample.com', false],
    ['dns', 'example.org', false],
    ['dns', 'secret.example.com', false],
    ['dns', 'a.secret.example.com', false],
    ['dns', '*.example.com', false],
    ['dns', '*.a.example.com', true],
    ['ip', '10.1.2.3', true],
    ['ip', '10.2.2.3', false],
    ['email', 'Ana@EXAMPLE.com', true],
    ['email', 'ana@example.com', false],
    ['email', 'a@x.org', false],
    ['url', 'https://a.example.com:7/x', true],
    ['url', 'https://example.com/', false],
    ['url', 'https://10.1.2.3/', false],
    ['url', 'urn:x', false],
  ] as const)('judges %s %s', async (type, value, outcome) => {
    expect(await isTaken('CN=a b,OU=peer', [{ type, value }])).toBe(outcome);
  });

  it('refuses a host’s common name in place of alternative names, as Fabric does', async () => {
    expect(await isTaken('CN=peer0.example.com,OU=peer')).toBe(false);
    expect(await isTaken('CN=peer 0,OU=peer')).toBe(true);
    expect(await isTaken('CN=peer0.org,OU=peer', [{ type: 'dns', value: 'example.com' }])).toBe(
      true,
    );
  });
});
