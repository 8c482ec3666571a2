// SPDX-License-Identifier: Apache-2.0
// The extensions of a certificate, read as Go 1.26 reads them (processExtensions of crypto/x509/parser.go): whatever Go does not parse makes
// the certificate none, and a critical extension that it does not handle makes every chain through it invalid. A peer that judged one of them
// otherwise than Fabric's would have another ledger.
import { toHex } from '../runtime/bytes.ts';
import { bitsOf, contextTag, DerReader, isTrue, oidText, signedInteger, TAG } from './asn1.ts';
import { CryptoError } from './errors.ts';
import { isDomain, isMailbox, uriHost } from './general-names.ts';

export const EXTENSION_OID = Object.freeze({
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  /** Fabric CA's attributes: JSON `{"attrs":{…}}`. */
  attributes: '1.2.3.4.5.6.7.8.1',
});

export interface Extension {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** What extensions say of a certificate. */
export interface KnownExtensions {
  readonly isCA: boolean;
  /** pathLenConstraint, when there is one. */
  readonly maxPathLength: number | undefined;
  /** Bits as in RFC 5280 4.2.1.3, bit 0 = digitalSignature; undefined when the extension is absent. */
  readonly keyUsage: number | undefined;
  readonly subjectKeyId: Uint8Array | undefined;
  readonly authorityKeyId: Uint8Array | undefined;
  /** Dotted OIDs; none when the extension is absent or empty, which allow the same. */
  readonly extendedKeyUsages: readonly string[];
  /** Whether there is a critical extension that Go does not handle. */
  readonly hasUnhandledCritical: boolean;
}

type Draft = { -readonly [Name in keyof KnownExtensions]: KnownExtensions[Name] };

/** Context-specific primitive tags of a GeneralName. */
const NAME = Object.freeze({ email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 });

function invalid(what: string): CryptoError {
  return new CryptoError('ASN1_MALFORMED', `invalid ${what}`);
}

/** The Extensions sequence; a repeated extension is refused. */
export function parseExtensions(wrapped: Uint8Array): Map<string, Extension> {
  const extensions = new Map<string, Extension>();
  const list = new DerReader(wrapped).enter(TAG.SEQUENCE);
  while (!list.done) {
    const extension = list.enter(TAG.SEQUENCE);
    const id = oidText(extension.next(TAG.OID).content);
    const flag = extension.optional(TAG.BOOLEAN);
    const critical = flag !== undefined && isTrue(flag.content);
    const value = extension.next(TAG.OCTET_STRING).content;
    if (extensions.has(id)) throw invalid(`extension ${id}: it is there twice`);
    extensions.set(id, { critical, value });
  }
  return extensions;
}

/** Throws CryptoError when one of them is malformed. */
export function knownExtensions(extensions: ReadonlyMap<string, Extension>): KnownExtensions {
  const known: Draft = {
    isCA: false,
    maxPathLength: undefined,
    keyUsage: undefined,
    subjectKeyId: undefined,
    authorityKeyId: undefined,
    extendedKeyUsages: [],
    hasUnhandledCritical: false,
  };
  for (const [id, { critical, value }] of extensions) {
    const read = READERS[id];
    if (critical && NEVER_CRITICAL.has(id)) throw invalid(`extension ${id}: it is critical`);
    const isHandled = read !== undefined && read(new DerReader(value), known) !== UNHANDLED;
    if (critical && !isHandled) known.hasUnhandledCritical = true;
  }
  return known;
}

const UNHANDLED = Symbol('unhandled');
type ExtensionReader = (value: DerReader, known: Draft) => typeof UNHANDLED | undefined;

const AUTHORITY_INFO_ACCESS = '1.3.6.1.5.5.7.1.1';
const NEVER_CRITICAL: ReadonlySet<string> = new Set([
  EXTENSION_OID.subjectKeyId,
  EXTENSION_OID.authorityKeyId,
  AUTHORITY_INFO_ACCESS,
]);

const READERS: Readonly<Record<string, ExtensionReader>> = {
  [EXTENSION_OID.keyUsage]: (value, known) => {
    known.keyUsage = keyUsageBits(value.next(TAG.BIT_STRING).content);
    return undefined;
  },
  [EXTENSION_OID.basicConstraints]: (value, known) => {
    const constraints = value.enter(TAG.SEQUENCE);
    const flag = constraints.optional(TAG.BOOLEAN);
    known.isCA = flag !== undefined && isTrue(flag.content);
    const length = constraints.optional(TAG.INTEGER);
    known.maxPathLength = length && pathLength(length.content);
    return undefined;
  },
  [EXTENSION_OID.subjectAltName]: (value) => {
    const names = value.enter(TAG.SEQUENCE);
    let found = 0;
    while (!names.done) {
      const { tag, content } = names.next();
      if (checkAltName(tag, content)) found++;
    }
    return found === 0 ? UNHANDLED : undefined;
  },
  [EXTENSION_OID.nameConstraints]: (value) => {
    const top = value.enter(TAG.SEQUENCE);
    value.end();
    const subtrees = [0, 1].map((number) => top.optional(contextTag(number))?.content);
    top.end();
    if (subtrees.every((tree) => !tree || tree.length === 0)) throw invalid('name constraints');
    const handled = subtrees.map((tree) => !tree || checkSubtrees(new DerReader(tree)));
    return handled.includes(false) ? UNHANDLED : undefined;
  },
  // CRL distribution points
  '2.5.29.31': (value) => {
    const points = value.enter(TAG.SEQUENCE);
    while (!points.done) {
      const name = points.enter(TAG.SEQUENCE).optional(contextTag(0));
      const names = name && new DerReader(name.content).enter(contextTag(0));
      while (names?.peek() === NAME.uri) names.next();
    }
    return undefined;
  },
  [EXTENSION_OID.authorityKeyId]: (value, known) => {
    known.authorityKeyId = value.enter(TAG.SEQUENCE).optional(0x80)?.content;
    return undefined;
  },
  // policy constraints
  '2.5.29.36': (value) => {
    const constraints = value.enter(TAG.SEQUENCE);
    for (const tag of [0x80, 0x81]) {
      const skipped = constraints.optional(tag);
      if (skipped) signedInteger(skipped.content, 8);
    }
    return undefined;
  },
  [EXTENSION_OID.extendedKeyUsage]: (value, known) => {
    const usages = value.enter(TAG.SEQUENCE);
    const found: string[] = [];
    while (!usages.done) found.push(oidText(usages.next(TAG.OID).content));
    known.extendedKeyUsages = found;
    return undefined;
  },
  [EXTENSION_OID.subjectKeyId]: (value, known) => {
    known.subjectKeyId = value.next(TAG.OCTET_STRING).content;
    return undefined;
  },
  // certificate policies
  '2.5.29.32': (value) => {
    const policies = value.enter(TAG.SEQUENCE);
    const seen = new Set<string>();
    while (!policies.done) {
      const { content } = policies.enter(TAG.SEQUENCE).next(TAG.OID);
      const policy = toHex(content);
      if (seen.has(policy) || !isWholeOid(content)) throw invalid('certificate policies');
      seen.add(policy);
    }
    return undefined;
  },
  // policy mappings
  '2.5.29.33': (value) => {
    const mappings = value.enter(TAG.SEQUENCE);
    while (!mappings.done) {
      const mapping = mappings.enter(TAG.SEQUENCE);
      mapping.next(TAG.OID);
      mapping.next(TAG.OID);
    }
    return undefined;
  },
  // inhibit any policy
  '2.5.29.54': (value) => {
    signedInteger(value.next(TAG.INTEGER).content, 8);
    return undefined;
  },
  [AUTHORITY_INFO_ACCESS]: (value) => {
    const accesses = value.enter(TAG.SEQUENCE);
    while (!accesses.done) {
      const access = accesses.enter(TAG.SEQUENCE);
      oidText(access.next(TAG.OID).content);
      access.optional(NAME.uri);
    }
    return undefined;
  },
};

// Go's int; what does not fit exactly is longer than any chain.
function pathLength(content: Uint8Array): number {
  const negative = signedInteger(content, 8);
  if (negative) throw invalid('basic constraints');
  return Number(`0x${toHex(content)}`);
}

// BIT STRING numbers bits from the top of the first byte; Go looks at nine.
function keyUsageBits(content: Uint8Array): number {
  const { bytes, unused } = bitsOf(content);
  let bits = 0;
  for (let i = 0; i < Math.min(9, 8 * bytes.length - unused); i++) {
    if ((bytes[i >> 3] ?? 0) & (0x80 >> (i & 7))) bits |= 1 << i;
  }
  return bits;
}

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

function asciiText(content: Uint8Array, what: string): string {
  const text = String.fromCharCode(...content);
  if (!isAscii(text)) throw invalid(what);
  return text;
}

// Whether the name is of a kind that Go keeps.
function checkAltName(tag: number, content: Uint8Array): boolean {
  switch (tag) {
    case NAME.email:
    case NAME.dns:
      asciiText(content, 'subject alternative name');
      return true;
    case NAME.uri: {
      const host = uriHost(asciiText(content, 'subject alternative name'));
      if (host === undefined || !isDomain(host)) throw invalid('URI in a subject alternative name');
      return true;
    }
    case NAME.ip:
      if (content.length !== 4 && content.length !== 16) throw invalid('IP address');
      return true;
    default:
      return false;
  }
}

// Whether all names are of kinds that Go handles.
function checkSubtrees(subtrees: DerReader): boolean {
  let handled = true;
  while (!subtrees.done) {
    const { tag, content } = subtrees.enter(TAG.SEQUENCE).next();
    if (tag === NAME.ip) checkRange(content);
    else if (tag === NAME.dns || tag === NAME.email || tag === NAME.uri) {
      const text = asciiText(content, 'name constraint');
      const isMail = tag === NAME.email && text.includes('@');
      const fits = isMail ? isMailbox(text) : isDomain(text, { isConstraint: true });
      if (!fits || (tag === NAME.uri && isAddress(text))) throw invalid('name constraint');
    } else handled = false;
  }
  return handled;
}

// An address and a mask of ones followed by zeros.
function checkRange(content: Uint8Array): void {
  const mask = content.subarray(content.length / 2);
  const bits = Array.from(mask, (byte) => byte.toString(2).padStart(8, '0')).join('');
  if ((content.length !== 8 && content.length !== 32) || !/^1*0*$/.test(bits))
    throw invalid('IP range in a name constraint');
}

// Of net.ParseIP: four decimal numbers, or what stands in the brackets of a URL.
function isAddress(text: string): boolean {
  const isIPv4 =
    text.split('.').length === 4 &&
    text.split('.').every((part) => {
      return /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
    });
  return isIPv4 || (text.includes(':') && URL.canParse(`http://[${text}]/`));
}

// As DER: arcs of any size, without leading zeros (newOIDFromDER of crypto/x509/oid.go).
function isWholeOid(content: Uint8Array): boolean {
  if (content.length === 0 || (content.at(-1) ?? 0) & 0x80) return false;
  return content.every((byte, i) => byte !== 0x80 || ((content[i - 1] ?? 0) & 0x80) !== 0);
}
