// SPDX-License-Identifier: Apache-2.0
// What a gateway needs of the network: endorsers, an orderer, and the commits of a peer that it trusts.

/** One peer that can endorse. */
export interface Endorser {
  /** e.g. `peer0.org1.example.com`. */
  readonly name: string;
  readonly mspId: string;
  /** Ledger height it last told; a higher one endorses on newer state. */
  readonly height: number;
  /** Whether this is the client's own peer. */
  readonly own: boolean;
  /** Sends a serialized protos.SignedProposal; gives a serialized protos.ProposalResponse. */
  processProposal(
    signedProposal: Uint8Array,
    options: { signal: AbortSignal },
  ): Promise<Uint8Array>;
}

/** The orderer's answer to one envelope. */
export interface BroadcastStatus {
  /** common.Status, 200 when the envelope was taken. */
  readonly status: number;
  readonly info: string;
}

export interface CommitOutcome {
  /** protos.TxValidationCode. */
  readonly code: number;
  readonly blockNumber: number;
}

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

/** Ways from a client into one network. */
export interface GatewayConnection {
  /** Peers that say they run the chaincode, reachable now. */
  endorsers(channel: string, chaincode: string): readonly Endorser[];
  /** Whether these endorsements (serialized protos.Endorsement over `payload`) satisfy all policies that guard what was written. */
  satisfiesPolicy(
    channel: string,
    chaincode: string,
    payload: Uint8Array,
    endorsements: readonly { endorser: Uint8Array; signature: Uint8Array }[],
  ): Promise<boolean>;
  /** @param interest of a first endorsement, once there is one. */
  endorsementPlan(
    channel: string,
    chaincode: string,
    interest?: EndorsementInterest,
  ): Promise<EndorsementPlan>;
  broadcast(envelope: Uint8Array, options: { signal: AbortSignal }): Promise<BroadcastStatus>;
  /** Resolves when the peer has committed the transaction's block. */
  commitOutcome(
    channel: string,
    transactionId: string,
    options: { signal: AbortSignal },
  ): Promise<CommitOutcome>;
}
