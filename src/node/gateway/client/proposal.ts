// SPDX-License-Identifier: Apache-2.0
// The four stages of a transaction as four types, with the names of @hyperledger/fabric-gateway: Proposal -> Transaction
// -> SubmittedTransaction -> Status. The client makes and signs; a peer's gateway service does the rest.
import { gateway, protos } from '../../../common/protos/index.ts';
import { createChaincodeProposal } from '../../../common/protoutil/index.ts';
import { EMPTY_BYTES, utf8 } from '../../../common/runtime/bytes.ts';
import { ENDORSE, EVALUATE } from '../methods.ts';
import { toEndorseError } from './errors.ts';
import { type CallOptions, call, type GatewaySession } from './session.ts';
import { Transaction } from './transaction.ts';

/** What goes into a proposal besides the function's name. */
export interface ProposalOptions {
  readonly arguments?: readonly (string | Uint8Array)[];
  /**
   * Private data for the chaincode; it does not become part of the transaction. It is shown to no other organisation's peers
   * than those that may hold the collections it goes into, unless `endorsingOrganizations` names them.
   */
  readonly transientData?: Readonly<Record<string, string | Uint8Array>>;
  /** MSP ids that must endorse, or one of which must evaluate; chosen by the policy when absent. */
  readonly endorsingOrganizations?: readonly string[];
  /** Calls `Init` of a chaincode that requires it, as `peer chaincode invoke --isInit`. */
  readonly isInit?: boolean;
}

/** A signed invitation to run a chaincode function. */
export class Proposal {
  readonly #session: GatewaySession;
  readonly #channel: string;
  readonly #organizations: readonly string[];
  readonly #bytes: Uint8Array;
  readonly #txId: string;
  readonly #began: number;

  constructor(
    session: GatewaySession,
    channel: string,
    chaincode: string,
    transactionName: string,
    options: ProposalOptions,
  ) {
    this.#session = session;
    this.#channel = channel;
    this.#organizations = options.endorsingOrganizations ?? [];
    this.#began = session.clock.now();
    const { proposal, txId } = createChaincodeProposal(
      {
        channelId: channel,
        spec: invocation(chaincode, transactionName, options),
        creator: session.identity.serialize(),
        transientMap: bytesOf(options.transientData ?? {}),
      },
      { now: this.#began, nonce: session.randomBytes(24) },
    );
    this.#bytes = protos.Proposal.encode(proposal).finish();
    this.#txId = txId;
  }

  getBytes(): Uint8Array {
    return this.#bytes;
  }

  getTransactionId(): string {
    return this.#txId;
  }

  /** Runs the function at one peer, the gateway's own first, and gives its result. Throws {@link EndorseError}. */
  async evaluate(options: CallOptions = {}): Promise<Uint8Array> {
    const request = gateway.EvaluateRequest.encode({
      ...(await this.#request()),
      target_organizations: this.#organizations,
    }).finish();
    try {
      const { evaluateTimeoutMs } = this.#session;
      const response = await call(this.#session, EVALUATE, request, evaluateTimeoutMs, options);
      return gateway.EvaluateResponse.decode(response).result?.payload ?? EMPTY_BYTES;
    } catch (cause) {
      throw toEndorseError(cause, this.#txId);
    }
  }

  /** Collects endorsements until the policies of what it writes are satisfied. Throws {@link EndorseError}. */
  async endorse(options: CallOptions = {}): Promise<Transaction> {
    const request = gateway.EndorseRequest.encode({
      ...(await this.#request()),
      endorsing_organizations: this.#organizations,
    }).finish();
    this.#trace();
    try {
      const { endorseTimeoutMs } = this.#session;
      const response = await call(this.#session, ENDORSE, request, endorseTimeoutMs, options);
      const { prepared_transaction } = gateway.EndorseResponse.decode(response);
      const payload = prepared_transaction?.payload ?? EMPTY_BYTES;
      return new Transaction(this.#session, this.#channel, this.#txId, payload);
    } catch (cause) {
      throw toEndorseError(cause, this.#txId);
    }
  }

  async #request() {
    const signature = await this.#session.identity.sign(this.#bytes);
    return {
      transaction_id: this.#txId,
      channel_id: this.#channel,
      proposed_transaction: { proposal_bytes: this.#bytes, signature },
    };
  }

  #trace(): void {
    const { clock, trace, name: peer } = this.#session;
    const at = clock.now();
    const ms = at - this.#began;
    trace?.emit({ at, peer, stage: 'propose', channel: this.#channel, txId: this.#txId, ms });
  }
}

function invocation(
  chaincode: string,
  transactionName: string,
  { arguments: args = [], isInit = false }: ProposalOptions,
): protos.IChaincodeInvocationSpec {
  return {
    chaincode_spec: {
      type: protos.ChaincodeSpec.Type.NODE,
      chaincode_id: { name: chaincode },
      input: { args: [transactionName, ...args].map(toBytes), ...(isInit && { is_init: true }) },
    },
  };
}

function toBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? utf8(value) : value;
}

function bytesOf(data: Readonly<Record<string, string | Uint8Array>>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, toBytes(value)]));
}
