// SPDX-License-Identifier: Apache-2.0
export { BlockStore, type BlockStoreOptions } from './block-store.ts';
export { ParsedTx } from './parsed-tx.ts';
export { type ChainExtent, chainExtent, dropIndex, truncateChain } from './rollback.ts';
export {
  headerHashIn,
  holdsConfig,
  parseBlock,
  replaceMetadata,
  type SerializedBlock,
  txIdsOf,
  withMetadata,
} from './serialized-block.ts';
