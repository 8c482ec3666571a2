// SPDX-License-Identifier: Apache-2.0
// An endorsed transaction on its way to the orderer and into a block (@hyperledger/fabric-gateway's Transaction,
// SubmittedTransaction and Status).
import { common, protos } from '../../common/protos/index.ts';
import { DeadlineError, withDeadline } from '../../common/runtime/deadline.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { BroadcastStatus } from './connection.ts';
import { CommitError, CommitStatusError, SubmitError } from './errors.ts';
import type { GatewaySession } from './gateway.ts';

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

  constructor(
    session: GatewaySession,
    channel: string,
    txId: string,
    payload: Uint8Array,
    result: Uint8Array,
  ) {
    this.#session = session;
    this.#channel = channel;
    this.#txId = txId;
    this.#payload = payload;
    this.#result = result;
  }

  getResult(): Uint8Array {
    return this.#result;
  }

  getTransactionId(): string {
    return this.#txId;
  }

  /** Sends the transaction to the orderer. It has a place in the queue when this resolves, not yet in a block. Throws {@link SubmitError}. */
  async submit(): Promise<SubmittedTransaction> {
    const { clock, connection, identity, submitTimeoutMs } = this.#session;
    const began = clock.now();
    const signature = await identity.sign(this.#payload);
    const envelope = common.Envelope.encode({ payload: this.#payload, signature }).finish();
    // Listen before the orderer may answer: the block can be quicker than the status.
    const submitted = new SubmittedTransaction(
      this.#session,
      this.#channel,
      this.#txId,
      this.#result,
    );
    const answer = await withDeadline(clock, submitTimeoutMs, 'the answer', (signal) =>
      connection.broadcast(envelope, { signal }),
    ).catch((cause: unknown) => {
      submitted.abandon();
      const text = `the orderer could not be reached: ${messageOf(cause)}`;
      throw new SubmitError('ORDERER_UNREACHABLE', text, { transactionId: this.#txId, cause });
    });
    if (answer.status !== common.Status.SUCCESS) {
      submitted.abandon();
      throw this.#refused(answer);
    }
    this.#session.traceStage('submit', this.#channel, this.#txId, began);
    return submitted;
  }

  #refused({ status, info }: BroadcastStatus): SubmitError {
    const name = common.Status[status] ?? String(status);
    return new SubmitError(
      'ORDERER_REFUSED',
      `received unsuccessful response from orderer: status=${name}, info=${info}`,
      { transactionId: this.#txId, data: { status: name, info } },
    );
  }
}

export class SubmittedTransaction {
  readonly #session: GatewaySession;
  readonly #txId: string;
  readonly #result: Uint8Array;
  readonly #abort = new AbortController();
  readonly #status: Promise<Status>;

  constructor(session: GatewaySession, channel: string, txId: string, result: Uint8Array) {
    this.#session = session;
    this.#txId = txId;
    this.#result = result;
    this.#status = this.#await(channel);
    this.#status.catch(() => {});
  }

  getResult(): Uint8Array {
    return this.#result;
  }

  getTransactionId(): string {
    return this.#txId;
  }

  /** Resolves when the client's peer has committed the block, valid or not. Throws {@link CommitStatusError}. */
  getStatus(): Promise<Status> {
    return this.#status;
  }

  /** The status, as an error unless the transaction is valid. Throws {@link CommitError}, {@link CommitStatusError}. */
  async requireValid(): Promise<Status> {
    const status = await this.#status;
    if (status.successful) return status;
    const name = protos.TxValidationCode[status.code] ?? String(status.code);
    throw new CommitError(name, status.code, this.#txId, status.blockNumber);
  }

  abandon(): void {
    this.#abort.abort();
  }

  async #await(channel: string): Promise<Status> {
    const { clock, commitTimeoutMs, connection } = this.#session;
    const began = clock.now();
    try {
      const { code, blockNumber } = await withDeadline(
        clock,
        commitTimeoutMs,
        'the commit',
        (signal) => connection.commitOutcome(channel, this.#txId, { signal }),
        { signal: this.#abort.signal },
      );
      this.#session.traceStage('event', channel, this.#txId, began, {
        block: blockNumber,
        data: { code },
      });
      return {
        code,
        successful: code === protos.TxValidationCode.VALID,
        transactionId: this.#txId,
        blockNumber: BigInt(blockNumber),
      };
    } catch (cause) {
      throw this.#unknown(cause, commitTimeoutMs);
    }
  }

  #unknown(cause: unknown, commitTimeoutMs: number): CommitStatusError {
    const options = { transactionId: this.#txId, cause };
    if (cause instanceof DeadlineError) {
      const text = `no block with transaction ${this.#txId} within ${commitTimeoutMs} ms; it may still come`;
      return new CommitStatusError('COMMIT_TIMEOUT', text, options);
    }
    const text = `it is not known whether transaction ${this.#txId} was committed: ${messageOf(cause)}`;
    return new CommitStatusError('COMMIT_UNKNOWN', text, options);
  }
}
