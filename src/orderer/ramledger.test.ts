// SPDX-License-Identifier: Apache-2.0
import { describeBlockLedger } from './blockledger.contract.ts';
import { RamLedgerFactory } from './ramledger.ts';

describeBlockLedger('RamLedger', async () => ({ factory: new RamLedgerFactory() }));
