// SPDX-License-Identifier: Apache-2.0
// An endorsed transaction on its way to the orderer and into a block (@hyperledger/fabric-gateway's Transaction,
// SubmittedTransaction and Status).
import { gateway, protos } from '../../../common/protos/index.ts';
import {
  getPayloads,
  toNumber,
  unmarshalPayload,
  unmarshalTransaction,
} from '../../../common/protoutil/index.ts';
import { EMPTY_BYTES } from '../../../common/runtime/bytes.ts';
import { COMMIT_STATUS, SUBMIT } from '../methods.ts';
import { CommitError, toCommitStatusError, toSubmitError } from './errors.ts';
import { type CallOptions, call, type GatewaySession } from './session.ts';

/** Where a transaction ended. */
export interface Status {
  /** protos.TxValidationCode. */
  readonly code: number;
  readonly successful: boolean;
  readonly transactionId: string;
  readonly blockNumber: bigint;
}

export class Transaction {
  readonly #session: GatewaySession;
  readonly #channel: string;
  readonly #txId: string;
  readonly #payload: Uint8Array;
  readonly #result: Uint8Array;

  /** @param payload serialized common.Payload. Throws ProtoError when it holds no transaction. */
  constructor(session: GatewaySession, channel: string, txId: string, payload: Uint8Array) {
    this.#session = session;
    this.#channel = channel;
    this.#txId = txId;
    this.#payload = payload;
    this.#result = resultIn(payload);
  }

  getResult(): Uint8Array {
    return this.#result;
  }

  getTransactionId(): string {
    return this.#txId;
  }

  /** Sends the transaction to the orderer. It has a place in the queue when this resolves, not yet in a block. Throws {@link SubmitError}. */
  async submit(options: CallOptions = {}): Promise<SubmittedTransaction> {
    const signature = await this.#session.identity.sign(this.#payload);
    const request = gateway.SubmitRequest.encode({
      transaction_id: this.#txId,
      channel_id: this.#channel,
      prepared_transaction: { payload: this.#payload, signature },
    }).finish();
    try {
      await call(this.#session, SUBMIT, request, this.#session.submitTimeoutMs, options);
    } catch (cause) {
      throw toSubmitError(cause, this.#txId);
    }
    return new SubmittedTransaction(this.#session, this.#channel, this.#txId, this.#result);
  }
}

export class SubmittedTransaction {
  readonly #session: GatewaySession;
  readonly #channel: string;
  readonly #txId: string;
  readonly #result: Uint8Array;
  #status: Status | undefined;

  constructor(session: GatewaySession, channel: string, txId: string, result: Uint8Array) {
    this.#session = session;
    this.#channel = channel;
    this.#txId = txId;
    this.#result = result;
  }

  getResult(): Uint8Array {
    return this.#result;
  }

  getTransactionId(): string {
    return this.#txId;
  }

  /** Resolves when the gateway's peer has committed the block, valid or not. Throws {@link CommitStatusError}. */
  async getStatus(options: CallOptions = {}): Promise<Status> {
    this.#status ??= await this.#ask(options);
    return this.#status;
  }

  /** The status, as an error unless the transaction is valid. Throws {@link CommitError}, {@link CommitStatusError}. */
  async requireValid(options: CallOptions = {}): Promise<Status> {
    const status = await this.getStatus(options);
    if (status.successful) return status;
    const name = protos.TxValidationCode[status.code] ?? String(status.code);
    throw new CommitError(name, status.code, this.#txId, Number(status.blockNumber));
  }

  async #ask(options: CallOptions): Promise<Status> {
    const { commitTimeoutMs } = this.#session;
    try {
      const signed = await this.#request();
      const response = await call(this.#session, COMMIT_STATUS, signed, commitTimeoutMs, options);
      const { result: code, block_number } = gateway.CommitStatusResponse.decode(response);
      return {
        code,
        successful: code === protos.TxValidationCode.VALID,
        transactionId: this.#txId,
        blockNumber: BigInt(toNumber(block_number)),
      };
    } catch (cause) {
      throw toCommitStatusError(cause, this.#txId, commitTimeoutMs);
    }
  }

  async #request(): Promise<Uint8Array> {
    const { identity, client } = this.#session;
    const request = gateway.CommitStatusRequest.encode({
      transaction_id: this.#txId,
      channel_id: this.#channel,
      ...(!client.own && { identity: identity.serialize() }),
    }).finish();
    const signature = client.own ? EMPTY_BYTES : await identity.sign(request);
    return gateway.SignedCommitStatusRequest.encode({ request, signature }).finish();
  }
}

// What the chaincode returned, as it was endorsed.
function resultIn(payload: Uint8Array): Uint8Array {
  const [action] = unmarshalTransaction(unmarshalPayload(payload).data).actions;
  return getPayloads(action ?? {}).chaincodeAction.response?.payload ?? EMPTY_BYTES;
}
