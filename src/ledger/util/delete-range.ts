// SPDX-License-Identifier: Apache-2.0
// Deletes rows of a store some at a time, which may be interrupted and done again.
import type { KeyRange, KVOperation, KVStore } from '../kv-store.ts';

const BATCH = 500;

/** Deletes all rows of a range; durable on return. */
export async function deleteRange(
  store: KVStore,
  range: Pick<KeyRange, 'gte' | 'lt'>,
): Promise<void> {
  for (;;) {
    const operations: KVOperation[] = [];
    for await (const [key] of store.range({ ...range, limit: BATCH })) {
      operations.push({ type: 'delete', key });
    }
    if (operations.length === 0) return;
    await store.write(operations, { durable: true });
  }
}
