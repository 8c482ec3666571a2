// SPDX-License-Identifier: Apache-2.0
export { BlockStore, type BlockStoreOptions } from './block-store.ts';
export { type ChainExtent, chainExtent, dropIndex, truncateChain } from './rollback.ts';
export { parseBlock, type SerializedBlock, txIdsOf, withMetadata } from './serialized-block.ts';
