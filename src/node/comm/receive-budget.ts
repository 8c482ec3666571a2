// SPDX-License-Identifier: Apache-2.0
// How much of what callers send a node may hold that nothing has read yet: unfinished messages above all, of which each may grow to the
// largest that is allowed. Without it one member with many calls fills a relay's memory, or a tab's.

export interface ReceiveBudgetOptions {
  /** Of all calls of one peer. */
  readonly maxPerPeerBytes: number;
  readonly maxInAllBytes: number;
}

/** Room for a few proposals of a size that chaincode in a tab can take. */
export const DEFAULT_RECEIVE_BUDGET: ReceiveBudgetOptions = Object.freeze({
  maxPerPeerBytes: 32 * 1024 * 1024,
  maxInAllBytes: 64 * 1024 * 1024,
});

/** What one call has charged. */
export interface ReceiveAccount {
  /** False when there is no room; nothing has been charged then. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** Bytes held of each peer. */
export class ReceiveBudget {
  readonly #options: ReceiveBudgetOptions;
  readonly #held = new Map<string, number>();
  #heldInAll = 0;
  #refused = 0;

  constructor(options: ReceiveBudgetOptions = DEFAULT_RECEIVE_BUDGET) {
    this.#options = options;
  }

  get heldBytes(): number {
    return this.#heldInAll;
  }

  /** How often there was no room. */
  get refused(): number {
    return this.#refused;
  }

  account(peerId: string): ReceiveAccount {
    return {
      take: (bytes) => this.#take(peerId, bytes),
      give: (bytes) => this.#change(peerId, -bytes),
    };
  }

  #take(peerId: string, bytes: number): boolean {
    const { maxPerPeerBytes, maxInAllBytes } = this.#options;
    const ofPeer = (this.#held.get(peerId) ?? 0) + bytes;
    if (ofPeer > maxPerPeerBytes || this.#heldInAll + bytes > maxInAllBytes) {
      this.#refused++;
      return false;
    }
    this.#change(peerId, bytes);
    return true;
  }

  #change(peerId: string, bytes: number): void {
    const ofPeer = (this.#held.get(peerId) ?? 0) + bytes;
    if (ofPeer > 0) this.#held.set(peerId, ofPeer);
    else this.#held.delete(peerId);
    this.#heldInAll += bytes;
  }
}
