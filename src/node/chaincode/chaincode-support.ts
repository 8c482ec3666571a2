// SPDX-License-Identifier: Apache-2.0
// Runs chaincode for the endorser (Fabric's core/chaincode/chaincode_support.go): looks up the definition, starts the
// chaincode when it is first needed, passes transactions to it, and ends it when it does not answer in time, which Fabric leaves
// to the administrator. The next transaction starts it again.
import { protos } from '../../common/protos/index.ts';
import { fromUtf8, toHex } from '../../common/runtime/bytes.ts';
import type { Clock, RandomBytes } from '../../common/runtime/clock.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import type { AclProvider } from '../aclmgmt/index.ts';
import type { Lifecycle } from '../lifecycle/endorsement-info.ts';
import type { SystemChaincodes } from '../scc/index.ts';
import { MessageType } from './chaincode-message.ts';
import { Handler } from './handler.ts';
import { checkInvocation } from './invocation-check.ts';
import { invokeChaincodeRequest } from './invoke-chaincode.ts';
import type { ChaincodeLauncher } from './launcher.ts';
import type { PrivateDataAccess } from './private-data-access.ts';
import { type RequestHandler, stateRequests } from './state-requests.ts';
import { invokeSystemChaincode } from './system-chaincode-call.ts';
import type { InvocationParams, TransactionParams } from './transaction-context.ts';

export interface ChaincodeSupportComponents {
  readonly launcher: ChaincodeLauncher;
  readonly lifecycle: Lifecycle;
  readonly systemChaincodes: Pick<SystemChaincodes, 'get' | 'isSystemChaincode'>;
  /** The ledger of a channel that this peer has joined. */
  readonly ledgers: (channelId: string) => PeerLedger | undefined;
  readonly acl: Pick<AclProvider, 'checkAcl'>;
  readonly privateDataAccess: PrivateDataAccess;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
}

export interface ChaincodeSupportOptions {
  /** chaincode.executetimeout of core.yaml. */
  readonly executeTimeoutMs: number;
  /** chaincode.startuptimeout of core.yaml, which is 300 s there: a container is built first. */
  readonly startupTimeoutMs: number;
  /** For an answer that nobody's transaction waits for. */
  readonly questionTimeoutMs: number;
}

export const DEFAULT_CHAINCODE_SUPPORT_OPTIONS: ChaincodeSupportOptions = Object.freeze({
  executeTimeoutMs: 30_000,
  startupTimeoutMs: 60_000,
  questionTimeoutMs: 2_000,
});

/** What a chaincode gave back. */
export interface ExecutionResult {
  readonly response: protos.Response;
  readonly event?: protos.IChaincodeEvent;
}

/** Runs chaincodes. */
export class ChaincodeSupport {
  readonly #components: ChaincodeSupportComponents;
  readonly #options: ChaincodeSupportOptions;
  readonly #requests: ReadonlyMap<number, RequestHandler>;
  readonly #running = new Map<string, Promise<Handler>>();
  readonly #handlers = new Map<string, Handler>();
  #stopped = false;

