// SPDX-License-Identifier: Apache-2.0
// What must be known to run a chaincode (core/chaincode/lifecycle/endorsement_info.go). The sequence of the definition is read through
// the simulator, so that a transaction is invalid when the definition changes before it is committed.
import { FabricError } from '../../common/runtime/errors.ts';
import type { QueryExecutor } from '../../ledger/types.ts';
import { LIFECYCLE_NAMESPACE } from '../committer/namespace-policies.ts';
import { SYSTEM_CHAINCODE_VERSION, systemChaincodeId } from '../scc/system-chaincode.ts';
import type { DeployedChaincodes } from './deployed-chaincodes.ts';
import { sequenceKey, sequenceOf } from './lifecycle-state.ts';

export interface ChaincodeEndorsementInfo {
  readonly version: string;
  /** Whether it must be initialised, once, before anything else. */
  readonly enforceInit: boolean;
  /** By which its program is found: a package id, or the id of a system chaincode. */
  readonly ccid: string;
}

/** Tells what the channel and this peer say of a chaincode. */
export interface Lifecycle {
  /**
   * Throws FabricError CHAINCODE_NOT_FOUND, CHAINCODE_NOT_INSTALLED, or DEFINITION_CHANGED when the simulator's state is not
   * that of the definition any more.
   */
  chaincodeEndorsementInfo(
    channelId: string,
    chaincode: string,
    simulator?: Pick<QueryExecutor, 'getState'>,
  ): Promise<ChaincodeEndorsementInfo>;
}

export interface EndorsementInfoComponents {
  readonly isSystemChaincode: (name: string) => boolean;
  readonly deployed: (channelId: string) => Pick<DeployedChaincodes, 'chaincode'> | undefined;
  /** The package that this peer runs for a chaincode of a channel. */
  readonly packageIdOf: (channelId: string, chaincode: string) => string | undefined;
}

export class ChaincodeEndorsementInfoSource implements Lifecycle {
  readonly #components: EndorsementInfoComponents;

  constructor(components: EndorsementInfoComponents) {
    this.#components = components;
  }

  async chaincodeEndorsementInfo(
    channelId: string,
    chaincode: string,
    simulator?: Pick<QueryExecutor, 'getState'>,
  ): Promise<ChaincodeEndorsementInfo> {
    const { isSystemChaincode, deployed, packageIdOf } = this.#components;
    if (isSystemChaincode(chaincode)) {
      const ccid = systemChaincodeId(chaincode);
      return { version: SYSTEM_CHAINCODE_VERSION, enforceInit: false, ccid };
    }
    const channel = deployed(channelId);
    if (!channel) {
      const text = `could not get channel config for channel '${channelId}'`;
      throw new FabricError('CHANNEL_NOT_FOUND', text);
    }
    const found = await channel.chaincode(chaincode);
    const onChain = found?.source === 'chain' ? found.sequence : 0;
    if (simulator) await checkSequence(chaincode, onChain, simulator);
    if (!found) throw new FabricError('CHAINCODE_NOT_FOUND', `chaincode ${chaincode} not found`);
    const ccid = packageIdOf(channelId, chaincode);
    if (ccid === undefined) {
      const text = `chaincode definition for '${chaincode}' exists, but chaincode is not installed`;
      throw new FabricError('CHAINCODE_NOT_INSTALLED', text);
    }
    return { version: found.version, enforceInit: found.initRequired, ccid };
  }
}

async function checkSequence(
  chaincode: string,
  known: number,
  simulator: Pick<QueryExecutor, 'getState'>,
): Promise<void> {
  const bytes = await simulator.getState(LIFECYCLE_NAMESPACE, sequenceKey(chaincode));
  const current = sequenceOf(chaincode, bytes);
  if (current === known) return;
  const text = `chaincode cache at sequence ${known} but current sequence is ${current}, chaincode definition for '${chaincode}' changed during invoke`;
  throw new FabricError('DEFINITION_CHANGED', text);
}
