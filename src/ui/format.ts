// SPDX-License-Identifier: Apache-2.0
// Numbers, times and values as people read them. Pure: the language and the present are arguments.

/** The part of a libp2p peer id that tells peers apart on a page and in test ids. */
export function shortId(peerId: string): string {
  return peerId.slice(-6);
}

/** The beginning of a hash or transaction id. */
export function shortHash(hash: string, characters = 10): string {
  return hash.length <= characters + 1 ? hash : `${hash.slice(0, characters)}…`;
}

/** `peer0.org1` of `peer0.org1.example.com`: what fits under a node of the picture. */
export function shortName(name: string): string {
  const parts = name.split('.');
  return parts.length > 3 ? parts.slice(0, 2).join('.') : (parts[0] ?? name);
}

/** Both names of a member in one line, e.g. `Li Wei (peer0.org1.example.com)`; empty for nobody. */
export function personText(
  who: { readonly name: string; readonly displayName?: string } | undefined,
): string {
  if (!who) return '';
  return who.displayName === undefined ? who.name : `${isolated(who.displayName)} (${who.name})`;
}

/** A message that names peers, with the names by which people know them. */
export function withPersons(
  message: string,
  peers: readonly { readonly name: string; readonly displayName?: string }[],
): string {
  const known = new Map(peers.map((peer) => [peer.name, peer]));
  return message.replace(/[\w-]+(?:\.[\w-]+)+/g, (name) => personText(known.get(name)) || name);
}

/** A text of others amid one's own, so that its direction of writing stays its own. */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** A name that others chose, as far as there is room for it. */
export function clipped(text: string, characters = 14): string {
  const all = [...text];
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join('')}…`;
}

export function formatNumber(value: number, language: string): string {
  return numbers(language).format(value);
}

// Making a formatter takes longer than all that it is used for on a page.
function perLanguage<Formatter>(make: (language: string) => Formatter) {
  const made = new Map<string, Formatter>();
  return (language: string): Formatter => {
    const formatter = made.get(language) ?? make(language);
    made.set(language, formatter);
    return formatter;
  };
}

const numbers = perLanguage((language) => new Intl.NumberFormat(language));
const times = perLanguage((language) => new Intl.DateTimeFormat(language, { timeStyle: 'medium' }));
const dateTimes = perLanguage(
  (language) => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }),
);
const ages = perLanguage(
  (language) => new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' }),
);

export function formatBytes(bytes: number, language: string): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value < 10 && unit > 0 ? 1 : 0;
  const text = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return `${text} ${units[unit]}`;
}

/** A duration: `3 ms`, `1.24 s`, `2.1 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1) return '<1 ms';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)} s`;
  return `${(ms / 60_000).toFixed(1)} min`;
}

export function formatTime(at: number, language: string): string {
  return times(language).format(at);
}

export function formatDateTime(at: number, language: string): string {
  return dateTimes(language).format(at);
}

const AGES: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

// Intl has no better than “现在”.
const JUST_NOW: Readonly<Record<string, string>> = { zh: '刚刚' };

/** `12 minutes ago`, or `now`; clocks differ between machines, so the future counts as now. */
export function formatAge(at: number, now: number, language: string): string {
  const age = Math.max(0, now - at);
  const relative = ages(language);
  for (const [unit, ms] of AGES) if (age >= ms) return relative.format(-Math.floor(age / ms), unit);
  return JUST_NOW[language.slice(0, 2)] ?? relative.format(0, 'second');
}

/** JSON indented, anything else as it is. */
export function prettyValue(value: string): { readonly text: string; readonly isJson: boolean } {
  const text = straightText(value);
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return { text, isJson: false };
  try {
    return { text: JSON.stringify(JSON.parse(trimmed), null, 2), isJson: true };
  } catch {
    return { text, isJson: false };
  }
}

/** The first so many bytes of a long value are shown. */
const SHOWN_BYTES = 1024;

/** Bytes in hex, sixteen on a line. */
export function hexOf(base64: string): { readonly count: number; readonly hex: string } {
  const bytes = atob(base64);
  const hex = Array.from(bytes.slice(0, SHOWN_BYTES), (byte, index) => {
    const gap = index === 0 ? '' : index % 16 === 0 ? '\n' : ' ';
    return gap + byte.charCodeAt(0).toString(16).padStart(2, '0');
  });
  const more = bytes.length > SHOWN_BYTES ? ' …' : '';
  return { count: bytes.length, hex: hex.join('') + more };
}

const named = (character: string): string => `⟨${character.codePointAt(0)?.toString(16)}⟩`;

/** Text in the order in which it is stored: what would turn it, or what stands behind it, is shown (the controls of Unicode's UAX 9). */
export function straightText(text: string): string {
  return text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, named);
}

/**
 * Keys as a line of text: the U+0000 and U+10FFFF that composite keys are made of are shown, not swallowed; and so is what has no shape of its own, or
 * turns the text around it, so that no key looks like another.
 */
export function visibleKey(key: string): string {
  return key.replace(/[\p{Cc}\p{Cf}\u2028\u2029\u{10ffff}]/gu, (character) => {
    const code = character.charCodeAt(0);
    if (character === '\u{10ffff}') return '⟂';
    if (code === 0x7f) return '␡';
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : named(character);
  });
}

export interface FieldChange {
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

const shown = (value: unknown): string => straightText(JSON.stringify(value));

/** The fields of a JSON object that differ between two values; undefined when either is no JSON object. */
export function fieldChanges(before: string, after: string): FieldChange[] | undefined {
  const old = jsonObject(before);
  const next = jsonObject(after);
  if (!old || !next) return undefined;
  const changes: FieldChange[] = [];
  for (const field of new Set([...Object.keys(old), ...Object.keys(next)])) {
    const was = Object.hasOwn(old, field) ? shown(old[field]) : undefined;
    const is = Object.hasOwn(next, field) ? shown(next[field]) : undefined;
    if (was === is) continue;
    changes.push({
      field,
      ...(was === undefined ? {} : { before: was }),
      ...(is === undefined ? {} : { after: is }),
    });
  }
  return changes;
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
