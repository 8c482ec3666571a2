// SPDX-License-Identifier: Apache-2.0
// The client API, with the shapes of @hyperledger/fabric-gateway: connect -> getNetwork -> getContract -> submitTransaction
// or evaluateTransaction, or the stages one by one from newProposal.
import type { SigningIdentity } from '../../../common/msp/types.ts';
import {
  type Clock,
  type RandomBytes,
  systemClock,
  systemRandomBytes,
} from '../../../common/runtime/clock.ts';
import type { TraceBus } from '../../../common/runtime/trace.ts';
import type { ServiceClient } from '../../../common/wire/service.ts';
import { Proposal, type ProposalOptions } from './proposal.ts';
import { DEFAULT_CALL_TIMEOUTS, type GatewaySession } from './session.ts';
import type { SubmittedTransaction } from './transaction.ts';

export interface ConnectOptions {
  /** Signs proposals and transactions. */
  readonly identity: SigningIdentity;
  /** Calls the gateway service of a peer. */
  readonly client: ServiceClient;
  readonly clock?: Clock;
  readonly randomBytes?: RandomBytes;
  readonly trace?: TraceBus;
  /** Name of the client's node in trace events. */
  readonly name?: string;
  readonly evaluateTimeoutMs?: number;
  /** For all endorsements together. */
  readonly endorseTimeoutMs?: number;
  readonly submitTimeoutMs?: number;
  /** For the block to arrive, from when it is asked for. */
  readonly commitTimeoutMs?: number;
}

/**
 * Opens a gateway. Nothing is sent yet.
 *
 * @example
 * const contract = connect({ identity, client }).getNetwork('mychannel').getContract('basic');
 * await contract.submitTransaction('CreateAsset', 'asset7', 'blue', '5', 'Tomoko', '300');
 * const asset = JSON.parse(new TextDecoder().decode(await contract.evaluateTransaction('ReadAsset', 'asset7')));
 */
export function connect(options: ConnectOptions): Gateway {
  const { clock = systemClock, randomBytes = systemRandomBytes, name = 'client' } = options;
  return new Gateway({ ...DEFAULT_CALL_TIMEOUTS, ...options, clock, randomBytes, name });
}

export class Gateway {
  readonly #session: GatewaySession;

  constructor(session: GatewaySession) {
    this.#session = session;
  }

  getIdentity(): SigningIdentity {
    return this.#session.identity;
  }

  /** A channel, by name. */
  getNetwork(channel: string): Network {
    return new Network(this.#session, channel);
  }
}

export class Network {
  readonly #session: GatewaySession;
  readonly #channel: string;

  constructor(session: GatewaySession, channel: string) {
    this.#session = session;
    this.#channel = channel;
  }

  getName(): string {
    return this.#channel;
  }

  /** A chaincode of the channel; `contractName` chooses one of its contracts when it has several. */
  getContract(chaincode: string, contractName?: string): Contract {
    return new Contract(this.#session, this.#channel, chaincode, contractName);
  }
}

export class Contract {
  readonly #session: GatewaySession;
  readonly #channel: string;
  readonly #chaincode: string;
  readonly #contractName: string | undefined;

  constructor(
    session: GatewaySession,
    channel: string,
    chaincode: string,
    contractName: string | undefined,
  ) {
    this.#session = session;
    this.#channel = channel;
    this.#chaincode = chaincode;
    this.#contractName = contractName;
  }

  getChaincodeName(): string {
    return this.#chaincode;
  }

  getContractName(): string | undefined {
    return this.#contractName;
  }

  newProposal(transactionName: string, options: ProposalOptions = {}): Proposal {
    const name = this.#contractName ? `${this.#contractName}:${transactionName}` : transactionName;
    return new Proposal(this.#session, this.#channel, this.#chaincode, name, options);
  }

  /** Reads: runs the function at one peer. Throws EndorseError. */
  evaluate(transactionName: string, options: ProposalOptions = {}): Promise<Uint8Array> {
    return this.newProposal(transactionName, options).evaluate();
  }

  evaluateTransaction(name: string, ...args: (string | Uint8Array)[]): Promise<Uint8Array> {
    return this.evaluate(name, { arguments: args });
  }

  /** Writes: endorses, orders, waits for the commit; the chaincode's result. Throws EndorseError, SubmitError, CommitStatusError, CommitError. */
  async submit(transactionName: string, options: ProposalOptions = {}): Promise<Uint8Array> {
    const submitted = await this.submitAsync(transactionName, options);
    await submitted.requireValid();
    return submitted.getResult();
  }

  submitTransaction(name: string, ...args: (string | Uint8Array)[]): Promise<Uint8Array> {
    return this.submit(name, { arguments: args });
  }

  /** Endorses and orders, and does not wait for the block. Throws EndorseError, SubmitError. */
  async submitAsync(
    transactionName: string,
    options: ProposalOptions = {},
  ): Promise<SubmittedTransaction> {
    const transaction = await this.newProposal(transactionName, options).endorse();
    return transaction.submit();
  }
}
