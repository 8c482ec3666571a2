// SPDX-License-Identifier: Apache-2.0
// Why a transaction is MVCC_READ_CONFLICT: the key that changed, the version that was read, and the transaction that had
// written it by then. Found from the history database, so it can be told for any block at any time.
import type { KeyModification, PeerLedger } from '../../ledger/types.ts';
import type { TxRead, TxView } from '../api/ledger-views.ts';

type Conflict = NonNullable<TxView['conflict']>;

/** More modifications of a hot key than this are not walked. */
const MAX_MODIFICATIONS = 10_000;

/** The first read whose version was not the committed one when the transaction was validated. */
export async function findConflict(
  tx: TxView,
  ledger: Pick<PeerLedger, 'getHistoryForKey'>,
): Promise<Conflict | undefined> {
  for (const read of tx.reads) {
    const found = await lastModificationBefore(tx, read, ledger);
    if (sameVersion(found, read)) continue;
    return {
      namespace: read.namespace,
      key: read.key,
      ...(read.version && { readVersion: read.version }),
      ...(found && {
        foundVersion: { block: found.blockNum, tx: found.txNum },
        writtenBy: found.txId,
      }),
    };
  }
  return undefined;
}

async function lastModificationBefore(
  tx: TxView,
  read: TxRead,
  ledger: Pick<PeerLedger, 'getHistoryForKey'>,
): Promise<KeyModification | undefined> {
  const history = await ledger.getHistoryForKey(read.namespace, read.key);
  try {
    for (let i = 0; i < MAX_MODIFICATIONS; i++) {
      const modification = await history.next();
      if (!modification || precedes(modification, tx)) return modification;
    }
    return undefined;
  } finally {
    history.close();
  }
}

function precedes(modification: KeyModification, tx: TxView): boolean {
  if (modification.blockNum !== tx.block) return modification.blockNum < tx.block;
  return modification.txNum < tx.index;
}

function sameVersion(found: KeyModification | undefined, read: TxRead): boolean {
  if (!found || found.isDelete) return read.version === undefined;
  return read.version?.block === found.blockNum && read.version.tx === found.txNum;
}
