// SPDX-License-Identifier: Apache-2.0
// Makes a chain whole when it is opened (syncIndex and scanForLastCompleteBlock of blkstorage/blockfile_mgr.go): a torn last
// block is taken off, blocks that have no index record are indexed, and ids that were in memory only are added again.
//
// Blocks are stored one by one and durably, so at most the last one can be torn. Anything else that is missing is damage,
// which is reported and never deleted. What was indexed before the last segment of ids is not read again.
import { computeBlockDataHash } from '../../common/protoutil/blockutils.ts';
import { equalBytes } from '../../common/runtime/bytes.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { KVOperation, KVStore } from '../kv-store.ts';
import { type BlockchainInfo, LedgerError } from '../types.ts';
import { readUint64 } from '../util/codec.ts';
import { type BlockIndex, follows, indexOperations, recordOf } from './block-index.ts';
import { BLOCK, blockKey, hashKey, lastOf, RECORD, recordKey } from './block-keys.ts';
import { type BlockRecord, decodeBlockRecord } from './block-record.ts';
import { parseBlock, type SerializedBlock, txIdsOf } from './serialized-block.ts';

interface Chain {
  readonly ledgerId: string;
  readonly store: KVStore;
  readonly index: BlockIndex;
}

// Blocks whose records are written at a time.
const BATCH = 64;

/**
 * Brings the index up to the blocks, the chain beginning behind `start`, and gives what the chain then is. Throws LedgerError
 * LEDGER_CORRUPT when blocks are missing.
 */
export async function syncIndex(
  chain: Chain,
  start: BlockchainInfo,
  log: Logger,
): Promise<BlockchainInfo> {
  const { indexed, stored } = await withoutTornTail(chain, start.height, log);
  if (chain.index.nextBlock > indexed) {
    const text = `index of ${chain.ledgerId} covers ${chain.index.nextBlock} blocks, but there are ${indexed}`;
    throw new LedgerError('LEDGER_CORRUPT', text);
  }
  const tip = await addRecords(chain, indexed, (await tipOf(chain.store, indexed)) ?? start);
  if (indexed === stored) return tip;
  log.info(`${chain.ledgerId}: indexing blocks ${indexed} to ${stored - 1}`);
  return indexBlocks(chain, stored, tip);
}

// Takes the last block off when it is not complete. Gives how many blocks have a record, and how many bytes.
async function withoutTornTail(
  { ledgerId, store }: Chain,
  firstBlock: number,
  log: Logger,
): Promise<{ indexed: number; stored: number }> {
  const heightOf = async (kind: typeof BLOCK | typeof RECORD): Promise<number> =>
    ((await lastOf(store, kind))?.blockNum ?? firstBlock - 1) + 1;
  const [indexed, stored] = [await heightOf(RECORD), await heightOf(BLOCK)];
  const height = Math.max(indexed, stored);
  if (indexed > stored + 1) missing(ledgerId, stored);
  if (height === firstBlock || (await isComplete(store, height - 1))) return { indexed, stored };
  log.warn(`${ledgerId}: block ${height - 1} was not stored whole; it must be fetched again`);
  await removeBlock(store, height - 1);
  return { indexed: Math.min(indexed, height - 1), stored: height - 1 };
}

async function isComplete(store: KVStore, blockNum: number): Promise<boolean> {
  const [bytes, record] = await store.getMany([blockKey(blockNum), recordKey(blockNum)]);
  const block = bytes && parsed(bytes);
  if (block?.number !== blockNum) return false;
  if (record) return equalBytes(block.headerHash, decodeBlockRecord(record).headerHash);
  return hasItsData(block);
}

/** Deletes a block and what the index has of it, except ids of transactions. */
export async function removeBlock(store: KVStore, blockNum: number): Promise<void> {
  await store.write(await removalsOf(store, [blockNum]), { durable: true });
}

