// SPDX-License-Identifier: Apache-2.0
// Which MSP identity stands behind each libp2p peer id, as proven by the handshake (Fabric keeps the same in
// gossip/comm/conn.go's ConnectionInfo).
import { toHex } from '../../common/runtime/bytes.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { raceAbort, withDeadline } from '../../common/runtime/deadline.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';

/** An identity proven to hold the key of a libp2p peer. */
export interface Binding {
  readonly peerId: string;
  readonly mspId: string;
  /** Serialized msp.SerializedIdentity. */
  readonly identity: Uint8Array;
  readonly pkiId: Uint8Array;
  /** Common name of the certificate, e.g. `peer0.org1.example.com`. */
  readonly name: string;
  /** NotAfter of the certificate, milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

export interface BindingEvents {
  'binding:added': Binding;
  'binding:removed': Binding;
}

/** Bindings of the peers that are connected now. */
export class Bindings {
  readonly events = new TypedEventTarget<BindingEvents>();
  readonly #clock: Clock;
  readonly #byPeerId = new Map<string, Binding>();
  /** By hex PKI-ID. Two connections may prove the same identity: the newest. */
  readonly #byPkiId = new Map<string, Binding>();

  constructor(components: { readonly clock: Clock }) {
    this.#clock = components.clock;
  }

  /** The binding of a peer, unless its certificate has expired meanwhile. */
  get(peerId: string): Binding | undefined {
    const binding = this.#byPeerId.get(peerId);
    if (binding && binding.expiresAt <= this.#clock.now()) {
      this.remove(peerId);
      return undefined;
    }
    return binding;
  }

  /** The binding of the peer with this PKI-ID in hex. */
  byPkiId(pkiId: string): Binding | undefined {
    const binding = this.#byPkiId.get(pkiId);
    return binding && this.get(binding.peerId);
  }

  has(peerId: string): boolean {
    return this.get(peerId) !== undefined;
  }

  all(): Binding[] {
    return [...this.#byPeerId.keys()].flatMap((peerId) => this.get(peerId) ?? []);
  }

  set(binding: Binding): void {
    this.remove(binding.peerId);
    this.#byPeerId.set(binding.peerId, binding);
    this.#byPkiId.set(toHex(binding.pkiId), binding);
    this.events.emit('binding:added', binding);
  }

  remove(peerId: string): void {
    const binding = this.#byPeerId.get(peerId);
    if (!binding) return;
    this.#byPeerId.delete(peerId);
    const pkiId = toHex(binding.pkiId);
    if (this.#byPkiId.get(pkiId) === binding) {
      const other = [...this.#byPeerId.values()].find((one) => toHex(one.pkiId) === pkiId);
      if (other) this.#byPkiId.set(pkiId, other);
      else this.#byPkiId.delete(pkiId);
    }
    this.events.emit('binding:removed', binding);
  }

  /** The binding of a peer whose handshake may still be under way. Rejects with UNBOUND_PEER after `timeoutMs`, or with the signal's reason. */
  async waitFor(
    peerId: string,
    options: { timeoutMs: number; signal: AbortSignal },
  ): Promise<Binding> {
    const known = this.get(peerId);
    if (known) return known;
    const done = new AbortController();
    const added = new Promise<Binding>((resolve) => {
      this.events.on('binding:added', (binding) => binding.peerId === peerId && resolve(binding), {
        signal: done.signal,
      });
    });
    try {
      return await withDeadline(
        this.#clock,
        options.timeoutMs,
        'the handshake',
        (signal) => raceAbort(added, signal),
        options,
      );
    } catch (cause) {
      options.signal.throwIfAborted();
      throw new FabricError(
        'UNBOUND_PEER',
        `${peerId} has not proven an identity of this network`,
        { cause },
      );
    } finally {
      done.abort();
    }
  }
}
