// SPDX-License-Identifier: Apache-2.0
// Chaincodes that are part of the peer (core/scc/scc.go). Fabric runs each behind an in-process stream of the shim protocol; here the
// peer calls them directly, with what they need of the stub.
import type { protos } from '../../common/protos/index.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { TxSimulator } from '../../ledger/types.ts';

/** Version of every system chaincode in endorsements. */
export const SYSTEM_CHAINCODE_VERSION = 'syscc';

/** Names that Fabric gives to its system chaincodes; whether this peer has them or not, nothing else may be deployed under them. */
const RESERVED: readonly string[] = ['_lifecycle', 'lscc', 'cscc', 'qscc'];

/** True of a name that no package may run as. */
export function isReservedName(name: string): boolean {
  return RESERVED.includes(name);
}

/** What stands where other chaincodes have their package id. */
export function systemChaincodeId(name: string): string {
  return `${name}.${SYSTEM_CHAINCODE_VERSION}`;
}

/** One call of a system chaincode. */
export interface SystemChaincodeStub {
  /** Empty when the proposal names no channel. */
  readonly channelId: string;
  readonly txId: string;
  readonly args: readonly Uint8Array[];
  /** The client's proposal: what to check access by. It may have called another chaincode, which calls this one. */
  readonly signedProposal: protos.ISignedProposal;
  /** The transaction's reads and writes; absent without a channel, and for chaincodes that take none. */
  readonly simulator: TxSimulator | undefined;
}

/** What it gives back. */
export interface SystemChaincodeResult {
  readonly response: protos.IResponse;
  readonly event?: { readonly event_name: string; readonly payload: Uint8Array };
}

/** A chaincode inside the peer. It checks access itself: `peer/Propose` is not asked for it. */
export interface SystemChaincode {
  readonly name: string;
  /** False for one that reads the ledger as it is, and takes part in no transaction. */
  readonly simulates: boolean;
  /** A FabricError that it throws becomes a response of status 500 with its message. */
  invoke(stub: SystemChaincodeStub): Promise<SystemChaincodeResult>;
}

/** The system chaincodes of a peer, by name. */
export class SystemChaincodes {
  readonly #chaincodes = new Map<string, SystemChaincode>();

  /** Registers a chaincode (DeploySysCC). Throws FabricError CHAINCODE_EXISTS. */
  deploy(chaincode: SystemChaincode): void {
    if (this.#chaincodes.has(chaincode.name)) {
      const text = `there is a system chaincode ${chaincode.name} already`;
      throw new FabricError('CHAINCODE_EXISTS', text);
    }
    this.#chaincodes.set(chaincode.name, chaincode);
  }

  get(name: string): SystemChaincode | undefined {
    return this.#chaincodes.get(name);
  }

  readonly isSystemChaincode = (name: string): boolean => this.#chaincodes.has(name);
}
