// SPDX-License-Identifier: Apache-2.0
// Which names the CAs above a certificate allow it to have (checkChainConstraints of Go's crypto/x509/constraints.go). Names and constraints were found
// well-formed when the certificates were read. Apart from the chains themselves, since hardly any CA has such constraints.
import { contextTag, DerReader, TAG } from '../crypto/asn1.ts';
import { type Certificate, commonName, EXTENSION_OID } from '../crypto/index.ts';
import { fromUtf8 } from '../runtime/bytes.ts';
import type { CertificateChain } from './certificate-pool.ts';

const KINDS = Object.freeze({ email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 });
type Kind = keyof typeof KINDS;

interface Name {
  readonly kind: Kind;
  readonly content: Uint8Array;
}

interface Constraints {
  readonly permitted: readonly Name[];
  readonly excluded: readonly Name[];
}

/** Whether every name of every certificate of a chain is allowed by all CAs above it. */
export function areNamesAllowed(chain: CertificateChain): boolean {
  return chain.every((certificate, at) => {
    const above = chain.slice(at + 1).flatMap((ca) => constraintsOf(ca) ?? []);
    if (above.length === 0) return true;
    const names = namesOf(certificate);
    return names === undefined || above.every((one) => names.every((name) => allows(one, name)));
  });
}

/**
 * Whether Fabric refuses a chain all the same (verifyLegacyNameConstraints of msp/mspimpl.go): as Go 1.14 did, a common name that could be a
 * host's, in place of alternative names.
 */
export function isRefusedAsBefore([leaf, ...above]: CertificateChain): boolean {
  if (!leaf || leaf.extensions.has(EXTENSION_OID.subjectAltName)) return false;
  if (!isHostname(commonName(leaf.subject))) return false;
  return above.some(({ extensions }) => extensions.has(EXTENSION_OID.nameConstraints));
}

function constraintsOf({ extensions }: Certificate): Constraints | undefined {
  const extension = extensions.get(EXTENSION_OID.nameConstraints);
  if (!extension) return undefined;
  const top = new DerReader(extension.value).enter(TAG.SEQUENCE);
  const [permitted = [], excluded = []] = [0, 1].map((number) =>
    subtreesOf(top.optional(contextTag(number))?.content),
  );
  return { permitted, excluded };
}

function subtreesOf(content: Uint8Array | undefined): Name[] {
  const names: Name[] = [];
  const reader = new DerReader(content ?? new Uint8Array());
  while (!reader.done) names.push(...nameOf(reader.enter(TAG.SEQUENCE).next()));
  return names;
}

function namesOf({ extensions }: Certificate): Name[] | undefined {
  const extension = extensions.get(EXTENSION_OID.subjectAltName);
  if (!extension) return undefined;
  const names: Name[] = [];
  const reader = new DerReader(extension.value).enter(TAG.SEQUENCE);
  while (!reader.done) names.push(...nameOf(reader.next()));
  return names;
}

// Other kinds of names are not looked at; a CA that constrains them and says that this matters was not read as usable.
function nameOf({ tag, content }: { tag: number; content: Uint8Array }): Name[] {
  const [kind] = Object.entries(KINDS).find(([, known]) => known === tag) ?? [];
  return kind === undefined ? [] : [{ kind: kind as Kind, content }];
}

function allows({ permitted, excluded }: Constraints, name: Name): boolean {
  const ofKind = (list: readonly Name[]): Name[] => list.filter(({ kind }) => kind === name.kind);
  const permits = ofKind(permitted);
  const subject = subjectOf(name);
  // A name that cannot be held against constraints is not allowed by any.
  if (subject === undefined) return false;
  if (permits.length > 0 && !permits.some((one) => matches(one, subject))) return false;
  return !ofKind(excluded).some(
    (one) => matches(one, subject) || (name.kind !== 'ip' && excludesWildcard(one, subject)),
  );
}

interface Subject {
  readonly address: Uint8Array;
  /** Of a mailbox, with its domain in lower case; empty otherwise. */
  readonly mailbox: string;
  readonly domain: string;
}

const NO_ADDRESS = new Uint8Array();

function subjectOf({ kind, content }: Name): Subject | undefined {
  if (kind === 'ip') return { address: content, mailbox: '', domain: '' };
  const text = fromUtf8(content);
  if (kind === 'dns') return { address: NO_ADDRESS, mailbox: '', domain: text.toLowerCase() };
  if (kind === 'email') {
    const at = text.lastIndexOf('@');
    const domain = text.slice(at + 1).toLowerCase();
    return { address: NO_ADDRESS, mailbox: `${text.slice(0, at)}@${domain}`, domain };
  }
  const authority = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(text)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  const isAddress = /^(\d+\.){3}\d+$/.test(host) || host.includes(':') || host.startsWith('[');
  if (host === '' || isAddress) return undefined;
  return { address: NO_ADDRESS, mailbox: '', domain: host.toLowerCase() };
}

function matches({ kind, content }: Name, { address, mailbox, domain }: Subject): boolean {
  if (kind === 'ip') return isInRange(address, content);
  const text = fromUtf8(content);
  const at = text.lastIndexOf('@');
  if (kind === 'email' && at >= 0)
    return `${text.slice(0, at)}@${text.slice(at + 1).toLowerCase()}` === mailbox;
  return isBelow(domain, text.toLowerCase());
}

// The constraint is an address and a mask of the same length.
function isInRange(address: Uint8Array, range: Uint8Array): boolean {
  const half = range.length / 2;
  if (address.length !== half) return false;
  return address.every((byte, i) => {
    const mask = range[half + i] ?? 0;
    return (byte & mask) === ((range[i] ?? 0) & mask);
  });
}

// dnsHasSuffix: whole labels; a leading dot means what is below only; nothing at all is everything.
function isBelow(domain: string, constraint: string): boolean {
  if (constraint === '') return true;
  if (!domain.endsWith(constraint)) return false;
  if (constraint.startsWith('.') || domain.length === constraint.length) return true;
  return domain.at(-constraint.length - 1) === '.';
}

// What a wildcard stands for may be the excluded name.
function excludesWildcard({ content }: Name, { domain }: Subject): boolean {
  const constraint = fromUtf8(content).toLowerCase();
  const tail = (name: string): string => name.slice(name.indexOf('.'));
  return (
    domain.startsWith('*') &&
    domain.includes('.') &&
    constraint.includes('.') &&
    tail(domain) === tail(constraint)
  );
}

function isHostname(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return labels.every(
    (label, at) => (at === 0 && label === '*') || /^[a-z\d_:][a-z\d_:-]*$/i.test(label),
  );
}
