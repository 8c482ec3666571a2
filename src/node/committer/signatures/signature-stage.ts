// SPDX-License-Identifier: Apache-2.0
// The first half of validation: everything about a block's transactions that needs signatures but no ledger. It is
// pure, so it runs in verify workers for block n+1 while block n commits; a verdict is plain data.
import type { ChannelConfigBundle } from '../../../common/channelconfig/types.ts';
import type { Policy } from '../../../common/policies/types.ts';
import { protos } from '../../../common/protos/index.ts';
import type { ParsedTx, SerializedBlock } from '../../../ledger/blkstorage/index.ts';
import { checkAction, type NamespaceWrites } from '../action-checks.ts';
import type { NamespaceDefinition } from '../definition-tracker.ts';
import {
  type CheckedMessage,
  checkMessage,
  type EndorsedAction,
  type Sha256,
} from '../message-checks.ts';
import type { NamespacePolicies } from '../namespace-policies.ts';
import { legacyValidation, legacyValidator } from '../router.ts';
import { InvalidTransaction, type NamespaceVerdict, type TxVerdict } from '../verdict.ts';
import { endorsementSignatures } from './endorsement-signatures.ts';

const { TxValidationCode: Code } = protos;

/** Checks the signatures of a block, in this thread or another. Leaves the block's bytes as they are. */
export type SignatureStage = (
  block: SerializedBlock,
  bundle: ChannelConfigBundle,
  /** What the chain itself defines. */
  committed: readonly NamespaceDefinition[],
) => Promise<TxVerdict[]>;

/** What a configuration of the channel says about signatures. */
export interface SignatureContext {
  readonly bundle: ChannelConfigBundle;
  readonly policies: NamespacePolicies;
  readonly sha256?: Sha256;
}

/** One verdict for each transaction of the block, in order. Never rejects because of what a transaction holds. */
export function verifySignatures(
  { transactions }: Pick<SerializedBlock, 'transactions'>,
  context: SignatureContext,
): Promise<TxVerdict[]> {
  return Promise.all(transactions.map((tx) => verdictOf(tx, context)));
}

async function verdictOf(tx: ParsedTx, context: SignatureContext): Promise<TxVerdict> {
  try {
    const { channelId, mspManager } = context.bundle;
    const message = await checkMessage(tx, channelId, mspManager, context.sha256);
    const { txId, channelHeader, action } = message;
    const valid = { code: Code.VALID, txId, type: channelHeader.type, namespaces: [] };
    if (!action) return valid;
    const capabilities = legacyValidation(context.bundle);
    if (capabilities) {
      const { bundle, policies } = context;
      const { legacyVerdict } = await legacyValidator();
      const legacy = { bundle, capabilities, policies: policies.legacy };
      return { ...valid, ...(await legacyVerdict(tx, message, action, legacy)) };
    }
    return { ...valid, namespaces: await endorsementVerdicts(message, action, context.policies) };
  } catch (error) {
    if (!(error instanceof InvalidTransaction)) throw error;
    const { code, txId, type, message } = error;
    return { code, txId, type, namespaces: [], reason: message };
  }
}

async function endorsementVerdicts(
  message: CheckedMessage,
  endorsed: EndorsedAction,
  policies: NamespacePolicies,
): Promise<NamespaceVerdict[]> {
  const { namespaces } = checkAction(message, endorsed);
  const signatures = endorsementSignatures(endorsed);
  const outcomes = new Map<Policy, Promise<boolean>>();
  const satisfied = (policy: Policy | undefined): Promise<boolean> => {
    if (!policy) return Promise.resolve(false);
    const outcome = outcomes.get(policy) ?? policy.evaluateSignedData(signatures);
    outcomes.set(policy, outcome);
    return outcome;
  };
  return Promise.all(
    namespaces.map(async (writes) => ({
      ...writes,
      chaincodePolicySatisfied: await satisfied(requirePolicy(writes, policies, message)),
      collections: await Promise.all(
        writes.collections.map(async (collection) => ({
          ...collection,
          policySatisfied: await satisfied(
            policies.collectionPolicyOf(writes.namespace, collection.collection),
          ),
        })),
      ),
    })),
  );
}

function requirePolicy(
  { namespace }: NamespaceWrites,
  policies: NamespacePolicies,
  message: CheckedMessage,
): Policy {
  const policy = policies.policyOf(namespace);
  if (policy) return policy;
  throw new InvalidTransaction(Code.INVALID_CHAINCODE, `no chaincode ${namespace} is defined`, {
    txId: message.txId,
    type: message.channelHeader.type,
  });
}
