// SPDX-License-Identifier: Apache-2.0
// Real libp2p nodes on the loopback interface, for tests.

import { noise } from '@libp2p/noise';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2p } from 'libp2p';
import { gatheredWrites } from '../../comm/gathered-writes.ts';

export type ServiceMap = Record<string, unknown>;

/** A started node that listens on a WebSocket of the loopback interface. */
export function newNode<T extends ServiceMap = ServiceMap>(
  services: Parameters<typeof createLibp2p<T>>[0] = {},
): Promise<Libp2p<T>> {
  return createLibp2p<T>({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    connectionEncrypters: [gatheredWrites(noise())],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    ...services,
  });
}
