// SPDX-License-Identifier: Apache-2.0
// The handshake that binds a libp2p peer id to an MSP identity (authenticateRemotePeer in Fabric's gossip/comm/comm_impl.go).
// Fabric signs the hash of its TLS certificate; libp2p has none, but Noise has proven both peer ids, so each side signs
//   tls_cert_hash = SHA-256(own peer id bytes || remote peer id bytes)
// which is worth nothing on any connection between two other peers.
//
//   dialler                            listener
//   CONN  signed ConnEstablish   ->    verifies
//   verifies, binds              <-    CONN  signed ConnEstablish, or REFUSE why
//   ACK, or REFUSE why           ->    binds
//
// Fabric's sides both speak at once. Here the listener speaks second, so that it tells nothing to strangers and the dialler knows
// that it was accepted; and binds last, so that neither side sends gossip to one that would still refuse it.
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface';
import { sha256 } from '@noble/hashes/sha2.js';
import { pkiIdOf, type SigningIdentity } from '../../common/msp/index.ts';
import { gossip } from '../../common/protos/index.ts';
import { concat, EMPTY_BYTES, equalBytes, fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { withDeadline } from '../../common/runtime/deadline.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import { GossipError, openEnvelope, signMessage } from '../gossip/message.ts';
import type { Binding, Bindings } from './bindings.ts';
import { type Frame, FrameStream } from './frames.ts';
import { type IdentityCheck, nameOfIdentity } from './identity-check.ts';
import { CONN_PROTOCOL, closeConnection, isDirect } from './protocols.ts';

const FRAME = Object.freeze({ CONN: 1, ACK: 2, REFUSE: 3 } as const);
const MAX_FRAME_BYTES = 16 * 1024;

export interface HandshakeComponents {
  readonly node: Pick<
    Libp2p,
    'peerId' | 'handle' | 'unhandle' | 'getConnections' | 'addEventListener' | 'removeEventListener'
  >;
  readonly bindings: Bindings;
  readonly signer: SigningIdentity;
  readonly checkIdentity: IdentityCheck;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface HandshakeOptions {
  /** Time for one handshake. Fabric allows 2 s for the answer alone; a loaded laptop with 16 tabs needs more. */
  readonly timeoutMs: number;
  /** Tries a dialler makes while the connection lasts, 1 s and then twice as long apart. A refusal is final. */
  readonly attempts: number;
  /** A direct connection that is still unbound after this is closed; 0 never. */
  readonly closeUnboundAfterMs: number;
}

export const DEFAULT_HANDSHAKE_OPTIONS: HandshakeOptions = Object.freeze({
  timeoutMs: 5_000,
  attempts: 4,
  closeUnboundAfterMs: 20_000,
});

export interface HandshakeEvents {
  /** `refused`: by the other side or by us; `failed`: could not be finished. */
  'handshake:failed': {
    readonly peerId: string;
    readonly refused: boolean;
    readonly reason: string;
  };
}

/** Shakes hands on every direct connection, and forgets peers that have none left. */
export class Handshake {
  readonly events = new TypedEventTarget<HandshakeEvents>();
  readonly #components: HandshakeComponents;
  readonly #options: HandshakeOptions;
  /** Ends the wait for the handshake of each connection. */
  readonly #waits = new Map<Connection, () => void>();
  #stop: AbortController | undefined;

  constructor(components: HandshakeComponents, options: Partial<HandshakeOptions> = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_HANDSHAKE_OPTIONS, ...options };
  }

  async start(): Promise<void> {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const { node } = this.#components;
    await node.handle(CONN_PROTOCOL, (stream, connection) =>
      this.#answer(stream, connection, signal),
    );
    const opened = (event: CustomEvent<Connection>): void => this.#opened(event.detail, signal);
    const closed = (event: CustomEvent<Connection>): void => this.#closed(event.detail);
    node.addEventListener('connection:open', opened);
    node.addEventListener('connection:close', closed);
    signal.addEventListener('abort', () => {
      node.removeEventListener('connection:open', opened);
      node.removeEventListener('connection:close', closed);
    });
    for (const connection of node.getConnections()) this.#opened(connection, signal);
  }

  async stop(): Promise<void> {
    if (!this.#stop) return;
    this.#stop.abort();
    this.#stop = undefined;
    for (const end of this.#waits.values()) end();
    this.#waits.clear();
    await this.#components.node.unhandle(CONN_PROTOCOL);
  }

  /** Checks all bound identities again, after the channel's configuration changed; drops those that fail. */
  async recheck(): Promise<void> {
    const { bindings, checkIdentity, node } = this.#components;
    for (const { peerId, identity } of bindings.all()) {
      try {
        await checkIdentity(identity, peerId);
      } catch (error) {
        this.#fail(peerId, true, `no longer a member: ${messageOf(error)}`);
        bindings.remove(peerId);
        for (const connection of node.getConnections()) {
          if (connection.remotePeer.toString() === peerId)
            void closeConnection(connection, new GossipError('NOT_A_MEMBER', messageOf(error)));
        }
      }
    }
  }

  #opened(connection: Connection, signal: AbortSignal): void {
    if (!isDirect(connection)) return;
    const { bindings, clock } = this.#components;
    const peerId = connection.remotePeer.toString();
    if (connection.direction === 'outbound') void this.#dial(connection, signal);
    if (this.#options.closeUnboundAfterMs === 0) return;
    const end = clock.setTimer(() => {
      this.#waits.delete(connection);
      if (signal.aborted || connection.status !== 'open' || bindings.has(peerId)) return;
      this.#fail(peerId, false, 'no handshake');
      void closeConnection(
        connection,
        new GossipError('UNBOUND_PEER', `${peerId} did not prove an identity`),
      );
    }, this.#options.closeUnboundAfterMs);
    this.#waits.set(connection, end);
  }

  #closed(connection: Connection): void {
    this.#waits.get(connection)?.();
    this.#waits.delete(connection);
    const peer = connection.remotePeer;
    const { node, bindings } = this.#components;
    const left = node
      .getConnections()
      .some((connection) => connection.remotePeer.equals(peer) && isDirect(connection));
    if (!left) bindings.remove(peer.toString());
  }

  async #dial(connection: Connection, signal: AbortSignal): Promise<void> {
    const { clock, bindings } = this.#components;
    const peerId = connection.remotePeer.toString();
    for (let attempt = 0; attempt < this.#options.attempts; attempt++) {
      try {
        if (attempt > 0) await clock.sleep(500 * 2 ** attempt, { signal });
        if (!isDirect(connection)) return;
        bindings.set(await this.#propose(connection, signal));
        return;
      } catch (error) {
        if (signal.aborted) return;
        const refused = error instanceof GossipError;
        this.#fail(peerId, refused, messageOf(error));
        if (refused) return closeConnection(connection, error);
      }
    }
  }

  #propose(connection: Connection, signal: AbortSignal): Promise<Binding> {
    return this.#bounded(signal, async (bounded) => {
      const stream = await connection.newStream(CONN_PROTOCOL, { signal: bounded });
      const io = new HandshakeStream(stream);
      try {
        await io.send(FRAME.CONN, await this.#conn(connection.remotePeer));
        const binding = await this.#verifyOrRefuse(
          io,
          await io.read(bounded),
          connection.remotePeer,
        );
        await io.send(FRAME.ACK);
        await io.close(bounded);
        return binding;
      } catch (error) {
        stream.abort(error as Error);
        throw error;
      }
    });
  }

  async #answer(stream: Stream, connection: Connection, signal: AbortSignal): Promise<void> {
    const peerId = connection.remotePeer.toString();
    try {
      const binding = await this.#bounded(signal, async (bounded) => {
        const io = new HandshakeStream(stream);
        const proven = await this.#verifyOrRefuse(
          io,
          await io.read(bounded),
          connection.remotePeer,
        );
        await io.send(FRAME.CONN, await this.#conn(connection.remotePeer));
        expectType(await io.read(bounded), FRAME.ACK);
        await io.close(bounded);
        return proven;
      });
      if (isDirect(connection)) this.#components.bindings.set(binding);
    } catch (error) {
      stream.abort(error as Error);
      if (!signal.aborted) this.#fail(peerId, error instanceof GossipError, messageOf(error));
    }
  }

  #bounded<T>(signal: AbortSignal, work: (bounded: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(this.#components.clock, this.#options.timeoutMs, 'the handshake', work, {
      signal,
    });
  }

  async #conn(remote: PeerId): Promise<Uint8Array> {
    const { signer, node } = this.#components;
    const identity = signer.serialize();
    const conn = {
      pki_id: pkiIdOf(identity),
      identity,
      tls_cert_hash: bindingHash(node.peerId, remote),
      probe: false,
    };
    return signMessage({ tag: gossip.GossipMessage.Tag.EMPTY, conn }, signer);
  }

  async #verifyOrRefuse(io: HandshakeStream, frame: Frame, remote: PeerId): Promise<Binding> {
    expectType(frame, FRAME.CONN);
    try {
      return await this.#verify(frame.body, remote);
    } catch (error) {
      await io.send(FRAME.REFUSE, utf8(messageOf(error).slice(0, 500)));
      await withDeadline(this.#components.clock, 1_000, 'closing', (bounded) =>
        io.close(bounded),
      ).catch(() => {});
      throw error instanceof GossipError
        ? error
        : new GossipError('NOT_A_MEMBER', messageOf(error), { cause: error });
    }
  }

  async #verify(envelope: Uint8Array, remote: PeerId): Promise<Binding> {
    const { node, checkIdentity } = this.#components;
    const { message, payload, signature } = openEnvelope(envelope, MAX_FRAME_BYTES);
    const { conn } = message;
    if (!conn) throw new GossipError('NO_CONN', 'the first message is not a ConnEstablish');
    if (!equalBytes(conn.tls_cert_hash, bindingHash(remote, node.peerId))) {
      throw new GossipError('WRONG_PEER', 'the ConnEstablish is for another connection');
    }
    const pkiId = pkiIdOf(conn.identity);
    if (!equalBytes(pkiId, conn.pki_id))
      throw new GossipError('PKI_ID_MISMATCH', 'the PKI-ID is not that of the identity');
    const peerId = remote.toString();
    const identity = await checkIdentity(conn.identity, peerId);
    if (!(await identity.verify(payload, signature)))
      throw new GossipError('BAD_SIGNATURE', 'the signature of the ConnEstablish is wrong');
    const { mspId, serialized, expiresAt } = identity;
    return {
      peerId,
      mspId,
      identity: serialized,
      pkiId,
      name: nameOfIdentity(serialized),
      expiresAt,
    };
  }

  #fail(peerId: string, refused: boolean, reason: string): void {
    this.#components.log.warn(`handshake with ${peerId} ${refused ? 'refused' : 'failed'}`, {
      reason,
    });
    this.events.emit('handshake:failed', { peerId, refused, reason });
  }
}

