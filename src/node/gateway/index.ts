// SPDX-License-Identifier: Apache-2.0
export type { ErrorDetail } from '../../common/wire/service.ts';
export type { EndorsementInterest, EndorsementOf, EndorsementPlan } from '../discovery/index.ts';
export {
  CommitError,
  CommitStatusError,
  EndorseError,
  GatewayError,
  SubmitError,
} from './client/errors.ts';
export { type ConnectOptions, Contract, connect, Gateway, Network } from './client/gateway.ts';
export { Proposal, type ProposalOptions } from './client/proposal.ts';
export type { CallOptions } from './client/session.ts';
export { type Status, SubmittedTransaction, Transaction } from './client/transaction.ts';
export { BroadcastStream } from './service/broadcast-stream.ts';
export type {
  BroadcastStatus,
  CommitOutcome,
  CommittedTransactions,
  Endorsed,
  Endorser,
  GatewayServiceComponents,
  GatewayServiceOptions,
} from './service/components.ts';
export { GatewayService } from './service/gateway-service.ts';
export { LazyGateway } from './service/lazy-gateway.ts';
