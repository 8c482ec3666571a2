// SPDX-License-Identifier: Apache-2.0
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import {
  X509Certificate as PeculiarCertificate,
  Pkcs10CertificateRequest,
  X509Crl,
} from '@peculiar/x509';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { common, msp } from '../protos/index.ts';
import { fromUtf8, toHex } from '../runtime/bytes.ts';
import { systemRandomBytes } from '../runtime/clock.ts';
import { readBlock } from '../testdata/mychannel.ts';
import {
  bitString,
  DerReader,
  element,
  oid,
  oidText,
  sequence,
  TAG,
  time,
  timeOf,
} from './asn1.ts';
import { createBCCSP } from './bccsp.ts';
import { CertificateAuthority } from './ca.ts';
import {
  type Certificate,
  EXTENSION_OID,
  isSignedBy,
  lowS,
  parseCertificate,
  parseCertificatePem,
  sanitizeCertificate,
} from './certificate.ts';
import { isRevocationListSignedBy, parseRevocationList } from './crl.ts';
import { createCertificateRequest, parseCertificateRequest } from './csr.ts';
import { CURVES } from './curves.ts';
import { commonName, NAME_OID, nameText, nameValues } from './distinguished-name.ts';
import { derToRaw, isLowS, rawToDer } from './ecdsa-signature.ts';
import { readSubjectAltName } from './extensions.ts';
import { decodePem, derToPem, pemToDer } from './pem.ts';

const P256 = CURVES['P-256'];

function creatorPem(block: number): string {
  const { data } = common.Block.decode(readBlock(block));
  const envelope = common.Envelope.decode(data?.data[0] ?? new Uint8Array());
  const { header } = common.Payload.decode(envelope.payload);
  const { creator } = common.SignatureHeader.decode(header?.signature_header ?? new Uint8Array());
  return fromUtf8(msp.SerializedIdentity.decode(creator).id_bytes);
}

