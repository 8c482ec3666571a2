// SPDX-License-Identifier: Apache-2.0
// Certificates made byte by byte. What becomes of each is what x509.ParseCertificate of Go 1.26.8 made of it.
import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNodeBCCSP } from '../../node/headless/node-bccsp.ts';
import { concat, equalBytes, utf8 } from '../runtime/bytes.ts';
import {
  bitString,
  boolean,
  element,
  integer,
  octetString,
  oid,
  sequence,
  TAG,
  time,
} from './asn1.ts';
import { createBCCSP } from './bccsp.ts';
import { type Certificate, isSignedBy, parseCertificate } from './certificate.ts';
import { CURVES } from './curves.ts';
import { NAME_OID, nameValues } from './distinguished-name.ts';
import { derToRaw, rawToDer, toLowS } from './ecdsa-signature.ts';
import { CryptoError } from './errors.ts';
import { writeExtension } from './extensions.ts';
import { isEcdsaKey, type KeyPair, publicKeyToSpki } from './keys.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const bccsp = createBCCSP();
let keys: KeyPair;
beforeAll(async () => {
  keys = await bccsp.generateKey();
});

const ALGORITHM = sequence(oid('1.2.840.10045.4.3.2'));
const NOT_BEFORE = time(Date.UTC(2026, 0, 1));
const NOT_AFTER = time(Date.UTC(2036, 0, 1));
const V3 = element(0xa0, integer(bytes(2)));
const nameOf = (value: Uint8Array): Uint8Array =>
  sequence(element(TAG.SET, sequence(oid(NAME_OID.organizationalUnit), value)));
const NAME = nameOf(element(TAG.UTF8_STRING, utf8('peer')));

interface Parts {
  readonly version?: Uint8Array;
  readonly serial?: Uint8Array;
  readonly inner?: Uint8Array;
  readonly outer?: Uint8Array;
  readonly notBefore?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly spki?: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
  readonly afterTbs?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly after?: Uint8Array;
  readonly behind?: Uint8Array;
}

const NONE = new Uint8Array();

function build(parts: Parts = {}): Uint8Array {
  const { version = V3, serial = integer(bytes(5)), inner = ALGORITHM, outer = ALGORITHM } = parts;
  const { notBefore = NOT_BEFORE, subject = NAME, extensions = [] } = parts;
  const { spki = publicKeyToSpki(keys.publicKey), signature = bitString(bytes(0x30, 0)) } = parts;
  const { afterTbs = NONE, after = NONE, behind = NONE } = parts;
  const validity = sequence(notBefore, NOT_AFTER);
  const wrapped = extensions.length > 0 ? element(0xa3, sequence(...extensions)) : NONE;
  const tbs = sequence(version, serial, inner, NAME, validity, subject, spki, wrapped, afterTbs);
  return concat(sequence(tbs, outer, signature, after), behind);
}

const outcome = (parts: Parts): string => {
  try {
    return parseCertificate(build(parts)).hasUnhandledCritical ? 'unhandled' : 'valid';
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return 'invalid';
  }
};
const utcTime = (text: string): Uint8Array => element(TAG.UTC_TIME, ascii(text));
const unit = (tag: number, ...value: readonly number[]): Parts => ({
  subject: nameOf(element(tag, bytes(...value))),
});
const extension = (id: string, value: Uint8Array, critical = false): Parts => ({
  extensions: [writeExtension(id, value, critical)],
});
const altName = (tag: number, value: string | Uint8Array, critical = false): Parts =>
  extension(
    '2.5.29.17',
    sequence(element(tag, typeof value === 'string' ? ascii(value) : value)),
    critical,
  );
const constraint = (tag: number, value: string | Uint8Array): Parts => {
  const name = element(tag, typeof value === 'string' ? ascii(value) : value);
  return extension('2.5.29.30', sequence(element(0xa0, sequence(name))));
};
const rawOid = (...value: readonly number[]): Uint8Array => element(TAG.OID, bytes(...value));

