// SPDX-License-Identifier: Apache-2.0
// Checks of an endorser transaction's action and write set that need no policy: the first half of VSCCValidateTx in
// core/committer/txvalidator/v14/vscc_validator.go. What counts as a write depends on the capabilities.
import type { ApplicationCapabilities } from '../../../common/channelconfig/index.ts';
import { protos } from '../../../common/protos/index.ts';
import {
  decodeAction,
  hasWrites,
  type NamespaceSet,
  type NamespaceWrites,
  writesOf,
} from '../action-checks.ts';
import type { CheckedMessage, EndorsedAction } from '../message-checks.ts';
import { LSCC_NAMESPACE } from '../namespace-policies.ts';
import { InvalidTransaction } from '../verdict.ts';
import { isClosedToChaincodes, isClosedToClients, isSystemChaincode } from './system-chaincodes.ts';

const { TxValidationCode: Code } = protos;

export interface LegacyAction {
  readonly chaincode: string;
  /** Of the chaincode, as its endorsers knew it. */
  readonly version: string;
  /** The namespaces to be validated, in Fabric's order. */
  readonly namespaces: readonly NamespaceWrites[];
  readonly sets: readonly NamespaceSet[];
  readonly writesLscc: boolean;
}

/** Throws {@link InvalidTransaction} with Fabric's code when the action is not in order. */
export function checkLegacyAction(
  message: CheckedMessage,
  endorsed: EndorsedAction,
  capabilities: ApplicationCapabilities,
): LegacyAction {
  const about = { txId: message.txId, type: message.channelHeader.type };
  const invalid = (code: number, reason: string): InvalidTransaction =>
    new InvalidTransaction(code, reason, about);
  const { extension, action, sets } = decodeAction(message, endorsed);
  const { name: chaincode } = extension.chaincode_id ?? { name: '' };
  const { name: endorsedName, version } = action.chaincode_id ?? { name: '', version: '' };
  if (chaincode === '' || chaincode !== endorsedName || version === '') {
    const text = `proposed to '${chaincode}', endorsed as '${endorsedName}' of version '${version}'`;
    throw invalid(Code.INVALID_OTHER_REASON, text);
  }
  if (capabilities.v1_2Validation) checkEvent(action, chaincode, invalid);
  checkUnique(sets, invalid);
  const written = sets
    .map((set) => countedWrites(writesOf(set), capabilities))
    .filter((set) => hasWrites(set));
  checkWritten(chaincode, written, invalid);
  return {
    chaincode,
    version,
    sets,
    namespaces: namespacesToValidate(chaincode, written, capabilities),
    writesLscc: sets.some(
      ({ namespace, kv }) => namespace === LSCC_NAMESPACE && kv.writes.length > 0,
    ),
  };
}

type Invalid = (code: number, reason: string) => InvalidTransaction;

function checkEvent({ events }: protos.ChaincodeAction, chaincode: string, invalid: Invalid): void {
  if (events.length === 0) return;
  let of: string | undefined;
  try {
    of = protos.ChaincodeEvent.decode(events).chaincode_id;
  } catch {
    // Not of this chaincode either.
  }
  if (of !== chaincode) throw invalid(Code.INVALID_OTHER_REASON, `an event of ${of ?? 'nobody'}`);
}

function checkUnique(sets: readonly NamespaceSet[], invalid: Invalid): void {
  const seen = new Set<string>();
  for (const { namespace } of sets) {
    if (seen.has(namespace)) throw invalid(Code.ILLEGAL_WRITESET, `namespace ${namespace} twice`);
    seen.add(namespace);
  }
}

// An application's chaincode has no business in the state of those; of a system chaincode, only that it is invoked is looked at.
function checkWritten(
  chaincode: string,
  written: readonly NamespaceWrites[],
  invalid: Invalid,
): void {
  if (isSystemChaincode(chaincode)) {
    if (!isClosedToClients(chaincode)) return;
    throw invalid(Code.ILLEGAL_WRITESET, `${chaincode} cannot be invoked`);
  }
  const isForbidden = ({ namespace }: NamespaceWrites) =>
    namespace === LSCC_NAMESPACE || isClosedToChaincodes(namespace);
  const found = written.find(isForbidden);
  if (!found) return;
  throw invalid(Code.ILLEGAL_WRITESET, `${chaincode} writes to ${found.namespace}`);
}

// Private data and metadata do not count where the channel knows nothing of them.
function countedWrites(
  writes: NamespaceWrites,
  { privateChannelData, keyLevelEndorsement }: ApplicationCapabilities,
): NamespaceWrites {
  const collections = writes.collections
    .map((one) => (keyLevelEndorsement ? one : { ...one, metadataKeyHashes: [] }))
    .filter((one) => one.writtenKeyHashes.length + one.metadataKeyHashes.length > 0);
  return {
    ...writes,
    metadataKeys: keyLevelEndorsement ? writes.metadataKeys : [],
    collections: privateChannelData ? collections : [],
  };
}

// Before V1_2, what a chaincode does not write to is not validated, even if it was invoked.
function namespacesToValidate(
  chaincode: string,
  written: readonly NamespaceWrites[],
  { v1_2Validation }: ApplicationCapabilities,
): NamespaceWrites[] {
  const isInvoked = ({ namespace }: NamespaceWrites) => namespace === chaincode;
  const untouched = { namespace: chaincode, writtenKeys: [], metadataKeys: [], collections: [] };
  const invoked = written.find(isInvoked) ?? untouched;
  if (isSystemChaincode(chaincode)) return [invoked];
  if (!v1_2Validation) return [...written];
  return [invoked, ...written.filter((set) => !isInvoked(set))];
}
