// SPDX-License-Identifier: Apache-2.0
export { BlockStore, type BlockStoreOptions } from './block-store.ts';
export { parseBlock, type SerializedBlock, txIdsOf, withMetadata } from './serialized-block.ts';
