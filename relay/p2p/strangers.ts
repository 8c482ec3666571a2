// SPDX-License-Identifier: Apache-2.0
// Sockets of whoever has not proven an identity yet. They cost memory and a place like those of members, so there are few of them and they do
// not stay: one that is not bound in time is destroyed, and where there are too many the oldest makes room, so that a newcomer, who needs a
// second or two, finds a place however many others hold theirs. A whole class may stand behind one address.
import type { Clock } from '../../src/common/runtime/clock.ts';

/** What is known of a socket. */
export interface Caller {
  /** Address and port of the other end. */
  readonly address: string;
  readonly port: number;
  /** At once, with everything that is still to be sent. */
  destroy(): void;
}

export interface StrangersOptions {
  /** Of one address. */
  readonly maxPerAddress: number;
  readonly maxInAll: number;
  /** From the upgrade to the end of the handshake. */
  readonly boundWithinMs: number;
}

export const DEFAULT_STRANGERS_OPTIONS: StrangersOptions = Object.freeze({
  maxPerAddress: 100,
  maxInAll: 250,
  boundWithinMs: 20_000,
});

interface Stranger {
  readonly caller: Caller;
  readonly host: string;
  readonly stopTimer: () => void;
  peerId?: string;
}

/** Lets strangers in, and out. */
export class Strangers {
  readonly #clock: Clock;
  readonly #options: StrangersOptions;
  /** By address and port, oldest first. */
  readonly #byEndpoint = new Map<string, Stranger>();
  #turnedOut = 0;

  constructor(components: { readonly clock: Clock }, options: Partial<StrangersOptions> = {}) {
    this.#clock = components.clock;
    this.#options = { ...DEFAULT_STRANGERS_OPTIONS, ...options };
  }

  get size(): number {
    return this.#byEndpoint.size;
  }

  /** Sockets that were destroyed before they were bound. */
  get turnedOut(): number {
    return this.#turnedOut;
  }

  /** A socket was opened. */
  add(caller: Caller): void {
    const { maxPerAddress, maxInAll, boundWithinMs } = this.#options;
    const host = hostOf(caller.address);
    if (this.#of(host).length >= maxPerAddress) this.#turnOut(this.#of(host)[0]);
    if (this.size >= maxInAll) this.#turnOut(this.#of(this.#busiestHost())[0]);
    const stopTimer = this.#clock.setTimer(() => this.#turnOut(stranger), boundWithinMs);
    const stranger: Stranger = { caller, host, stopTimer };
    this.#byEndpoint.set(endpointOf(caller.address, caller.port), stranger);
  }

  /** The socket is gone. */
  remove(address: string, port: number): void {
    this.#forget(this.#byEndpoint.get(endpointOf(address, port)));
  }

  /** A libp2p connection was made over the socket of that address and port. */
  connected(peerId: string, address: string, port: number): void {
    const stranger = this.#byEndpoint.get(endpointOf(address, port));
    if (stranger) stranger.peerId = peerId;
  }

  /** The peer has proven an identity: none of its sockets is a stranger's any more. */
  bound(peerId: string): void {
    for (const stranger of [...this.#byEndpoint.values()])
      if (stranger.peerId === peerId) this.#forget(stranger);
  }

  #of(host: string): Stranger[] {
    return [...this.#byEndpoint.values()].filter((one) => one.host === host);
  }

  #busiestHost(): string {
    const counts = Map.groupBy(this.#byEndpoint.values(), ({ host }) => host);
    const most = [...counts].reduce((a, b) => (b[1].length > a[1].length ? b : a));
    return most[0];
  }

  #turnOut(stranger: Stranger | undefined): void {
    if (!stranger) return;
    this.#forget(stranger);
    this.#turnedOut++;
    stranger.caller.destroy();
  }

  #forget(stranger: Stranger | undefined): void {
    if (!stranger) return;
    stranger.stopTimer();
    const { address, port } = stranger.caller;
    this.#byEndpoint.delete(endpointOf(address, port));
  }
}

function endpointOf(address: string, port: number): string {
  return `${hostOf(address)}|${port}`;
}

// An IPv4 address may come as an IPv6 one.
function hostOf(address: string): string {
  const v4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return v4 ?? address.toLowerCase();
}
