// SPDX-License-Identifier: Apache-2.0
// What neighbours are worth. A member that passes on what no honest peer would, or more than a network can have to say, loses its place in meshes,
// then its hearing, and at last its connection; with time it is forgiven. Kept by identity, so that a new connection is no new start.
import { toHex } from '../../common/runtime/bytes.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import type { Bindings } from '../comm/bindings.ts';

export interface NeighbourScoreOptions {
  /** What a rejected message costs. gossipsub prunes below 0, ignores below -80. */
  readonly rejectedPoints: number;
  /** What a message costs that came above the rate. */
  readonly excessPoints: number;
  /** In this time half of it is forgiven. */
  readonly halfLifeMs: number;
  /** At this score the connection is closed, and none is taken before it is forgiven. */
  readonly cutOffScore: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Seconds' worth that may come at once. */
  readonly burstSeconds: number;
}

/**
 * A busy network of sixty says some tens of messages a second, blocks above all; a burst is what a neighbour has kept while a thread was
 * busy. About forty rejected messages in half a minute end a connection; honest peers pass on none but in a moment when configurations differ.
 */
export const DEFAULT_NEIGHBOUR_SCORE_OPTIONS: NeighbourScoreOptions = Object.freeze({
  rejectedPoints: 5,
  excessPoints: 0.5,
  halfLifeMs: 30_000,
  cutOffScore: -200,
  messagesPerSecond: 200,
  bytesPerSecond: 16 * 1024 * 1024,
  burstSeconds: 4,
});

interface Standing {
  score: number;
  /** When `score` was so. */
  at: number;
  messages: number;
  bytes: number;
  /** When the two were so. */
  filledAt: number;
}

export interface NeighbourScoresComponents {
  readonly bindings: Pick<Bindings, 'get' | 'events'>;
  readonly clock: Clock;
  /** Whom this node cannot do without: the relay of a peer. */
  readonly isExempt?: (peerId: string) => boolean;
}

/** Standing is kept of so many identities; the longest unheard is forgotten first. */
const MAX_STANDINGS = 5_000;

export class NeighbourScores {
  readonly #components: NeighbourScoresComponents;
  readonly #options: NeighbourScoreOptions;
  /** By hex PKI-ID. */
  readonly #standings = new Map<string, Standing>();
  #cutOff: (peerId: string) => void = () => {};
  #rejected = 0;
  #excess = 0;
  #ended = 0;

  constructor(components: NeighbourScoresComponents, options: Partial<NeighbourScoreOptions> = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_NEIGHBOUR_SCORE_OPTIONS, ...options };
    components.bindings.events.on('binding:added', ({ peerId }) => this.#judge(peerId));
  }

  /** How often messages were rejected, were too many, and connections were ended. */
  get counts(): { readonly rejected: number; readonly excess: number; readonly ended: number } {
    return { rejected: this.#rejected, excess: this.#excess, ended: this.#ended };
  }

  /** @param cutOff ends the connections of a peer. */
  onCutOff(cutOff: (peerId: string) => void): void {
    this.#cutOff = cutOff;
  }

  /** 0 or less; 0 of whoever has not shaken hands. */
  of(peerId: string): number {
    const standing = this.#standing(peerId);
    return standing ? this.#scoreNow(standing) : 0;
  }

  /** It passed on a message that nobody honest would. */
  rejected(peerId: string): void {
    this.#rejected++;
    this.#punish(peerId, this.#options.rejectedPoints);
  }

  /** How many of the messages, by their sizes, fit its rate; the rest is not to be looked at, and counts against it. */
  takes(peerId: string, sizes: readonly number[]): number {
    const standing = this.#standing(peerId);
    if (!standing) return sizes.length;
    this.#fill(standing);
    let taken = 0;
    for (const bytes of sizes) {
      if (standing.messages < 1 || standing.bytes < bytes) break;
      standing.messages--;
      standing.bytes -= bytes;
      taken++;
    }
    const excess = sizes.length - taken;
    if (excess > 0) {
      this.#excess += excess;
      this.#punish(peerId, excess * this.#options.excessPoints);
    }
    return taken;
  }

  #punish(peerId: string, points: number): void {
    const standing = this.#standing(peerId);
    if (!standing) return;
    standing.score = this.#scoreNow(standing) - points;
    standing.at = this.#components.clock.now();
    this.#judge(peerId);
  }

  #judge(peerId: string): void {
    if (this.of(peerId) > this.#options.cutOffScore) return;
    this.#ended++;
    this.#cutOff(peerId);
  }

  #standing(peerId: string): Standing | undefined {
    const { bindings, isExempt } = this.#components;
    const binding = bindings.get(peerId);
    if (!binding || isExempt?.(peerId)) return undefined;
    const id = toHex(binding.pkiId);
    const known = this.#standings.get(id);
    this.#standings.delete(id);
    const now = this.#components.clock.now();
    const full = { messages: this.#burst('messages'), bytes: this.#burst('bytes') };
    const standing = known ?? { score: 0, at: now, ...full, filledAt: now };
    this.#standings.set(id, standing);
    const [oldest] = this.#standings.keys();
    if (oldest !== undefined && this.#standings.size > MAX_STANDINGS)
      this.#standings.delete(oldest);
    return standing;
  }

  #scoreNow({ score, at }: Standing): number {
    return score * 0.5 ** ((this.#components.clock.now() - at) / this.#options.halfLifeMs);
  }

  #fill(standing: Standing): void {
    const now = this.#components.clock.now();
    const seconds = Math.max(0, now - standing.filledAt) / 1000;
    standing.filledAt = now;
    for (const unit of ['messages', 'bytes'] as const) {
      const more = standing[unit] + seconds * this.#options[`${unit}PerSecond`];
      standing[unit] = Math.min(more, this.#burst(unit));
    }
  }

  #burst(unit: 'messages' | 'bytes'): number {
    return this.#options.burstSeconds * this.#options[`${unit}PerSecond`];
  }
}
