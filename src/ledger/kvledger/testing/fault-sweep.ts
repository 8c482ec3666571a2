// SPDX-License-Identifier: Apache-2.0
// Lets something fail at every single write that it makes, in turn.
import { LedgerError } from '../../types.ts';
import type { FaultyStores } from './faulty-stores.ts';

/** What happens at the write: the power goes before it or behind it, or it is refused since the disk is full. */
export const FAULTS = ['cut before', 'cut behind', 'disk full'] as const;
export type FaultKind = (typeof FAULTS)[number];

/** What was struck, and where. */
export interface Struck {
  readonly stores: FaultyStores;
  readonly write: number;
  /** What `act` rejected with, if it did. */
  readonly error: unknown;
}

/**
 * Runs `act` on copies of the stores until no fault is reached, each time with a fault at the next write, and then `check`,
 * with power and space again. Gives the number of writes.
 */
export async function atEveryWrite(
  base: FaultyStores,
  kind: FaultKind,
  act: (stores: FaultyStores) => Promise<void>,
  check: (struck: Struck) => Promise<void>,
): Promise<number> {
  for (let write = 0; ; write++) {
    const stores = await base.copy();
    if (kind === 'disk full') {
      stores.refuseAt(write, new LedgerError('QUOTA_EXCEEDED', 'the disk is full'));
    } else {
      stores.cutAt(write, kind === 'cut behind');
    }
    const error = await act(stores).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error !== undefined && !stores.hasStruck) throw error;
    if (!stores.hasStruck) return write;
    if (stores.isDead) await stores.restart();
    await check({ stores, write, error });
  }
}

/** Does something again if the disk was full. */
export async function persistently<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'QUOTA_EXCEEDED') return act();
    throw error;
  }
}
