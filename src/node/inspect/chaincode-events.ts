// SPDX-License-Identifier: Apache-2.0
// The chaincode events of a block's valid transactions, without the work of a whole view: it is done for every block.
import { protos } from '../../common/protos/index.ts';
import { endorsedActionOf } from '../committer/index.ts';

export interface CommittedEvent {
  readonly chaincode: string;
  readonly name: string;
  readonly payload: Uint8Array;
  readonly txId: string;
}

/** @param flags one protos.TxValidationCode for each envelope. */
export function chaincodeEventsOf(
  envelopes: readonly Uint8Array[],
  flags: Uint8Array,
): CommittedEvent[] {
  return envelopes.flatMap((envelope, index) => {
    if (flags[index] !== protos.TxValidationCode.VALID) return [];
    const { events } = actionOf(envelope);
    if (events.length === 0) return [];
    const event = protos.ChaincodeEvent.decode(events);
    const { chaincode_id: chaincode, event_name: name, payload, tx_id: txId } = event;
    return [{ chaincode, name, payload, txId }];
  });
}

// A configuration is valid too, and has no action.
function actionOf(envelope: Uint8Array): Pick<protos.ChaincodeAction, 'events'> {
  try {
    return protos.ChaincodeAction.decode(endorsedActionOf(envelope).extension);
  } catch {
    return { events: new Uint8Array() };
  }
}
