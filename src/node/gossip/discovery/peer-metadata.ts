// SPDX-License-Identifier: Apache-2.0
// What a peer says of itself in membership.metadata of its alive messages; opaque bytes to Fabric, JSON here. Signed with the message, but still
// only a claim: bounds on everything. It travels with every alive message, so neighbours are named by the ends of their peer ids, and there are
// no addresses: a peer is reached through the relay's circuit by its peer id.
import { sha256 } from '@noble/hashes/sha2.js';
import { displayNameOf } from '../../../common/identity/display-name.ts';
import { concat, fromUtf8Strict, toHex, utf8 } from '../../../common/runtime/bytes.ts';

export interface PeerMetadata {
  /** libp2p peer id. */
  readonly peerId: string;
  /** Takes WebRTC connections. */
  readonly webrtc: boolean;
  /** Its tab is hidden: it may answer late. */
  readonly hidden: boolean;
  /** Its direct neighbours, each as {@link neighbourTag}. */
  readonly neighbours: readonly string[];
  /** Channels on which it says that it leads its organisation, each as a {@link leadTag}; other organisations, which do not hear the election, show it. */
  readonly leads: readonly string[];
  /** By which people know its user. */
  readonly displayName?: string;
  /** Its last message: the tab is closing. */
  readonly leaving: boolean;
}

const MAX_BYTES = 8 * 1024;
const MAX_NEIGHBOURS = 32;
const MAX_CHANNELS = 32;
const MAX_TEXT = 256;
const TAG_CHARS = 8;
const LEAD_TAG_BYTES = 6;

/** The end of a peer id, enough to tell the members of a network apart. */
export function neighbourTag(peerId: string): string {
  return peerId.slice(-TAG_CHARS);
}

/** A channel as the leader `pkiId` names it: who is not on the channel learns nothing. @param channel its name in bytes. */
export function leadTag(pkiId: Uint8Array, channel: Uint8Array): string {
  return toHex(sha256(concat(pkiId, channel)).subarray(0, LEAD_TAG_BYTES));
}

export function encodeMetadata(metadata: PeerMetadata): Uint8Array {
  const { peerId, webrtc, hidden, leaving, displayName } = metadata;
  const neighbours = metadata.neighbours.slice(0, MAX_NEIGHBOURS);
  const leads = metadata.leads.slice(0, MAX_CHANNELS);
  const said = {
    peerId,
    ...(webrtc && { webrtc }),
    ...(hidden && { hidden }),
    ...(leaving && { leaving }),
    ...(displayName !== undefined && { displayName }),
    ...(neighbours.length > 0 && { neighbours }),
    ...(leads.length > 0 && { leads }),
  };
  return utf8(JSON.stringify(said));
}

/** Undefined when it is not metadata of a peer. */
export function decodeMetadata(bytes: Uint8Array): PeerMetadata | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8Strict(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const said = value as Record<string, unknown>;
  const { peerId, webrtc, hidden, neighbours, leads, leaving } = said;
  if (!isText(peerId)) return undefined;
  const displayName = displayNameOf(said.displayName);
  return {
    peerId,
    webrtc: webrtc === true,
    hidden: hidden === true,
    neighbours: texts(neighbours, MAX_NEIGHBOURS),
    leads: texts(leads, MAX_CHANNELS),
    ...(displayName !== undefined && { displayName }),
    leaving: leaving === true,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT;
}

function texts(value: unknown, most: number): string[] {
  return Array.isArray(value) ? value.slice(0, most).filter(isText) : [];
}