describe('a certificate', () => {
  it.each<[string, string, Parts]>([
    ['the usual form', 'valid', {}],
    ['a negative serial number', 'invalid', { serial: element(2, bytes(0x80)) }],
    ['a serial number with a zero in front', 'invalid', { serial: element(2, bytes(0, 1)) }],
    ['version 4', 'invalid', { version: element(0xa0, integer(bytes(3))) }],
    ['no version', 'valid', { version: NONE }],
    ['two signature algorithms', 'invalid', { outer: sequence(oid('1.2.840.10045.4.3.3')) }],
    ['an element after the signature', 'valid', { after: integer(bytes(1)) }],
    ['an element after the extensions', 'valid', { afterTbs: octetString(NONE) }],
    ['a byte behind it', 'invalid', { behind: bytes(0) }],
    ['a signature of bits that do not count', 'invalid', { signature: element(3, bytes(2, 1)) }],
    ['UTCTime without seconds', 'valid', { notBefore: utcTime('2601010000Z') }],
    ['UTCTime of another zone', 'valid', { notBefore: utcTime('260101000000+0100') }],
    ['UTCTime of the zone +0000', 'invalid', { notBefore: utcTime('260101000000+0000') }],
    ['UTCTime without a zone', 'invalid', { notBefore: utcTime('260101000000') }],
    ['February 29 of 2026', 'invalid', { notBefore: utcTime('260229000000Z') }],
  ])('with %s is %s', (_, expected, parts) => expect(outcome(parts)).toBe(expected));

  it('reads times of other zones, and two digits of a year as RFC 5280 has them', () => {
    const notBefore = (text: string): string =>
      new Date(parseCertificate(build({ notBefore: utcTime(text) })).notBefore).toISOString();
    expect(notBefore('260101000000+0130')).toBe('2025-12-31T22:30:00.000Z');
    expect(notBefore('2601010000-0030')).toBe('2026-01-01T00:30:00.000Z');
    expect(notBefore('490101000000Z')).toBe('2049-01-01T00:00:00.000Z');
    expect(notBefore('500101000000Z')).toBe('1950-01-01T00:00:00.000Z');
  });

  it('has no extensions before version 3', () => {
    const parts = extension('2.5.29.19', sequence(boolean(true)));
    expect(parseCertificate(build(parts)).isCA).toBe(true);
    expect(parseCertificate(build({ ...parts, version: NONE })).isCA).toBe(false);
  });

  it('takes bit strings that do not end with a byte, as the numbers that they are', () => {
    // Shifted to the left by two bits that are zero.
    const signature = element(3, bytes(2, 0xc0, 0x04));
    expect(parseCertificate(build({ signature })).signature).toEqual(bytes(0x30, 0x01));
  });

  it('is not one when its key is not on its curve', () => {
    const { point } = keys.publicKey;
    const off = point.with(64, (point[64] ?? 0) ^ 1);
    const spki = publicKeyToSpki({ ...keys.publicKey, point: off });
    expect(outcome({ spki })).toBe('invalid');
  });

  it('is signed in the one form that a signature has', async () => {
    const tbs = build();
    const signature = await bccsp.sign(keys.privateKey, tbs);
    const signed = (over: Uint8Array): Promise<boolean> => {
      const certificate: Certificate = { ...parseCertificate(build()), tbs, signature: over };
      return isSignedBy(certificate, { publicKey: keys.publicKey }, bccsp);
    };
    expect(await signed(signature)).toBe(true);
    expect(await signed(concat(signature, bytes(0)))).toBe(false);
  });
});

