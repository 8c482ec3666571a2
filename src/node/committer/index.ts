// SPDX-License-Identifier: Apache-2.0
export { type NamespaceWrites, namespaceWritesOf } from './action-checks.ts';
export {
  BlockRejectedError,
  parseReceived,
  verifyBlock,
  verifyBlockContents,
} from './block-verifier.ts';
export {
  type Committed,
  Committer,
  type ConfigTracker,
  type PrivateDataSource,
} from './committer.ts';
export type {
  DefinitionTracker,
  LegacyDefinition,
  NamespaceDefinition,
} from './definition-tracker.ts';
export {
  ChangedKeyPolicies,
  type KeyPolicies,
  namespaceEndorsed,
  VALIDATION_PARAMETER,
} from './key-level-policies.ts';
export { endorsedActionOf } from './message-checks.ts';
export { LIFECYCLE_NAMESPACE, type NamespacePolicies } from './namespace-policies.ts';
export {
  type SignatureContext,
  type SignatureStage,
  verifySignatures,
} from './signatures/signature-stage.ts';
export { codeName, type TxVerdict } from './verdict.ts';
