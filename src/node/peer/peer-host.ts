// SPDX-License-Identifier: Apache-2.0
// The port to the ledger side of a peer: in a tab it lives in a worker, under Node in the same thread. What blocks and joining need are
// methods here; everything else is a named service, called across whatever lies between.
import type { ChannelDescription } from '../../common/network/types.ts';
import type { TraceEvent } from '../../common/runtime/trace.ts';
import type { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { DelegatingClient } from '../../common/wire/service.ts';
import type { ChaincodeLogLine } from '../chaincode/chaincode-logs.ts';

/** A channel that the peer has joined. */
export interface ChannelState {
  readonly name: string;
  readonly height: number;
  /** Serialized common.ConfigEnvelope that is in force. */
  readonly config: Uint8Array;
}

export interface HostState {
  /** False when everything is in memory and gone with the process. */
  readonly stored: boolean;
  readonly channels: readonly ChannelState[];
}

/** A chaincode event of a valid transaction. */
export interface CommittedEvent {
  readonly chaincode: string;
  readonly name: string;
  readonly payload: string;
  /** When the payload is no UTF-8. */
  readonly payloadBase64?: string;
  readonly txId: string;
}

/** A committed block in short. */
export interface CommittedBlock {
  readonly channel: string;
  readonly number: number;
  readonly txIds: readonly string[];
  /** protos.TxValidationCode of each, and its name. */
  readonly codes: readonly number[];
  readonly statuses: readonly string[];
  readonly height: number;
  /** Hex. */
  readonly commitHash: string;
  /** EndorsementAnalyzer.version after the block. */
  readonly planVersion: number;
  readonly events: readonly CommittedEvent[];
}

export interface PeerHostEvents {
  /** A block is durable. Told after the fact: what a listener does cannot make the commit fail. */
  'block:committed': CommittedBlock;
  'config:changed': { readonly channel: string; readonly config: Uint8Array };
  trace: TraceEvent;
  'chaincode:log': ChaincodeLogLine;
  /** The ledgers were taken away; from now on every call but `stop` rejects with this code. */
  'store:lost': { readonly code: string; readonly message: string };
  /** The thread failed; nothing works any more. */
  crashed: { readonly message: string };
}

export interface PeerHost {
  readonly events: TypedEventTarget<PeerHostEvents>;
  /** The peer's services (see peer-services.ts). */
  readonly services: DelegatingClient;
  /** Opens the ledgers. What it rejects with has LedgerDamage in `data` when there is a remedy. */
  start(): Promise<HostState>;
  /** Joins a channel from its genesis block. */
  join(description: ChannelDescription, genesis: Uint8Array): Promise<ChannelState>;
  /** Rejects unless these are the bytes of block `number` of the channel, signed by its orderers. */
  verifyBlock(channel: string, number: number, block: Uint8Array): Promise<void>;
  /** Validates and commits the next block of a channel. May take the bytes away. */
  commit(channel: string, block: Uint8Array): Promise<void>;
  stop(): Promise<void>;
}
