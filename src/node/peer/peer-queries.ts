// SPDX-License-Identifier: Apache-2.0
// What the page and the console ask a peer about one channel, as plain data.

import { applicationPolicyToText, PolicyError } from '../../common/policies/index.ts';
import { fromUtf8 } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { LedgerError, type PeerLedger } from '../../ledger/types.ts';
import type {
  BlockView,
  ChaincodeInfo,
  HistoryEntry,
  IdentityView,
  StateEntry,
  TxView,
} from '../api/ledger-views.ts';
import { codeName } from '../committer/index.ts';
import { blockViewOf, creatorOf, findConflict, textField, txViewOf } from '../inspect/index.ts';
import type { Channel } from './channel.ts';
import type { Peer, PeerChaincode } from './peer.ts';

const MAX_LIMIT = 500;

export async function queryBlock(
  ledger: PeerLedger,
  number: number,
): Promise<BlockView | undefined> {
  const bytes = await ledger.getBlockByNumber(number);
  return bytes && blockViewOf(bytes);
}

/** Newest first, from block `from` (the tip when absent) downwards. */
export async function queryBlocks(
  ledger: PeerLedger,
  { from, limit = 20 }: { from?: number | undefined; limit?: number | undefined },
): Promise<BlockView[]> {
  const { height, lastBlockInSnapshot = -1 } = ledger.getBlockchainInfo();
  const tip = height - 1;
  const first = Math.min(from ?? tip, tip);
  const count = Math.max(0, Math.min(limit, MAX_LIMIT, first - lastBlockInSnapshot));
  const numbers = Array.from({ length: count }, (_, i) => first - i);
  const views = await Promise.all(numbers.map((number) => queryBlock(ledger, number)));
  return views.filter((view) => view !== undefined);
}

export async function queryTx(ledger: PeerLedger, txId: string): Promise<TxView | undefined> {
  const found = await ledger.getTransactionByID(txId);
  if (!found) return undefined;
  const { envelope, validationCode: code, blockNum: block, txNum: index } = found;
  const view = txViewOf(envelope, { block, index, code });
  if (codeName(code) !== 'MVCC_READ_CONFLICT') return view;
  const conflict = await findConflict(view, ledger).catch(noneWithoutHistory);
  if (!conflict) return view;
  const writer = conflict.writtenBy && (await creatorOfTx(ledger, conflict.writtenBy));
  return { ...view, conflict: { ...conflict, ...(writer && { writer }) } };
}

function noneWithoutHistory(error: unknown): undefined {
  if (!(error instanceof LedgerError && error.code === 'HISTORY_DISABLED')) throw error;
}

export async function queryState(
  ledger: PeerLedger,
  namespace: string,
  key: string,
): Promise<string | undefined> {
  const found = await ledger.getVersionedValue(namespace, key);
  return found && fromUtf8(found.value);
}

export async function queryStates(
  ledger: PeerLedger,
  namespace: string,
  { start = '', limit = 100 }: { start?: string | undefined; limit?: number | undefined },
): Promise<StateEntry[]> {
  const rows = await ledger.scanState(namespace, start, Math.min(limit, MAX_LIMIT));
  return rows.map(({ key, value, version }) => ({
    namespace,
    key,
    ...textField('value', value),
    version: { block: version.blockNum, tx: version.txNum },
  }));
}

export async function queryHistory(
  ledger: PeerLedger,
  namespace: string,
  key: string,
): Promise<HistoryEntry[]> {
  const results = await ledger.getHistoryForKey(namespace, key);
  const entries: HistoryEntry[] = [];
  try {
    for (let row = await results.next(); row; row = await results.next()) {
      const { txId, value, timestampMs: timestamp, isDelete, blockNum: block, txNum: tx } = row;
      entries.push({ txId, ...textField('value', value), timestamp, isDelete, block, tx });
      if (entries.length >= MAX_LIMIT) break;
    }
  } finally {
    results.close();
  }
  return Promise.all(
    entries.map(async (entry) => {
      const creator = await creatorOfTx(ledger, entry.txId);
      return { ...entry, ...(creator && { creator }) };
    }),
  );
}

// A ledger that begins at a snapshot has no transactions of before.
async function creatorOfTx(ledger: PeerLedger, txId: string): Promise<IdentityView | undefined> {
  const found = await ledger.getTransactionByID(txId).catch(() => undefined);
  return found && creatorOf(found.envelope);
}

/** The chaincodes that are deployed on the channel, with their functions where this peer can run them. */
export async function queryChaincodes(peer: Peer, channel: Channel): Promise<ChaincodeInfo[]> {
  const definitions = await peer.definitions(channel.name);
  return Promise.all(definitions.map((definition) => infoOf(peer, channel, definition)));
}

export async function chaincodeInfo(
  peer: Peer,
  channel: Channel,
  name: string,
): Promise<ChaincodeInfo> {
  const definition = await peer.definition(channel.name, name);
  if (!definition) throw new Error(`chaincode ${name} is not defined on ${channel.name}`);
  return infoOf(peer, channel, definition);
}

async function infoOf(
  peer: Peer,
  channel: Channel,
  definition: PeerChaincode,
): Promise<ChaincodeInfo> {
  const { name, version, sequence, validationParameter, packageId } = definition;
  const about = { name, version, sequence, endorsementPolicy: policyText(validationParameter) };
  if (packageId === undefined) return { ...about, running: false };
  try {
    const functions = await peer.describe(channel.name, name, packageId);
    return { ...about, packageId, running: true, ...(functions && { functions }) };
  } catch (error) {
    return { ...about, packageId, running: false, problem: messageOf(error) };
  }
}

// What was committed may be no policy; nobody satisfies it then.
function policyText(parameter: Uint8Array): string {
  try {
    return applicationPolicyToText(parameter);
  } catch (error) {
    if (error instanceof PolicyError) return '';
    throw error;
  }
}
