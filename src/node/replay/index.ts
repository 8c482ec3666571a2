// SPDX-License-Identifier: Apache-2.0
// Verifying and replaying ledgers of real peers.
export type { ChainOrigin } from './chain-origin.ts';
export {
  type ReplayComponents,
  ReplayError,
  type ReplayOptions,
  replayChain,
} from './replay-chain.ts';
export {
  type CodeDifference,
  type CommitHashDifference,
  isClean,
  type ReplayReport,
} from './replay-report.ts';
export { type StoredOutcome, splitOutcome, storedOutcomeOf } from './stored-outcome.ts';
export { BlocksSummariser, type BlocksSummary } from './summarise-blocks.ts';
export {
  type ChainProblem,
  type VerifyOptions,
  type VerifyReport,
  verifyChain,
} from './verify-chain.ts';
