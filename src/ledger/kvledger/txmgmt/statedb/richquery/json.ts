// SPDX-License-Identifier: Apache-2.0
// JSON as the rich queries see it. A value of the state is a document when Go's json.Unmarshal would make a map of it, as in
// statecouchdb/couchdoc_conv.go; anything else is bytes, which no selector matches.
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const OPENING_BRACE = /^[ \t\r\n]*\{/;
// Only these can be beyond the numbers of Go, which refuses them; JavaScript reads them as infinite.
const LARGE_NUMBER = /[eE]\+?\d{3}|\d{300}/;

/** The object that a value of the state holds as JSON; undefined when it holds none. */
export function documentOf(value: Uint8Array): JsonObject | undefined {
  const text = decoder.decode(value);
  if (!OPENING_BRACE.test(text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isObject(parsed)) return undefined;
    return LARGE_NUMBER.test(text) && hasInfinity(parsed) ? undefined : parsed;
  } catch {
    return undefined;
  }
}

function hasInfinity(value: Json): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(hasInfinity);
}
