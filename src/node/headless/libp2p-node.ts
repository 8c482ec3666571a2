// SPDX-License-Identifier: Apache-2.0
// A headless peer on the network, as a tab without WebRTC: it dials the relay by WebSocket, listens nowhere, and reaches other peers by gossip
// and by the relay's forwarding. So it works behind any firewall, and sixty of them take no ports.
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import { createPeerLibp2p, relayMultiaddr } from '../comm/libp2p-node.ts';
import { Libp2pTransport, type Libp2pTransportComponents } from '../comm/libp2p-transport.ts';

export interface HeadlessTransportOptions {
  /** URL of the relay. */
  readonly relay: URL;
  readonly relayPeerId: string;
  readonly relayMspId: string;
  /** Protobuf-encoded libp2p private key. */
  readonly libp2pKey: Uint8Array;
}

/** Creates the transport; it dials nobody by itself. */
export function createHeadlessTransport(
  components: Omit<Libp2pTransportComponents, 'createNode' | 'relay'>,
  { relay, relayPeerId: peerId, relayMspId: mspId, libp2pKey }: HeadlessTransportOptions,
): Promise<Libp2pTransport> {
  const privateKey = privateKeyFromProtobuf(libp2pKey);
  return Libp2pTransport.create(
    {
      ...components,
      createNode: (about) => createPeerLibp2p({ ...about, privateKey }),
      relay: { address: relayMultiaddr(relay, peerId), peerId, mspId },
    },
    { webrtc: false },
  );
}
