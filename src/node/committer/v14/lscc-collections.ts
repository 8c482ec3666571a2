// SPDX-License-Identifier: Apache-2.0
// The private collections that a chaincode brings when it is instantiated or upgraded (validateRWSetAndCollection of
// core/handlers/validation/builtin/v12/validation_logic.go and v13/lscc_validation_logic.go).
import type { ApplicationCapabilities } from '../../../common/channelconfig/index.ts';
import { type common, type kvrwset, protos } from '../../../common/protos/index.ts';
import { equalBytes } from '../../../common/runtime/bytes.ts';
import { collectionKey } from '../../lifecycle/lscc/legacy-chaincodes.ts';
import type { LegacyDefinition } from '../definition-tracker.ts';
import { decoded, Objection } from './objection.ts';

const COLLECTION_NAME = /^[A-Za-z0-9_-]+$/;
const MAX_NESTING = 64;

export interface LsccCollections {
  readonly name: string;
  readonly isUpgrade: boolean;
  /** The argument that the collections stand in, if it was given. */
  readonly config: Uint8Array | undefined;
  /** All writes to the state of `lscc`. */
  readonly writes: readonly kvrwset.KVWrite[];
  /** The chaincode as it is before. */
  readonly deployed: LegacyDefinition | undefined;
  readonly capabilities: Pick<ApplicationCapabilities, 'v1_2Validation'>;
}

/** Throws {@link Objection}. */
export function checkLsccCollections(collections: LsccCollections): void {
  const { name, isUpgrade, config, writes, deployed, capabilities } = collections;
  if (writes.length > 2) throw new Objection('lscc may write two keys');
  const [, second] = writes;
  if (second && second.key !== collectionKey(name)) {
    throw new Objection(`lscc writes ${second.key}, not ${collectionKey(name)}`);
  }
  const none = new Uint8Array();
  if (!equalBytes(config ?? none, second?.value ?? none)) {
    throw new Objection(`lscc writes other collections of ${name} than were asked for`);
  }
  if (!isUpgrade && deployed?.collections) throw new Objection(`${name} has collections already`);
  if (!config) return;
  const proposed = collectionsIn(config);
  if (!capabilities.v1_2Validation) return;
  const known = checkEach(proposed);
  if (isUpgrade && deployed?.collections) checkKept(known, deployed.collections);
}

function collectionsIn(bytes: Uint8Array): protos.CollectionConfig[] {
  return decoded('package of collections', () => protos.CollectionConfigPackage.decode(bytes))
    .config;
}

type Collections = ReadonlyMap<string, protos.StaticCollectionConfig>;

function checkEach(configs: readonly protos.CollectionConfig[]): Collections {
  const known = new Map<string, protos.StaticCollectionConfig>();
  for (const { static_collection_config: one } of configs) {
    if (!one) throw new Objection('unknown kind of collection');
    const { name, maximum_peer_count: most, required_peer_count: least } = one;
    if (!COLLECTION_NAME.test(name)) throw new Objection(`collection name '${name}'`);
    if (known.has(name)) throw new Objection(`collection ${name} twice`);
    if (most < least || least < 0) throw new Objection(`${name}: ${least} to ${most} peers`);
    checkOrs(name, one.member_orgs_policy?.signature_policy?.rule, 0);
    known.set(name, one);
  }
  return known;
}

// Members are told by name, not by how many of them agree.
function checkOrs(
  name: string,
  rule: common.SignaturePolicy | null | undefined,
  depth: number,
): void {
  const { n_out_of: gate } = rule ?? {};
  if (!gate) return;
  if (gate.n !== 1 || depth > MAX_NESTING)
    throw new Objection(`${name}: its policy is not ORs only`);
  for (const inner of gate.rules) checkOrs(name, inner, depth + 1);
}

// Data that is there must stay under the rules that it was written under.
function checkKept(known: Collections, before: Uint8Array): void {
  for (const { static_collection_config: old } of collectionsIn(before)) {
    if (!old) throw new Objection('unknown kind of collection before');
    const next = known.get(old.name);
    if (!next) throw new Objection(`collection ${old.name} is missing`);
    if (!next.block_to_live.equals(old.block_to_live)) {
      throw new Objection(`collection ${old.name} changes its block to live`);
    }
  }
}
