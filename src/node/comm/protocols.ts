// SPDX-License-Identifier: Apache-2.0
// Names of the stream protocols that tabs and the relay speak, and which connections may carry them.
// Fabric has one port of gRPC services instead (gossip/comm, core/comm).
import type { Connection, Libp2p } from '@libp2p/interface';

/** Signed ConnEstablish each way: binds a libp2p peer id to an MSP identity. */
export const CONN_PROTOCOL = '/tabric/conn/1.0.0';

/** Between pings of yamux. The first one measures the time that a frame takes, from which windows are sized; silence is watched elsewhere. */
export const KEEP_ALIVE_MS = 300_000;

/** Service calls, one after the other on a stream. Version 2 ends a call with a google.rpc.Status. */
export const SERVICE_PROTOCOL = '/tabric/service/2.0.0';

/** Empty request, empty response: "are you there?". Every node that serves anything answers it. */
export const PING_METHOD = '/gossip.Gossip/Ping';

/**
 * True for a connection that services and gossip may use. A circuit through the relay is for signalling only: the
 * relay cuts it after 128 KiB or two minutes.
 */
export function isDirect(
  connection: Pick<Connection, 'limits' | 'status' | 'remoteAddr'>,
): boolean {
  if (connection.limits !== undefined || connection.status !== 'open') return false;
  const address = connection.remoteAddr.toString();
  return !address.includes('/p2p-circuit') || address.includes('/webrtc');
}

/**
 * Closes a connection in good order, and at the latest after two seconds in any other. `abort` alone leaves the socket of a WebSocket
 * open (@libp2p/websockets 10 closes with a code that browsers and Node refuse), so that the other side would not notice.
 */
export async function closeConnection(connection: Connection, reason: Error): Promise<void> {
  try {
    await connection.close({ signal: AbortSignal.timeout(2_000) });
  } catch {
    connection.abort(reason);
  }
}

/** Closes the connections of peers that gossip has cut off; see NeighbourScores. */
export function endConnectionsOf(
  scores: { onCutOff(cutOff: (peerId: string) => void): void },
  node: Pick<Libp2p, 'getConnections'>,
): void {
  scores.onCutOff((peerId) => {
    for (const connection of node.getConnections()) {
      if (connection.remotePeer.toString() === peerId)
        connection.abort(new Error('it passed on what nobody honest would'));
    }
  });
}
