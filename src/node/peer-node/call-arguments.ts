// SPDX-License-Identifier: Apache-2.0
// What a person or a script passes to submit and evaluate: strings and bytes, then options. A call with anything else is refused before it
// becomes a transaction that does something else than was meant.
import type { CallArgument, CallOptions } from '../api/tabric.ts';
import type { ProposalOptions } from '../gateway/index.ts';

const KNOWN_OPTIONS = ['transientData', 'endorsingOrganizations', 'isInit'] as const;

/** Throws TypeError, in words that say which argument is meant. */
export function proposalOptions(fn: unknown, given: readonly unknown[]): ProposalOptions {
  if (typeof fn !== 'string')
    throw new TypeError(`a function's name is a string, not ${kindOf(fn)}`);
  const last = given.at(-1);
  const options = isPlainObject(last) ? checkedOptions(last) : undefined;
  const values = options ? given.slice(0, -1) : given;
  return { ...options, arguments: values.map((value, index) => checkedArgument(value, index)) };
}

function checkedArgument(value: unknown, index: number): CallArgument {
  if (isArgument(value)) return value;
  const hint = isPlainObject(value)
    ? '; options come last, and JSON is passed as JSON.stringify makes it'
    : '';
  throw new TypeError(
    `argument ${index + 1} must be a string or a Uint8Array, not ${kindOf(value)}${hint}`,
  );
}

function checkedOptions(options: Readonly<Record<string, unknown>>): CallOptions {
  for (const key of Object.keys(options)) {
    if (KNOWN_OPTIONS.some((known) => known === key)) continue;
    throw new TypeError(
      `${JSON.stringify(key)} is no option of a call; known are ${KNOWN_OPTIONS.join(', ')}. An object as an argument is passed as a string, such as JSON.stringify makes`,
    );
  }
  const { transientData, endorsingOrganizations, isInit } = options;
  if (isInit !== undefined && typeof isInit !== 'boolean')
    throw new TypeError(`isInit is true or false, not ${kindOf(isInit)}`);
  return {
    ...(isInit && { isInit }),
    ...(transientData !== undefined && { transientData: checkedTransient(transientData) }),
    ...(endorsingOrganizations !== undefined && {
      endorsingOrganizations: checkedOrganizations(endorsingOrganizations),
    }),
  };
}

function checkedTransient(data: unknown): Record<string, CallArgument> {
  if (!isPlainObject(data))
    throw new TypeError(`transientData is an object of strings by name, not ${kindOf(data)}`);
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => {
      if (isArgument(value)) return [name, value];
      const what = `transientData.${name} must be a string or a Uint8Array, not ${kindOf(value)}`;
      throw new TypeError(what);
    }),
  );
}

function checkedOrganizations(names: unknown): readonly string[] {
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw new TypeError("endorsingOrganizations is a list of MSP ids, such as ['Org1MSP']");
}

const isArgument = (value: unknown): value is CallArgument =>
  typeof value === 'string' || value instanceof Uint8Array;

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  );
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}
