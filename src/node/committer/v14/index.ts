// SPDX-License-Identifier: Apache-2.0
// Validation as it was before application capability V2_0 (core/committer/txvalidator/v14). Loaded by the first channel that asks for it:
// networks made here never do, and a page should not wait for it.
export { legacyCode, markUpgradeConflicts } from './block-validator.ts';
export { legacyVerdict } from './endorsement-verdicts.ts';
