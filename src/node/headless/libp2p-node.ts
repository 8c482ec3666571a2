// SPDX-License-Identifier: Apache-2.0
// The libp2p node of a headless peer. It is that of a tab without WebRTC: it dials the relay by WebSocket, listens nowhere, and reaches
// other peers by gossip and by the relay's forwarding. So it works behind any firewall, and many of them take no ports.
import { generateKeyPair, privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import { createTabNode, type TabNode } from '../comm/libp2p-node.ts';

export type HeadlessNode = TabNode;

export interface HeadlessNodeOptions {
  /** Whether the handshake has bound this peer to an identity. */
  readonly isBound: (peerId: string) => boolean;
  /** Protobuf-encoded libp2p private key; a new one when absent. */
  readonly libp2pKey?: Uint8Array;
}

/** Creates and starts the node; it dials nobody by itself. */
export async function createHeadlessNode({
  isBound,
  libp2pKey,
}: HeadlessNodeOptions): Promise<HeadlessNode> {
  const privateKey = libp2pKey
    ? privateKeyFromProtobuf(libp2pKey)
    : await generateKeyPair('Ed25519');
  return createTabNode({ isBound, privateKey });
}
