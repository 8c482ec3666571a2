// SPDX-License-Identifier: Apache-2.0
// The tree of policies of a channel, shaped like its config groups (common/policies/policy.go).
import type { MSPManager } from '../msp/types.ts';
import { common } from '../protos/index.ts';
import { messageOf } from '../runtime/errors.ts';
import { PolicyError } from './errors.ts';
import { ImplicitMetaPolicy } from './implicit-meta-policy.ts';
import { SignaturePolicy } from './signature-policy.ts';
import type { IdentityPolicy, PolicyManager } from './types.ts';

/** Name of the root group in paths. */
export const CHANNEL_PREFIX = 'Channel';

const MAX_DEPTH = 16;

/** Rejects everything: what an unknown path gives. */
export const rejectPolicy: IdentityPolicy = Object.freeze({
  evaluateSignedData: () => Promise.resolve(false),
  evaluateIdentities: () => Promise.resolve(false),
});

/** The policies of one config group and of those below it. */
export class PolicyManagerImpl implements PolicyManager {
  readonly #path: string;
  readonly #managers: ReadonlyMap<string, PolicyManagerImpl>;
  // Own policies by name, and those of groups below by `Group/Name`.
  readonly #policies = new Map<string, IdentityPolicy>();

  private constructor(path: string, managers: ReadonlyMap<string, PolicyManagerImpl>) {
    this.#path = path;
    this.#managers = managers;
  }

  /** Throws PolicyError when a policy of the tree is malformed or of unknown type. */
  static create(
    group: common.IConfigGroup,
    mspManager: MSPManager,
    path = CHANNEL_PREFIX,
    depth = 0,
  ): PolicyManagerImpl {
    if (depth > MAX_DEPTH) throw new PolicyError('POLICY_MALFORMED', 'config groups nest too deep');
    const managers = new Map<string, PolicyManagerImpl>();
    for (const [name, child] of Object.entries(group.groups ?? {})) {
      managers.set(name, PolicyManagerImpl.create(child, mspManager, `${path}/${name}`, depth + 1));
    }
    const manager = new PolicyManagerImpl(path, managers);
    for (const [name, { policy }] of Object.entries(group.policies ?? {})) {
      manager.#policies.set(name, manager.#compile(name, policy, mspManager));
    }
    for (const [groupName, child] of managers) {
      for (const [name, policy] of child.#policies) {
        manager.#policies.set(`${groupName}/${name}`, policy);
      }
    }
    return manager;
  }

  getPolicy(path: string): IdentityPolicy {
    return this.#find(path) ?? rejectPolicy;
  }

  hasPolicy(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  /** The manager of a group below this one: `['Application', 'Org1']`. */
  manager(path: readonly string[]): PolicyManagerImpl | undefined {
    const [name, ...rest] = path;
    return name === undefined ? this : this.#managers.get(name)?.manager(rest);
  }

  #find(path: string): IdentityPolicy | undefined {
    if (!path.startsWith('/')) return this.#policies.get(path);
    // Fabric compares the prefix only and then cuts as many characters, separator unseen.
    if (!path.startsWith(`/${this.#path}`)) return undefined;
    return this.#policies.get(path.slice(this.#path.length + 2));
  }

  #compile(
    name: string,
    policy: common.IPolicy | null | undefined,
    mspManager: MSPManager,
  ): IdentityPolicy {
    const value = policy?.value ?? new Uint8Array();
    try {
      switch (policy?.type) {
        case common.Policy.PolicyType.SIGNATURE:
          return SignaturePolicy.fromBytes(value, mspManager);
        case common.Policy.PolicyType.IMPLICIT_META:
          return this.#implicitMeta(common.ImplicitMetaPolicy.decode(value), mspManager);
        default:
          throw new PolicyError('POLICY_MALFORMED', `unknown policy type ${policy?.type}`);
      }
    } catch (cause) {
      const text = `policy ${name} at path ${this.#path} did not compile: ${messageOf(cause)}`;
      throw new PolicyError('POLICY_MALFORMED', text, { cause });
    }
  }

  #implicitMeta(
    { rule, sub_policy }: common.ImplicitMetaPolicy,
    mspManager: MSPManager,
  ): IdentityPolicy {
    const children = [...this.#managers.values()];
    const subPolicies = children.map((child) => child.#find(sub_policy) ?? rejectPolicy);
    return new ImplicitMetaPolicy(rule, subPolicies, mspManager);
  }
}
