// SPDX-License-Identifier: Apache-2.0
// The name by which people know a member: told by its peer's gossip metadata, and by an attribute of its client's certificate
// (certificate-name.ts). Others choose it: it is shown beside a member's Fabric name, never in its place.

/** Of the client's certificate. */
export const DISPLAY_NAME_ATTRIBUTE = 'tabric.name';
/** Code points. */
export const MAX_DISPLAY_NAME = 40;
/** Longer texts are not looked at. */
const MAX_CHARACTERS = 1000;

/**
 * A name as it may be shown: one line without control and formatting characters, which could turn or hide what stands beside it, and with no
 * more than three marks on a letter. Undefined when nothing is left, or too much.
 */
export function displayNameOf(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > MAX_CHARACTERS) return undefined;
  const name = text
    .normalize('NFC')
    .replace(/[\s\p{Z}]+/gu, ' ')
    .replace(/\p{C}/gu, '')
    .replace(/(\p{M}{3})\p{M}+/gu, '$1')
    .trim();
  return name !== '' && [...name].length <= MAX_DISPLAY_NAME ? name : undefined;
}

/** The client that the CA enrols together with a peer: `user3.org1.example.com` for `peer3.org1.example.com`. */
export function clientOf(peer: string): string | undefined {
  const rest = /^peer(\d+\..+)$/.exec(peer)?.[1];
  return rest === undefined ? undefined : `user${rest}`;
}
