// SPDX-License-Identifier: Apache-2.0
// The affiliations of a CA: a tree of dotted names (fabric-ca's lib/serveraffiliations.go), kept in LevelDB. A CA begins with those of Fabric CA's own
// configuration file.
import type { KVStore } from '../../src/ledger/kv-store.ts';
import { Records, Serial } from '../data/records.ts';
import { RIGHTS } from './attribute-control.ts';
import { type Authority, isBelow } from './authority.ts';
import { authorizationFailure, CaError, CaErrorCode } from './errors.ts';
import type { IdentityRegistry, RegisteredIdentity } from './identity-registry.ts';

const DEFAULTS = [
  'org1',
  'org1.department1',
  'org1.department2',
  'org2',
  'org2.department1',
] as const;
const MAX_AFFILIATIONS = 10_000;

/** A node of the tree with what is below it. */
export interface AffiliationTree {
  readonly name: string;
  readonly affiliations?: readonly AffiliationTree[];
  /** That belong to it. */
  readonly identities?: readonly RegisteredIdentity[];
}

export interface AffiliationChange {
  /** Whether more than the one affiliation may be touched. */
  readonly force: boolean;
}

export class Affiliations {
  readonly #store: KVStore;
  readonly #records: Records<true>;
  readonly #registry: IdentityRegistry;
  readonly #serial = new Serial();

  constructor(store: KVStore, caName: string, registry: IdentityRegistry) {
    this.#store = store;
    this.#records = new Records(store, `affiliation/${caName}`);
    this.#registry = registry;
  }

  /** Whether there is one of this name; the root is always there. */
  async has(name: string): Promise<boolean> {
    return name === '' || (await this.#names()).includes(name);
  }

  /** All that the caller may see, from the root, or from the only one below the root. Throws CaError GETTING_AFFILIATION when there are none. */
  async all(authority: Authority): Promise<AffiliationTree> {
    authority.need(RIGHTS.affiliationMgr);
    const seen = (await this.#names()).filter((name) => authority.covers(name));
    const root = treeOf('', [...new Set(seen.flatMap(pathsTo))]);
    const [first, ...others] = root.affiliations ?? [];
    if (first) return others.length > 0 ? root : first;
    const text = 'No affiliations are configured on the CA';
    throw new CaError(404, CaErrorCode.GETTING_AFFILIATION, text);
  }

  /** One with all below it. Throws CaError GETTING_USER (which Fabric CA answers of what its database lacks). */
  async get(authority: Authority, name: string): Promise<AffiliationTree> {
    authority.need(RIGHTS.affiliationMgr);
    authority.needAffiliation(name);
    const names = await this.#names();
    needKnown(names, name);
    return treeOf(name, names);
  }

  /** Adds one; those above it too when forced. Throws CaError ADDING_AFFILIATION, and GETTING_USER when what is above it is missing. */
  add(authority: Authority, name: string, { force }: AffiliationChange): Promise<AffiliationTree> {
    authority.need(RIGHTS.affiliationMgr);
    return this.#serial.run(async () => {
      const names = await this.#names();
      if (names.includes(name))
        throw new CaError(409, CaErrorCode.ADDING_AFFILIATION, 'Affiliation already exists');
      authority.needAffiliation(name);
      const missing = pathsTo(name).filter((path) => !names.includes(path));
      if (missing.length > 1 && !force) {
        const text = "Parent affiliation does not exist, 'force' option required";
        throw new CaError(404, CaErrorCode.GETTING_USER, text);
      }
      if (names.length + missing.length > MAX_AFFILIATIONS)
        throw new CaError(400, CaErrorCode.ADDING_AFFILIATION, 'There are too many affiliations');
      await this.#write(missing, []);
      return { name };
    });
  }

