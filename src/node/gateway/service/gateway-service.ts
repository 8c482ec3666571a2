// SPDX-License-Identifier: Apache-2.0
// The gateway of a peer (internal/pkg/gateway): clients sign, it does the rest. One table of methods for the node's own client and for
// remote ones; each request names its channel.
//
//   Evaluate, Endorse   the proposal's own signature says who asks, and the endorsers check it
//   Submit              the orderer checks the transaction's
//   CommitStatus, ChaincodeEvents   signed, and checked against the channel here, unless the node itself asks
//
// Fabric keeps connections to other peers and orderers in a registry; here the components know how to reach them.
import { gateway } from '../../../common/protos/index.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import type { TraceEvent, TraceStage } from '../../../common/runtime/trace.ts';
import { isOwnCall } from '../../../common/wire/local-client.ts';
import {
  type CallContext,
  GrpcStatus,
  ServiceError,
  type ServiceHandler,
  type ServiceTable,
  unaryHandler,
} from '../../../common/wire/service.ts';
import { CHAINCODE_EVENTS, COMMIT_STATUS, ENDORSE, EVALUATE, SUBMIT } from '../methods.ts';
import { chaincodeEvents } from './chaincode-events.ts';
import { CommitFinder } from './commit-finder.ts';
import {
  DEFAULT_GATEWAY_SERVICE_OPTIONS,
  type GatewayServiceComponents,
  type GatewayServiceOptions,
} from './components.ts';
import { readEndorseRequest } from './endorse.ts';
import { endorseWhenPossible } from './endorse-when-possible.ts';
import { EndorsementPlans } from './endorsement-plans.ts';
import { evaluate } from './evaluate.ts';
import { decodeRequest, invalid } from './requests.ts';
import { readSubmitRequest, submit } from './submit.ts';

interface SignedRequest {
  readonly channel_id: string;
  readonly identity: Uint8Array;
}

export class GatewayService {
  /** `/gateway.Gateway/…`. */
  readonly services: ServiceTable;
  readonly #components: GatewayServiceComponents;
  readonly #options: GatewayServiceOptions;
  readonly #plans: EndorsementPlans;
  readonly #commits: CommitFinder;

  constructor(components: GatewayServiceComponents, options: Partial<GatewayServiceOptions> = {}) {
    this.#components = components;
    this.#options = { ...DEFAULT_GATEWAY_SERVICE_OPTIONS, ...options };
    this.#plans = new EndorsementPlans(components);
    this.#commits = new CommitFinder(components);
    this.services = new Map<string, ServiceHandler>([
      [
        EVALUATE,
        unaryHandler((request, { signal }) => evaluate({ ...this.#context, signal }, request)),
      ],
      [ENDORSE, unaryHandler((request, context) => this.#endorse(request, context))],
      [SUBMIT, unaryHandler((request, context) => this.#submit(request, context))],
      [COMMIT_STATUS, unaryHandler((request, context) => this.#commitStatus(request, context))],
      [CHAINCODE_EVENTS, (requests, context) => this.#chaincodeEvents(requests, context)],
    ]);
  }

  /** Calls that wait for a block. */
  get waiting(): number {
    return this.#commits.waiting;
  }

  /** Follows this peer's commits. Otherwise it knows only what is in the ledger when it is asked. */
  start(): void {
    this.#commits.start();
    this.#plans.start();
  }

  /** @param reason what those get who wait for a block. */
  stop(reason?: unknown): void {
    this.#commits.stop(reason);
    this.#plans.stop();
  }

  get #context() {
    return { components: this.#components, options: this.#options, plans: this.#plans };
  }

  async #endorse(request: Uint8Array, { signal }: CallContext): Promise<Uint8Array> {
    const began = this.#components.clock.now();
    const proposal = readEndorseRequest(request);
    const { channel, txId } = proposal;
    this.#commits.expect(channel, txId);
    let seen = false;
    try {
      const context = { ...this.#context, signal };
      const { response, endorsers } = await endorseWhenPossible(context, proposal);
      // An endorser refuses what is in its ledger already.
      seen = endorsers.some(({ own }) => own);
      const data = { endorsers: endorsers.map(({ name }) => name) };
      this.#trace('endorse', channel, txId, began, { data });
      return response;
    } finally {
      if (!seen) this.#commits.forget(channel, txId);
    }
  }

  async #submit(request: Uint8Array, { signal }: CallContext): Promise<Uint8Array> {
    const began = this.#components.clock.now();
    const { channel, txId, envelope } = readSubmitRequest(request);
    await submit({ ...this.#context, signal }, channel, envelope);
    this.#trace('submit', channel, txId, began);
    return gateway.SubmitResponse.encode({}).finish();
  }

  async #commitStatus(bytes: Uint8Array, context: CallContext): Promise<Uint8Array> {
    const began = this.#components.clock.now();
    const signed = decodeRequest(gateway.SignedCommitStatusRequest, bytes);
    const request = decodeRequest(gateway.CommitStatusRequest, signed.request);
    const { channel_id: channel, transaction_id: txId } = request;
    if (txId === '') throw invalid('transaction ID should not be empty');
    await this.#authorize('gateway/CommitStatus', request, signed, context);
    const { signal } = context;
    const { code, blockNumber } = await this.#commits
      .transactionStatus(channel, txId, { signal })
      .catch((cause: unknown) => {
        signal.throwIfAborted();
        if (cause instanceof ServiceError) throw cause;
        throw new ServiceError(GrpcStatus.ABORTED, messageOf(cause), { cause });
      });
    this.#trace('event', channel, txId, began, { block: blockNumber, data: { code } });
    return gateway.CommitStatusResponse.encode({
      result: code,
      block_number: blockNumber,
    }).finish();
  }

  async *#chaincodeEvents(
    requests: AsyncIterable<Uint8Array>,
    context: CallContext,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of requests) {
      const signed = decodeRequest(gateway.SignedChaincodeEventsRequest, bytes);
      const request = decodeRequest(gateway.ChaincodeEventsRequest, signed.request);
      await this.#authorize('gateway/ChaincodeEvents', request, signed, context);
      return yield* chaincodeEvents(this.#components, request, context);
    }
    throw invalid('the call carried no request');
  }

  // The node itself needs no leave to read its own ledger, and so makes no signature.
  async #authorize(
    resource: string,
    { channel_id: channel, identity }: SignedRequest,
    { request: data, signature }: { request: Uint8Array; signature: Uint8Array },
    context: CallContext,
  ): Promise<void> {
    if (channel === '') throw invalid('no channel ID provided');
    if (isOwnCall(context)) return;
    if (identity.length === 0) throw invalid('no identity provided');
    try {
      await this.#components.checkAcl(channel, resource, { data, identity, signature });
    } catch (cause) {
      throw new ServiceError(GrpcStatus.PERMISSION_DENIED, messageOf(cause), { cause });
    }
  }

  #trace(
    stage: TraceStage,
    channel: string,
    txId: string,
    began: number,
    more: Partial<TraceEvent> = {},
  ): void {
    const { clock, trace, name: peer } = this.#components;
    const at = clock.now();
    trace.emit({ at, peer, stage, channel, txId, ms: at - began, ...more });
  }
}
