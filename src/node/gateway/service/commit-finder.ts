// SPDX-License-Identifier: Apache-2.0
// Where a transaction ended: in the ledger already, or in a block that is still to come (internal/pkg/gateway/commit/finder.go and
// notifier.go). It listens before it asks the ledger, so that no block falls between the two.
//
// A transaction that this gateway saw its own peer endorse was not in the ledger then; when it was expected since before, the ledger
// need not be asked at all.
import { raceAbort } from '../../../common/runtime/deadline.ts';
import { GrpcStatus, ServiceError } from '../../../common/wire/service.ts';
import type {
  CommitOutcome,
  CommittedTransactions,
  GatewayServiceComponents,
} from './components.ts';

/** Transactions that are expected at once; beyond that the ledger is asked about the older ones. */
const MAX_EXPECTED = 10_000;

interface Waiter {
  readonly resolve: (outcome: CommitOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

export class CommitFinder {
  readonly #components: Pick<GatewayServiceComponents, 'outcome' | 'onCommitted'>;
  // Both by channel and transaction.
  /** Transactions that were not in the ledger, and what has become of them since. */
  readonly #expected = new Map<string, CommitOutcome | undefined>();
  readonly #waiting = new Map<string, Set<Waiter>>();
  #unsubscribe: (() => void) | undefined;

  constructor(components: Pick<GatewayServiceComponents, 'outcome' | 'onCommitted'>) {
    this.#components = components;
  }

  /** Calls that wait for a block. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((count, waiters) => count + waiters.size, 0);
  }

  start(): void {
    this.#unsubscribe ??= this.#components.onCommitted((block) => this.#committed(block));
  }

  /** @param reason what those get who wait. */
  stop(reason: unknown = new ServiceError(GrpcStatus.UNAVAILABLE, 'the peer is stopping')): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#expected.clear();
    for (const waiters of this.#waiting.values()) {
      for (const { reject } of waiters) reject(reason);
    }
  }

  /** Notes from now on what becomes of a transaction that is about to be found absent from the ledger; if it is not, `forget` it. */
  expect(channel: string, txId: string): void {
    if (!this.#unsubscribe) return;
    const key = keyOf(channel, txId);
    if (!this.#expected.has(key)) this.#expected.set(key, undefined);
    for (const oldest of this.#expected.keys()) {
      if (this.#expected.size <= MAX_EXPECTED) break;
      this.#expected.delete(oldest);
    }
  }

  forget(channel: string, txId: string): void {
    this.#expected.delete(keyOf(channel, txId));
  }

  /** Resolves when the transaction is in the ledger. Rejects when the ledger cannot be asked, and with the signal's reason. */
  async transactionStatus(
    channel: string,
    txId: string,
    { signal }: { signal: AbortSignal },
  ): Promise<CommitOutcome> {
    signal.throwIfAborted();
    const key = keyOf(channel, txId);
    const { promise: block, resolve, reject } = Promise.withResolvers<CommitOutcome>();
    block.catch(() => {});
    const waiter = { resolve, reject };
    const waiters = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiters.add(waiter));
    try {
      const known = this.#expected.has(key)
        ? this.#expected.get(key)
        : await raceAbort(this.#components.outcome(channel, txId), signal);
      return known ?? (await raceAbort(block, signal));
    } finally {
      waiters.delete(waiter);
      if (waiters.size === 0) this.#waiting.delete(key);
      if (this.#expected.get(key)) this.#expected.delete(key);
    }
  }

  #committed({ channel, blockNumber, txIds, codes }: CommittedTransactions): void {
    if (this.#expected.size === 0 && this.#waiting.size === 0) return;
    for (const [index, txId] of txIds.entries()) {
      const code = codes[index];
      if (code === undefined) continue;
      const key = keyOf(channel, txId);
      const outcome = { code, blockNumber };
      // The first of two with the same id counts: the second is a duplicate by rule.
      if (this.#expected.has(key) && !this.#expected.get(key)) this.#expected.set(key, outcome);
      for (const { resolve } of this.#waiting.get(key) ?? []) resolve(outcome);
    }
  }
}

function keyOf(channel: string, txId: string): string {
  return `${channel}\0${txId}`;
}
