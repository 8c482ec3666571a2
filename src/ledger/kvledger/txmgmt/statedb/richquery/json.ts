// SPDX-License-Identifier: Apache-2.0
// JSON as the rich queries see it. A value of the state is a document when Go's json.Unmarshal would make a map of it, as in
// statecouchdb/couchdoc_conv.go; anything else is bytes, of which a selector sees the key only.
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
// What Go's decoder takes (maxNestingDepth of encoding/json), the object itself counted.
const MAX_NESTING = 10_000;
const OPENING = /[[{]/g;

/** The object that a value of the state holds as JSON; undefined when it holds none. */
export function documentOf(value: Uint8Array): JsonObject | undefined {
  const text = decoder.decode(value);
  if (!OPENING_BRACE.test(text)) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isObject(parsed)) return undefined;
    return isDoubtful(text) && !isReadByGo(parsed) ? undefined : parsed;
  } catch {
    return undefined;
  }
}

function isDoubtful(text: string): boolean {
  if (LARGE_NUMBER.test(text)) return true;
  return text.length > 2 * MAX_NESTING && (text.match(OPENING)?.length ?? 0) > MAX_NESTING;
}

// Walks without recursion: whoever writes a value decides how deep it is, and stacks differ from thread to thread.
function isReadByGo(document: JsonObject): boolean {
  const todo: [value: Json, depth: number][] = [[document, 1]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [value, depth] = next;
    if (typeof value === 'number' && !Number.isFinite(value)) return false;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MAX_NESTING) return false;
    for (const member of Object.values(value)) todo.push([member, depth + 1]);
  }
  return true;
}
