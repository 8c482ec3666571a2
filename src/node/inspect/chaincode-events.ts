// SPDX-License-Identifier: Apache-2.0
// The chaincode events of a block's valid transactions, without the work of a whole view: it is done for every block.
import { protos } from '../../common/protos/index.ts';
import type { ParsedTx } from '../../ledger/blkstorage/index.ts';

export interface CommittedEvent {
  readonly chaincode: string;
  readonly name: string;
  readonly payload: Uint8Array;
  readonly txId: string;
}

/** @param flags one protos.TxValidationCode for each transaction. */
export function chaincodeEventsOf(
  transactions: readonly ParsedTx[],
  flags: Uint8Array,
): CommittedEvent[] {
  return transactions.flatMap((tx, index) => {
    if (flags[index] !== protos.TxValidationCode.VALID) return [];
    const { events } = actionOf(tx);
    if (events.length === 0) return [];
    const event = protos.ChaincodeEvent.decode(events);
    const { chaincode_id: chaincode, event_name: name, payload, tx_id: txId } = event;
    return [{ chaincode, name, payload, txId }];
  });
}

// A configuration is valid too, and has no action.
function actionOf(tx: ParsedTx): Pick<protos.ChaincodeAction, 'events'> {
  try {
    return tx.action;
  } catch {
    return { events: new Uint8Array() };
  }
}
