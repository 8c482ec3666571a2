// SPDX-License-Identifier: Apache-2.0
export { BlockRejectedError, decodeBlock, verifyBlock } from './block-verifier.ts';
export {
  definedNamespacePolicies,
  endorsementPolicyOf,
  type NamespacePolicies,
} from './chaincode-definitions.ts';
export { Committer, type ConfigTracker, type SignatureStage } from './committer.ts';
export { VALIDATION_PARAMETER } from './key-level-policies.ts';
export { type SignatureContext, verifySignatures } from './signature-stage.ts';
export { codeName, type TxVerdict } from './verdict.ts';
