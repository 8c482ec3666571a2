// SPDX-License-Identifier: Apache-2.0
// Which peer of an organisation pulls blocks from the orderer for the others (Fabric's gossip/election/election.go). Of those that propose
// themselves the one with the lowest PKI-ID leads.
//
//   start:     wait until membership is stable (two equal samples), at most the grace period, or until a leader declares itself
//   loop:      no leader known and not yielding -> election; then lead or follow
//   election:  gossip a proposal; wait electionDuration, or until a declaration comes; a declaration -> follow;
//              a proposal of a lower id -> nobody yet, next round; else become leader
//   leader:    gossip a declaration; wait half the alive threshold; a declaration of a lower id -> step down at once
//   follower:  forget proposals and the leader; wait the alive threshold; a declaration meanwhile -> there is a leader
//   yield:     step down; take part in no election for six alive thresholds, or until another leader appears, or the orderer is back
//
// Properties (Fabric's): peers that hear each other end with one leader; a partition has one leader each and heals into the lower one;
// a peer alone becomes leader. Added: a leader known to be gone is replaced at once, not after the threshold; and a leader that hears a
// proposal declares itself at once, so that a newcomer follows it instead of leading for a moment, which matters while many join.
import type { GossipSettings } from '../../../common/network/types.ts';
import { compareBytes, toHex } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import type { Logger } from '../../../common/runtime/log.ts';

/** A leadership message whose sender has been verified: own organisation, alive. */
export interface ElectionMessage {
  readonly pkiId: Uint8Array;
  readonly isDeclaration: boolean;
}

export interface ElectionComponents {
  readonly pkiId: Uint8Array;
  /** Sends to all peers of the organisation on the channel. */
  readonly gossip: (isDeclaration: boolean) => void;
  /** How many peers of the organisation are alive on the channel. */
  readonly memberCount: () => number;
  /** Called whenever this peer becomes or ceases to be the leader. */
  readonly leadershipChanged: (isLeader: boolean) => void;
  /** Called when the leader that is known changes; hex PKI-ID, own one included. */
  readonly leaderChanged: (leader: string | undefined) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Yielding lasts so many alive thresholds. */
const YIELD_FACTOR = 6;
/** Proposals of many newcomers are answered together. */
const MIN_DECLARATION_INTERVAL_MS = 500;

export class LeaderElection {
  readonly #components: ElectionComponents;
  readonly #settings: GossipSettings['election'];
  readonly #id: string;
  #stop: AbortController | undefined;
  #isLeader = false;
  #declaredAt = Number.NEGATIVE_INFINITY;
  // Whether a declaration cuts the present wait short; a follower hears them all the time.
  #electing = false;
  #leaderKnown = false;
  #leader: string | undefined;
  #proposals = new Set<string>();
  #interrupt: (() => void) | undefined;
  #cancelYield: (() => void) | undefined;

  constructor(components: ElectionComponents, settings: GossipSettings['election']) {
    this.#components = components;
    this.#settings = settings;
    this.#id = toHex(components.pkiId);
  }

  get isLeader(): boolean {
    return this.#isLeader;
  }

  /** Hex PKI-ID of the leader, when one is known. */
  get leader(): string | undefined {
    return this.#leader;
  }

  start(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#run(this.#stop.signal);
  }

