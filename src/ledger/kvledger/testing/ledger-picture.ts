// SPDX-License-Identifier: Apache-2.0
// All that a ledger answers, and the state and private data that it stored, to be compared with another's.
import { fromUtf8, toHex } from '../../../common/runtime/bytes.ts';
import { parseBlock, txIdsOf } from '../../blkstorage/serialized-block.ts';
import type { KVStoreProvider } from '../../kv-store.ts';
import type { PeerLedger } from '../../types.ts';
import type { LedgerProvider } from '../ledger-provider.ts';
import { storedState } from './state-of.ts';

/** What an open ledger answers; `key` is one whose history is asked for. */
export async function answersOf(ledger: PeerLedger, namespace: string, key: string) {
  const { height, currentBlockHash } = ledger.getBlockchainInfo();
  const blocks: unknown[] = [];
  for (let number = 0; number < height; number++) {
    const bytes = (await ledger.getBlockByNumber(number)) ?? new Uint8Array();
    const ids = txIdsOf(parseBlock(bytes));
    const codes = await Promise.all(ids.map((id) => ledger.getTxValidationCodeByTxID(id)));
    const blockOfTx = await ledger.getBlockByTxID(ids[0] ?? '');
    const privateData = (await ledger.getPvtDataByNum(number)).map(
      ({ txNum, namespace: ns, collection, rwset }) => [txNum, ns, collection, toHex(rwset)],
    );
    blocks.push([toHex(bytes), codes, toHex(blockOfTx ?? new Uint8Array()), privateData]);
  }
  const last = await ledger.getBlockByHash(currentBlockHash);
  const history = await historyOf(ledger, namespace, key);
  const missing = await ledger.getMissingPvtData(100);
  return { height, last: toHex(last ?? new Uint8Array()), blocks, history, missing };
}

async function historyOf(ledger: PeerLedger, namespace: string, key: string): Promise<string[]> {
  const changes = await ledger.getHistoryForKey(namespace, key);
  const found: string[] = [];
  for (let change = await changes.next(); change; change = await changes.next()) {
    found.push(`${change.blockNum}/${change.txId} ${fromUtf8(change.value)}`);
  }
  return found;
}

/** The answers of a closed ledger and, once it is closed again, what it stored of the state. */
export async function pictureOf(
  provider: LedgerProvider,
  stores: KVStoreProvider,
  { prefix, ledgerId, namespace, key }: Record<'prefix' | 'ledgerId' | 'namespace' | 'key', string>,
) {
  const ledger = await provider.open(ledgerId);
  const answers = await answersOf(ledger, namespace, key);
  await ledger.close();
  const store = await stores.open(`${prefix}/${ledgerId}/state`);
  const state = await storedState(store);
  await store.close();
  return { ...answers, state };
}