function bindingHash(own: PeerId, remote: PeerId): Uint8Array {
  return sha256(concat(own.toMultihash().bytes, remote.toMultihash().bytes));
}

function expectType(frame: Frame, type: number): void {
  if (frame.type === type) return;
  if (frame.type === FRAME.REFUSE)
    throw new GossipError('REFUSED', `refused by the other side: ${fromUtf8(frame.body)}`);
  throw new GossipError('UNEXPECTED_FRAME', `frame ${frame.type} where ${type} was due`);
}

// The few frames of a handshake, one read at a time.
class HandshakeStream {
  readonly #frames: FrameStream;
  readonly #waiting: Frame[] = [];
  #ended: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: Stream) {
    const over = (error: Error): void => {
      this.#ended ??= error;
      this.#wake?.();
    };
    this.#frames = new FrameStream(stream, MAX_FRAME_BYTES, {
      frame: (frame) => {
        if (this.#waiting.push(frame) > 2)
          throw new GossipError('UNEXPECTED_FRAME', 'too many frames in a handshake');
        this.#wake?.();
      },
      end: () => over(new Error('the other side hung up')),
      closed: (error) => over(error ?? new Error('the other side hung up')),
    });
  }

  send(type: number, body: Uint8Array = EMPTY_BYTES): Promise<void> {
    return this.#frames.send(type, body);
  }

  async read(signal: AbortSignal): Promise<Frame> {
    for (;;) {
      signal.throwIfAborted();
      const frame = this.#waiting.shift();
      if (frame) return frame;
      if (this.#ended) throw this.#ended;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(signal: AbortSignal): Promise<void> {
    return this.#frames.close({ signal });
  }
}
