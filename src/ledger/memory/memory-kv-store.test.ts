// SPDX-License-Identifier: Apache-2.0
import { describeKVStore } from '../kv-store.contract.ts';
import { MemoryKVStoreProvider } from './memory-kv-store.ts';

describeKVStore('MemoryKVStore', async () => ({ provider: new MemoryKVStoreProvider() }));
