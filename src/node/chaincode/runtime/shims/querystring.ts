// SPDX-License-Identifier: Apache-2.0
// In place of Node's querystring (lib/querystring.js): unlike URLSearchParams, it escapes a space as %20 and gives a plain object.

type Values = Readonly<Record<string, unknown>>;

const escapeText = (text: unknown): string => encodeURIComponent(String(text));

function unescapeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// As Node: what is neither text, number, bigint nor boolean is nothing.
function textOf(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return ['string', 'bigint', 'boolean'].includes(typeof value) ? String(value) : '';
}

export function stringify(values: Values = {}, separator = '&', equals = '='): string {
  return Object.entries(values)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map(
        (one) => `${escapeText(name)}${equals}${escapeText(textOf(one))}`,
      ),
    )
    .join(separator);
}

export function parse(text: string, separator = '&', equals = '='): Record<string, unknown> {
  const found: Record<string, string | string[]> = Object.create(null);
  if (typeof text !== 'string' || text === '') return found;
  for (const pair of text.split(separator)) {
    const at = pair.indexOf(equals);
    const [name, value] = (at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]).map(
      (part) => unescapeText(part.replaceAll('+', ' ')),
    );
    if (name === undefined || (pair === '' && value === '')) continue;
    const before = found[name];
    found[name] = before === undefined ? (value ?? '') : [before, value ?? ''].flat();
  }
  return found;
}

export { escapeText as escape, parse as decode, stringify as encode, unescapeText as unescape };
