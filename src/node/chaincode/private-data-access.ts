// SPDX-License-Identifier: Apache-2.0
import type { protos } from '../../common/protos/index.ts';

/** Who may use private data, and how (RetrieveReadWritePermission of core/common/privdata/store.go). */
export interface PrivateDataAccess {
  /** What the creator of a proposal may do with a collection. Rejects with FabricError COLLECTION_UNKNOWN. */
  readWritePermission(
    channelId: string,
    chaincode: string,
    collection: string,
    signedProposal: protos.ISignedProposal,
  ): Promise<{ readonly read: boolean; readonly write: boolean }>;
  /** Whether the channel's capabilities allow to purge private data. */
  purgeEnabled(channelId: string): boolean;
}