// The certificate with s replaced by N-s: as valid for X.509, but not in Fabric's form.
function withHighS(der: Uint8Array): Uint8Array {
  const reader = new DerReader(der).enter(TAG.SEQUENCE);
  const tbs = reader.next().encoded;
  const algorithm = reader.next().encoded;
  const raw = derToRaw(parseCertificate(der).signature, P256) ?? new Uint8Array(64);
  const value = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
  const s = (value(P256.order) - value(raw.subarray(32))).toString(16).padStart(64, '0');
  const flipped = raw.slice();
  flipped.set(
    Uint8Array.from(s.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
    32,
  );
  return sequence(tbs, algorithm, bitString(rawToDer(flipped)));
}

describe('PEM', () => {
  it('writes what it read: the PEM of a real identity', () => {
    const pem = creatorPem(16);
    expect(derToPem(pemToDer(pem), 'CERTIFICATE')).toBe(pem);
  });

  it('finds the first good block and reports the rest', () => {
    const pem = derToPem(Uint8Array.of(1, 2, 3), 'X');
    const broken = '-----BEGIN X-----\n!!!!\n-----END X-----\n';
    const block = decodePem(`noise\n${broken}${pem}tail`);
    expect(block).toMatchObject({ label: 'X', der: Uint8Array.of(1, 2, 3), rest: 'tail' });
    expect(decodePem(pem.replaceAll('\n', '\r\n'))?.der).toEqual(Uint8Array.of(1, 2, 3));
    expect(decodePem('nothing')).toBeUndefined();
    expect(decodePem('-----BEGIN X-----\nAQID\n')).toBeUndefined();
    expect(() => pemToDer(pem, 'CERTIFICATE')).toThrow('not CERTIFICATE');
  });
});

describe('DER', () => {
  it('round-trips object identifiers, times and elements', () => {
    for (const id of [
      '1.2.840.10045.4.3.2',
      '2.5.29.14',
      '0.9.1',
      '2.999.3',
      '1.2.3.4.5.6.7.8.1',
    ]) {
      expect(oidText(new DerReader(oid(id)).next(TAG.OID).content)).toBe(id);
    }
    for (const year of [1950, 1999, 2026, 2049, 2050, 2120]) {
      const ms = Date.UTC(year, 11, 31, 23, 59, 58);
      expect(timeOf(new DerReader(time(ms)).next())).toBe(ms);
    }
    for (const length of [0, 127, 128, 255, 256, 65535, 65536]) {
      expect(new DerReader(element(4, new Uint8Array(length))).next(4).content).toHaveLength(
        length,
      );
    }
  });

  it('refuses indefinite, non-minimal and overlong lengths', () => {
    for (const bytes of [[4, 0x80, 0, 0], [4, 0x81, 5, 0, 0, 0, 0, 0], [4, 2, 0], [4], [0x1f, 1]]) {
      expect(() => new DerReader(Uint8Array.from(bytes)).next()).toThrow('malformed DER');
    }
  });
});

describe('parseCertificate', () => {
  it.each([1, 13, 15, 16])('reads the creator of block %i as node:crypto does', (block) => {
    const pem = creatorPem(block);
    const ours = parseCertificatePem(pem);
    const theirs = new X509Certificate(pem);
    expect(ours.serialNumber).toBe(theirs.serialNumber.toLowerCase().replace(/^0+/, ''));
    expect(nameText(ours.subject).replaceAll(', ', '\n')).toBe(theirs.subject);
    expect(nameText(ours.issuer).replaceAll(', ', '\n')).toBe(theirs.issuer);
    expect(ours.notBefore).toBe(Date.parse(theirs.validFrom));
    expect(ours.notAfter).toBe(Date.parse(theirs.validTo));
    expect(ours.isCA).toBe(theirs.ca);
    expect(ours.keyUsage).toBe(1);
    expect(ours.authorityKeyId).toHaveLength(32);
  });

  it('throws CryptoError, nothing else, on damaged bytes', () => {
    const der = pemToDer(creatorPem(16));
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, byte, cut) => {
        for (const bytes of [der.with(at, byte), der.subarray(0, cut)]) {
          try {
            parseCertificate(bytes);
          } catch (error) {
            expect(error).toMatchObject({ name: 'CryptoError' });
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('sanitizeCertificate', () => {
  it('rewrites a high-S signature and only that', async () => {
    const original = parseCertificatePem(creatorPem(16));
    expect(isLowS(derToRaw(original.signature, P256) ?? new Uint8Array(64), P256)).toBe(true);
    expect(sanitizeCertificate(original)).toBe(original);
    const high = withHighS(original.der);
    expect(high).not.toEqual(original.der);
    expect(lowS(high)).toEqual(original.der);
  });
});

describe.each(['webcrypto', 'noble'] as const)('CertificateAuthority (%s)', (kind) => {
  const bccsp = createBCCSP(kind);
  const components = { bccsp, random: systemRandomBytes };
  const notBefore = Date.UTC(2026, 0, 1);
  const notAfter = Date.UTC(2056, 0, 1);
  let ca: CertificateAuthority;
  let root: Certificate;

  beforeAll(async () => {
    const subject = { commonName: 'ca.org1.example.com', organization: 'org1.example.com' };
    ca = await CertificateAuthority.createRoot(components, { subject, notBefore, notAfter });
    root = parseCertificatePem(ca.certificate);
  });

  it('makes a self-signed root that others accept', async () => {
    expect(root).toMatchObject({ isCA: true, notBefore, notAfter });
    expect(await isSignedBy(root, root, bccsp)).toBe(true);
    const theirs = new X509Certificate(ca.certificate);
    expect(theirs.ca && theirs.verify(theirs.publicKey)).toBe(true);
  });

  it('issues what a request asked for, with OUs, attributes and hosts', async () => {
    const keys = await bccsp.generateKey({ extractable: true });
    const hosts = ['peer0.org1.example.com', '127.0.0.1'];
    const pem = await createCertificateRequest(bccsp, keys, {
      subject: { commonName: 'peer0.org1.example.com' },
      hosts,
    });
    expect(await new Pkcs10CertificateRequest(pem).verify()).toBe(true);
    const request = await parseCertificateRequest(bccsp, pem);
    expect(commonName(request.subject)).toBe('peer0.org1.example.com');
    const san = request.extensions.get(EXTENSION_OID.subjectAltName)?.value ?? new Uint8Array();
    expect(readSubjectAltName(san)).toEqual(hosts);
    const attributes = { 'hf.EnrollmentID': 'peer0', 'hf.Type': 'peer' };
    const issued = await ca.issue({
      subject: { commonName: 'peer0.org1.example.com', organizationalUnits: ['peer', 'org1'] },
      publicKey: request.publicKey,
      attributes,
      hosts,
      notBefore,
      notAfter,
    });
    const certificate = parseCertificatePem(issued);
    expect(nameValues(certificate.subject, NAME_OID.organizationalUnit)).toEqual(['peer', 'org1']);
    expect(certificate.publicKey).toEqual(keys.publicKey);
    expect(certificate.authorityKeyId).toEqual(root.subjectKeyId);
    expect(certificate.isCA).toBe(false);
    const json = certificate.extensions.get(EXTENSION_OID.attributes)?.value ?? new Uint8Array();
    expect(JSON.parse(fromUtf8(json))).toEqual({ attrs: attributes });
    expect(await isSignedBy(certificate, root, bccsp)).toBe(true);
    expect(lowS(certificate.der)).toBe(certificate.der);
    const theirs = new X509Certificate(issued);
    expect(theirs.checkIssued(new X509Certificate(ca.certificate))).toBe(true);
    expect(theirs.subjectAltName).toBe('DNS:peer0.org1.example.com, IP Address:127.0.0.1');
    const peculiar = new PeculiarCertificate(issued);
    expect(await peculiar.verify({ publicKey: new PeculiarCertificate(ca.certificate) })).toBe(
      true,
    );
  });

  it('refuses a request that another key signed', async () => {
    const keys = await bccsp.generateKey();
    const other = await bccsp.generateKey();
    const mixed = { privateKey: other.privateKey, publicKey: keys.publicKey };
    const pem = await createCertificateRequest(bccsp, mixed, { subject: { commonName: 'x' } });
    await expect(parseCertificateRequest(bccsp, pem)).rejects.toThrow('not signed by its key');
  });

  it('always signs with low S', async () => {
    const { publicKey } = await bccsp.generateKey();
    for (let i = 0; i < 8; i++) {
      const pem = await ca.issue({
        subject: { commonName: `u${i}` },
        publicKey,
        notBefore,
        notAfter,
      });
      const raw = derToRaw(parseCertificatePem(pem).signature, P256);
      expect(raw && isLowS(raw, P256)).toBe(true);
    }
  });

  it('lists revoked serial numbers', async () => {
    const revoked = [{ serialNumber: 'abc', revokedAt: notBefore }];
    const options = { thisUpdate: notBefore, nextUpdate: notAfter, number: 300 };
    const pem = await ca.revocationList(revoked, options);
    const list = parseRevocationList(new TextEncoder().encode(pem));
    expect([...list.serialNumbers]).toEqual(['abc']);
    expect(list.authorityKeyId).toEqual(root.subjectKeyId);
    expect(await isRevocationListSignedBy(list, root, bccsp)).toBe(true);
    const theirs = new X509Crl(pem);
    expect(theirs.entries.map((entry) => entry.serialNumber)).toEqual(['0abc']);
    const empty = parseRevocationList(
      new TextEncoder().encode(await ca.revocationList([], options)),
    );
    expect(empty.serialNumbers.size).toBe(0);
  });
});
