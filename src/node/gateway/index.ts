// SPDX-License-Identifier: Apache-2.0
export { BroadcastStream } from './broadcast-stream.ts';
export type {
  BroadcastStatus,
  CommitOutcome,
  EndorsementInterest,
  EndorsementPlan,
  Endorser,
  GatewayConnection,
} from './connection.ts';
export {
  CommitError,
  CommitStatusError,
  EndorseError,
  type ErrorDetail,
  GatewayError,
  SubmitError,
} from './errors.ts';
export { type ConnectOptions, Contract, connect, Gateway, Network } from './gateway.ts';
export { Proposal, type ProposalOptions } from './proposal.ts';
export { type Status, SubmittedTransaction, Transaction } from './transaction.ts';