  constructor(
    components: ChaincodeSupportComponents,
    options: Partial<ChaincodeSupportOptions> = {},
  ) {
    this.#components = components;
    this.#options = { ...DEFAULT_CHAINCODE_SUPPORT_OPTIONS, ...options };
    const invoke = this.invoke.bind(this);
    this.#requests = new Map([
      ...stateRequests(components.privateDataAccess, () => uuid(components.random)),
      [MessageType.INVOKE_CHAINCODE, invokeChaincodeRequest({ ...components, invoke })],
    ]);
  }

  /** True when the chaincode's program runs and has registered. */
  isRunning(ccid: string): boolean {
    return this.#handlers.has(ccid);
  }

  /** Starts a chaincode's program unless it runs; rejects with FabricError when it cannot. */
  async launch(ccid: string): Promise<void> {
    await this.#handler(ccid);
  }

  /** Ends a chaincode's program, for a new version or because its package was removed. */
  kill(ccid: string): void {
    this.#handlers.get(ccid)?.close('chaincode was stopped');
  }

  /** Ends all programs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const handler of this.#handlers.values()) handler.close('the peer stops');
    await Promise.allSettled(this.#running.values());
  }

  /** Runs a function of a chaincode. Rejects with FabricError; a failure that the chaincode itself reports is a response. */
  async execute(
    params: InvocationParams,
    chaincode: string,
    input: protos.IChaincodeInput,
  ): Promise<ExecutionResult> {
    let message: protos.ChaincodeMessage;
    try {
      message = await this.invoke(params, chaincode, input);
    } catch (cause) {
      const text = `failed to execute transaction ${params.txId}: ${messageOf(cause)}`;
      throw new FabricError('EXECUTE_FAILED', text, { cause });
    }
    if (message.type === MessageType.ERROR) {
      const text = `transaction returned with failure: ${fromUtf8(message.payload)}`;
      throw new FabricError('EXECUTE_FAILED', text);
    }
    const response = decodeResponse(message.payload, params.txId);
    if (message.chaincode_event === null) return { response };
    const { event_name, payload } = message.chaincode_event;
    return {
      response,
      event: { chaincode_id: chaincode, tx_id: params.txId, event_name, payload },
    };
  }

  /**
   * Asks a program something that is no transaction, such as for its metadata: neither is its definition looked at, nor is it ended when it
   * does not answer. Rejects with FabricError when it cannot run, does not answer in time, or answers with an error.
   */
  async ask(
    ccid: string,
    params: TransactionParams,
    chaincode: string,
    input: protos.IChaincodeInput,
  ): Promise<protos.Response> {
    const handler = await this.#handler(ccid);
    const { type, payload } = await handler.execute({
      type: MessageType.TRANSACTION,
      namespace: chaincode,
      input,
      params,
      timeoutMs: this.#options.questionTimeoutMs,
      isQuestion: true,
    });
    if (type === MessageType.ERROR) throw new FabricError('EXECUTE_FAILED', fromUtf8(payload));
    return decodeResponse(payload, params.txId);
  }

  /** As {@link execute}; the COMPLETED or ERROR message as the chaincode sent it. */
  async invoke(
    params: InvocationParams,
    chaincode: string,
    input: protos.IChaincodeInput,
  ): Promise<protos.ChaincodeMessage> {
    const { lifecycle, systemChaincodes } = this.#components;
    const { ccid, type } = await checkInvocation(lifecycle, params, chaincode, input);
    const system = systemChaincodes.get(chaincode);
    if (system) return invokeSystemChaincode(system, params, input);
    const { simulator, history } = params;
    if (!simulator || !history) {
      const text = `chaincode ${chaincode} cannot run without a channel`;
      throw new FabricError('INVALID_INVOCATION', text);
    }
    const handler = await this.#handler(ccid).catch((cause) => {
      const text = `could not launch chaincode ${ccid}: ${messageOf(cause)}`;
      throw new FabricError('CHAINCODE_START_FAILED', text, { cause });
    });
    const timeoutMs = this.#options.executeTimeoutMs;
    const about = { ...params, simulator, history };
    return handler.execute({ type, namespace: chaincode, input, params: about, timeoutMs });
  }

  #handler(ccid: string): Promise<Handler> {
    const running = this.#running.get(ccid);
    if (running) return running;
    const launched = this.#launch(ccid);
    this.#running.set(ccid, launched);
    launched.catch(() => {
      if (this.#running.get(ccid) === launched) this.#running.delete(ccid);
    });
    return launched;
  }

  async #launch(ccid: string): Promise<Handler> {
    if (this.#stopped) throw new FabricError('STOPPED', 'the peer stops');
    const { launcher, clock, logger } = this.#components;
    const controller = new AbortController();
    const { promise: expired, reject } = Promise.withResolvers<never>();
    const cancel = clock.setTimer(() => {
      const text = `timeout expired while starting chaincode ${ccid} for transaction`;
      reject(new FabricError('STARTUP_TIMEOUT', text));
    }, this.#options.startupTimeoutMs);
    try {
      const started = clock.now();
      const port = await Promise.race([
        launcher.launch(ccid, { signal: controller.signal }),
        expired,
      ]);
      const handler = new Handler({
        ccid,
        port,
        requests: this.#requests,
        clock,
        logger,
        onClose: (reason) => this.#closed(ccid, handler, reason),
      });
      this.#handlers.set(ccid, handler);
      await Promise.race([handler.start(), expired]);
      logger.info(`chaincode ${ccid} is running`, { ms: clock.now() - started });
      return handler;
    } catch (error) {
      controller.abort(error);
      this.#handlers.get(ccid)?.close(messageOf(error));
      launcher.kill(ccid);
      throw error;
    } finally {
      cancel();
    }
  }

  #closed(ccid: string, handler: Handler, reason: string): void {
    if (this.#handlers.get(ccid) !== handler) return;
    this.#components.logger.warn(`chaincode ${ccid} ended: ${reason}`);
    this.#handlers.delete(ccid);
    this.#running.delete(ccid);
    this.#components.launcher.kill(ccid);
  }
}

// Version 4, as Fabric's iterator ids.
function uuid(random: RandomBytes): string {
  const bytes = random(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function decodeResponse(payload: Uint8Array, txId: string): protos.Response {
  try {
    return protos.Response.decode(payload);
  } catch (cause) {
    const text = `failed to unmarshal response for transaction ${txId}: ${messageOf(cause)}`;
    throw new FabricError('EXECUTE_FAILED', text, { cause });
  }
}
