// SPDX-License-Identifier: Apache-2.0
// Signature policies (common/cauthdsl): n out of rules, each a gate or a principal. Evaluation is greedy: rules are tried
// from left to right, each takes the first unused identity that fits, and nothing is ever taken back, so the order of
// rules and of signatures matters. That is Fabric's behaviour and must be copied.
import type { Identity, MSPManager } from '../msp/types.ts';
import { common } from '../protos/index.ts';
import { messageOf } from '../runtime/errors.ts';
import { PolicyError } from './errors.ts';
import { signatureSetToValidIdentities } from './signature-set.ts';
import type { IdentityPolicy, SignedData } from './types.ts';

type Evaluator = (identities: readonly Identity[], used: boolean[]) => Promise<boolean>;

const MAX_DEPTH = 64;

/** A policy over the members of one channel. */
export class SignaturePolicy implements IdentityPolicy {
  readonly #evaluate: Evaluator;
  readonly #mspManager: MSPManager;

  private constructor(evaluate: Evaluator, mspManager: MSPManager) {
    this.#evaluate = evaluate;
    this.#mspManager = mspManager;
  }

  /** Throws PolicyError POLICY_MALFORMED. */
  static fromEnvelope(
    { version, rule, identities }: common.SignaturePolicyEnvelope,
    mspManager: MSPManager,
  ): SignaturePolicy {
    if (version !== 0) malformed(`version ${version} is not understood`);
    return new SignaturePolicy(compile(rule, identities, 0), mspManager);
  }

  /** From serialized common.SignaturePolicyEnvelope. Throws PolicyError POLICY_MALFORMED. */
  static fromBytes(bytes: Uint8Array, mspManager: MSPManager): SignaturePolicy {
    let envelope: common.SignaturePolicyEnvelope;
    try {
      envelope = common.SignaturePolicyEnvelope.decode(bytes);
    } catch (cause) {
      return malformed(`cannot be decoded: ${messageOf(cause)}`, cause);
    }
    return SignaturePolicy.fromEnvelope(envelope, mspManager);
  }

  async evaluateSignedData(signatures: readonly SignedData[]): Promise<boolean> {
    return this.evaluateIdentities(
      await signatureSetToValidIdentities(signatures, this.#mspManager),
    );
  }

  evaluateIdentities(identities: readonly Identity[]): Promise<boolean> {
    return this.#evaluate(identities, new Array<boolean>(identities.length).fill(false));
  }
}

function malformed(text: string, cause?: unknown): never {
  throw new PolicyError('POLICY_MALFORMED', `signature policy ${text}`, { cause });
}

function compile(
  rule: common.SignaturePolicy | null | undefined,
  principals: readonly common.MSPPrincipal[],
  depth: number,
): Evaluator {
  if (!rule) return malformed('has an empty element');
  if (depth > MAX_DEPTH) return malformed('nests too deep');
  switch (rule.Type) {
    case 'signed_by':
      return signedBy(principals[rule.signed_by ?? -1]);
    case 'n_out_of': {
      const rules = rule.n_out_of?.rules ?? [];
      return nOutOf(
        rule.n_out_of?.n ?? 0,
        rules.map((inner) => compile(inner, principals, depth + 1)),
      );
    }
    default:
      return malformed('has an element of unknown type');
  }
}

function signedBy(principal: common.MSPPrincipal | undefined): Evaluator {
  if (!principal) return malformed('points to a principal that it does not have');
  return async (identities, used) => {
    for (const [index, identity] of identities.entries()) {
      if (used[index] || !(await identity.satisfiesPrincipal(principal))) continue;
      used[index] = true;
      return true;
    }
    return false;
  };
}

function nOutOf(n: number, rules: readonly Evaluator[]): Evaluator {
  return async (identities, used) => {
    let satisfied = 0;
    for (const rule of rules) {
      const attempt = [...used];
      if (!(await rule(identities, attempt))) continue;
      satisfied++;
      used.splice(0, used.length, ...attempt);
    }
    return satisfied >= n;
  };
}
