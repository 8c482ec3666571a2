// SPDX-License-Identifier: Apache-2.0
// The first part of the ledger's stage: takes the read-write sets out of the transactions that the validator left valid
// (validation/batch_preparer.go).
import { common, protos } from '../../../common/protos/index.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import type { ParsedTx } from '../../blkstorage/parsed-tx.ts';
import type { SerializedBlock } from '../../blkstorage/serialized-block.ts';
import { LedgerError } from '../../types.ts';
import { type TxRwSet, txRwSetFromBytes } from '../txmgmt/rwsetutil/tx-rw-set.ts';

const { VALID, NOT_VALIDATED, NIL_TXACTION, INVALID_OTHER_REASON, INVALID_WRITESET } =
  protos.TxValidationCode;

/** The namespace and key under which the channel's configuration stands in the state (core/peer/configtx_processor.go). */
export const CHANNEL_CONFIG_NAMESPACE = '';
export const CHANNEL_CONFIG_KEY = 'CHANNEL_CONFIG_ENV_BYTES';

/** A transaction to be validated against the state. */
export interface PreparedTx {
  readonly txNum: number;
  readonly type: common.HeaderType;
  readonly rwSet: TxRwSet;
}

/** Checks that there is one final code a transaction; throws LedgerError FLAGS_MISMATCH. */
export function checkFlags(block: SerializedBlock, flags: Uint8Array): void {
  if (flags.length !== block.transactions.length) {
    const text = `block ${block.number} has ${block.transactions.length} transactions but ${flags.length} validation codes`;
    throw new LedgerError('FLAGS_MISMATCH', text);
  }
  const left = flags.indexOf(NOT_VALIDATED);
  if (left >= 0) {
    throw new LedgerError(
      'FLAGS_MISMATCH',
      `transaction ${left} of block ${block.number} is not validated`,
    );
  }
}

/** What a state database has against a key with its value; undefined when it takes them. */
export type KeyValueRules = (key: string, value: Uint8Array) => string | undefined;

/**
 * Read-write sets of the transactions that are still valid; marks those in `flags` that have none to be read, or whose public
 * writes the state database does not take.
 */
export function preprocessBlock(
  block: SerializedBlock,
  flags: Uint8Array,
  rules?: KeyValueRules,
): PreparedTx[] {
  const prepared: PreparedTx[] = [];
  block.transactions.forEach((tx, txNum) => {
    if (flags[txNum] !== VALID) return;
    const result = prepare(block, txNum, tx);
    if (typeof result === 'number') flags[txNum] = result;
    else if (result && rules && breaksRules(result.rwSet, rules)) flags[txNum] = INVALID_WRITESET;
    else if (result) prepared.push({ txNum, ...result });
  });
  return prepared;
}

function breaksRules(rwSet: TxRwSet, rules: KeyValueRules): boolean {
  const writes = rwSet.flatMap(({ kv }) => kv.writes);
  return writes.some(({ key, value }) => rules(key, value) !== undefined);
}

function prepare(
  block: SerializedBlock,
  txNum: number,
  tx: ParsedTx,
): Omit<PreparedTx, 'txNum'> | number | undefined {
  const { type, data } = headerOf(block, txNum, tx);
  if (type === common.HeaderType.CONFIG) return { type, rwSet: configRwSet(block, data) };
  if (type !== common.HeaderType.ENDORSER_TRANSACTION) return undefined;
  let results: Uint8Array;
  try {
    ({ results } = tx.action);
  } catch {
    return NIL_TXACTION;
  }
  try {
    return { type, rwSet: txRwSetFromBytes(results) };
  } catch {
    return INVALID_OTHER_REASON;
  }
}

function headerOf(
  block: SerializedBlock,
  txNum: number,
  tx: ParsedTx,
): { type: number; data: Uint8Array } {
  try {
    return { type: tx.channelHeader.type, data: tx.payload.data };
  } catch (cause) {
    const text = `transaction ${txNum} of block ${block.number} is called valid, but is malformed: ${messageOf(cause)}`;
    throw new LedgerError('FLAGS_MISMATCH', text, { cause });
  }
}

// A config transaction has no read-write set of its own; its effect is to replace the stored configuration.
function configRwSet(block: SerializedBlock, config: Uint8Array): TxRwSet {
  if (config.length === 0) {
    throw new LedgerError('CONFIG_INVALID', `config block ${block.number} holds no configuration`);
  }
  const writes = [{ key: CHANNEL_CONFIG_KEY, is_delete: false, value: config }];
  const kv = { reads: [], range_queries_info: [], writes, metadata_writes: [] };
  return [{ namespace: CHANNEL_CONFIG_NAMESPACE, kv, collections: [] }];
}
