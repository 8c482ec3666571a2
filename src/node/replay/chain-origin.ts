// SPDX-License-Identifier: Apache-2.0
// Where a chain begins that has no genesis block: behind a snapshot.
import type { BootstrappingSnapshotInfo } from '../../ledger/blkstorage/blockfile/index.ts';
import type { PeerLedger } from '../../ledger/types.ts';

export interface ChainOrigin {
  /** The block before the first. */
  readonly info: BootstrappingSnapshotInfo;
  /** Made from the snapshot, when that is at hand; with it everything of the chain can be checked. */
  readonly ledger?: PeerLedger;
}
