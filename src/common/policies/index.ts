// SPDX-License-Identifier: Apache-2.0
// Policies: their language, their evaluation, and the tree of a channel.
export {
  applicationPolicy,
  applicationPolicyToText,
  createApplicationPolicy,
} from './application-policy.ts';
export { PolicyError, type PolicyErrorCode } from './errors.ts';
export { CHANNEL_PREFIX, PolicyManagerImpl, rejectPolicy } from './policy-manager.ts';
export { parseImplicitMetaPolicy, parsePolicy, policyToText } from './policy-parser.ts';
export { SignaturePolicy } from './signature-policy.ts';
export { signatureSetToValidIdentities } from './signature-set.ts';
export type { IdentityPolicy, Policy, PolicyManager, SignedData } from './types.ts';
