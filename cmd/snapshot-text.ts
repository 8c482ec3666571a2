// SPDX-License-Identifier: Apache-2.0
// What a snapshot says of itself, in words.
import type { SnapshotMetadata } from '../src/ledger/kvledger/snapshot/snapshot-metadata.ts';
import { rows } from './command-output.ts';

/** Rows of the metadata, and more. */
export function metadataRows(
  metadata: Omit<SnapshotMetadata, 'filesHashes'>,
  more: readonly (readonly [name: string, value: string])[],
): string {
  return rows([
    ['channel', metadata.channelName],
    ['last block', `${metadata.lastBlockNumber}, ${metadata.lastBlockHash}`],
    ['last commit', metadata.lastBlockCommitHash || 'none'],
    ['snapshot hash', `${metadata.snapshotHash} (the same at every peer: compare it)`],
    ...more,
  ]);
}
