// SPDX-License-Identifier: Apache-2.0
// A call of a chaincode inside the peer, with the message that its stream would have given back.
import { protos } from '../../common/protos/index.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { SystemChaincode, SystemChaincodeResult, SystemChaincodeStub } from '../scc/index.ts';
import { MessageType } from './chaincode-message.ts';
import type { InvocationParams } from './transaction-context.ts';

const ERROR = 500;

export async function invokeSystemChaincode(
  chaincode: SystemChaincode,
  { channelId, txId, signedProposal, simulator }: InvocationParams,
  input: protos.IChaincodeInput,
): Promise<protos.ChaincodeMessage> {
  const args = input.args ?? [];
  const stub = { channelId, txId, args, signedProposal, simulator };
  const { response, event } = await resultOf(chaincode, stub);
  const { ChaincodeMessage, Response } = protos;
  const message = ChaincodeMessage.encode({
    type: MessageType.COMPLETED,
    payload: Response.encode(response).finish(),
    txid: txId,
    channel_id: channelId,
    ...(event && { chaincode_event: event }),
  });
  return ChaincodeMessage.decode(message.finish());
}

// Anything but a FabricError is a fault of the peer, and not the caller's to read.
async function resultOf(
  chaincode: SystemChaincode,
  stub: SystemChaincodeStub,
): Promise<SystemChaincodeResult> {
  try {
    return await chaincode.invoke(stub);
  } catch (error) {
    if (!(error instanceof FabricError)) throw error;
    return { response: { status: ERROR, message: error.message } };
  }
}
