// SPDX-License-Identifier: Apache-2.0
// The four stages of a transaction as four types, with the names of @hyperledger/fabric-gateway: Proposal -> Transaction
// -> SubmittedTransaction -> Status. What Fabric's gateway service does at a peer (internal/pkg/gateway/endorse.go) happens
// here, in the client's own tab.
import { protos } from '../../common/protos/index.ts';
import {
  createChaincodeProposal,
  createTxPayload,
  getProposalHash1,
  unmarshalHeader,
} from '../../common/protoutil/index.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { resultOf } from './answers.ts';
import { EndorsementRound } from './endorsement-round.ts';
import type { GatewaySession } from './gateway.ts';
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
}

/** A signed invitation to run a chaincode function. */
export class Proposal {
  readonly #session: GatewaySession;
  readonly #channel: string;
  readonly #chaincode: string;
  readonly #options: ProposalOptions;
  readonly #proposal: protos.Proposal;
  readonly #proposalHash: Uint8Array;
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
    this.#chaincode = chaincode;
    this.#options = options;
    this.#began = session.clock.now();
    const { proposal, txId } = createChaincodeProposal(
      {
        channelId: channel,
        spec: invocation(chaincode, transactionName, options.arguments ?? []),
        creator: session.identity.serialize(),
        transientMap: bytesOf(options.transientData ?? {}),
      },
      { now: this.#began, nonce: session.randomBytes(24) },
    );
    this.#proposal = proposal;
    this.#proposalHash = getProposalHash1(unmarshalHeader(proposal.header), proposal.payload);
    this.#txId = txId;
  }

  getBytes(): Uint8Array {
    return protos.Proposal.encode(this.#proposal).finish();
  }

  getTransactionId(): string {
    return this.#txId;
  }

  /** Runs the function at one peer, the client's own first, and gives its result. Throws {@link EndorseError}. */
  async evaluate(): Promise<Uint8Array> {
    return (await this.#round()).evaluate();
  }

  /** Collects endorsements until the policies of what it writes are satisfied. Throws {@link EndorseError}. */
  async endorse(): Promise<Transaction> {
    const round = await this.#round();
    this.#trace('propose', this.#began);
    const began = this.#session.clock.now();
    const answers = await round.collect();
    const responses = answers.map(({ response }) => response);
    const payload = createTxPayload(this.#proposal, responses);
    this.#trace('endorse', began, { endorsers: answers.map(({ endorser }) => endorser.name) });
    const result = resultOf(answers[0]);
    return new Transaction(this.#session, this.#channel, this.#txId, payload, result);
  }

  async #round(): Promise<EndorsementRound> {
    const proposal_bytes = this.getBytes();
    const signature = await this.#session.identity.sign(proposal_bytes);
    const { transientData = {}, endorsingOrganizations } = this.#options;
    return new EndorsementRound(this.#session, {
      channel: this.#channel,
      chaincode: this.#chaincode,
      txId: this.#txId,
      proposalHash: this.#proposalHash,
      signed: protos.SignedProposal.encode({ proposal_bytes, signature }).finish(),
      hasTransientData: Object.keys(transientData).length > 0,
      endorsingOrganizations,
    });
  }

  #trace(stage: 'propose' | 'endorse', began: number, data?: Record<string, unknown>): void {
    this.#session.traceStage(stage, this.#channel, this.#txId, began, data && { data });
  }
}

function invocation(
  chaincode: string,
  transactionName: string,
  args: readonly (string | Uint8Array)[],
): protos.IChaincodeInvocationSpec {
  return {
    chaincode_spec: {
      type: protos.ChaincodeSpec.Type.NODE,
      chaincode_id: { name: chaincode },
      input: { args: [transactionName, ...args].map(toBytes) },
    },
  };
}

function toBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? utf8(value) : value;
}

function bytesOf(data: Readonly<Record<string, string | Uint8Array>>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, toBytes(value)]));
}
