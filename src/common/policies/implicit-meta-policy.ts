// SPDX-License-Identifier: Apache-2.0
// Policies that combine the policies of the same name in all child groups (common/policies/implicitmeta.go).
import type { Identity, MSPManager } from '../msp/types.ts';
import { common } from '../protos/index.ts';
import { signatureSetToValidIdentities } from './signature-set.ts';
import type { IdentityPolicy, SignedData } from './types.ts';

export class ImplicitMetaPolicy implements IdentityPolicy {
  readonly #threshold: number;
  readonly #subPolicies: readonly IdentityPolicy[];
  readonly #mspManager: MSPManager;

  /** @param subPolicies one for every child group; a group without the policy gives one that rejects, and counts. */
  constructor(rule: number, subPolicies: readonly IdentityPolicy[], mspManager: MSPManager) {
    this.#threshold = thresholdOf(rule, subPolicies.length);
    this.#subPolicies = subPolicies;
    this.#mspManager = mspManager;
  }

  async evaluateSignedData(signatures: readonly SignedData[]): Promise<boolean> {
    return this.evaluateIdentities(
      await signatureSetToValidIdentities(signatures, this.#mspManager),
    );
  }

  async evaluateIdentities(identities: readonly Identity[]): Promise<boolean> {
    let remaining = this.#threshold;
    if (remaining === 0) return true;
    for (const policy of this.#subPolicies) {
      if ((await policy.evaluateIdentities(identities)) && --remaining === 0) return true;
    }
    return false;
  }
}

// Without children everything is a majority. A rule that is none of the three needs nothing of any child in Fabric: its
// threshold stays 0.
function thresholdOf(rule: number, count: number): number {
  const { Rule } = common.ImplicitMetaPolicy;
  if (count === 0) return 0;
  if (rule === Rule.ANY) return 1;
  if (rule === Rule.ALL) return count;
  return rule === Rule.MAJORITY ? Math.floor(count / 2) + 1 : 0;
}
