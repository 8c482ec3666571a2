// SPDX-License-Identifier: Apache-2.0
// What the gateway service stands on: other peers, an orderer, and this peer's ledgers, wherever they are.
import type { SignedData } from '../../../common/policies/types.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import type { TraceBus } from '../../../common/runtime/trace.ts';
import type { EndorsementInterest, EndorsementOf, EndorsementPlan } from '../../discovery/index.ts';

/** One peer that can endorse. */
export interface Endorser {
  /** e.g. `peer0.org1.example.com`. */
  readonly name: string;
  readonly mspId: string;
  /** Ledger height it last told; a higher one endorses on newer state. */
  readonly height: number;
  /** Whether this is the gateway's own peer. */
  readonly own: boolean;
  /**
   * Sends a serialized protos.SignedProposal.
   * @param options.judged asks the gateway's own peer whether that endorsement is enough, so that no second call has to.
   */
  processProposal(
    signedProposal: Uint8Array,
    options: { signal: AbortSignal; judged: boolean },
  ): Promise<Endorsed>;
}

export interface Endorsed {
  /** Serialized protos.ProposalResponse. */
  readonly response: Uint8Array;
  /** What `satisfiesPolicy` says of this endorsement alone. Believed of the gateway's own peer only. */
  readonly enough?: boolean;
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

/** A block that this peer has committed. */
export interface CommittedTransactions {
  readonly channel: string;
  readonly blockNumber: number;
  readonly txIds: readonly string[];
  /** protos.TxValidationCode, one a transaction. */
  readonly codes: ArrayLike<number>;
  /** EndorsementAnalyzer.version after the block. */
  readonly planVersion: number;
}

/** Channels that this peer has not joined have no endorsers; everything else rejects for them. */
export interface GatewayServiceComponents {
  /** Name of this peer, for traces. */
  readonly name: string;
  /** This peer's organisation, whose peers are asked first and may see transient data. */
  readonly mspId: string;
  /** Peers that say they run the chaincode, reachable now. */
  endorsers(channel: string, chaincode: string): readonly Endorser[];
  /** @param interest of a first endorsement, once there is one. */
  endorsementPlan(
    channel: string,
    chaincode: string,
    interest?: EndorsementInterest,
  ): Promise<EndorsementPlan>;
  /** Whether endorsements of a serialized ProposalResponsePayload satisfy all policies that guard what was written. */
  satisfiesPolicy(
    channel: string,
    payload: Uint8Array,
    endorsements: readonly EndorsementOf[],
  ): Promise<boolean>;
  /** Hands a serialized common.Envelope to an orderer of the channel. */
  broadcast(
    channel: string,
    envelope: Uint8Array,
    options: { signal: AbortSignal },
  ): Promise<BroadcastStatus>;
  /** The first transaction of this id in the ledger. */
  outcome(channel: string, txId: string): Promise<CommitOutcome | undefined>;
  /** Tells of each block once it is in the ledger; the result stops it. */
  onCommitted(listener: (block: CommittedTransactions) => void): () => void;
  height(channel: string): number;
  /** A serialized block of the ledger. */
  block(channel: string, number: number): Promise<Uint8Array | undefined>;
  /** Rejects unless the signature satisfies the channel's policy of a resource. */
  checkAcl(channel: string, resource: string, signed: SignedData): Promise<void>;
  readonly clock: Clock;
  readonly trace: TraceBus;
}

export interface GatewayServiceOptions {
  /** For one endorser (peer.gateway.endorsementTimeout of core.yaml). */
  readonly endorsementTimeoutMs: number;
  /** For peers to be reached that the policy needs, before the transaction fails. */
  readonly endorserWaitMs: number;
  /** For the orderer's answer (peer.gateway.broadcastTimeout). */
  readonly broadcastTimeoutMs: number;
}

export const DEFAULT_GATEWAY_SERVICE_OPTIONS: GatewayServiceOptions = Object.freeze({
  endorsementTimeoutMs: 30_000,
  endorserWaitMs: 5_000,
  broadcastTimeoutMs: 10_000,
});
