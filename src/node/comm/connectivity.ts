// SPDX-License-Identifier: Apache-2.0
// Keeps a tab connected: libp2p 3 neither redials nor dials those it discovers. One loop holds the connection to the relay, checks that the
// relay keeps a circuit reservation for signalling, and dials other tabs until there are enough direct peers; and it says in a word how
// the tab is connected. Fabric's counterpart is the reconnect loop of gossip/discovery/discovery_impl.go.
//
// Rules that measurements asked for: at most two dials at once; of two tabs the one with the lower peer id dials, the other waits three
// seconds first, so that they do not dial each other; failures back off, since a page may create about 500 RTCPeerConnections in its life.

import { withDeadline } from '../../common/runtime/deadline.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import {
  type ConnectivityComponents,
  type ConnectivityEvents,
  type ConnectivityOptions,
  type ConnectivityStatus,
  DEFAULT_CONNECTIVITY_OPTIONS,
  type DialCandidate,
} from './connectivity-types.ts';
import type { PeerLink } from './links.ts';

export {
  type ConnectivityComponents,
  type ConnectivityEvents,
  type ConnectivityNode,
  type ConnectivityOptions,
  type ConnectivityStatus,
  DEFAULT_CONNECTIVITY_OPTIONS,
  type DialCandidate,
  type PeerConnection,
} from './connectivity-types.ts';

interface Attempts {
  readonly firstSeen: number;
  failures: number;
  notBefore: number;
  busy: boolean;
}

/** Fails after this many redials in a row are `offline`; before, `reconnecting` or `connecting`. */
const OFFLINE_AFTER_FAILURES = 3;
/** WebRTC counts as impossible when that many dials failed and none succeeded. */
const RELAY_ONLY_AFTER_FAILURES = 2;

export class Connectivity {
  readonly events = new TypedEventTarget<ConnectivityEvents>();
  readonly #components: ConnectivityComponents;
  readonly #options: ConnectivityOptions;
  readonly #peers = new Map<string, Attempts>();
  #relay: Attempts;
  #stop: AbortController | undefined;
  #status: ConnectivityStatus = { state: 'starting', directPeers: 0, relayConnected: false };
  #links = '';
  #everConnected = false;
  #relayConnectedAt = 0;
  #answeredAt = 0;
  #pinging = false;
  #failedPings = 0;
  #peerFailure: string | undefined;
  #relayFailure: string | undefined;
  #failedDials = 0;
  #kick: (() => void) | undefined;

