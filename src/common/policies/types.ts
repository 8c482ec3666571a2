// SPDX-License-Identifier: Apache-2.0
// The shapes of Fabric's common/policies and protoutil/signeddata.go.
import type { Identity } from '../msp/types.ts';

/** Something signed: data, who says to have signed it, and the signature. */
export interface SignedData {
  readonly data: Uint8Array;
  /** Serialized msp.SerializedIdentity. */
  readonly identity: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Policy {
  /** True when the valid signatures among these satisfy the policy. */
  evaluateSignedData(signatures: readonly SignedData[]): Promise<boolean>;
}

/** A policy that can also judge identities whose signatures were checked already, or who have proven themselves otherwise. */
export interface IdentityPolicy extends Policy {
  /** `identities` are distinct. */
  evaluateIdentities(identities: readonly Identity[]): Promise<boolean>;
}

/** The policy tree of a channel. */
export interface PolicyManager {
  /** The policy at an absolute (`/Channel/Application/Writers`) or relative path; an unknown one rejects all. */
  getPolicy(path: string): IdentityPolicy;
  hasPolicy(path: string): boolean;
}
