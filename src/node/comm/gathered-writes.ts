// SPDX-License-Identifier: Apache-2.0
// One message of the socket for all that a connection says in one turn. libp2p's layers hand on lists of parts (a header of yamux, a length
// of Noise, a ciphertext, its tag), and @libp2p/websockets sends each part as a message of its own: four or five for one gossip RPC, each
// with a system call here and an event there. So this stands on both sides of Noise: frames of the muxer are gathered before they are
// encrypted, and what comes out is joined before it reaches the socket. WebRTC has no encrypter; see patches/.
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface';
import { Uint8ArrayList } from 'uint8arraylist';

type EncrypterFactory<Components> = (components: Components) => ConnectionEncrypter;

/** Runs a task soon: `queueMicrotask`, or `setImmediate` where what several sockets brought should be answered together. */
export type Defer = (task: () => void) => void;

/** More than this is not held back; a message of Noise has 64 KiB at most. */
const MAX_GATHERED_BYTES = 64 * 1024;

/** An encrypter, usually Noise, whose connections write once a turn. */
export function gatheredWrites<Components>(
  encrypter: EncrypterFactory<Components>,
  defer: Defer = queueMicrotask,
): EncrypterFactory<Components> {
  return (components) => {
    const inner = encrypter(components);
    const wrap = (secure: ConnectionEncrypter['secureInbound']): typeof secure => {
      return async (raw, options) => gathered(raw, await secure(joined(raw), options), defer);
    };
    inner.secureInbound = wrap(inner.secureInbound.bind(inner));
    inner.secureOutbound = wrap(inner.secureOutbound.bind(inner));
    return inner;
  };
}

// Below the encrypter: each list of parts becomes one array.
function joined(raw: MessageStream): MessageStream {
  const send = raw.send.bind(raw);
  raw.send = (data) => send(data.subarray());
  return raw;
}

// Above the encrypter: frames of one turn become one list.
function gathered(raw: MessageStream, secured: SecuredConnection, defer: Defer): SecuredConnection {
  const { connection } = secured;
  const send = connection.send.bind(connection);
  let waiting = new Uint8ArrayList();
  const flush = (): void => {
    if (waiting.byteLength === 0) return;
    const list = waiting;
    waiting = new Uint8ArrayList();
    // What was said to a connection that has gone meanwhile is lost like anything that was on its way.
    if (connection.status !== 'open' || raw.status !== 'open') return;
    try {
      send(list);
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error(String(error)));
    }
  };
  connection.send = (data) => {
    if (waiting.byteLength === 0) defer(flush);
    waiting.append(data);
    if (waiting.byteLength >= MAX_GATHERED_BYTES) flush();
    return !connection.writableNeedsDrain;
  };
  // libp2p closes the socket itself when it is done: nothing may be left behind.
  const close = raw.close.bind(raw);
  raw.close = (options) => {
    flush();
    return close(options);
  };
  return secured;
}
