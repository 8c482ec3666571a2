// SPDX-License-Identifier: Apache-2.0
// `peer node rebuild-dbs` (kvledger/rebuild_dbs.go), for one ledger. As in Fabric, the databases are made again when the ledger is
// opened, from its blocks, with the validation codes that these hold.
import { drop, heightOfWhole, type MaintenanceContext, readyMetadata } from './drop-dbs.ts';

export async function rebuildDBs(ledgerId: string, context: MaintenanceContext): Promise<void> {
  const metadata = await readyMetadata(ledgerId, context);
  await heightOfWhole(context.files, ledgerId);
  await drop(ledgerId, metadata, { databases: 'all' }, context);
}
