// SPDX-License-Identifier: Apache-2.0
// Writers of the certificate extensions that Fabric networks use.
import { utf8 } from '../runtime/bytes.ts';
import {
  bitString,
  boolean,
  DerReader,
  element,
  integer,
  octetString,
  oid,
  sequence,
  TAG,
} from './asn1.ts';

/** One Extension: id, criticality, and the DER of its value. */
export function writeExtension(id: string, value: Uint8Array, critical = false): Uint8Array {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** SubjectAltName of host names and IPv4 addresses. */
export function writeSubjectAltName(hosts: readonly string[]): Uint8Array {
  return sequence(
    ...hosts.map((host) =>
      /^\d{1,3}(\.\d{1,3}){3}$/.test(host)
        ? element(0x87, Uint8Array.from(host.split('.'), Number))
        : element(0x82, utf8(host)),
    ),
  );
}

/** Host names and IPv4 addresses of a SubjectAltName value; other kinds of names are left out. */
export function readSubjectAltName(value: Uint8Array): string[] {
  const hosts: string[] = [];
  const names = new DerReader(value).enter(TAG.SEQUENCE);
  while (!names.done) {
    const { tag, content } = names.next();
    if (tag === 0x82) hosts.push(String.fromCharCode(...content.subarray(0, 253)));
    else if (tag === 0x87 && content.length === 4) hosts.push(content.join('.'));
  }
  return hosts;
}

export function writeBasicConstraints(isCA: boolean): Uint8Array {
  return isCA ? sequence(boolean(true)) : sequence();
}

/** KeyUsage from bits numbered as in RFC 5280 4.2.1.3 (bit 0 = digitalSignature), at most 8 of them. */
export function writeKeyUsage(bits: number): Uint8Array {
  let byte = 0;
  let unused = 7;
  for (let i = 0; i < 8; i++) {
    if (!(bits & (1 << i))) continue;
    byte |= 0x80 >> i;
    unused = 7 - i;
  }
  return bitString(Uint8Array.of(byte), unused);
}

export function writeAuthorityKeyId(keyId: Uint8Array): Uint8Array {
  return sequence(element(0x80, keyId));
}

/** A CRL number or any other INTEGER value. */
export function writeInteger(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return integer(Uint8Array.from(bytes));
}
