// SPDX-License-Identifier: Apache-2.0
// The channel of common/testdata/mychannel as a committer sees it: its chaincode definitions and its configurations.
import { createBundleFromBlock } from '../../../common/channelconfig/index.ts';
import type { ChannelConfigBundle } from '../../../common/channelconfig/types.ts';
import type { ChaincodeDefinition } from '../../../common/network/types.ts';
import { common } from '../../../common/protos/index.ts';
import { isConfigBlock, unmarshalBlock } from '../../../common/protoutil/index.ts';
import { expectedBlocks, readBlock } from '../../../common/testdata/mychannel.ts';
import { parseBlock, withMetadata } from '../../../ledger/blkstorage/index.ts';
import { collectionOf } from '../../testing/collections.ts';
import type { TxVerdict } from '../index.ts';

const once = { version: '1.0', sequence: 1 };

/** What was committed to the network's `_lifecycle` by blocks 1 to 12. */
export const REAL_DEFINITIONS: readonly ChaincodeDefinition[] = [
  { ...once, name: 'both', endorsementPolicy: "AND('Org1MSP.peer','Org2MSP.peer')" },
  { ...once, name: 'one', endorsementPolicy: "OR('Org1MSP.peer')" },
  { ...once, name: 'basic', endorsementPolicy: '/Channel/Application/Endorsement' },
  {
    ...once,
    name: 'pvt',
    endorsementPolicy: "OR('Org1MSP.peer','Org2MSP.peer')",
    collections: [
      collectionOf('colBoth'),
      collectionOf('colOrg1', { endorsementPolicy: "OR('Org1MSP.peer')" }),
    ],
  },
];

/** Configurations by block: the one in force when the block came. */
export async function realBundles(): Promise<ChannelConfigBundle[]> {
  const bundles: ChannelConfigBundle[] = [];
  let current = await createBundleFromBlock(readBlock(0));
  for (const { number } of expectedBlocks) {
    bundles.push(current);
    if (isConfigBlock(unmarshalBlock(readBlock(number)))) {
      current = await createBundleFromBlock(readBlock(number));
    }
  }
  return bundles;
}

/** A block as the orderer sent it: without what the peer wrote into its metadata. */
export function receivedBlock(number: number): Uint8Array {
  const { TRANSACTIONS_FILTER, COMMIT_HASH } = common.BlockMetadataIndex;
  const none = new Uint8Array();
  const slots = new Map([TRANSACTIONS_FILTER, COMMIT_HASH].map((slot) => [slot, none] as const));
  return withMetadata(parseBlock(readBlock(number)), slots);
}

/** For messages of failed assertions. */
export function reasonsOf(verdicts: readonly TxVerdict[]): string {
  return verdicts.map(({ reason = 'no objection' }) => reason).join('; ');
}
