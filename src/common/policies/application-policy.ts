// SPDX-License-Identifier: Apache-2.0
// What a chaincode definition holds as endorsement policy: a signature policy, or a reference to a policy of the channel
// (core/policy/application.go).

import type { MSPManager } from '../msp/types.ts';
import { protos } from '../protos/index.ts';
import { messageOf } from '../runtime/errors.ts';
import { PolicyError } from './errors.ts';
import { parsePolicy, policyToText } from './policy-parser.ts';
import { SignaturePolicy } from './signature-policy.ts';
import type { Policy, PolicyManager } from './types.ts';

/** Serialized ApplicationPolicy of a policy in Fabric's language, or of a path (`/Channel/…`). Throws PolicyError. */
export function createApplicationPolicy(text: string): Uint8Array {
  const policy = text.startsWith('/')
    ? { channel_config_policy_reference: text }
    : { signature_policy: parsePolicy(text) };
  return protos.ApplicationPolicy.encode(policy).finish();
}

/** The text of a serialized ApplicationPolicy: a policy in Fabric's language, or a path. Throws PolicyError. */
export function applicationPolicyToText(bytes: Uint8Array): string {
  const policy = decode(bytes);
  if (policy.Type === 'signature_policy' && policy.signature_policy) {
    return policyToText(policy.signature_policy);
  }
  return policy.channel_config_policy_reference ?? '';
}

/** The policy of a serialized ApplicationPolicy. Throws PolicyError when malformed or when the path is unknown. */
export function applicationPolicy(
  bytes: Uint8Array,
  channel: { readonly mspManager: MSPManager; readonly policyManager: PolicyManager },
): Policy {
  const policy = decode(bytes);
  if (policy.Type === 'signature_policy' && policy.signature_policy) {
    return SignaturePolicy.fromEnvelope(policy.signature_policy, channel.mspManager);
  }
  const path = policy.channel_config_policy_reference ?? '';
  if (channel.policyManager.hasPolicy(path)) return channel.policyManager.getPolicy(path);
  throw new PolicyError('POLICY_UNKNOWN', `no policy at ${path}`);
}

function decode(bytes: Uint8Array): protos.ApplicationPolicy {
  let policy: protos.ApplicationPolicy;
  try {
    policy = protos.ApplicationPolicy.decode(bytes);
  } catch (cause) {
    const text = `application policy cannot be decoded: ${messageOf(cause)}`;
    throw new PolicyError('POLICY_MALFORMED', text, { cause });
  }
  if (policy.Type) return policy;
  throw new PolicyError('POLICY_MALFORMED', 'application policy is of an unsupported type');
}
