// SPDX-License-Identifier: Apache-2.0
// The signature stage as a thread of its own offers it. A configuration travels as bytes, since policies and MSPs cannot.
import { createBundle } from '../../common/channelconfig/index.ts';
import { type BCCSP, defaultBCCSP } from '../../common/crypto/index.ts';
import {
  decodeBlock,
  type NamespaceDefinition,
  type SignatureContext,
  type TxVerdict,
  verifySignatures,
} from '../committer/index.ts';
import { namespacePolicies } from '../lifecycle/index.ts';

/** What blocks are checked under. Structured-cloneable. */
export interface SignatureRules {
  readonly channelId: string;
  /** Serialized common.ConfigEnvelope. */
  readonly config: Uint8Array;
  /** What is deployed on the channel. */
  readonly definitions: readonly NamespaceDefinition[];
}

export interface SignatureWorker {
  /** Makes these the rules for the blocks that come after. */
  configure(rules: SignatureRules): Promise<void>;
  /** One verdict a transaction of a serialized common.Block. */
  verify(block: Uint8Array): Promise<TxVerdict[]>;
}

/** @param bccsp does the cryptography; the platform's when absent. */
export function createSignatureWorker(bccsp: BCCSP = defaultBCCSP()): SignatureWorker {
  // A promise, so that a block waits for rules that came before it, and those after it do not change its own.
  let context: Promise<SignatureContext> | undefined;
  return {
    configure: async (rules) => {
      context = contextOf(rules, bccsp);
      await context;
    },
    verify: async (bytes) => {
      if (!context) throw new Error('the signature worker has no rules');
      return verifySignatures(decodeBlock(bytes), await context);
    },
  };
}

async function contextOf(rules: SignatureRules, bccsp: BCCSP): Promise<SignatureContext> {
  const bundle = await createBundle(rules.channelId, rules.config, bccsp);
  const policies = namespacePolicies(rules.definitions, bundle);
  return { bundle, policies, sha256: (data) => bccsp.sha256(data) };
}
