// SPDX-License-Identifier: Apache-2.0
// How peers are reached, in words that a page can explain.

/** How this tab reaches a peer. */
export type PeerLink = 'self' | 'webrtc' | 'relay' | 'none';

/** What connects this tab to the others, in a word the page can explain. */
export type ConnectionState =
  | 'starting'
  | 'connecting' // dialling the relay
  | 'online' // relay connected, direct WebRTC possible or not needed
  | 'relay-only' // relay connected; WebRTC to peers failed, blocks travel by the relay
  | 'reconnecting' // relay lost, retrying; direct peers may still be there
  | 'offline'; // nobody reachable