/** What deletes blocks and their records. */
export async function removalsOf(
  store: KVStore,
  blockNums: readonly number[],
): Promise<KVOperation[]> {
  const records = await store.getMany(blockNums.map(recordKey));
  const hashes = records.flatMap((bytes) =>
    bytes ? [hashKey(decodeBlockRecord(bytes).headerHash)] : [],
  );
  const keys = [...blockNums.map(blockKey), ...blockNums.map(recordKey), ...hashes];
  return keys.map((key) => ({ type: 'delete', key }));
}

async function tipOf(store: KVStore, height: number): Promise<BlockchainInfo | undefined> {
  const bytes = await store.get(recordKey(height - 1));
  return bytes && infoAfter(height - 1, decodeBlockRecord(bytes));
}

// Adds the ids of blocks whose records are newer than the last segment.
async function addRecords(
  { ledgerId, store, index }: Chain,
  height: number,
  tip: BlockchainInfo,
): Promise<BlockchainInfo> {
  const range = { gte: recordKey(index.nextBlock), lt: recordKey(height) };
  let previous: BlockRecord | undefined;
  for await (const [key, value] of store.range(range)) {
    const blockNum = readUint64(key, 1);
    const record = decodeBlockRecord(value);
    if (blockNum !== index.nextBlock) missing(ledgerId, index.nextBlock);
    if (previous && !follows(record, previous.headerHash)) missing(ledgerId, blockNum);
    index.add(blockNum, record);
    previous = record;
  }
  await flushIfDue(store, index);
  return tip;
}

async function indexBlocks(
  chain: Chain,
  height: number,
  start: BlockchainInfo,
): Promise<BlockchainInfo> {
  const { store, index } = chain;
  let info = start;
  while (info.height < height) {
    const records: [blockNum: number, record: BlockRecord][] = [];
    while (info.height < height && records.length < BATCH) {
      const record = await recordOfStored(chain, info);
      records.push([info.height, record]);
      info = infoAfter(info.height, record);
    }
    // Records first: ids of blocks that have none would be damage.
    await store.write(records.flatMap(([blockNum, record]) => indexOperations(blockNum, record)));
    for (const [blockNum, record] of records) index.add(blockNum, record);
    await flushIfDue(store, index);
  }
  return info;
}

async function recordOfStored(
  { ledgerId, store }: Chain,
  { height: blockNum, currentBlockHash }: BlockchainInfo,
): Promise<BlockRecord> {
  const bytes = await store.get(blockKey(blockNum));
  const block = bytes && parsed(bytes);
  if (block?.number !== blockNum || !follows(block, currentBlockHash) || !hasItsData(block)) {
    missing(ledgerId, blockNum);
  }
  return recordOf(block, txIdsOf(block));
}

async function flushIfDue(store: KVStore, index: BlockIndex): Promise<void> {
  const flush = await index.flushIfDue();
  if (!flush) return;
  await store.write(flush.operations);
  flush.apply();
}

function infoAfter(
  blockNum: number,
  { headerHash, previousHash }: Pick<BlockRecord, 'headerHash' | 'previousHash'>,
): BlockchainInfo {
  return {
    height: blockNum + 1,
    currentBlockHash: headerHash.slice(),
    previousBlockHash: previousHash.slice(),
  };
}

function parsed(bytes: Uint8Array): SerializedBlock | undefined {
  try {
    return parseBlock(bytes);
  } catch {
    return undefined;
  }
}

function hasItsData({ bytes, transactions, dataHash }: SerializedBlock): boolean {
  const data = transactions.map(({ start, end }) => bytes.subarray(start, end));
  return equalBytes(computeBlockDataHash({ data }), dataHash);
}

function missing(ledgerId: string, blockNum: number): never {
  const text = `block ${blockNum} of ${ledgerId} is missing or damaged, though later ones are here; remove the ledger and join again`;
  throw new LedgerError('LEDGER_CORRUPT', text);
}
