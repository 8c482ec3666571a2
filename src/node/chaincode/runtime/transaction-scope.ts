// SPDX-License-Identifier: Apache-2.0
// Which transaction the running JavaScript belongs to, so that the clock and the random numbers that it sees are
// those of the transaction: every endorser must compute the same bytes.
//
// A worker runs many transactions at once, as Fabric's do. Code of a transaction runs when a message for it
// arrives, and in the microtasks that follow; all of them run before the next message is taken. So it is enough to
// name the transaction at each message, and to carry it over in timers.

/** What a transaction may know of the world. */
export interface TransactionScope {
  /** The timestamp in the proposal's channel header, milliseconds since the Unix epoch. */
  readonly timeMs: number;
  /** Absent while the chaincode is loaded. */
  readonly txId?: string;
  /** Uniform in [0, 1), seeded by the transaction id. */
  readonly random: () => number;
}

/** The scope of code that runs while the chaincode is loaded: the epoch, and one fixed row of numbers. */
const LOAD_SCOPE: TransactionScope = { timeMs: 0, random: seededRandom('load') };

const scopes = new Map<string, TransactionScope>();
let current = LOAD_SCOPE;

export function currentScope(): TransactionScope {
  return current;
}

/** Makes a scope for a transaction that begins, and enters it. */
export function beginScope(id: string, txId: string, timeMs: number): void {
  current = { timeMs, txId, random: seededRandom(txId) };
  scopes.set(id, current);
}

/** Enters the scope of a transaction that goes on. */
export function enterScope(id: string): void {
  current = scopes.get(id) ?? LOAD_SCOPE;
}

export function endScope(id: string): void {
  scopes.delete(id);
}

/** A function that runs in the scope in which it was made. */
export function keepScope<Args extends unknown[]>(
  callback: (...args: Args) => void,
): (...args: Args) => void {
  const scope = current;
  return (...args) => {
    current = scope;
    callback(...args);
  };
}

/** Numbers in [0, 1) that depend on nothing but `seed` (the sfc32 generator, seeded by FNV-1a). */
export function seededRandom(seed: string): () => number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193);
  let [a, b, c, counter] = [hash, hash ^ 0x9e3779b9, Math.imul(hash, 0x85ebca6b), 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  // The first rounds of sfc32 still show the seed.
  for (let i = 0; i < 12; i++) next();
  return next;
}
