// SPDX-License-Identifier: Apache-2.0
// Rich queries over the state (ExecuteQuery of statedb/statecouchdb/statecouchdb.go). In Fabric they make the state another
// database; here values are stored the same way with or without them, and what they add is in memory: indexes, and the keys that
// the last blocks changed. So a peer may turn them on and off by opening its ledger again.
//
// Where CouchDB leaves the order of results to the index that it picked, they come in the order of their keys: endorsers of one
// transaction must not differ for having different indexes. Values come as they were written, but for `fields`.
import { fromUtf8 } from '../../../../../common/runtime/bytes.ts';
import { messageOf } from '../../../../../common/runtime/errors.ts';
import type { VersionedValue } from '../../../../types.ts';
import { byCode } from '../../../../util/sorted-map.ts';
import type { StateRow, StateSnapshot } from '../state-db.ts';
import { stateKey, stateRange } from '../state-key.ts';
import type { UpdateBatch } from '../update-batch.ts';
import { decodeBookmark, type Position } from './bookmark.ts';
import { ChangeLog } from './change-log.ts';
import { compareArrays } from './collate.ts';
import { decodeDocument, keyOf } from './document.ts';
import { FieldIndex } from './field-index.ts';
import { valueAt } from './field-path.ts';
import { parseIndexDefinition } from './index-definition.ts';
import type { Json, JsonObject } from './json.ts';
import { matches } from './matcher.ts';
import { type Plan, planQuery } from './planner.ts';
import { project } from './projection.ts';
import { parseQuery, type RichQuery } from './query.ts';
import { loadRegexCompiler, type RegexCompiler } from './regex.ts';
import type { RichRow } from './rich-results.ts';

// Reads of IndexedDB come in batches, which are many times faster than single ones.
const READ_BATCH = 200;

interface Match {
  readonly stateKey: string;
  readonly value: VersionedValue;
  readonly document: JsonObject;
}

export class RichQueries {
  readonly #changes = new ChangeLog();
  readonly #indexes = new Map<string, readonly FieldIndex[]>();

  /** Takes what a block changed, after it was applied to the state. */
  applied(blockNum: number, batch: UpdateBatch): void {
    this.#changes.record(blockNum, batch);
  }

