// SPDX-License-Identifier: Apache-2.0
// Chains from a certificate to trusted roots: the rules of Go's x509.Verify that Fabric's MSP relies on.

import { KEY_USAGE } from '../crypto/certificate.ts';
import {
  type BCCSP,
  type Certificate,
  EXTENSION_OID,
  isSignedBy,
  publicKeyToSpki,
} from '../crypto/index.ts';
import { equalBytes, toHex } from '../runtime/bytes.ts';

/** From the certificate itself up to a root. */
export type CertificateChain = readonly Certificate[];

// Bounds of the search: Go gives up after 100 signature checks; real chains have two or three members.
const MAX_SIGNATURE_CHECKS = 100;
const MAX_CHAIN_LENGTH = 10;

const OID_SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const OID_ANY_USAGE = '2.5.29.37.0';

/** Roots and intermediates to build chains from. */
export class CertificatePool {
  readonly #roots: readonly Certificate[];
  readonly #intermediates: readonly Certificate[];
  readonly #bccsp: BCCSP;

  constructor(roots: readonly Certificate[], intermediates: readonly Certificate[], bccsp: BCCSP) {
    this.#roots = distinct(roots);
    this.#intermediates = distinct(intermediates);
    this.#bccsp = bccsp;
  }

  /** All chains of a certificate to a root, judged at time `at` (milliseconds since the Unix epoch). */
  async chains(certificate: Certificate, at: number): Promise<CertificateChain[]> {
    if (!isUsable(certificate, at)) return [];
    const chains = this.#roots.some((root) => equalBytes(root.der, certificate.der))
      ? [[certificate]]
      : await this.#extend([certificate], at, { signatureChecks: 0 });
    const usable = chains.filter((chain) => chain.every(allowsServerAuth));
    if (!usable.some(isConstrained)) return usable;
    const { areNamesAllowed } = await import('./name-constraints.ts');
    return usable.filter(areNamesAllowed);
  }

  async #extend(
    chain: readonly Certificate[],
    at: number,
    budget: { signatureChecks: number },
  ): Promise<CertificateChain[]> {
    const chains: CertificateChain[] = [];
    if (chain.length >= MAX_CHAIN_LENGTH) return chains;
    for (const root of this.#roots) {
      if (await this.#isParent(root, chain, at, budget)) chains.push([...chain, root]);
    }
    for (const intermediate of this.#intermediates) {
      if (await this.#isParent(intermediate, chain, at, budget)) {
        chains.push(...(await this.#extend([...chain, intermediate], at, budget)));
      }
    }
    return chains;
  }

  async #isParent(
    parent: Certificate,
    chain: readonly Certificate[],
    at: number,
    budget: { signatureChecks: number },
  ): Promise<boolean> {
    const child = chain.at(-1);
    if (!child || !equalBytes(child.issuer.der, parent.subject.der)) return false;
    if (isInChain(parent, chain)) return false;
    if (!parent.isCA || !isUsable(parent, at)) return false;
    if (parent.keyUsage && !(parent.keyUsage & KEY_USAGE.keyCertSign)) return false;
    if (parent.maxPathLength !== undefined && chain.length - 1 > parent.maxPathLength) return false;
    if (++budget.signatureChecks > MAX_SIGNATURE_CHECKS) return false;
    return isSignedBy(child, parent, this.#bccsp);
  }
}

function isUsable(certificate: Certificate, at: number): boolean {
  const { hasUnhandledCritical, notBefore, notAfter } = certificate;
  return !hasUnhandledCritical && notBefore <= at && at <= notAfter;
}

/** Whether some CA of a chain says which names are allowed below it. */
export function isConstrained(chain: CertificateChain): boolean {
  return chain.some(({ extensions }) => extensions.has(EXTENSION_OID.nameConstraints));
}

// A certificate that stands twice in a definition is one (CertPool of crypto/x509/cert_pool.go): else it would make two chains.
function distinct(certificates: readonly Certificate[]): Certificate[] {
  const known = new Map(certificates.map((certificate) => [toHex(certificate.der), certificate]));
  return [...known.values()];
}

// A subject with the same key and alternative names appears once in a chain (alreadyInChain of crypto/x509/verify.go, with its
// early end: once only one of two has such names, what comes further up is not looked at).
function isInChain(candidate: Certificate, chain: readonly Certificate[]): boolean {
  const names = alternativeNames(candidate);
  for (const member of chain) {
    if (!equalBytes(candidate.subject.der, member.subject.der)) continue;
    if (!equalBytes(publicKeyToSpki(candidate.publicKey), publicKeyToSpki(member.publicKey)))
      continue;
    const others = alternativeNames(member);
    if (!names || !others) return names === others;
    if (equalBytes(names, others)) return true;
  }
  return false;
}

function alternativeNames({ extensions }: Certificate): Uint8Array | undefined {
  return extensions.get(EXTENSION_OID.subjectAltName)?.value;
}

// Fabric leaves the wanted usage unset, which means TLS server authentication to Go.
function allowsServerAuth({ extendedKeyUsages: usages }: Certificate): boolean {
  return usages.length === 0 || usages.includes(OID_SERVER_AUTH) || usages.includes(OID_ANY_USAGE);
}