  stop(): void {
    if (!this.#stop) return;
    this.#stop.abort();
    this.#stop = undefined;
    this.#stopYielding();
    this.#resign();
    this.#interrupt?.();
  }

  /** Steps down for a while: this peer cannot reach the orderer. */
  yield(): void {
    if (!this.#isLeader || this.#cancelYield) return;
    this.#components.log.info('yielding leadership');
    const ms = YIELD_FACTOR * this.#settings.leaderAliveThresholdMs;
    this.#cancelYield = this.#components.clock.setTimer(() => this.#stopYielding(), ms);
    this.#resign();
    this.#leaderKnown = false;
    this.#interrupt?.();
  }

  /** The orderer can be reached again: this peer may lead at once. */
  ordererBack(): void {
    if (!this.#cancelYield) return;
    this.#stopYielding();
    this.#interrupt?.();
  }

  /** The leader is known to be dead or gone. */
  leaderLost(pkiId: string): void {
    if (this.#leader !== pkiId || this.#isLeader) return;
    this.#leaderKnown = false;
    this.#setLeader(undefined);
    this.#interrupt?.();
  }

  handleMessage({ pkiId, isDeclaration }: ElectionMessage): void {
    const id = toHex(pkiId);
    if (!this.#stop || id === this.#id) return;
    if (!isDeclaration) {
      this.#proposals.add(id);
      if (this.#isLeader) this.#declare(MIN_DECLARATION_INTERVAL_MS);
      return;
    }
    this.#leaderKnown = true;
    this.#stopYielding();
    const lower = compareBytes(pkiId, this.#components.pkiId) < 0;
    if (this.#isLeader && lower) this.#resign();
    if (!this.#isLeader) this.#setLeader(id);
    if (this.#electing) this.#interrupt?.();
  }

  async #run(signal: AbortSignal): Promise<void> {
    await this.#waitForStableMembership(signal);
    while (!signal.aborted) {
      if (!this.#leaderKnown && !this.#cancelYield) await this.#elect(signal);
      if (signal.aborted) return;
      if (this.#isLeader) await this.#lead(signal);
      else await this.#follow(signal);
    }
  }

  async #waitForStableMembership(signal: AbortSignal): Promise<void> {
    const { clock, memberCount } = this.#components;
    const end = clock.now() + this.#settings.startupGracePeriodMs;
    let size = memberCount();
    this.#electing = true;
    while (!signal.aborted && clock.now() < end) {
      await this.#wait(this.#settings.membershipSampleIntervalMs, signal);
      const now = memberCount();
      if (now === size || this.#leaderKnown) break;
      size = now;
    }
    this.#electing = false;
  }

  async #elect(signal: AbortSignal): Promise<void> {
    const { gossip } = this.#components;
    gossip(false);
    this.#electing = true;
    await this.#wait(this.#settings.leaderElectionDurationMs, signal);
    this.#electing = false;
    if (signal.aborted || this.#leaderKnown || this.#cancelYield) return;
    for (const other of this.#proposals) if (other < this.#id) return;
    this.#becomeLeader();
  }

  async #lead(signal: AbortSignal): Promise<void> {
    this.#declare(0);
    await this.#wait(this.#settings.leaderAliveThresholdMs / 2, signal);
  }

  // Unless that was done within `sinceMs`.
  #declare(sinceMs: number): void {
    const { clock, gossip } = this.#components;
    if (clock.now() - this.#declaredAt < sinceMs) return;
    this.#declaredAt = clock.now();
    gossip(true);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    this.#proposals.clear();
    this.#leaderKnown = false;
    await this.#wait(this.#settings.leaderAliveThresholdMs, signal);
    if (!this.#leaderKnown && !this.#isLeader) this.#setLeader(undefined);
  }

  #becomeLeader(): void {
    this.#components.log.info('becoming the leader');
    this.#isLeader = true;
    this.#leaderKnown = true;
    this.#setLeader(this.#id);
    this.#components.leadershipChanged(true);
  }

  #resign(): void {
    if (!this.#isLeader) return;
    this.#components.log.info('no longer the leader');
    this.#isLeader = false;
    this.#setLeader(undefined);
    this.#components.leadershipChanged(false);
    this.#interrupt?.();
  }

  #setLeader(leader: string | undefined): void {
    if (this.#leader === leader) return;
    this.#leader = leader;
    this.#components.leaderChanged(leader);
  }

  #stopYielding(): void {
    this.#cancelYield?.();
    this.#cancelYield = undefined;
  }

  // Sleeps until the time is over, somebody interrupts, or the election stops.
  #wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#interrupt = undefined;
        resolve();
      };
      const cancel = this.#components.clock.setTimer(done, ms);
      this.#interrupt = done;
    });
  }
}
