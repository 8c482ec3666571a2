// SPDX-License-Identifier: Apache-2.0
// The signature stage as a thread of its own offers it. A configuration travels as bytes, since policies and MSPs cannot.
import { createBundle } from '../../../common/channelconfig/index.ts';
import { type BCCSP, defaultBCCSP } from '../../../common/crypto/index.ts';
import { namespacePolicies } from '../../lifecycle/index.ts';
import {
  type NamespaceDefinition,
  parseReceived,
  type SignatureContext,
  type TxVerdict,
  verifySignatures,
} from '../index.ts';

/** What blocks are checked under. Structured-cloneable. */
export interface SignatureRules {
  readonly channelId: string;
  /** Serialized common.ConfigEnvelope. */
  readonly config: Uint8Array;
  /** What is deployed on the channel. */
  readonly definitions: readonly NamespaceDefinition[];
}

export interface SignatureWorker {
  /** Makes these the rules for the blocks of their channel that come after. */
  configure(rules: SignatureRules): Promise<void>;
  /** Drops the rules of a channel; blocks that came before still have them. */
  forget(channelId: string): Promise<void>;
  /** One verdict a transaction of a serialized common.Block of the channel. */
  verify(channelId: string, block: Uint8Array): Promise<TxVerdict[]>;
}

/** @param bccsp does the cryptography; the platform's when absent. */
export function createSignatureWorker(bccsp: BCCSP = defaultBCCSP()): SignatureWorker {
  // Promises, so that a block waits for rules that came before it, and those after it do not change its own.
  const contexts = new Map<string, Promise<SignatureContext>>();
  return {
    configure: async (rules) => {
      const context = contextOf(rules, bccsp);
      contexts.set(rules.channelId, context);
      await context;
    },
    forget: async (channelId) => {
      contexts.delete(channelId);
    },
    verify: async (channelId, bytes) => {
      const context = contexts.get(channelId);
      if (!context) throw new Error(`the signature worker has no rules of channel ${channelId}`);
      return verifySignatures(parseReceived(bytes), await context);
    },
  };
}

async function contextOf(rules: SignatureRules, bccsp: BCCSP): Promise<SignatureContext> {
  const bundle = await createBundle(rules.channelId, rules.config, bccsp);
  const policies = namespacePolicies(rules.definitions, bundle);
  return { bundle, policies, sha256: (data) => bccsp.sha256(data) };
}