  /** Renames one and all below it, for a registrar; identities move along when forced. */
  rename(
    authority: Authority,
    name: string,
    newName: string,
    { force }: AffiliationChange,
  ): Promise<AffiliationTree> {
    authority.need(RIGHTS.affiliationMgr);
    authority.needRegistrar();
    return this.#serial.run(async () => {
      const names = await this.#names();
      for (const one of [name, newName]) authority.needAffiliation(one);
      needKnown(names, name);
      if (names.includes(newName))
        throw new CaError(400, CaErrorCode.MODIFYING_AFFILIATION, 'Affiliation already exists');
      const above = pathsTo(newName).slice(0, -1);
      // A node below itself would have no end.
      if (isBelow(newName, name) || !above.every((path) => names.includes(path)))
        throw new CaError(
          400,
          CaErrorCode.MODIFYING_AFFILIATION,
          'It has no such place in the tree',
        );
      const identities = await this.#identitiesIn(name);
      if (identities.length > 0 && !force) {
        const text = "Identities have this affiliation, 'force' option required to change them";
        throw new CaError(400, CaErrorCode.MODIFYING_AFFILIATION, text);
      }
      const moved = (one: string): string => newName + one.slice(name.length);
      const old = names.filter((one) => isBelow(one, name));
      await this.#write(old.map(moved), old);
      for (const { id, affiliation } of identities)
        await this.#registry.update(id, { affiliation: moved(affiliation) });
      return treeOf(newName, await this.#names(), await this.#identitiesIn(newName));
    });
  }

  /** Removes one, for a registrar; when forced also all below it and the identities in them, by `removeIdentities`. */
  remove(
    authority: Authority,
    name: string,
    {
      force,
      removeIdentities,
    }: AffiliationChange & {
      readonly removeIdentities: (ids: readonly string[]) => Promise<void>;
    },
  ): Promise<AffiliationTree> {
    authority.need(RIGHTS.affiliationMgr);
    authority.needRegistrar();
    return this.#serial.run(async () => {
      if (authority.caller.affiliation === name) {
        const text = `Cannot remove affiliation '${name}': the caller has it`;
        throw authorizationFailure(text);
      }
      const names = await this.#names();
      authority.needAffiliation(name);
      needKnown(names, name);
      const gone = names.filter((one) => isBelow(one, name));
      const identities = await this.#identitiesIn(name);
      if ((gone.length > 1 || identities.length > 0) && !force) {
        const text = `Cannot remove '${name}': it has affiliations or identities below it, 'force' option required`;
        throw authorizationFailure(text);
      }
      for (const identity of identities) authority.needManage(identity);
      if (identities.length > 0) await removeIdentities(identities.map(({ id }) => id));
      await this.#write([], gone);
      return treeOf(name, gone, identities);
    });
  }

  async #identitiesIn(name: string): Promise<RegisteredIdentity[]> {
    const identities = await this.#registry.list();
    return identities.filter(({ affiliation }) => affiliation !== '' && isBelow(affiliation, name));
  }

  async #names(): Promise<string[]> {
    const stored = (await this.#records.list()).map(([name]) => name);
    if (stored.length > 0) return stored.filter((name) => name !== STARTED);
    await this.#write([...DEFAULTS, STARTED], []);
    return [...DEFAULTS];
  }

  async #write(added: readonly string[], removed: readonly string[]): Promise<void> {
    const operations = [
      ...removed.map((name) => this.#records.remove(name)),
      ...added.map((name) => this.#records.put(name, true)),
    ];
    await this.#store.write(operations, { durable: true });
  }
}

/** Tells a CA whose affiliations were all removed from one that has just begun. No affiliation is called so. */
const STARTED = '.';

function needKnown(names: readonly string[], name: string): void {
  if (names.includes(name)) return;
  throw new CaError(404, CaErrorCode.GETTING_USER, `Failed to get affiliation '${name}'`);
}

function pathsTo(name: string): string[] {
  const parts = name.split('.');
  return parts.map((_, at) => parts.slice(0, at + 1).join('.'));
}

function treeOf(
  name: string,
  names: readonly string[],
  identities: readonly RegisteredIdentity[] = [],
): AffiliationTree {
  const below = groupedBy(names, (one) => pathsTo(one).at(-2) ?? '');
  const owners = groupedBy(identities, ({ affiliation }) => affiliation);
  const node = (one: string): AffiliationTree => {
    const [children, own] = [below.get(one), owners.get(one)];
    return {
      name: one,
      ...(children && { affiliations: children.map(node) }),
      ...(own && { identities: own }),
    };
  };
  return node(name);
}

function groupedBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}