describe('a name', () => {
  it.each<[string, string, Parts]>([
    ['an OCTET STRING', 'invalid', unit(0x04, 0x61)],
    ['a VisibleString', 'invalid', unit(0x1a, 0x61)],
    ['a BMPString of odd length', 'invalid', unit(0x1e, 0, 0x61, 0)],
    ['a BMPString with a surrogate', 'invalid', unit(0x1e, 0xd8, 0, 0xdc, 0)],
    ['a BMPString with U+FFFE', 'invalid', unit(0x1e, 0xff, 0xfe)],
    ['an IA5String above 127', 'invalid', unit(0x16, 0x80)],
    ['a NumericString with a letter', 'invalid', unit(0x12, 0x31, 0x61)],
    ['a NumericString with a space', 'valid', unit(0x12, 0x31, 0x20)],
    ['a PrintableString with @', 'invalid', unit(0x13, 0x40)],
    ['a PrintableString with _', 'invalid', unit(0x13, 0x5f)],
    ['a PrintableString with * and &', 'valid', unit(0x13, 0x2a, 0x26)],
    ['UTF-8 that ends early', 'invalid', unit(0x0c, 0xc3)],
    ['UTF-8 of a surrogate', 'invalid', unit(0x0c, 0xed, 0xa0, 0x80)],
  ])('with %s is %s', (_, expected, parts) => expect(outcome(parts)).toBe(expected));

  it.each<[string, Parts, string]>([
    ['T61', unit(0x14, 0xe9, 0x41), 'éA'],
    ['BMP, without its terminator', unit(0x1e, 0, 0x61, 0, 0), 'a'],
    ['BMP with a byte order mark', unit(0x1e, 0xfe, 0xff, 0, 0x61), '\ufeffa'],
    ['UTF-8 with a byte order mark', unit(0x0c, 0xef, 0xbb, 0xbf, 0x61), '\ufeffa'],
  ])('in %s', (_, parts, expected) => {
    const { subject } = parseCertificate(build(parts));
    expect(nameValues(subject, NAME_OID.organizationalUnit)).toEqual([expected]);
  });
});

