// SPDX-License-Identifier: Apache-2.0
// The state of `_lifecycle`: each field of a structure under a key of its own (core/chaincode/lifecycle/serializer.go).
import { lifecycle } from '../../common/protos/index.ts';
import { toNumber } from '../../common/protoutil/index.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { QueryExecutor } from '../../ledger/types.ts';
import { LIFECYCLE_NAMESPACE } from '../committer/namespace-policies.ts';

/** What is read of the state; every QueryExecutor offers it. */
export type LifecycleState = Pick<QueryExecutor, 'getStateMultipleKeys' | 'getStateRange'>;

const METADATA_PREFIX = 'namespaces/metadata/';
const AFTER_METADATA = 'namespaces/metadata0';
const DEFINITION_FIELDS = ['Sequence', 'EndorsementInfo', 'ValidationInfo', 'Collections'] as const;
/** Datatype of a committed definition; others may come to stand beside. */
const DEFINITION_DATATYPE = 'ChaincodeDefinition';

/** The stored fields of a definition; zero or empty where the state has none. */
export interface DefinitionFields {
  readonly sequence: number;
  readonly endorsementInfo: Uint8Array;
  readonly validationInfo: Uint8Array;
  readonly collections: Uint8Array;
}

/** Names of the committed definitions, in byte order. Throws FabricError LIFECYCLE_STATE_MALFORMED. */
export async function definedNames(state: LifecycleState): Promise<string[]> {
  const rows = await state.getStateRange(LIFECYCLE_NAMESPACE, METADATA_PREFIX, AFTER_METADATA);
  try {
    const names: string[] = [];
    for (let row = await rows.next(); row; row = await rows.next()) {
      const { key, value } = row;
      const { datatype } = decoded(key, () => lifecycle.StateMetadata.decode(value));
      if (datatype === DEFINITION_DATATYPE) names.push(key.slice(METADATA_PREFIX.length));
    }
    return names;
  } finally {
    rows.close();
  }
}

/** The fields of one definition; undefined when none is committed. Throws FabricError LIFECYCLE_STATE_MALFORMED. */
export async function definitionFields(
  state: LifecycleState,
  name: string,
): Promise<DefinitionFields | undefined> {
  const keys = [METADATA_PREFIX + name, ...DEFINITION_FIELDS.map((field) => fieldKey(name, field))];
  const [metadata, ...values] = await state.getStateMultipleKeys(LIFECYCLE_NAMESPACE, keys);
  if (!metadata) return undefined;
  const [, endorsementInfo, validationInfo, collections] = DEFINITION_FIELDS.map((field, i) => {
    const value = values[i] ?? new Uint8Array();
    return decoded(`${name}/${field}`, () => lifecycle.StateData.decode(value));
  });
  return {
    sequence: sequenceOf(name, values[0]),
    endorsementInfo: endorsementInfo?.Bytes ?? new Uint8Array(),
    validationInfo: validationInfo?.Bytes ?? new Uint8Array(),
    collections: collections?.Bytes ?? new Uint8Array(),
  };
}

/**
 * Reads all that is stored of a definition, if there is one, for the sake of the reads (ChaincodeDefinitionIfDefined): a simulation
 * depends on the collections that it uses.
 */
export async function readDefinition(state: LifecycleState, name: string): Promise<void> {
  const keys = [METADATA_PREFIX + name];
  const [metadata] = await state.getStateMultipleKeys(LIFECYCLE_NAMESPACE, keys);
  if (metadata) await definitionFields(state, name);
}

/** Where the sequence of a definition stands. */
export function sequenceKey(name: string): string {
  return fieldKey(name, 'Sequence');
}

/** The sequence that is stored for a definition, 0 when there is none. Throws FabricError LIFECYCLE_STATE_MALFORMED. */
export function sequenceOf(name: string, stored: Uint8Array | undefined): number {
  return decoded(`${name}/Sequence`, () =>
    toNumber(lifecycle.StateData.decode(stored ?? new Uint8Array()).Int64 ?? 0),
  );
}

function fieldKey(name: string, field: (typeof DEFINITION_FIELDS)[number]): string {
  return `namespaces/fields/${name}/${field}`;
}

/** Runs a decoder of stored bytes; throws FabricError LIFECYCLE_STATE_MALFORMED. */
export function decoded<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    const text = `${what} in the state of _lifecycle cannot be read: ${messageOf(cause)}`;
    throw new FabricError('LIFECYCLE_STATE_MALFORMED', text, { cause });
  }
}
