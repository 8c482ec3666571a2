// SPDX-License-Identifier: Apache-2.0
// What the signatures of an endorser transaction say by the rules before application capability V2_0: the second half of
// VSCCValidateTx in core/committer/txvalidator/v14/vscc_validator.go, and the plugin of
// core/handlers/validation/builtin/v12 and v13. Chaincodes are those of `lscc`, and have versions.
import type {
  ApplicationCapabilities,
  ChannelConfigBundle,
} from '../../../common/channelconfig/index.ts';
import { decodeSerializedIdentity } from '../../../common/msp/index.ts';
import type { SignedData } from '../../../common/policies/types.ts';
import { protos } from '../../../common/protos/index.ts';
import { toHex } from '../../../common/runtime/bytes.ts';
import { FabricError } from '../../../common/runtime/errors.ts';
import type { ParsedTx } from '../../../ledger/blkstorage/index.ts';
import type { NamespaceWrites } from '../action-checks.ts';
import type { CheckedMessage, EndorsedAction } from '../message-checks.ts';
import { type LegacyPolicies, LSCC_NAMESPACE } from '../namespace-policies.ts';
import { endorsementSignatures } from '../signatures/endorsement-signatures.ts';
import type { NamespaceVerdict, TxVerdict } from '../verdict.ts';
import { checkLegacyAction, type LegacyAction } from './action-checks.ts';
import { upgradedChaincode } from './lscc-arguments.ts';
import { lsccObjection } from './lscc-invocation.ts';
import { isSystemChaincode } from './system-chaincodes.ts';

const { TxValidationCode: Code } = protos;
const VALIDATION_PLUGIN = 'vscc';

export interface LegacyContext {
  readonly bundle: ChannelConfigBundle;
  readonly capabilities: ApplicationCapabilities;
  readonly policies: LegacyPolicies;
}

export type LegacyVerdict = Pick<
  TxVerdict,
  'namespaces' | 'invoked' | 'upgraded' | 'writesLscc' | 'reason'
>;

/**
 * Throws InvalidTransaction with Fabric's code when the action is not in order, and FabricError VALIDATION_PLUGIN_UNKNOWN when
 * a chaincode asks for a foreign plugin, which must halt the channel.
 */
export async function legacyVerdict(
  tx: ParsedTx,
  message: CheckedMessage,
  endorsed: EndorsedAction,
  context: LegacyContext,
): Promise<LegacyVerdict> {
  const action = checkLegacyAction(message, endorsed, context.capabilities);
  const signatures = signaturesOf(endorsed, context.capabilities);
  const namespaces: NamespaceVerdict[] = [];
  for (const writes of action.namespaces) {
    const verdict = await namespaceVerdict(writes, action, signatures, context);
    namespaces.push(verdict);
    if (verdict.code !== undefined) break;
  }
  const { chaincode: invoked, writesLscc } = action;
  const verdict = { namespaces, invoked, writesLscc };
  if (invoked !== LSCC_NAMESPACE) return verdict;
  const objection = await lsccObjection(tx, action, context);
  if (objection !== undefined) {
    const code = Code.ENDORSEMENT_POLICY_FAILURE;
    return {
      ...verdict,
      namespaces: namespaces.map((one) => ({ ...one, code })),
      reason: objection,
    };
  }
  const upgraded = upgradedChaincode(tx);
  return upgraded === undefined ? verdict : { ...verdict, upgraded };
}

// Before V1_3, one identity counts by its first signature, good or bad; undefined when one of them is none, which nobody forgives.
function signaturesOf(
  endorsed: EndorsedAction,
  { v1_3Validation }: ApplicationCapabilities,
): SignedData[] | undefined {
  const signatures = endorsementSignatures(endorsed);
  if (v1_3Validation) return signatures;
  const seen = new Map<string, SignedData>();
  try {
    for (const signature of signatures) {
      const { mspid, id_bytes } = decodeSerializedIdentity(signature.identity);
      const key = `${mspid} ${toHex(id_bytes)}`;
      if (!seen.has(key)) seen.set(key, signature);
    }
  } catch {
    return undefined;
  }
  return [...seen.values()];
}

async function namespaceVerdict(
  writes: NamespaceWrites,
  { chaincode, version }: LegacyAction,
  signatures: readonly SignedData[] | undefined,
  { policies }: LegacyContext,
): Promise<NamespaceVerdict> {
  const { namespace } = writes;
  const refused = (code?: number): NamespaceVerdict => ({
    ...writes,
    ...outcome(writes, false),
    ...(code !== undefined && { code }),
  });
  let policy = policies.anyMember;
  if (!isSystemChaincode(namespace)) {
    const found = policies.namespaceOf(namespace);
    if (!found || found.definition.vscc === '' || found.definition.policy.length === 0) {
      return refused(Code.INVALID_OTHER_REASON);
    }
    if (namespace === chaincode && found.definition.version !== version) {
      return refused(Code.EXPIRED_CHAINCODE);
    }
    checkPlugin(namespace, found.definition.vscc);
    ({ policy } = found);
  }
  if (!signatures) return refused();
  return { ...writes, ...outcome(writes, await policy.evaluateSignedData(signatures)) };
}

// Collections have no policies of their own yet.
function outcome(
  { collections }: NamespaceWrites,
  policySatisfied: boolean,
): Pick<NamespaceVerdict, 'chaincodePolicySatisfied' | 'collections'> {
  return {
    chaincodePolicySatisfied: policySatisfied,
    collections: collections.map((one) => ({ ...one, policySatisfied })),
  };
}

function checkPlugin(namespace: string, vscc: string): void {
  if (vscc === VALIDATION_PLUGIN) return;
  const text = `chaincode ${namespace} is validated by plugin ${vscc}, which is not here; its transactions cannot be judged`;
  throw new FabricError('VALIDATION_PLUGIN_UNKNOWN', text);
}
