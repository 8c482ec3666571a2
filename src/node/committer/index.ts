// SPDX-License-Identifier: Apache-2.0
export { type NamespaceWrites, namespaceWritesOf } from './action-checks.ts';
export { BlockRejectedError, decodeBlock, verifyBlock } from './block-verifier.ts';
export {
  Committer,
  type ConfigTracker,
  type PrivateDataSource,
  type SignatureStage,
} from './committer.ts';
export type { DefinitionTracker, NamespaceDefinition } from './definition-tracker.ts';
export {
  ChangedKeyPolicies,
  type KeyPolicies,
  namespaceEndorsed,
  VALIDATION_PARAMETER,
} from './key-level-policies.ts';
export { endorsedActionOf } from './message-checks.ts';
export { LIFECYCLE_NAMESPACE, type NamespacePolicies } from './namespace-policies.ts';
export { type SignatureContext, verifySignatures } from './signature-stage.ts';
export { codeName, type TxVerdict } from './verdict.ts';