describe('extensions', () => {
  it.each<[string, string, Parts]>([
    ['an unknown one', 'valid', extension('1.2.3', NONE)],
    ['an unknown critical one', 'unhandled', extension('1.2.3', NONE, true)],
    [
      'a flag that is neither',
      'invalid',
      { extensions: [sequence(oid('1.2.3'), element(1, bytes(1)), octetString(NONE))] },
    ],
    ['a critical subject key id', 'invalid', extension('2.5.29.14', octetString(bytes(1)), true)],
    [
      'a critical authority key id',
      'invalid',
      extension('2.5.29.35', sequence(element(0x80, bytes(1))), true),
    ],
    [
      'key usage with padding bits set',
      'invalid',
      extension('2.5.29.15', element(3, bytes(7, 0x81))),
    ],
    ['garbage in key usage', 'invalid', extension('2.5.29.15', octetString(NONE))],
    [
      'a CA flag that is neither',
      'invalid',
      extension('2.5.29.19', sequence(element(1, bytes(1)))),
    ],
    [
      'a path length of eight bytes',
      'valid',
      extension('2.5.29.19', sequence(boolean(true), element(2, bytes(0x7f, 1, 1, 1, 1, 1, 1, 1)))),
    ],
    [
      'a negative path length',
      'invalid',
      extension('2.5.29.19', sequence(boolean(true), element(2, bytes(0x80)))),
    ],
    ['an empty extended key usage', 'valid', extension('2.5.29.37', sequence())],
    [
      'garbage in extended key usage',
      'invalid',
      extension('2.5.29.37', sequence(integer(bytes(1)))),
    ],
    [
      'an arc of an OID that is too big',
      'invalid',
      extension('2.5.29.37', sequence(rawOid(0x2a, 0x90, 0x80, 0x80, 0x80, 0))),
    ],
    [
      'an arc with zeros in front',
      'invalid',
      extension('2.5.29.37', sequence(rawOid(0x2a, 0x80, 1))),
    ],
    ['critical inhibitAnyPolicy', 'valid', extension('2.5.29.54', integer(bytes(1)), true)],
    [
      'critical policyMappings',
      'valid',
      extension('2.5.29.33', sequence(sequence(oid('1.2.3'), oid('1.2.4'))), true),
    ],
    [
      'garbage in policyMappings',
      'invalid',
      extension('2.5.29.33', sequence(sequence(oid('1.2.3')))),
    ],
    [
      'critical policyConstraints',
      'valid',
      extension('2.5.29.36', sequence(element(0x80, bytes(0))), true),
    ],
    ['garbage in policies', 'invalid', extension('2.5.29.32', octetString(NONE))],
    [
      'a policy twice',
      'invalid',
      extension('2.5.29.32', sequence(sequence(oid('1.2.3')), sequence(oid('1.2.3')))),
    ],
    [
      'garbage in authority info access',
      'invalid',
      extension('1.3.6.1.5.5.7.1.1', octetString(NONE)),
    ],
    ['critical authority info access', 'invalid', extension('1.3.6.1.5.5.7.1.1', sequence(), true)],
    ['garbage in CRL distribution points', 'invalid', extension('2.5.29.31', octetString(NONE))],
    ['empty name constraints', 'invalid', extension('2.5.29.30', sequence())],
    ['garbage in name constraints', 'invalid', extension('2.5.29.30', octetString(NONE))],
    ['a constraint of a DNS name', 'valid', constraint(0x82, '.a.b')],
    ['a constraint of a broken DNS name', 'invalid', constraint(0x82, 'a..b')],
    ['a constraint of a mailbox', 'valid', constraint(0x81, '"a b"@c')],
    ['a constraint of a broken mailbox', 'invalid', constraint(0x81, 'a..b@c')],
    [
      'a constraint of an address range',
      'valid',
      constraint(0x87, bytes(10, 0, 0, 0, 255, 128, 0, 0)),
    ],
    ['a constraint of no range', 'invalid', constraint(0x87, bytes(10, 0, 0, 0, 255, 0, 255, 0))],
    ['a URI constraint that is an address', 'invalid', constraint(0x86, '1.2.3.4')],
  ])('with %s are %s', (_, expected, parts) => expect(outcome(parts)).toBe(expected));

  it.each<[string, string, Parts]>([
    ['a DNS name', 'valid', altName(0x82, 'a..b')],
    ['a DNS name above ASCII', 'invalid', altName(0x82, bytes(0xc3, 0xa9))],
    ['an e-mail address above ASCII', 'invalid', altName(0x81, bytes(0xc3, 0xa9))],
    ['an address of three bytes', 'invalid', altName(0x87, bytes(1, 2, 3))],
    ['a directory name alone', 'valid', altName(0xa4, NONE)],
    ['a directory name alone, critical', 'unhandled', altName(0xa4, NONE, true)],
    ['garbage', 'invalid', extension('2.5.29.17', octetString(NONE))],
  ])('with %s as other names are %s', (_, expected, parts) =>
    expect(outcome(parts)).toBe(expected),
  );

  it.each([
    '',
    '*',
    'mailto:x',
    'a/b',
    '///a',
    'b:c/d',
    'http://a.b/c?%zz',
    'http://[::1%25en0]:80/',
    'http://[::ffff:1.2.3.4]/',
    'http://u:p@a/',
    'http://a@b@c/',
    'http://<a>/',
    'x://a:b:1/',
  ])('take the URI %j', (uri) => expect(outcome(altName(0x86, uri))).toBe('valid'));

  it.each([
    ':a',
    '1a:b',
    '%zz',
    'http://a/%zz',
    'http://a/#%zz',
    'http://a\x01/',
    'http://a..b/',
    'http://[::1/',
    'http://a[::1]/',
    'http://[1.2.3.4]/',
    'http://1.2.3.4:80x/',
    'HTTP://a:1:2/',
    'http://a%41/',
    'http://a%80/',
    'http://u p@a/',
    'http://a b/',
  ])('do not take the URI %j', (uri) => expect(outcome(altName(0x86, uri))).toBe('invalid'));
});

describe('a key', () => {
  const CURVE_NAMES = {
    'P-224': 'secp224r1',
    'P-256': 'P-256',
    'P-384': 'P-384',
    'P-521': 'P-521',
  };

  it.each(Object.entries(CURVE_NAMES))('on %s is read, and verifies', async (curve, namedCurve) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    const spki = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
    const { publicKey: key } = parseCertificate(build({ spki }));
    if (!isEcdsaKey(key)) throw new Error('not ECDSA');
    expect(key.curve).toBe(curve);
    const message = ascii('message');
    const high = Uint8Array.from(sign('SHA256', message, privateKey));
    const { [key.curve]: parameters } = CURVES;
    const low = rawToDer(toLowS(derToRaw(high, parameters) ?? NONE, parameters));
    const altered = ascii('messages');
    for (const one of [bccsp, createBCCSP('noble'), createNodeBCCSP()]) {
      expect(await one.verify(key, message, low)).toBe(true);
      expect(await one.verify(key, altered, low)).toBe(false);
      expect(await one.verify(key, message, high)).toBe(equalBytes(high, low));
      expect(await one.verify(key, message, high, { allowHighS: true })).toBe(true);
      await expect(one.checkKey(key)).resolves.toBeUndefined();
    }
  });
});
