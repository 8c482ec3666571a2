// SPDX-License-Identifier: Apache-2.0
// The cases that every KVStore must pass, under Vitest. Each implementation calls this in its own test file.
import { describe, test } from 'vitest';
import { KV_STORE_CASES, type KVStoreSetup, runKVStoreCase } from './kv-store-cases.contract.ts';

/** Runs the cases on the stores of fresh providers. */
export function describeKVStore(name: string, setup: KVStoreSetup): void {
  describe(`${name} is a KVStore`, () => {
    for (const one of KV_STORE_CASES) test(one.name, () => runKVStoreCase(one, setup));
  });
}
