// SPDX-License-Identifier: Apache-2.0
// Checks of an endorser transaction's action and write set that need no ledger: what Fabric's
// core/committer/txvalidator/v20/plugindispatcher/dispatcher.go does before it asks a plugin.
import { kvrwset, protos, rwset } from '../../common/protos/index.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { CheckedMessage, EndorsedAction } from './message-checks.ts';
import { type CollectionVerdict, InvalidTransaction, type NamespaceVerdict } from './verdict.ts';

const { TxValidationCode: Code } = protos;

/** The writes of one namespace, by key, as far as endorsement policies care. */
export type NamespaceWrites = Omit<NamespaceVerdict, 'chaincodePolicySatisfied' | 'collections'> & {
  readonly collections: readonly CollectionWrites[];
};

/** The writes of one collection, by the hash of the key. */
export type CollectionWrites = Omit<CollectionVerdict, 'policySatisfied'>;

export interface CheckedAction {
  readonly chaincode: string;
  /** The namespaces whose policies must be satisfied: the invoked chaincode's and every written one. */
  readonly namespaces: readonly NamespaceWrites[];
}

/** Throws {@link InvalidTransaction} with Fabric's code when the action is not in order. */
export function checkAction(message: CheckedMessage, endorsed: EndorsedAction): CheckedAction {
  const about = { txId: message.txId, type: message.channelHeader.type };
  const invalid = (code: number, reason: string): InvalidTransaction =>
    new InvalidTransaction(code, reason, about);
  const { extension, action, sets } = decodeAction(message, endorsed);
  const chaincode = checkChaincodeIds(extension, action, invalid);
  checkEvent(action, chaincode, invalid);
  return { chaincode, namespaces: namespacesToValidate(chaincode, sets, invalid) };
}

/** The parts of an action, with both chaincode ids; throws {@link InvalidTransaction}. */
export function decodeAction(
  message: CheckedMessage,
  endorsed: EndorsedAction,
): {
  extension: protos.ChaincodeHeaderExtension;
  action: protos.ChaincodeAction;
  sets: NamespaceSet[];
} {
  const about = { txId: message.txId, type: message.channelHeader.type };
  const invalid = (code: number, reason: string): InvalidTransaction =>
    new InvalidTransaction(code, reason, about);
  const parse = <T>(code: number, what: string, run: () => T): T => {
    try {
      return run();
    } catch (error) {
      throw invalid(code, `${what}: ${messageOf(error)}`);
    }
  };
  const extension = parse(Code.BAD_HEADER_EXTENSION, 'header extension', () =>
    protos.ChaincodeHeaderExtension.decode(message.channelHeader.extension),
  );
  if (endorsed.extension.length === 0) {
    throw invalid(Code.BAD_RESPONSE_PAYLOAD, 'the response payload has no chaincode action');
  }
  const action = parse(Code.BAD_RESPONSE_PAYLOAD, 'chaincode action', () =>
    protos.ChaincodeAction.decode(endorsed.extension),
  );
  const sets = parse(Code.BAD_RWSET, 'read-write set', () => decodeReadWriteSet(action.results));
  if (!extension.chaincode_id || !action.chaincode_id) {
    throw invalid(Code.INVALID_OTHER_REASON, 'no chaincode id');
  }
  return { extension, action, sets };
}

/** The namespaces of a serialized rwset.TxReadWriteSet whose policies must be satisfied. Throws when it is none. */
export function namespaceWritesOf(chaincode: string, results: Uint8Array): NamespaceWrites[] {
  const invalid = (code: number, reason: string): InvalidTransaction =>
    new InvalidTransaction(code, reason);
  return namespacesToValidate(chaincode, decodeReadWriteSet(results), invalid);
}

/** The read-write set of one namespace, decoded. */
export interface NamespaceSet {
  readonly namespace: string;
  readonly kv: kvrwset.KVRWSet;
  readonly collections: readonly { readonly name: string; readonly set: kvrwset.HashedRWSet }[];
}

function decodeReadWriteSet(results: Uint8Array): NamespaceSet[] {
  return rwset.TxReadWriteSet.decode(results).ns_rwset.map((set) => ({
    namespace: set.namespace,
    kv: kvrwset.KVRWSet.decode(set.rwset),
    collections: set.collection_hashed_rwset.map((collection) => ({
      name: collection.collection_name,
      set: kvrwset.HashedRWSet.decode(collection.hashed_rwset),
    })),
  }));
}

type Invalid = (code: number, reason: string) => InvalidTransaction;

function checkChaincodeIds(
  extension: protos.ChaincodeHeaderExtension,
  action: protos.ChaincodeAction,
  invalid: Invalid,
): string {
  if (!extension.chaincode_id || !action.chaincode_id) {
    throw invalid(Code.INVALID_OTHER_REASON, 'no chaincode id');
  }
  const { name } = extension.chaincode_id;
  if (name === '') throw invalid(Code.INVALID_CHAINCODE, 'the chaincode has no name');
  if (name !== action.chaincode_id.name) {
    throw invalid(
      Code.INVALID_CHAINCODE,
      `proposed to ${name}, endorsed as ${action.chaincode_id.name}`,
    );
  }
  if (action.chaincode_id.version === '') {
    throw invalid(Code.INVALID_CHAINCODE, `the version of ${name} is missing`);
  }
  return name;
}

function checkEvent(action: protos.ChaincodeAction, chaincode: string, invalid: Invalid): void {
  if (action.events.length === 0) return;
  let event: protos.ChaincodeEvent;
  try {
    event = protos.ChaincodeEvent.decode(action.events);
  } catch (error) {
    throw invalid(Code.INVALID_OTHER_REASON, `chaincode event: ${messageOf(error)}`);
  }
  if (event.chaincode_id !== chaincode) {
    throw invalid(Code.INVALID_OTHER_REASON, `an event of ${event.chaincode_id}`);
  }
}

function namespacesToValidate(
  chaincode: string,
  sets: readonly NamespaceSet[],
  invalid: Invalid,
): NamespaceWrites[] {
  const seen = new Set<string>();
  for (const { namespace } of sets) {
    if (seen.has(namespace)) throw invalid(Code.ILLEGAL_WRITESET, `namespace ${namespace} twice`);
    seen.add(namespace);
  }
  const all = sets.map(writesOf);
  const relevant = all.filter((set) => hasWrites(set) || set.namespace === chaincode);
  if (seen.has(chaincode)) return relevant;
  const untouched = { writtenKeys: [], metadataKeys: [], collections: [] };
  return [{ namespace: chaincode, ...untouched }, ...relevant];
}

/** Its writes, by key. */
export function writesOf({ namespace, kv, collections }: NamespaceSet): NamespaceWrites {
  return {
    namespace,
    writtenKeys: kv.writes.map(({ key }) => key),
    metadataKeys: kv.metadata_writes.map(({ key }) => key),
    collections: collections.flatMap(({ name, set }) => {
      const writtenKeyHashes = set.hashed_writes.map(({ key_hash }) => toHex(key_hash));
      const metadataKeyHashes = set.metadata_writes.map(({ key_hash }) => toHex(key_hash));
      if (writtenKeyHashes.length + metadataKeyHashes.length === 0) return [];
      return [{ collection: name, writtenKeyHashes, metadataKeyHashes }];
    }),
  };
}

export function hasWrites({ writtenKeys, metadataKeys, collections }: NamespaceWrites): boolean {
  return writtenKeys.length + metadataKeys.length + collections.length > 0;
}
