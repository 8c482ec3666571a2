// SPDX-License-Identifier: Apache-2.0
// What a peer wrote into a block when it committed it: the codes and the commit hash. To find them again without having
// looked, the block is stripped of them first.
import { common } from '../../common/protos/index.ts';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import {
  parseBlock,
  replaceMetadata,
  type SerializedBlock,
} from '../../ledger/blkstorage/index.ts';

const { TRANSACTIONS_FILTER, COMMIT_HASH } = common.BlockMetadataIndex;

export interface StoredOutcome {
  readonly blockNum: number;
  readonly transactions: number;
  /** Validation codes, one a transaction; undefined in a block as an orderer keeps it. */
  readonly flags: Uint8Array | undefined;
  /** Undefined where there is none: at an orderer, in block 0, and before Fabric had commit hashes. */
  readonly commitHash: Uint8Array | undefined;
}

/** Reads it from the metadata. */
export function storedOutcomeOf(block: SerializedBlock): StoredOutcome {
  const flags = block.metadata[TRANSACTIONS_FILTER] ?? EMPTY_BYTES;
  const slot = block.metadata[COMMIT_HASH] ?? EMPTY_BYTES;
  const commitHash = commitHashIn(slot);
  return {
    blockNum: block.number,
    transactions: block.transactions.length,
    flags: flags.length > 0 ? flags : undefined,
    commitHash: commitHash.length > 0 ? commitHash : undefined,
  };
}

// A slot that does not decode is given as it is: no hash equals it.
function commitHashIn(slot: Uint8Array): Uint8Array {
  try {
    return common.Metadata.decode(slot).value;
  } catch {
    return slot;
  }
}

/** The block as it came from the orderer, and what the peer made of it. Throws LedgerError BLOCK_MALFORMED. */
export function splitOutcome(bytes: Uint8Array): {
  received: SerializedBlock;
  stored: StoredOutcome;
} {
  const block = parseBlock(bytes);
  const slots = new Map([
    [TRANSACTIONS_FILTER, EMPTY_BYTES],
    [COMMIT_HASH, EMPTY_BYTES],
  ]);
  return { received: replaceMetadata(block, slots), stored: storedOutcomeOf(block) };
}
