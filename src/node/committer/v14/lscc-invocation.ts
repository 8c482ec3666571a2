// SPDX-License-Identifier: Apache-2.0
// What a transaction of `lscc` must be like to be valid: it instantiates or upgrades one chaincode, writes what it was asked to
// and nothing else, and whoever sent it may do so (ValidateLSCCInvocation of core/handlers/validation/builtin/v12/validation_logic.go and
// v13/lscc_validation_logic.go, which do the same).
import { PolicyError } from '../../../common/policies/index.ts';
import { common, protos } from '../../../common/protos/index.ts';
import { equalBytes } from '../../../common/runtime/bytes.ts';
import type { ParsedTx } from '../../../ledger/blkstorage/index.ts';
import { type ChaincodeData, decodeChaincodeData } from '../../lifecycle/lscc/chaincode-data.ts';
import type { NamespaceSet } from '../action-checks.ts';
import type { LegacyDefinition } from '../definition-tracker.ts';
import { LSCC_NAMESPACE } from '../namespace-policies.ts';
import type { LegacyAction } from './action-checks.ts';
import type { LegacyContext } from './endorsement-verdicts.ts';
import { type LsccArguments, lsccArgumentsOf } from './lscc-arguments.ts';
import { checkLsccCollections } from './lscc-collections.ts';
import { decoded, Objection } from './objection.ts';
import { isSystemChaincode } from './system-chaincodes.ts';

const { Type } = protos.ChaincodeSpec;
const TYPES: readonly number[] = [Type.GOLANG, Type.NODE, Type.JAVA, Type.CAR];
const NAME = /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/;
const VERSION = /^[A-Za-z0-9_.+-]+$/;
/** Channel, deployment, policy, escc, vscc; and collections where there may be some. */
const MAX_ARGUMENTS = 5;

/** Why the transaction is not valid, if it is not; every objection is an ENDORSEMENT_POLICY_FAILURE to Fabric. */
export async function lsccObjection(
  tx: ParsedTx,
  action: LegacyAction,
  context: LegacyContext,
): Promise<string | undefined> {
  try {
    await checkLsccInvocation(tx, action, context);
    return undefined;
  } catch (error) {
    if (error instanceof Objection) return error.message;
    throw error;
  }
}

async function checkLsccInvocation(
  tx: ParsedTx,
  { sets }: LegacyAction,
  context: LegacyContext,
): Promise<void> {
  const { policies, capabilities } = context;
  const asked = decoded('invocation', () => lsccArgumentsOf(tx));
  if (!asked) throw new Objection('malformed invocation of lscc');
  if (asked.fn !== 'deploy' && asked.fn !== 'upgrade') {
    throw new Objection(`function ${asked.fn} of lscc is not for transactions`);
  }
  const { name, version } = checkArguments(asked, capabilities.privateChannelData);
  const deployed = policies.namespaceOf(name)?.definition;
  const data = checkWrites(sets, name, version);
  const writes = sets.find(({ namespace }) => namespace === LSCC_NAMESPACE)?.kv.writes ?? [];
  const isUpgrade = asked.fn === 'upgrade';
  if (isUpgrade && !deployed) throw new Objection(`${name} is not instantiated`);
  if (!isUpgrade && deployed) throw new Objection(`${name} is already instantiated`);
  if (isUpgrade && deployed?.version === version) throw new Objection(`${name} has this version`);
  const hasCollections = isUpgrade ? capabilities.v1_2Validation : capabilities.privateChannelData;
  if (hasCollections) {
    checkLsccCollections({
      name,
      isUpgrade,
      config: asked.args[5],
      writes,
      deployed,
      capabilities,
    });
  } else if (writes.length !== 1) throw new Objection('lscc may write one key');
  await checkInstantiation(tx, data, isUpgrade ? deployed : undefined, context);
}

function checkArguments(
  { fn, args }: LsccArguments,
  hasCollections: boolean,
): { name: string; version: string } {
  const most = MAX_ARGUMENTS + (hasCollections ? 1 : 0);
  const [, deployment] = args;
  if (!deployment || args.length > most) {
    throw new Objection(`lscc(${fn}) with ${args.length} arguments`);
  }
  const { chaincode_spec: spec } = decoded('deployment', () =>
    protos.ChaincodeDeploymentSpec.decode(deployment),
  );
  if (!spec?.chaincode_id) throw new Objection(`lscc(${fn}) names no chaincode`);
  if (!TYPES.includes(spec.type)) throw new Objection(`chaincode of type ${spec.type}`);
  const { name, version } = spec.chaincode_id;
  if (!NAME.test(name) || isSystemChaincode(name)) throw new Objection(`chaincode name '${name}'`);
  if (!VERSION.test(version)) throw new Objection(`chaincode version '${version}'`);
  return { name, version };
}

function checkWrites(sets: readonly NamespaceSet[], name: string, version: string): ChaincodeData {
  const [first] = sets.find(({ namespace }) => namespace === LSCC_NAMESPACE)?.kv.writes ?? [];
  if (!first) throw new Objection('lscc writes nothing');
  if (first.key !== name) throw new Objection(`lscc writes ${first.key}, not ${name}`);
  const data = decoded('chaincode data', () => decodeChaincodeData(first.value));
  if (data.name !== name || data.version !== version) {
    throw new Objection(`lscc defines ${data.name} ${data.version}, not ${name} ${version}`);
  }
  const other = sets.find(
    ({ namespace, kv }) =>
      namespace !== LSCC_NAMESPACE && namespace !== name && kv.writes.length > 0,
  );
  if (other) throw new Objection(`lscc writes to ${other.namespace}`);
  return data;
}

// An upgrade must satisfy the policy that was set before, and from V1_1 on the one that it sets, too.
async function checkInstantiation(
  tx: ParsedTx,
  data: ChaincodeData,
  before: LegacyDefinition | undefined,
  context: LegacyContext,
): Promise<void> {
  const policies = before ? [before.instantiationPolicy] : [data.instantiationPolicy];
  if (before && context.capabilities.v1_1Validation) {
    const isSame = equalBytes(before.instantiationPolicy, data.instantiationPolicy);
    if (!isSame) policies.push(data.instantiationPolicy);
  }
  for (const policy of policies) {
    if (policy.length === 0) throw new Objection('no instantiation policy was specified');
    if (await isSentBy(tx, policy, context)) continue;
    throw new Objection('the instantiation policy is violated');
  }
}

async function isSentBy(
  { envelope, payload }: ParsedTx,
  policy: Uint8Array,
  { bundle }: LegacyContext,
): Promise<boolean> {
  const header = payload.header?.signature_header ?? new Uint8Array();
  const { creator } = common.SignatureHeader.decode(header);
  const signed = { data: envelope.payload, identity: creator, signature: envelope.signature };
  try {
    return await bundle.signaturePolicy(policy).evaluateSignedData([signed]);
  } catch (error) {
    if (error instanceof PolicyError) return false;
    throw error;
  }
}