  /**
   * Sets the indexes of a chaincode from the files of its package, by their paths below META-INF (Fabric's
   * ProcessIndexesForChaincodeDeploy). Gives one line for each file that is no index; the others count.
   */
  async processIndexesForChaincodeDeploy(
    namespace: string,
    metaInf: ReadonlyMap<string, Uint8Array>,
  ): Promise<string[]> {
    const problems: string[] = [];
    const indexes = new Map<string, FieldIndex>();
    for (const [path, bytes] of metaInf) {
      if (!/^statedb\/couchdb\/indexes\/[^/]+\.json$/.test(path)) continue;
      try {
        const compile = await compilerFor(fromUtf8(bytes));
        const definition = parseIndexDefinition(bytes, compile);
        const id = JSON.stringify([definition.ddoc, definition.name]);
        indexes.set(id, new FieldIndex(namespace, definition, this.#changes));
      } catch (error) {
        problems.push(`${path}: ${messageOf(error)}`);
      }
    }
    this.#indexes.set(namespace, [...indexes.values()]);
    return problems;
  }

  /**
   * Rows that a query gives, from after `bookmark` on. Throws LedgerError QUERY_INVALID.
   *
   * @param bookmark of the page before; `''` for what the query itself says.
   */
  async execute(
    namespace: string,
    text: string,
    bookmark: string,
    snapshot: StateSnapshot,
  ): Promise<AsyncGenerator<RichRow>> {
    const query = parseQuery(text, await compilerFor(text));
    const plan = planQuery(query, this.#indexes.get(namespace) ?? []);
    const after = decodeBookmark(bookmark || query.bookmark, query.sort?.fields.length ?? 0);
    return rowsOf(namespace, query, plan, after, snapshot);
  }
}

// The engine is large; a query that does not name the operator does not need it.
async function compilerFor(query: string): Promise<RegexCompiler> {
  // Its name may be written with escapes.
  if (/regex|\\u/.test(query)) return loadRegexCompiler();
  return () => {
    throw new TypeError('no $regex was seen');
  };
}

async function* rowsOf(
  namespace: string,
  query: RichQuery,
  plan: Plan<FieldIndex> | undefined,
  after: Position | undefined,
  snapshot: StateSnapshot,
): AsyncGenerator<RichRow> {
  const first = after && !query.sort ? `${after.key}\0` : '';
  const found = matchesOf(namespace, query, plan, first, snapshot);
  const ordered = query.sort ? await sorted(namespace, found, query, after) : unsorted(found);
  let toSkip = query.skip;
  for await (const { match, sortedBy } of ordered) {
    if (toSkip-- > 0) continue;
    const { value, version } = match.value;
    const key = keyOf(match.stateKey);
    const shown = query.fields ? project(match.document, query.fields) : value.slice();
    yield { result: { namespace, key, value: shown, version }, position: { key, sortedBy } };
  }
}

interface Ordered {
  readonly match: Match;
  readonly sortedBy: readonly Json[];
}

async function* unsorted(found: AsyncIterable<Match>): AsyncGenerator<Ordered> {
  for await (const match of found) yield { match, sortedBy: [] };
}

// Documents that lack a field of the sort are in no index of it, and so in no result.
async function sorted(
  namespace: string,
  found: AsyncIterable<Match>,
  { sort }: RichQuery,
  after: Position | undefined,
): Promise<Ordered[]> {
  const all: Ordered[] = [];
  for await (const match of found) {
    const values = sort?.fields.map(({ path }) => valueAt(match.document, path)) ?? [];
    if (values.every((value) => value !== undefined)) all.push({ match, sortedBy: values });
  }
  const sign = sort?.descending ? -1 : 1;
  const isId = sort?.fields[0]?.name === '_id';
  const order = (a: Ordered, b: readonly Json[], bKey: string): number =>
    sign * ((isId ? 0 : compareArrays(a.sortedBy, b)) || byCode(a.match.stateKey, bKey));
  all.sort((a, b) => order(a, b.sortedBy, b.match.stateKey));
  if (!after) return all;
  const afterKey = stateKey(namespace, after.key);
  return all.filter((row) => order(row, after.sortedBy, afterKey) > 0);
}

// In the order of keys, from `first` on.
async function* matchesOf(
  namespace: string,
  { selector }: RichQuery,
  plan: Plan<FieldIndex> | undefined,
  first: string,
  snapshot: StateSnapshot,
): AsyncGenerator<Match> {
  const candidates = await plan?.index.candidates(snapshot, plan.range);
  const rows = candidates
    ? readAll(snapshot, candidates, stateKey(namespace, first))
    : snapshot.range(stateRange(namespace, first, ''));
  // What changed since the index was made, or an index that cannot be used, must not show more than the index would.
  const filter = plan?.index.definition.partialFilter;
  for await (const [key, value] of rows) {
    const document = decodeDocument(key, value);
    if (filter && !matches(filter, document)) continue;
    if (matches(selector, document)) yield { stateKey: key, value, document };
  }
}

async function* readAll(
  snapshot: StateSnapshot,
  stateKeys: ReadonlySet<string>,
  first: string,
): AsyncGenerator<StateRow> {
  const wanted = [...stateKeys].filter((key) => key >= first).sort(byCode);
  for (let i = 0; i < wanted.length; i += READ_BATCH) {
    const batch = wanted.slice(i, i + READ_BATCH);
    const values = await snapshot.getMany(batch);
    for (const [j, key] of batch.entries()) {
      const value = values[j];
      if (value) yield [key, value];
    }
  }
}
