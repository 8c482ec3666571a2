// SPDX-License-Identifier: Apache-2.0
// protos.ChaincodeMessage to and from port messages.

import { protos } from '../../common/protos/index.ts';
import { MAX_MESSAGE_BYTES } from '../../common/protoutil/unmarshalers.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';

export const { Type: MessageType } = protos.ChaincodeMessage;

/** Name of a message type, as Fabric prints it. */
export function typeName(type: number): string {
  return MessageType[type] ?? String(type);
}

/** The message in a port message; throws FabricError MALFORMED_MESSAGE. */
export function decodeMessage(data: unknown): protos.ChaincodeMessage {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  if (!(bytes instanceof Uint8Array) || bytes.length > MAX_MESSAGE_BYTES) {
    throw new FabricError('MALFORMED_MESSAGE', 'port message is not a chaincode message');
  }
  try {
    return protos.ChaincodeMessage.decode(bytes);
  } catch (cause) {
    throw new FabricError('MALFORMED_MESSAGE', 'port message is not a chaincode message', {
      cause,
    });
  }
}

/** Bytes in a buffer of their own, to be transferred. */
export function encodeMessage(message: protos.IChaincodeMessage): ArrayBuffer {
  const bytes = protos.ChaincodeMessage.encode(message).finish();
  return bytes.buffer as ArrayBuffer;
}

/** The reply to a request of a transaction. */
export function reply(
  request: protos.ChaincodeMessage,
  type: number,
  payload: Uint8Array | string,
): protos.IChaincodeMessage {
  return {
    type,
    payload: typeof payload === 'string' ? utf8(payload) : payload,
    txid: request.txid,
    channel_id: request.channel_id,
  };
}
