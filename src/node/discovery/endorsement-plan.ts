// SPDX-License-Identifier: Apache-2.0
// Whom a gateway asks for endorsements, and what a first endorsement tells about that.

/** Whom to ask for endorsements. */
export interface EndorsementPlan {
  /** MSP ids whose endorsements together would do, best guess first; empty when unknown. */
  readonly layouts: readonly (readonly string[])[];
  /** Nobody else may be asked: others must not see the proposal, or lack the private data that it reads. */
  readonly allowed?: readonly string[];
  /** True when what the transaction touches matters, which only an endorsement tells: the chaincode has collections. */
  readonly dependsOnInterest?: boolean;
  /** Why no layout is possible. */
  readonly problem?: string;
}

/** What a first endorsement told. */
export interface EndorsementInterest {
  readonly chaincodes: readonly {
    readonly name: string;
    readonly collectionNames: readonly string[];
    readonly noPrivateReads: boolean;
  }[];
  /** Whether the proposal carries transient data. */
  readonly hasTransientData: boolean;
}
