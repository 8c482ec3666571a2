// SPDX-License-Identifier: Apache-2.0
// Stores in pages.
export { moveIntoPages } from './move-into-pages.ts';
export { PagedKVStore, type PagedKVStoreOptions } from './paged-kv-store.ts';
