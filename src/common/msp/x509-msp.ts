// SPDX-License-Identifier: Apache-2.0
// What an X.509 identity and its MSP know of one another.
import type { BCCSP, Certificate, PublicKey } from '../crypto/index.ts';
import type { CertificateChain } from './certificate-pool.ts';
import type { OUIdentifier } from './msp-setup.ts';
import type { MSPRules } from './msp-version.ts';
import type { Identity } from './types.ts';

export type NodeRole = 'client' | 'peer' | 'admin' | 'orderer';

/** An identity with its certificate. */
export interface X509Member extends Identity {
  readonly certificate: Certificate;
  /** From the certificate to a root of its MSP. */
  readonly chain: CertificateChain;
  readonly msp: X509MSP;
  /** `validate` as a value. */
  isValid(): Promise<boolean>;
}

/** The rules of membership that an identity is judged by; see MSP. */
export interface X509MSP {
  readonly name: string;
  readonly bccsp: BCCSP;
  readonly rules: MSPRules;
  identity(pem: Uint8Array, serialized: Uint8Array): Promise<X509Member>;
  validate(identity: X509Member): Promise<void>;
  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  isListedAdmin(certificate: Certificate): boolean;
  hasOURole(certificate: Certificate, role: NodeRole): boolean;
  organizationalUnits(identity: X509Member): Promise<OUIdentifier[]>;
}
