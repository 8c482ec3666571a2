// SPDX-License-Identifier: Apache-2.0
// X.501 names: read, written, and shown.
import { fromUtf8 } from '../runtime/bytes.ts';
import { DerReader, directoryString, element, oid, oidText, sequence, TAG } from './asn1.ts';

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

function text(tag: number, content: Uint8Array): string {
  if (tag === TAG.BMP_STRING) return new TextDecoder('utf-16be').decode(content);
  if (tag === TAG.TELETEX_STRING) return new TextDecoder('latin1').decode(content);
  return fromUtf8(content);
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
