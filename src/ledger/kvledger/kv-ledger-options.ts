// SPDX-License-Identifier: Apache-2.0
// How a ledger is kept (ledger.Config of core/ledger/ledger_interface.go, as far as it is about one ledger).
import type { StateDatabase } from '../../common/network/types.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { PostingIndexOptions } from '../postings/posting-index.ts';
import type { PrivatePartOptions } from './private-part.ts';
import type { SnapshotsRoot } from './snapshot/snapshot-requests.ts';
import type { StateDBOptions } from './txmgmt/statedb/state-db.ts';

export interface KVLedgerOptions {
  /** Fabric's ledger.state.stateDatabase; the same at all peers of a channel. `CouchDB` has rich queries. */
  readonly stateDatabase?: StateDatabase | undefined;
  readonly state?: Partial<StateDBOptions>;
  readonly historyIndex?: Partial<PostingIndexOptions>;
  readonly txIdIndex?: Partial<PostingIndexOptions>;
  readonly private?: PrivatePartOptions;
  /** The height before a reset. */
  readonly preResetHeight?: number | undefined;
  /** Keeps the snapshots that are asked for; without it none can be. */
  readonly snapshots?: SnapshotsRoot;
  readonly logger?: Logger;
}
