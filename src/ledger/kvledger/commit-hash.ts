// SPDX-License-Identifier: Apache-2.0
// The commit hash, by which peers can tell that they hold the same state (txmgr/update_batch_bytes.go and
// kv_ledger.go): SHA-256 over the codes, the updates and the hash of the block before.
import { sha256 } from '@noble/hashes/sha2.js';
import { common, txmgr, Writer } from '../../common/protos/index.ts';
import { compareUtf8, concat, EMPTY_BYTES } from '../../common/runtime/bytes.ts';
import { replaceMetadata, type SerializedBlock } from '../blkstorage/serialized-block.ts';
import { fromBinary } from '../util/binary-string.ts';
import { versionBytes } from './txmgmt/statedb/state-record.ts';
import type { UpdateBatch } from './txmgmt/statedb/update-batch.ts';
import { CHANNEL_CONFIG_NAMESPACE } from './validation/batch-preparer.ts';

const { TRANSACTIONS_FILTER, COMMIT_HASH } = common.BlockMetadataIndex;

/** The hash of a block from its final codes and updates, and the hash of the block before (empty for block 1). */
export function computeCommitHash(
  flags: Uint8Array,
  batch: UpdateBatch,
  previous: Uint8Array,
): Uint8Array {
  const filter = new Writer().bytes(flags).finish();
  return sha256(concat(filter, deterministicBytes(batch), previous));
}

// Namespaces, then public keys before collections, each sorted by bytes; a name stands only at its first entry. The
// channel's configuration is left out, since its encoding is not deterministic.
function deterministicBytes(batch: UpdateBatch): Uint8Array {
  const kvwrites = batch
    .namespaces()
    .filter((namespace) => namespace !== CHANNEL_CONFIG_NAMESPACE)
    .sort(compareUtf8)
    .flatMap((namespace) => {
      const writes = batch
        .collections(namespace)
        .sort(compareUtf8)
        .flatMap((collection) => writesOf(batch, namespace, collection));
      return writes.map((write, i) => (i === 0 ? { ...write, namespace } : write));
    });
  return txmgr.Updates.encode({ kvwrites }).finish();
}

function writesOf(batch: UpdateBatch, namespace: string, collection: string): txmgr.IKVWrite[] {
  const updates = batch.updates(namespace, collection);
  return (updates?.keys() ?? []).map((key, i) => {
    const update = updates?.get(key);
    return {
      ...(i === 0 && { collection }),
      key: fromBinary(key),
      isDelete: update?.value === undefined,
      value: update?.value ?? EMPTY_BYTES,
      version_bytes: update ? versionBytes(update.version) : EMPTY_BYTES,
    };
  });
}

/** The commit hash that a stored block carries; empty when it carries none. */
export function commitHashOf(block: SerializedBlock): Uint8Array {
  const slot = block.metadata[COMMIT_HASH] ?? EMPTY_BYTES;
  return common.Metadata.decode(slot).value;
}

/** A block with what the peer adds to it: the codes, and the commit hash unless it is empty. */
export function withFinalMetadata(
  block: SerializedBlock,
  flags: Uint8Array,
  commitHash: Uint8Array,
): SerializedBlock {
  const hash =
    commitHash.length > 0
      ? common.Metadata.encode({ value: commitHash }).finish()
      : new Uint8Array();
  // A copy of the codes, which the caller may still change.
  const slots = new Map([
    [TRANSACTIONS_FILTER, flags.slice()],
    [COMMIT_HASH, hash],
  ]);
  return replaceMetadata(block, slots);
}