  constructor(components: ConnectivityComponents, options: Partial<ConnectivityOptions> = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_CONNECTIVITY_OPTIONS, ...options };
    this.#relay = newAttempts(0);
  }

  get status(): ConnectivityStatus {
    return this.#status;
  }

  /** Starts the loop; the first dial of the relay is under way when this returns. */
  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const unlisten = this.#components.node.onChange(() => this.#refresh());
    signal.addEventListener('abort', unlisten);
    void this.#run(signal);
  }

  stop(): void {
    this.#stop?.abort(new Error('stopping'));
    this.#stop = undefined;
  }

  /** Tries again at once: the page became visible, or the browser says that it is online. */
  retryNow(): void {
    this.#relay.notBefore = 0;
    this.#answeredAt = 0;
    for (const attempts of this.#peers.values()) attempts.notBefore = 0;
    this.#kick?.();
  }

  /** How a peer is reached now. */
  link(peerId: string): PeerLink {
    const { node, relay } = this.#components;
    if (peerId === node.peerId) return 'self';
    const kinds = node.connections().flatMap((c) => (c.peerId === peerId ? c.kind : []));
    if (kinds.includes('webrtc')) return 'webrtc';
    if (peerId === relay.peerId) return kinds.includes('websocket') ? 'relay' : 'none';
    return this.#relayConnected() ? 'relay' : 'none';
  }

  /** Peer ids of direct neighbours, the relay included. */
  neighbours(): string[] {
    return [
      ...new Set(
        this.#components.node.connections().flatMap((c) => (c.kind === 'circuit' ? [] : c.peerId)),
      ),
    ];
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#components;
    while (!signal.aborted) {
      try {
        this.#tick(signal);
      } catch (error) {
        log.error('connectivity', { reason: messageOf(error) });
      }
      await new Promise<void>((resolve) => {
        const cancel = clock.setTimer(resolve, this.#options.tickMs);
        this.#kick = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  #tick(signal: AbortSignal): void {
    this.#holdRelay(signal);
    if (this.#relayConnected()) {
      this.#checkReservation();
      this.#checkRelay(signal);
      if (this.#options.webrtc) this.#dialPeers(signal);
    }
    this.#refresh();
  }

  #relayConnected(): boolean {
    const { node, relay } = this.#components;
    return node.connections().some((c) => c.peerId === relay.peerId && c.kind !== 'circuit');
  }

  #holdRelay(signal: AbortSignal): void {
    const { node, relay, clock } = this.#components;
    if (this.#relayConnected() || this.#relay.busy || clock.now() < this.#relay.notBefore) return;
    void this.#dial(
      this.#relay,
      relay.address,
      this.#options.relayDialTimeoutMs,
      this.#options.relayBackoff,
      signal,
    ).then((failure) => {
      this.#relayFailure = failure && `the relay does not answer: ${failure}`;
      if (failure === undefined && node.connections().length > 0) this.#kick?.();
      this.#refresh();
    });
  }

  // A reservation that was lost comes back only with a new connection.
  #checkReservation(): void {
    const { node, clock, log } = this.#components;
    const { webrtc, reservationTimeoutMs } = this.#options;
    if (!webrtc || node.hasReservation()) this.#relayConnectedAt = clock.now();
    else if (clock.now() - this.#relayConnectedAt > reservationTimeoutMs) {
      log.warn('no circuit reservation at the relay; connecting again');
      this.#relayConnectedAt = clock.now();
      this.#closeRelay();
    }
  }

  // A socket whose other end has vanished looks open for minutes.
  #checkRelay(signal: AbortSignal): void {
    const { node, relay, clock, log } = this.#components;
    const { relaySilenceMs, relayPingTimeoutMs } = this.#options;
    const silentSince = Math.max(this.#answeredAt, this.#relayHeardAt());
    if (this.#pinging || clock.now() - silentSince < relaySilenceMs) return;
    this.#pinging = true;
    withDeadline(
      clock,
      relayPingTimeoutMs,
      'the ping',
      (bounded) => node.ping(relay.peerId, { signal: bounded }),
      { signal },
    )
      .then(
        () => this.#relayAnswered(),
        (error) => {
          if (signal.aborted || this.#relayHeardAt() > silentSince) return this.#relayAnswered();
          if (++this.#failedPings < 2) return;
          log.warn('the relay does not answer; connecting again', { reason: messageOf(error) });
          this.#relayAnswered();
          this.#closeRelay();
        },
      )
      .finally(() => (this.#pinging = false));
  }

  #relayHeardAt(): number {
    const { node, relay } = this.#components;
    return Math.max(
      0,
      ...node.connections().map((c) => (c.peerId === relay.peerId ? (c.heardAt ?? 0) : 0)),
    );
  }

  #relayAnswered(): void {
    this.#answeredAt = this.#components.clock.now();
    this.#failedPings = 0;
  }

  #closeRelay(): void {
    const { node, relay } = this.#components;
    for (const connection of node.connections()) {
      if (connection.peerId === relay.peerId) void connection.close();
    }
  }

  #dialPeers(signal: AbortSignal): void {
    const { node, candidates, clock, random, relay } = this.#components;
    const { targetPeers, maxDials, yieldMs, peerDialTimeoutMs, peerBackoff } = this.#options;
    const known = candidates().filter(
      (candidate) => candidate.webrtc && candidate.peerId !== node.peerId,
    );
    this.#forgetGone(known);
    const connected = this.#directPeers();
    const busy = [...this.#peers.values()].filter((attempts) => attempts.busy).length;
    let room = Math.min(targetPeers - connected.size - busy, maxDials - busy);
    const shuffled = known
      .map((candidate) => ({ candidate, at: random() }))
      .sort((a, b) => a.at - b.at);
    for (const { candidate } of shuffled) {
      if (connected.has(candidate.peerId)) continue;
      const attempts = this.#attemptsOf(candidate.peerId);
      const waits = node.peerId > candidate.peerId && clock.now() - attempts.firstSeen < yieldMs;
      if (room <= 0 || attempts.busy || waits || clock.now() < attempts.notBefore) continue;
      room--;
      const address = `${relay.address}/p2p-circuit/webrtc/p2p/${candidate.peerId}`;
      void this.#dial(attempts, address, peerDialTimeoutMs, peerBackoff, signal).then((failure) => {
        this.#failedDials = failure === undefined ? 0 : this.#failedDials + 1;
        this.#peerFailure = failure && `no direct connection to ${candidate.name}: ${failure}`;
        this.#refresh();
      });
    }
  }

  #forgetGone(known: readonly DialCandidate[]): void {
    const ids = new Set(known.map((candidate) => candidate.peerId));
    for (const [peerId, attempts] of this.#peers)
      if (!attempts.busy && !ids.has(peerId)) this.#peers.delete(peerId);
  }

  #attemptsOf(peerId: string): Attempts {
    const attempts = this.#peers.get(peerId) ?? newAttempts(this.#components.clock.now());
    this.#peers.set(peerId, attempts);
    return attempts;
  }

  #directPeers(): Set<string> {
    const { node, relay } = this.#components;
    return new Set(
      node
        .connections()
        .flatMap((c) => (c.kind === 'circuit' || c.peerId === relay.peerId ? [] : c.peerId)),
    );
  }

  // Resolves to what went wrong, or undefined.
  async #dial(
    attempts: Attempts,
    address: string,
    timeoutMs: number,
    backoff: { firstMs: number; maxMs: number },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { clock, node, log } = this.#components;
    attempts.busy = true;
    try {
      await withDeadline(
        clock,
        timeoutMs,
        'the dial',
        (bounded) => node.dial(address, { signal: bounded }),
        { signal },
      );
      attempts.failures = 0;
      return undefined;
    } catch (error) {
      attempts.failures++;
      attempts.notBefore =
        clock.now() + Math.min(backoff.maxMs, backoff.firstMs * 2 ** (attempts.failures - 1));
      if (!signal.aborted)
        log.debug('dial failed', {
          address,
          failures: attempts.failures,
          reason: messageOf(error),
        });
      return messageOf(error);
    } finally {
      attempts.busy = false;
    }
  }

  #refresh(): void {
    if (!this.#stop) return;
    const before = this.#status;
    const status = this.#assess();
    this.#status = status;
    if (status.relayConnected && !before.relayConnected) this.#relayUp();
    if (
      status.state !== before.state ||
      status.detail !== before.detail ||
      status.directPeers !== before.directPeers ||
      status.relayConnected !== before.relayConnected
    ) {
      this.events.emit('status:changed', status);
    }
    const links = this.neighbours().sort().join();
    if (links !== this.#links) {
      this.#links = links;
      this.events.emit('links:changed', {});
    }
  }

  #relayUp(): void {
    const { clock, relay } = this.#components;
    this.#everConnected = true;
    this.#relayConnectedAt = clock.now();
    this.#relayAnswered();
    this.#relayFailure = undefined;
    this.events.emit('relay:connected', { peerId: relay.peerId });
  }

  #assess(): ConnectivityStatus {
    const relayConnected = this.#relayConnected();
    const directPeers = this.#directPeers().size;
    const base = { directPeers, relayConnected };
    const lost = this.#relayFailure;
    if (relayConnected) {
      if (!this.#options.webrtc)
        return { ...base, state: 'relay-only', detail: 'this browser offers no WebRTC' };
      const failing = directPeers === 0 && this.#failedDials >= RELAY_ONLY_AFTER_FAILURES;
      return {
        ...base,
        state: failing ? 'relay-only' : 'online',
        ...(failing && this.#peerFailure ? { detail: this.#peerFailure } : {}),
      };
    }
    const detail = lost ? { detail: lost } : {};
    if (directPeers === 0 && this.#relay.failures >= OFFLINE_AFTER_FAILURES)
      return { ...base, state: 'offline', ...detail };
    return { ...base, state: this.#everConnected ? 'reconnecting' : 'connecting', ...detail };
  }
}

function newAttempts(now: number): Attempts {
  return { firstSeen: now, failures: 0, notBefore: 0, busy: false };
}
