// SPDX-License-Identifier: Apache-2.0
// Which remedies are offered for what opening a ledger throws, and that each does what it says to a real ledger.
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../common/runtime/clock.ts';
import type { FabricError } from '../../common/runtime/errors.ts';
import { LedgerProvider } from '../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import { LedgerError, type LedgerErrorCode } from '../../ledger/types.ts';
import { receivedBlock } from '../committer/testing/real-channel.ts';
import { repairLedger, withRemedies } from './ledger-repair.ts';

const LEDGER = 'tabric/net/Org1MSP/0';
const CHANNEL = 'mychannel';

const offered = (code: LedgerErrorCode, ...tried: 'rebuildDBs'[]): unknown =>
  (withRemedies(new LedgerError(code, 'why'), LEDGER, ...tried) as FabricError).data.remedies;

describe('the remedies for a ledger', () => {
  it('are to make its databases again, or to fetch it again', () => {
    const error = new LedgerError('LEDGER_CORRUPT', 'why', { data: { more: 1 } });
    expect(withRemedies(error, LEDGER)).toMatchObject({
      code: 'LEDGER_CORRUPT',
      message: 'why',
      cause: error,
      data: { more: 1, ledger: LEDGER, remedies: ['rebuildDBs', 'remove'] },
    });
    for (const code of ['STORE_UNREADABLE', 'LEDGER_FAILED', 'BLOCK_MALFORMED'] as const) {
      expect(offered(code), code).toEqual(['rebuildDBs', 'remove']);
    }
  });

  it('do not repeat what was of no use or cannot be done', () => {
    expect(offered('LEDGER_CORRUPT', 'rebuildDBs')).toEqual(['remove']);
    expect(offered('LEDGER_FROM_SNAPSHOT')).toEqual(['remove']);
    expect(offered('LEDGER_PAUSED')).toEqual(['resume']);
  });

  it('are none when the ledger is not at fault', () => {
    for (const code of ['QUOTA_EXCEEDED', 'STORE_LOCKED', 'STORE_FAILED'] as const) {
      const error = new LedgerError(code, 'why');
      expect(withRemedies(error, LEDGER), code).toBe(error);
    }
  });

  it('are none for a database that a newer version has made', () => {
    const cause = new DOMException('version 2 is higher than 1', 'VersionError');
    const error = new LedgerError('STORE_UNREADABLE', 'newer', { cause });
    expect(withRemedies(error, LEDGER)).toBe(error);
  });

  it('cover garbage on which a decoder stumbles', () => {
    expect(withRemedies(new RangeError('index out of range'), LEDGER)).toMatchObject({
      code: 'LEDGER_CORRUPT',
      message: expect.stringContaining('index out of range'),
      data: { remedies: ['rebuildDBs', 'remove'] },
    });
  });
});

describe('repairing a ledger', () => {
  let stores: MemoryKVStoreProvider;
  let ledgers: LedgerProvider;
  const open = () => ledgers.open(CHANNEL);
  const height = async (): Promise<number> => (await open()).getBlockchainInfo().height;

  beforeEach(async () => {
    stores = new MemoryKVStoreProvider();
    ledgers = await LedgerProvider.open(stores, 'peer0', new FakeClock());
    const ledger = await ledgers.create(receivedBlock(0));
    await ledger.close();
  });

  it('makes the databases again from the blocks', async () => {
    const state = `peer0/${CHANNEL}/state`;
    expect(await stores.list()).toContain(state);
    await repairLedger(ledgers, CHANNEL, 'rebuildDBs');
    expect(await stores.list()).not.toContain(state);
    expect(await height()).toBe(1);
  });

  it('deletes it, and is content when it is gone already', async () => {
    await repairLedger(ledgers, CHANNEL, 'remove');
    expect(await ledgers.statuses()).toEqual(new Map());
    await repairLedger(ledgers, CHANNEL, 'remove');
    await ledgers.create(receivedBlock(0));
  });

  it('resumes it', async () => {
    await ledgers.pause(CHANNEL);
    await expect(open()).rejects.toMatchObject({ code: 'LEDGER_PAUSED' });
    await repairLedger(ledgers, CHANNEL, 'resume');
    expect(await height()).toBe(1);
  });
});
