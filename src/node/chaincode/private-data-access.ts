// SPDX-License-Identifier: Apache-2.0
import type { protos } from '../../common/protos/index.ts';
import type { TxSimulator } from '../../ledger/types.ts';

/** Who may use private data, and how (RetrieveReadWritePermission of core/common/privdata/store.go). */
export interface PrivateDataAccess {
  /** What the creator of a proposal may do with a collection. Rejects with FabricError COLLECTION_UNKNOWN. */
  readWritePermission(
    channelId: string,
    chaincode: string,
    collection: string,
    signedProposal: protos.ISignedProposal,
  ): Promise<{ readonly read: boolean; readonly write: boolean }>;
  /**
   * Reads the chaincode's definition through the simulation, so that the transaction is invalid when the collections change before it is
   * committed.
   */
  readDefinition(chaincode: string, simulator: TxSimulator): Promise<void>;
  /** Whether the channel's capabilities allow to purge private data. */
  purgeEnabled(channelId: string): boolean;
}
