// SPDX-License-Identifier: Apache-2.0
// A real channel from its genesis block to its last: that its parts move on together. The codes are asserted in committer/, what the
// ledger makes of them in ledger/kvledger/; here the last commit hash stands for both, since it is over all of them.
import { beforeEach, describe, expect, it } from 'vitest';
import { equalBytes, toHex } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { TraceBus } from '../../common/runtime/trace.ts';
import { expectedBlocks, readBlock } from '../../common/testdata/mychannel.ts';
import { LedgerProvider } from '../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../ledger/memory/memory-kv-store.ts';
import type { CommitResult, PeerLedger } from '../../ledger/types.ts';
import { receivedBlock } from '../committer/testing/real-channel.ts';
import { Channel } from './channel.ts';

const numbers = expectedBlocks.slice(1).map(({ number }) => number);

let ledger: PeerLedger;
let trace: TraceBus;

async function openChannel(): Promise<Channel> {
  return Channel.open(
    { peerName: 'peer0', ledger, clock: new FakeClock(), trace, log: silentLogger },
    [],
  );
}

beforeEach(async () => {
  const stores = new MemoryKVStoreProvider();
  const provider = await LedgerProvider.open(stores, 'peer0', new FakeClock());
  ledger = await provider.create(receivedBlock(0));
  trace = new TraceBus();
});

function expectReal(results: readonly CommitResult[]): void {
  expect(results.map(({ blockNum }) => blockNum)).toEqual(numbers);
  expect(toHex(results.at(-1)?.commitHash ?? new Uint8Array())).toBe(
    expectedBlocks.at(-1)?.commitHash,
  );
}

describe('a real channel', () => {
  it('takes its definitions and its configuration from its own blocks, and tells of them', async () => {
    const channel = await openChannel();
    await channel.deployed.current();
    const told: string[] = [];
    channel.events.on('definitions:changed', (all) => {
      told.push(`${channel.height} ${all.map(({ name, sequence }) => name + sequence).join(' ')}`);
    });
    channel.events.on('config:changed', ({ sequence }) => {
      told.push(`${channel.height} configuration ${sequence}`);
    });
    const results: CommitResult[] = [];
    for (const number of numbers) {
      await channel.verifyBlock(receivedBlock(number), number);
      results.push(await channel.commit(receivedBlock(number)));
    }
    expectReal(results);
    expect(channel.height).toBe(71);
    // The height is one more than the number of the block.
    expect(told).toEqual([
      '4 both1',
      '7 both1 one1',
      '10 basic1 both1 one1',
      '13 basic1 both1 one1 pvt1',
      '14 configuration 1',
      '15 configuration 2',
      '16 configuration 3',
      '71 basic2 both1 one1 pvt1',
    ]);
    expect(channel.bundle.sequence).toBe(3);
    expect(equalBytes(await channel.configBlock(), readBlock(15))).toBe(true);
  });

  it('is the same when all blocks come at once, ahead of definitions and configurations', async () => {
    const channel = await openChannel();
    const committed: number[] = [];
    channel.events.on('block:committed', ({ blockNum }) => committed.push(blockNum));
    for (const number of numbers) await channel.verifyBlock(receivedBlock(number), number);
    expectReal(await Promise.all(numbers.map((number) => channel.commit(receivedBlock(number)))));
    expect(committed).toEqual(numbers);
    const stages = trace.events().map(({ stage, block }) => `${stage} ${block}`);
    expect(stages).toEqual(numbers.flatMap((n) => [`validate ${n}`, `commit ${n}`]));
  });

  it('goes on where it was after it was opened again', async () => {
    const results: CommitResult[] = [];
    let channel = await openChannel();
    for (const number of numbers) {
      if (number % 10 === 0) channel = await openChannel();
      results.push(await channel.commit(receivedBlock(number)));
    }
    expectReal(results);
  });

  it('refuses a block out of turn, and takes the right one afterwards', async () => {
    const channel = await openChannel();
    await expect(channel.commit(receivedBlock(2))).rejects.toMatchObject({
      code: 'BLOCK_OUT_OF_ORDER',
    });
    const garbage = Uint8Array.of(1, 2, 3);
    await expect(channel.commit(garbage)).rejects.toMatchObject({ code: 'BLOCK_REJECTED' });
    await expect(channel.commit(receivedBlock(1))).resolves.toMatchObject({ blockNum: 1 });
    await expect(channel.commit(receivedBlock(1))).rejects.toMatchObject({
      code: 'BLOCK_OUT_OF_ORDER',
    });
    expect(channel.height).toBe(2);
  });
});
