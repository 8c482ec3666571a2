// SPDX-License-Identifier: Apache-2.0
// Whether a chaincode can be invoked now, and how (CheckInvocation of Fabric's core/chaincode/chaincode_support.go and
// ChaincodeEndorsementInfo of core/chaincode/lifecycle/endorsement_info.go).
import type { protos } from '../../common/protos/index.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { TxSimulator } from '../../ledger/types.ts';
import { MessageType } from './chaincode-message.ts';
import type { DefinitionLookup } from './chaincode-support.ts';
import type { TransactionParams } from './transaction-context.ts';

/** Holds the version that a chaincode was initialised for, in its own namespace. */
export const INITIALIZED_KEY = '\u0000\u{10ffff}initialized';

export interface EndorsementInfo {
  readonly version: string;
  /** Package id. */
  readonly ccid: string;
  readonly enforceInit: boolean;
}

/** What the channel and this peer say of a chaincode. Throws FabricError CHAINCODE_NOT_FOUND or CHAINCODE_NOT_INSTALLED. */
export async function chaincodeEndorsementInfo(
  definitions: DefinitionLookup,
  channelId: string,
  chaincode: string,
  simulator?: TxSimulator,
): Promise<EndorsementInfo> {
  const definition = await definitions(channelId, chaincode, simulator);
  if (!definition) throw new FabricError('CHAINCODE_NOT_FOUND', `chaincode ${chaincode} not found`);
  const { version, packageId, initRequired = false } = definition;
  if (packageId === undefined) {
    const text = `chaincode definition for '${chaincode}' exists, but chaincode is not installed`;
    throw new FabricError('CHAINCODE_NOT_INSTALLED', text);
  }
  return { version, ccid: packageId, enforceInit: initRequired };
}

/** The program to run and the message that begins the transaction; marks the chaincode as initialised when that is what it does. */
export async function checkInvocation(
  definitions: DefinitionLookup,
  params: TransactionParams,
  chaincode: string,
  input: protos.IChaincodeInput,
): Promise<{
  ccid: string;
  type: typeof MessageType.INIT | typeof MessageType.TRANSACTION;
}> {
  const { channelId, simulator } = params;
  const refuse = (text: string): never => {
    throw new FabricError('INVALID_INVOCATION', `invalid invocation: ${text}`);
  };
  const info = await chaincodeEndorsementInfo(definitions, channelId, chaincode, simulator).catch(
    (cause) =>
      refuse(
        `[channel ${channelId}] failed to get chaincode container info for ${chaincode}: ${messageOf(cause)}`,
      ),
  );
  const { ccid, version } = info;
  let uninitialized = false;
  if (info.enforceInit) {
    const value = await simulator.getState(chaincode, INITIALIZED_KEY);
    uninitialized = value === undefined || fromUtf8(value) !== version;
  }
  if (input.is_init === true) {
    if (!info.enforceInit) {
      refuse(`chaincode '${chaincode}' does not require initialization but called as init`);
    }
    if (!uninitialized)
      refuse(`chaincode '${chaincode}' is already initialized but called as init`);
    simulator.setState(chaincode, INITIALIZED_KEY, utf8(version));
    return { ccid, type: MessageType.INIT };
  }
  if (uninitialized) {
    refuse(
      `chaincode '${chaincode}' has not been initialized for this version, must call as init first`,
    );
  }
  return { ccid, type: MessageType.TRANSACTION };
}
