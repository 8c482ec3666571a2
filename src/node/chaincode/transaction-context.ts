// SPDX-License-Identifier: Apache-2.0
// One transaction at one chaincode, while it runs (Fabric's core/chaincode/transaction_context.go and
// core/common/ccprovider TransactionParams).
import type { protos } from '../../common/protos/index.ts';
import type { PeerLedger, TxSimulator } from '../../ledger/types.ts';
import type { QueryContext } from './query-response.ts';

/** What a system chaincode may do with: without a simulator, it is no transaction. */
export interface InvocationParams {
  /** Empty when the proposal names no channel. */
  readonly channelId: string;
  readonly txId: string;
  readonly signedProposal: protos.ISignedProposal;
  readonly simulator?: TxSimulator | undefined;
  readonly history?: Pick<PeerLedger, 'getHistoryForKey'> | undefined;
}

/** What any other chaincode runs with. */
export interface TransactionParams extends InvocationParams {
  readonly simulator: TxSimulator;
  readonly history: Pick<PeerLedger, 'getHistoryForKey'>;
}

/** Open iterators that one transaction may hold; each holds a snapshot of the state. */
export const MAX_ITERATORS = 1_000;

/** A transaction that a chaincode is working on. */
export class TransactionContext {
  readonly params: TransactionParams;
  /** Name of the chaincode: the namespace of its keys. */
  readonly namespace: string;
  /** True when it runs the chaincode's Init, which may not touch private data. */
  readonly isInit: boolean;
  /** Its open queries, by iterator id. */
  readonly queries = new Map<string, QueryContext>();
  /** What its creator may do with the collections that it has used, by name. */
  readonly collectionPermissions = new Map<string, Promise<{ read: boolean; write: boolean }>>();
  /** True while the peer serves a request of it; the shim sends one at a time. */
  serving = false;
  /** Takes the COMPLETED or ERROR message that ends it. */
  readonly finish: (message: protos.ChaincodeMessage) => void;
  /** Takes the reason why that will not come. */
  readonly fail: (error: Error) => void;

  constructor(
    params: TransactionParams,
    namespace: string,
    isInit: boolean,
    settle: Pick<TransactionContext, 'finish' | 'fail'>,
  ) {
    this.params = params;
    this.namespace = namespace;
    this.isInit = isInit;
    this.finish = settle.finish;
    this.fail = settle.fail;
  }

  /** Closes what it still holds open. */
  close(): void {
    for (const query of this.queries.values()) query.iterator.close();
    this.queries.clear();
  }
}
