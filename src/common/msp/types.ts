// SPDX-License-Identifier: Apache-2.0
// The shapes of Fabric's msp/msp.go that the rest of the code depends on.
import type { common } from '../protos/index.ts';

/** A deserialized identity of a member of some MSP. */
export interface Identity {
  readonly mspId: string;
  /** hex digest of the sanitised certificate: the key of de-duplication in policy evaluation, with mspId. */
  readonly id: string;
  /** The bytes it was deserialized from: msp.SerializedIdentity. */
  readonly serialized: Uint8Array;
  /** NotAfter of the certificate, milliseconds since the Unix epoch. */
  readonly expiresAt: number;
  /** Resolves when the identity is a valid member (chain, OUs, revocation); rejects with an MSPError otherwise. Cached. */
  validate(): Promise<void>;
  /** True when `signature` (of ECDSA: DER, low S) over `message` verifies. Never throws on bad input. */
  verify(message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  satisfiesPrincipal(principal: common.MSPPrincipal): Promise<boolean>;
}

/** An identity that can sign. */
export interface SigningIdentity {
  readonly mspId: string;
  /** PEM certificate. */
  readonly certificate: string;
  /** msp.SerializedIdentity bytes, always the same. */
  serialize(): Uint8Array;
  /** DER signature with low S over SHA-256 of `message`. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** The MSPs of a channel. */
export interface MSPManager {
  readonly mspIds: readonly string[];
  /** Parses msp.SerializedIdentity bytes of a member of one of these MSPs (does not validate); cached by bytes. Throws MSPError. */
  deserializeIdentity(serialized: Uint8Array): Promise<Identity>;
}
