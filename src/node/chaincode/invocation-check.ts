// SPDX-License-Identifier: Apache-2.0
// Whether a chaincode can be invoked now, and how (CheckInvocation of Fabric's core/chaincode/chaincode_support.go).
import type { protos } from '../../common/protos/index.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { TxSimulator } from '../../ledger/types.ts';
import type { Lifecycle } from '../lifecycle/endorsement-info.ts';
import { MessageType } from './chaincode-message.ts';
import type { InvocationParams } from './transaction-context.ts';

/** Holds the version that a chaincode was initialised for, in its own namespace. */
export const INITIALIZED_KEY = '\u0000\u{10ffff}initialized';

/** The program to run and the message that begins the transaction; marks the chaincode as initialised when that is what it does. */
export async function checkInvocation(
  lifecycle: Lifecycle,
  params: InvocationParams,
  chaincode: string,
  input: protos.IChaincodeInput,
): Promise<{
  ccid: string;
  type: typeof MessageType.INIT | typeof MessageType.TRANSACTION;
}> {
  const { channelId, simulator } = params;
  const { ccid, version, enforceInit } = await lifecycle
    .chaincodeEndorsementInfo(channelId, chaincode, simulator)
    .catch((cause) =>
      refuse(
        `[channel ${channelId}] failed to get chaincode container info for ${chaincode}: ${messageOf(cause)}`,
      ),
    );
  const isInit = input.is_init === true;
  if (!enforceInit) {
    if (isInit) {
      refuse(`chaincode '${chaincode}' does not require initialization but called as init`);
    }
    return { ccid, type: MessageType.TRANSACTION };
  }
  const initialized = await isInitialized(chaincode, version, simulator);
  if (isInit && initialized) {
    refuse(`chaincode '${chaincode}' is already initialized but called as init`);
  }
  if (!isInit && !initialized) {
    refuse(
      `chaincode '${chaincode}' has not been initialized for this version, must call as init first`,
    );
  }
  if (isInit) simulator?.setState(chaincode, INITIALIZED_KEY, utf8(version));
  return { ccid, type: isInit ? MessageType.INIT : MessageType.TRANSACTION };
}

async function isInitialized(
  chaincode: string,
  version: string,
  simulator: TxSimulator | undefined,
): Promise<boolean> {
  const value = await simulator?.getState(chaincode, INITIALIZED_KEY);
  return value !== undefined && fromUtf8(value) === version;
}

function refuse(text: string): never {
  throw new FabricError('INVALID_INVOCATION', `invalid invocation: ${text}`);
}
