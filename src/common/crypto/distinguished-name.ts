// SPDX-License-Identifier: Apache-2.0
// X.501 names: read, written, and shown.
import { fromUtf8Strict } from '../runtime/bytes.ts';
import { DerReader, directoryString, element, oid, oidText, sequence, TAG } from './asn1.ts';
import { CryptoError } from './errors.ts';

export interface NameAttribute {
  /** Dotted OID. */
  readonly type: string;
  readonly value: string;
}

export interface DistinguishedName {
  /** The whole Name; names are compared by these bytes, as Go does. */
  readonly der: Uint8Array;
  readonly attributes: readonly NameAttribute[];
}

export const NAME_OID = Object.freeze({
  commonName: '2.5.4.3',
  country: '2.5.4.6',
  locality: '2.5.4.7',
  province: '2.5.4.8',
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
});

const SHORT: Readonly<Record<string, string>> = {
  [NAME_OID.commonName]: 'CN',
  [NAME_OID.country]: 'C',
  [NAME_OID.locality]: 'L',
  [NAME_OID.province]: 'ST',
  [NAME_OID.organization]: 'O',
  [NAME_OID.organizationalUnit]: 'OU',
};

/** Fields of a name to write; order of the result is C, ST, L, O, OU…, CN. */
export interface NameFields {
  readonly commonName?: string;
  readonly country?: string;
  readonly province?: string;
  readonly locality?: string;
  readonly organization?: string;
  readonly organizationalUnits?: readonly string[];
}

export function parseName(encoded: Uint8Array): DistinguishedName {
  const attributes: NameAttribute[] = [];
  const rdns = new DerReader(encoded).enter(TAG.SEQUENCE);
  while (!rdns.done) {
    const set = rdns.enter(TAG.SET);
    while (!set.done) {
      const pair = set.enter(TAG.SEQUENCE);
      const type = oidText(pair.next(TAG.OID).content);
      const { tag, content } = pair.next();
      attributes.push({ type, value: text(tag, content) });
    }
  }
  return { der: encoded, attributes };
}

// parseASN1String of Go's crypto/x509/parser.go; throws for every other type, and for what a type cannot hold.
function text(tag: number, content: Uint8Array): string {
  if (tag === TAG.UTF8_STRING) return utf8Text(content);
  if (tag === TAG.BMP_STRING) return ucs2Text(content);
  const latin = String.fromCharCode(...content);
  if (tag === TAG.TELETEX_STRING || CHARACTERS[tag]?.test(latin)) return latin;
  throw malformed(`string of type 0x${tag.toString(16)}`);
}

const CHARACTERS: Readonly<Record<number, RegExp>> = {
  [TAG.PRINTABLE_STRING]: /^[a-zA-Z0-9'()+,\-./ :=?*&]*$/,
  [TAG.IA5_STRING]: /^[\0-\x7f]*$/,
  [TAG.NUMERIC_STRING]: /^[0-9 ]*$/,
};

// A terminator at the end is left out; surrogates and what is no character are refused.
function ucs2Text(content: Uint8Array): string {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const units = Array.from({ length: content.length >> 1 }, (_, i) => view.getUint16(2 * i));
  if (units.at(-1) === 0) units.pop();
  const whole = String.fromCharCode(...units);
  if (content.length % 2 || /[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/.test(whole))
    throw malformed('BMPString');
  return whole;
}

function utf8Text(content: Uint8Array): string {
  try {
    return fromUtf8Strict(content);
  } catch {
    throw malformed('UTF8String');
  }
}

function malformed(what: string): CryptoError {
  return new CryptoError('ASN1_MALFORMED', `malformed ${what}`);
}

/** All values of one attribute type, in order. */
export function nameValues(name: DistinguishedName, type: string): string[] {
  return name.attributes.filter((a) => a.type === type).map((a) => a.value);
}

/** The last CN, as Go's pkix.Name keeps it; empty when there is none. */
export function commonName(name: DistinguishedName): string {
  return nameValues(name, NAME_OID.commonName).at(-1) ?? '';
}

/** `C=US, O=…, CN=…`, for people. */
export function nameText(name: DistinguishedName): string {
  return name.attributes.map((a) => `${SHORT[a.type] ?? a.type}=${a.value}`).join(', ');
}

export function writeName(fields: NameFields): Uint8Array<ArrayBuffer> {
  const pairs: [string, string | undefined][] = [
    [NAME_OID.country, fields.country],
    [NAME_OID.province, fields.province],
    [NAME_OID.locality, fields.locality],
    [NAME_OID.organization, fields.organization],
    ...(fields.organizationalUnits ?? []).map((ou): [string, string] => [
      NAME_OID.organizationalUnit,
      ou,
    ]),
    [NAME_OID.commonName, fields.commonName],
  ];
  const rdns = pairs.flatMap(([type, value]) =>
    value === undefined ? [] : [element(TAG.SET, sequence(oid(type), directoryString(value)))],
  );
  return sequence(...rdns);
}
