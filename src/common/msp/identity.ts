// SPDX-License-Identifier: Apache-2.0
// A deserialized X.509 identity (msp/identities.go). Its answers never change, because its MSP never does, so they are
// kept: validity, and whether it satisfies a given principal.
import type { Certificate } from '../crypto/index.ts';
import type { common } from '../protos/index.ts';
import { FabricError } from '../runtime/errors.ts';
import type { CertificateChain } from './certificate-pool.ts';
import { satisfiesPrincipal } from './principals.ts';
import type { X509Member, X509MSP } from './x509-msp.ts';

export interface X509IdentityParts {
  readonly serialized: Uint8Array;
  /** hex digest of the certificate, by the hash that the MSP chooses. */
  readonly id: string;
  /** In low-S form. */
  readonly certificate: Certificate;
  readonly chain: CertificateChain;
}

export class X509Identity implements X509Member {
  readonly mspId: string;
  readonly id: string;
  readonly serialized: Uint8Array;
  readonly expiresAt: number;
  readonly certificate: Certificate;
  readonly chain: CertificateChain;
  readonly msp: X509MSP;
  #validity: Promise<void> | undefined;
  readonly #principals = new WeakMap<common.MSPPrincipal, Promise<boolean>>();

  constructor(msp: X509MSP, { serialized, id, certificate, chain }: X509IdentityParts) {
    this.msp = msp;
    this.mspId = msp.name;
    this.id = id;
    this.serialized = serialized;
    this.certificate = certificate;
    this.chain = chain;
    this.expiresAt = certificate.notAfter;
  }

  validate(): Promise<void> {
    this.#validity ??= this.msp.validate(this);
    return this.#validity;
  }

  isValid(): Promise<boolean> {
    return this.validate().then(
      () => true,
      (error: unknown) => {
        if (error instanceof FabricError) return false;
        throw error;
      },
    );
  }

  verify(message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    return this.msp.verify(this.certificate.publicKey, message, signature);
  }

  satisfiesPrincipal(principal: common.MSPPrincipal): Promise<boolean> {
    let answer = this.#principals.get(principal);
    if (!answer) {
      answer = satisfiesPrincipal(this, principal);
      this.#principals.set(principal, answer);
    }
    return answer;
  }
}
