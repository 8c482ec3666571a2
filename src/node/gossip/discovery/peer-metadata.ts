// SPDX-License-Identifier: Apache-2.0
// What a tab says of itself in membership.metadata of its alive messages; opaque bytes to Fabric, JSON here. Signed with the message, but still
// only a claim: bounds on everything.
import { fromUtf8Strict, utf8 } from '../../../common/runtime/bytes.ts';

export interface PeerMetadata {
  /** libp2p peer id. */
  readonly peerId: string;
  /** Its own multiaddrs. */
  readonly addresses: readonly string[];
  /** Takes WebRTC connections. */
  readonly webrtc: boolean;
  /** Its tab is hidden: it may answer late. */
  readonly hidden: boolean;
  /** Peer ids of its direct neighbours. */
  readonly neighbours: readonly string[];
  /** Says that it leads its organisation; other organisations, which do not hear the election, show it. */
  readonly leader: boolean;
  /** Its last message: the tab is closing. */
  readonly leaving: boolean;
}

const MAX_BYTES = 16 * 1024;
const MAX_ENTRIES = 64;
const MAX_TEXT = 512;

export function encodeMetadata(metadata: PeerMetadata): Uint8Array {
  const { peerId, webrtc, hidden, leader, leaving } = metadata;
  const addresses = metadata.addresses.slice(0, 8);
  const neighbours = metadata.neighbours.slice(0, MAX_ENTRIES);
  return utf8(JSON.stringify({ peerId, addresses, webrtc, hidden, neighbours, leader, leaving }));
}

/** Undefined when it is not metadata of a tab. */
export function decodeMetadata(bytes: Uint8Array): PeerMetadata | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8Strict(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { peerId, addresses, webrtc, hidden, neighbours, leader, leaving } = value as Record<
    string,
    unknown
  >;
  if (!isText(peerId)) return undefined;
  return {
    peerId,
    addresses: texts(addresses),
    webrtc: webrtc === true,
    hidden: hidden === true,
    neighbours: texts(neighbours),
    leader: leader === true,
    leaving: leaving === true,
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.slice(0, MAX_ENTRIES).filter(isText) : [];
}
