// SPDX-License-Identifier: Apache-2.0
// `tabric/gateway`: the client API of Fabric for programs under Node, and the peer in this process whose gateway it calls.
export {
  CommitError,
  CommitStatusError,
  EndorseError,
  GatewayError,
  SubmitError,
} from '../node/gateway/client/errors.ts';
export {
  type ConnectOptions,
  Contract,
  connect,
  Gateway,
  Network,
} from '../node/gateway/client/gateway.ts';
export { Proposal, type ProposalOptions } from '../node/gateway/client/proposal.ts';
export {
  type Status,
  SubmittedTransaction,
  Transaction,
} from '../node/gateway/client/transaction.ts';
export { type PeerOptions, type ProgramPeer, startPeer } from '../node/headless/program-peer.ts';
