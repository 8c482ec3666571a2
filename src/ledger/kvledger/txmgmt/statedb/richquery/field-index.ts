// SPDX-License-Identifier: Apache-2.0
// An index over fields of the documents of a namespace, in memory: made by the first query that it serves, then kept in step with
// the blocks. It only names candidates: the query reads them from its own snapshot and tests them, so that an index may be
// of a newer state than the snapshot, as long as it is known what changed between the two.
import type { VersionedValue } from '../../../../types.ts';
import { Mutex } from '../../../../util/mutex.ts';
import type { StateSnapshot } from '../state-db.ts';
import { stateRange } from '../state-key.ts';
import type { ChangeLog } from './change-log.ts';
import { compareArrays, compareJson } from './collate.ts';
import { decodeDocument } from './document.ts';
import { valueAt } from './field-path.ts';
import type { IndexDefinition } from './index-definition.ts';
import type { Json } from './json.ts';
import { matches } from './matcher.ts';
import type { IndexRange } from './planner.ts';

interface Entry {
  readonly values: readonly Json[];
  readonly stateKey: string;
}

export class FieldIndex {
  readonly definition: IndexDefinition;
  readonly #namespace: string;
  readonly #changes: ChangeLog;
  readonly #updating = new Mutex();
  // Sorted by values, then keys.
  #entries: Entry[] = [];
  #asOf: number | undefined;

  constructor(namespace: string, definition: IndexDefinition, changes: ChangeLog) {
    this.#namespace = namespace;
    this.definition = definition;
    this.#changes = changes;
  }

  /** State keys of which no match within the range is missing; undefined when that cannot be said. */
  candidates(snapshot: StateSnapshot, range: IndexRange): Promise<Set<string> | undefined> {
    return this.#updating.run(async () => {
      const asOf = await this.#follow(snapshot);
      const later = this.#changes.between(this.#namespace, snapshot.asOf, asOf);
      if (!later) return undefined;
      const found = new Set(later);
      for (let i = this.#start(range); i < this.#entries.length; i++) {
        const entry = this.#entries[i] as Entry;
        if (isBeyond(entry, range)) break;
        found.add(entry.stateKey);
      }
      return found;
    });
  }

  // Brings the index to the snapshot's block, unless it is there or beyond. Gives its block.
  async #follow(snapshot: StateSnapshot): Promise<number> {
    const { asOf } = snapshot;
    if (this.#asOf !== undefined && this.#asOf >= asOf) return this.#asOf;
    const changed =
      this.#asOf === undefined
        ? undefined
        : this.#changes.between(this.#namespace, this.#asOf, asOf);
    if (changed) await this.#update(snapshot, [...changed]);
    else await this.#build(snapshot);
    this.#asOf = asOf;
    return asOf;
  }

  async #build(snapshot: StateSnapshot): Promise<void> {
    const entries: Entry[] = [];
    for await (const [stateKey, value] of snapshot.range(stateRange(this.#namespace, '', ''))) {
      const entry = this.#entryOf(stateKey, value);
      if (entry) entries.push(entry);
    }
    this.#entries = entries.sort(compareEntries);
  }

  async #update(snapshot: StateSnapshot, changed: readonly string[]): Promise<void> {
    if (changed.length === 0) return;
    const values = await snapshot.getMany(changed);
    const gone = new Set(changed);
    const kept = this.#entries.filter(({ stateKey }) => !gone.has(stateKey));
    const added = changed.flatMap((stateKey, i) => this.#entryOf(stateKey, values[i]) ?? []);
    // A sort of runs that are sorted already takes little more than a merge.
    this.#entries = [...kept, ...added.sort(compareEntries)].sort(compareEntries);
  }

  #entryOf(stateKey: string, value: VersionedValue | undefined): Entry | undefined {
    if (!value) return undefined;
    const document = decodeDocument(stateKey, value);
    const { columns, partialFilter } = this.definition;
    if (partialFilter && !matches(partialFilter, document)) return undefined;
    const values = columns.map(({ path }) => valueAt(document, path));
    return values.every((one) => one !== undefined) ? { values, stateKey } : undefined;
  }

  #start(range: IndexRange): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#entries[middle] as Entry, range)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compareEntries(a: Entry, b: Entry): number {
  return compareArrays(a.values, b.values) || (a.stateKey < b.stateKey ? -1 : 1);
}

function isBefore({ values }: Entry, { prefix, lower }: IndexRange): boolean {
  const order = compareArrays(values.slice(0, prefix.length), prefix);
  if (order !== 0 || !lower) return order < 0;
  const next = compareJson(values[prefix.length] as Json, lower.value);
  return lower.inclusive ? next < 0 : next <= 0;
}

function isBeyond({ values }: Entry, { prefix, upper }: IndexRange): boolean {
  const order = compareArrays(values.slice(0, prefix.length), prefix);
  if (order !== 0 || !upper) return order > 0;
  const next = compareJson(values[prefix.length] as Json, upper.value);
  return upper.inclusive ? next > 0 : next >= 0;
}
