// SPDX-License-Identifier: Apache-2.0
// The door between page and peer. The peer (libp2p, certificates, protobuf) is most of the code: it is loaded after
// the first paint, so that the page stands at once and shows how joining goes.

import type { NetworkDescription } from '../common/network/types.ts';
import { FabricError, messageOf } from '../common/runtime/errors.ts';
import type { StartPeerOptions } from '../node/api/joining.ts';
import type { Tabric } from '../node/api/tabric.ts';
import { checkClock } from '../node/clock-skew.ts';

/** Starts the peer of this tab. Rejects with a FabricError: `JOIN_NEEDED`, `JOIN_SECRET_EXPIRED`, `RELAY_UNREACHABLE`, `PAGE_OUTDATED`, … */
export async function startPeer(options: StartPeerOptions): Promise<Tabric> {
  const peer = await import('../node/browser/start-peer.ts').catch((cause: unknown) => {
    throw new FabricError('PAGE_OUTDATED', 'The code of the peer did not load; reload the page', {
      cause,
    });
  });
  return peer.startPeer(options);
}

const NETWORK_TIMEOUT_MS = 10_000;

/** What the relay says of its network. Rejects with `RELAY_UNREACHABLE`, and with `CLOCK_BEHIND` or `CLOCK_AHEAD`. */
export async function loadNetwork(): Promise<NetworkDescription> {
  let description: NetworkDescription;
  let date: string | null;
  try {
    const response = await fetch('/network.json', {
      cache: 'no-store',
      signal: AbortSignal.timeout(NETWORK_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    date = response.headers.get('date');
    const network = (await response.json()) as Partial<NetworkDescription>;
    if (typeof network.networkId !== 'string' || !Array.isArray(network.organisations)) {
      throw new Error('it is no network description');
    }
    description = network as NetworkDescription;
  } catch (cause) {
    throw new FabricError('RELAY_UNREACHABLE', `GET /network.json failed: ${messageOf(cause)}`, {
      cause,
    });
  }
  checkClock(date, Date.now());
  return description;
}
