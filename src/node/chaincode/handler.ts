// SPDX-License-Identifier: Apache-2.0
// The peer's side of one chaincode stream (Fabric's core/chaincode/handler.go). States, and what is taken in each:
//
//   created      REGISTER with the expected id -> sends REGISTERED, READY; ready
//   ready        COMPLETED, ERROR end a transaction; requests of the ledger are answered by RESPONSE or ERROR
//   any          KEEPALIVE is ignored; anything else ends the stream, as do bytes that are no message
//
// Between REGISTERED and READY Fabric calls the state "established"; nothing can arrive there, since both are sent at once.
// A chaincode is a stranger: whatever it sends, the worst is that its own stream ends.
import { protos } from '../../common/protos/index.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import { decodeMessage, encodeMessage, MessageType, reply, typeName } from './chaincode-message.ts';
import { type ChaincodePort, PortClosedEvent } from './launcher.ts';
import type { RequestHandler } from './state-requests.ts';
import { TransactionContext, type TransactionParams } from './transaction-context.ts';

export interface HandlerComponents {
  readonly ccid: string;
  readonly port: ChaincodePort;
  /** By message type. */
  readonly requests: ReadonlyMap<number, RequestHandler>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told once, when the stream has ended. */
  readonly onClose: (reason: string) => void;
}

/** What is sent to a chaincode to begin a transaction. */
export interface Execution {
  readonly type: typeof MessageType.INIT | typeof MessageType.TRANSACTION;
  readonly namespace: string;
  readonly input: protos.IChaincodeInput;
  readonly params: TransactionParams;
  readonly timeoutMs: number;
  /** Nobody's transaction: when it is not answered in time, the program goes on with what else it does. */
  readonly isQuestion?: boolean;
}

/** Talks to one running chaincode. */
export class Handler {
  readonly #components: HandlerComponents;
  readonly #contexts = new Map<string, TransactionContext>();
  readonly #registered = Promise.withResolvers<void>();
  #state: 'created' | 'ready' | 'closed' = 'created';

  constructor(components: HandlerComponents) {
    this.#components = components;
    this.#registered.promise.catch(() => {});
  }

  /** Listens, and resolves when the chaincode has registered. */
  async start(): Promise<void> {
    const { port } = this.#components;
    port.addEventListener('message', ({ data }) => this.#receive(data));
    port.addEventListener('close', (event) =>
      this.close(event instanceof PortClosedEvent ? event.reason : 'the chaincode has ended'),
    );
    port.start();
    await this.#registered.promise;
  }

  /** Runs one transaction; the message that ended it. Rejects when time runs out or the stream ends. */
  async execute(execution: Execution): Promise<protos.ChaincodeMessage> {
    const { params, namespace, timeoutMs } = execution;
    if (this.#state !== 'ready') throw streamTerminated();
    const id = contextId(params.channelId, params.txId);
    if (this.#contexts.has(id)) {
      throw new FabricError('DUPLICATE_TXID', `txid: ${params.txId}(${params.channelId}) exists`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<protos.ChaincodeMessage>();
    const isInit = execution.type === MessageType.INIT;
    const settle = { finish: resolve, fail: reject };
    const context = new TransactionContext(params, namespace, isInit, settle);
    this.#contexts.set(id, context);
    const isFatal = !execution.isQuestion;
    const cancel = this.#components.clock.setTimer(() => this.#expire(context, isFatal), timeoutMs);
    try {
      this.#send({
        type: execution.type,
        payload: protos.ChaincodeInput.encode(execution.input).finish(),
        txid: params.txId,
        channel_id: params.channelId,
        proposal: params.signedProposal,
      });
      return await promise;
    } finally {
      cancel();
      this.#contexts.delete(id);
      context.close();
    }
  }

  /** Ends the stream; transactions that run fail. */
  close(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#components.port.close();
    this.#registered.reject(new FabricError('CHAINCODE_START_FAILED', reason));
    for (const context of this.#contexts.values()) context.fail(streamTerminated());
    this.#components.onClose(reason);
  }

  // A chaincode that waits for the peer (for another chaincode, say) is not the one to blame and lives on; one that
  // computes, or waits for nothing, can only be ended.
  #expire(context: TransactionContext, isFatal: boolean): void {
    context.fail(new FabricError('EXECUTE_TIMEOUT', 'timeout expired while executing transaction'));
    if (isFatal && !context.serving)
      this.close(`transaction ${context.params.txId} ran out of time`);
  }

  #receive(data: unknown): void {
    if (this.#state === 'closed') return;
    // Its last word, where a port does not tell that its other end is gone.
    if (data === null) {
      this.close('the chaincode has ended');
      return;
    }
    try {
      this.#handle(decodeMessage(data));
    } catch (error) {
      this.#components.logger.warn(`chaincode ${this.#components.ccid}: ${messageOf(error)}`);
      this.close(messageOf(error));
    }
  }

  #handle(message: protos.ChaincodeMessage): void {
    if (message.type === MessageType.KEEPALIVE) return;
    if (this.#state === 'created') this.#register(message);
    else if (message.type === MessageType.COMPLETED || message.type === MessageType.ERROR) {
      this.#contexts.get(contextId(message.channel_id, message.txid))?.finish(message);
    } else {
      const handler = this.#components.requests.get(message.type);
      if (!handler) throw wrongState(message, 'ready');
      void this.#serve(message, handler);
    }
  }

  #register(message: protos.ChaincodeMessage): void {
    if (message.type !== MessageType.REGISTER) throw wrongState(message, 'created');
    const { name } = protos.ChaincodeID.decode(message.payload);
    if (name !== this.#components.ccid) {
      throw new FabricError('PROTOCOL_VIOLATION', `chaincode registered as ${name.slice(0, 100)}`);
    }
    this.#send({ type: MessageType.REGISTERED });
    this.#send({ type: MessageType.READY });
    this.#state = 'ready';
    this.#registered.resolve();
  }

  async #serve(message: protos.ChaincodeMessage, handler: RequestHandler): Promise<void> {
    const context = this.#contexts.get(contextId(message.channel_id, message.txid));
    // The shim asks one thing at a time for a transaction; Fabric drops a second request without an answer.
    if (context?.serving) return;
    let answer: protos.IChaincodeMessage;
    try {
      if (!context) throw new FabricError('NO_LEDGER_CONTEXT', 'no ledger context');
      context.serving = true;
      answer = reply(message, MessageType.RESPONSE, await handler(context, message.payload));
    } catch (error) {
      const text = `${typeName(message.type)} failed: transaction ID: ${message.txid}: ${messageOf(error)}`;
      this.#components.logger.debug(text);
      answer = reply(message, MessageType.ERROR, text);
    } finally {
      if (context) context.serving = false;
    }
    if (this.#state === 'ready') this.#send(answer);
  }

  #send(message: protos.IChaincodeMessage): void {
    const bytes = encodeMessage(message);
    this.#components.port.postMessage(bytes, [bytes]);
  }
}

function contextId(channelId: string, txId: string): string {
  return `${channelId}/${txId}`;
}

function streamTerminated(): FabricError {
  return new FabricError('STREAM_TERMINATED', 'chaincode stream terminated');
}

function wrongState(message: protos.ChaincodeMessage, state: string): FabricError {
  return new FabricError(
    'PROTOCOL_VIOLATION',
    `[${message.txid.slice(0, 64)}] Fabric side handler cannot handle message (${typeName(message.type)}) while in ${state} state`,
  );
}
