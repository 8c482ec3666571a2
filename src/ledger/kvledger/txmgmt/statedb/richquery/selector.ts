// SPDX-License-Identifier: Apache-2.0
// Mango selectors: what CouchDB's mango_selector:normalize makes of them. Implicit operators become explicit, names of fields
// become paths, negations move down to the conditions, so that `{$not: {a: {$gt: 1}}}` is `{a: {$lte: 1}}`, which, as in
// CouchDB, matches no document without `a`.
import type { FieldPath } from './field-path.ts';
import { parseField } from './field-path.ts';
import { isObject, type Json } from './json.ts';
import { queryError } from './query-error.ts';
import type { RegexCompiler, TextMatcher } from './regex.ts';

export type Comparison = '$lt' | '$lte' | '$eq' | '$ne' | '$gte' | '$gt';

/** What must be true of one value. */
export type Condition =
  | { readonly op: Comparison; readonly arg: Json }
  | { readonly op: '$in' | '$nin'; readonly arg: readonly Json[] }
  | ArrayCondition
  | ValueCondition
  | { readonly op: '$exists'; readonly arg: boolean }
  | { readonly op: '$not'; readonly arg: Condition };

/** What only an array can meet. */
export type ArrayCondition =
  | { readonly op: '$all'; readonly arg: readonly Json[] }
  | { readonly op: '$size'; readonly arg: number }
  | { readonly op: '$elemMatch' | '$allMatch'; readonly arg: Selector };

/** What values of certain types can meet. */
export type ValueCondition =
  | { readonly op: '$type' | '$beginsWith'; readonly arg: string }
  | { readonly op: '$mod'; readonly divisor: number; readonly remainder: number }
  | { readonly op: '$regex'; readonly matches: TextMatcher }
  | { readonly op: '$keyMapMatch'; readonly arg: Selector };

export type Selector =
  | { readonly op: 'and' | 'or'; readonly args: readonly Selector[] }
  /** An empty path is the value itself. */
  | { readonly op: 'field'; readonly path: FieldPath; readonly condition: Condition };

// A query is a message of at most 100 MB; deeper ones only serve to exhaust the stack.
const MAX_DEPTH = 200;

/** Normalizes a selector; throws LedgerError QUERY_INVALID, as CouchDB refuses it. */
export function parseSelector(selector: Json, compile: RegexCompiler): Selector {
  if (!isObject(selector)) {
    throw queryError('invalid_selector_json', `Selector must be a JSON object, not: ${selector}`);
  }
  if (Object.keys(selector).length === 0) return { op: 'and', args: [] };
  const parsed = new SelectorParser(compile).parse(selector, [], false, 0);
  if (parsed.op === 'field' && parsed.path.length === 0) {
    const text = 'One or more conditions is missing a field name.';
    throw queryError('invalid_selector', text);
  }
  return parsed;
}

class SelectorParser {
  readonly #compile: RegexCompiler;

  constructor(compile: RegexCompiler) {
    this.#compile = compile;
  }

  parse(value: Json, path: FieldPath, negated: boolean, depth: number): Selector {
    if (depth > MAX_DEPTH) throw queryError('invalid_selector', 'The selector is nested too deep');
    const entries = isObject(value) ? Object.entries(value) : [];
    if (entries.length === 0) return this.#field(path, { op: '$eq', arg: value }, negated);
    const args = entries.map(([name, arg]) => this.#entry(name, arg, path, negated, depth + 1));
    return args.length === 1 ? (args[0] as Selector) : { op: negated ? 'or' : 'and', args };
  }

  #entry(name: string, arg: Json, path: FieldPath, negated: boolean, depth: number): Selector {
    const list = (op: 'and' | 'or', negateArgs: boolean): Selector => {
      if (!Array.isArray(arg)) throw badArg(name, arg);
      return { op, args: arg.map((sub: Json) => this.parse(sub, path, negateArgs, depth)) };
    };
    switch (name) {
      // Moving a negation inwards swaps the two.
      case '$and':
        return list(negated ? 'or' : 'and', negated);
      case '$or':
        return list(negated ? 'and' : 'or', negated);
      case '$nor':
        return list(negated ? 'or' : 'and', !negated);
      case '$not':
        if (!isObject(arg)) throw badArg(name, arg);
        return this.parse(arg, path, !negated, depth);
    }
    if (name.startsWith('$')) return this.#field(path, this.#condition(name, arg, depth), negated);
    return this.parse(arg, [...path, ...parseField(name)], negated, depth);
  }

  #field(path: FieldPath, condition: Condition, negated: boolean): Selector {
    return { op: 'field', path, condition: negated ? negate(condition) : condition };
  }

  #condition(op: string, arg: Json, depth: number): Condition {
    switch (op) {
      case '$lt':
      case '$lte':
      case '$eq':
      case '$ne':
      case '$gte':
      case '$gt':
        return { op, arg };
      case '$in':
      case '$nin':
      case '$all':
        if (!Array.isArray(arg)) throw badArg(op, arg);
        return { op, arg };
      case '$elemMatch':
      case '$allMatch':
      case '$keyMapMatch':
        if (!isObject(arg)) throw badArg(op, arg);
        return { op, arg: this.parse(arg, [], false, depth) };
      default:
        return this.#scalarCondition(op, arg);
    }
  }

  #scalarCondition(op: string, arg: Json): Condition {
    switch (op) {
      case '$exists':
        if (typeof arg !== 'boolean') throw badArg(op, arg);
        return { op, arg };
      case '$type':
      case '$beginsWith':
        if (typeof arg !== 'string') throw badArg(op, arg);
        return { op, arg };
      case '$size':
        if (!Number.isSafeInteger(arg) || Number(arg) < 0) throw badArg(op, arg);
        return { op, arg: Number(arg) };
      case '$mod':
        return { op, ...modulus(arg) };
      case '$regex':
        if (typeof arg !== 'string') throw badArg(op, arg);
        return { op, matches: this.#compile(arg) };
      default:
        throw queryError('invalid_operator', `Invalid operator: ${op}`);
    }
  }
}

function modulus(arg: Json): { divisor: number; remainder: number } {
  const [divisor, remainder, ...rest] = Array.isArray(arg) ? arg : [];
  const isGood = Number.isSafeInteger(divisor) && Number.isSafeInteger(remainder);
  if (!isGood || divisor === 0 || rest.length > 0) throw badArg('$mod', arg);
  return { divisor, remainder };
}

const OPPOSITES: Readonly<Record<Comparison, Comparison>> = {
  $lt: '$gte',
  $lte: '$gt',
  $eq: '$ne',
  $ne: '$eq',
  $gte: '$lt',
  $gt: '$lte',
};

function negate(condition: Condition): Condition {
  switch (condition.op) {
    case '$lt':
    case '$lte':
    case '$eq':
    case '$ne':
    case '$gte':
    case '$gt':
      return { op: OPPOSITES[condition.op], arg: condition.arg };
    case '$in':
      return { op: '$nin', arg: condition.arg };
    case '$nin':
      return { op: '$in', arg: condition.arg };
    case '$exists':
      return { op: '$exists', arg: !condition.arg };
    case '$not':
      return condition.arg;
    default:
      return { op: '$not', arg: condition };
  }
}

function badArg(op: string, arg: Json): Error {
  const text = (JSON.stringify(arg) ?? '').slice(0, 200);
  return queryError('bad_arg', `Bad argument for operator ${op}: ${text}`);
}
