// SPDX-License-Identifier: Apache-2.0
// The first half of validation: everything about a block's transactions that needs signatures but no ledger. It is
// pure, so it runs in verify workers for block n+1 while block n commits; a verdict is plain data.
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { Policy, SignedData } from '../../common/policies/types.ts';
import { type common, protos } from '../../common/protos/index.ts';
import { concat } from '../../common/runtime/bytes.ts';
import { checkAction, type NamespaceWrites } from './action-checks.ts';
import {
  type CheckedMessage,
  checkMessage,
  type EndorsedAction,
  type Sha256,
} from './message-checks.ts';
import type { NamespacePolicies } from './namespace-policies.ts';
import { InvalidTransaction, type NamespaceVerdict, type TxVerdict } from './verdict.ts';

const { TxValidationCode: Code } = protos;

/** What a configuration of the channel says about signatures. */
export interface SignatureContext {
  readonly bundle: ChannelConfigBundle;
  readonly policies: NamespacePolicies;
  readonly sha256?: Sha256;
}

/** One verdict for each transaction of the block, in order. Never rejects because of what a transaction holds. */
export function verifySignatures(
  block: common.Block,
  context: SignatureContext,
): Promise<TxVerdict[]> {
  return Promise.all((block.data?.data ?? []).map((envelope) => verdictOf(envelope, context)));
}

async function verdictOf(envelope: Uint8Array, context: SignatureContext): Promise<TxVerdict> {
  try {
    const { channelId, mspManager } = context.bundle;
    const message = await checkMessage(envelope, channelId, mspManager, context.sha256);
    const namespaces = message.action
      ? await endorsementVerdicts(message, message.action, context.policies)
      : [];
    return { code: Code.VALID, txId: message.txId, type: message.channelHeader.type, namespaces };
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

/** An endorser signs the response payload followed by its own identity. */
export function endorsementSignatures(endorsed: EndorsedAction): SignedData[] {
  return endorsed.endorsements.map(({ endorser, signature }) => ({
    data: concat(endorsed.proposalResponsePayload, endorser),
    identity: endorser,
    signature,
  }));
}
