// SPDX-License-Identifier: Apache-2.0
// The four stages of a transaction as four types, with the names of @hyperledger/fabric-gateway: Proposal -> Transaction
// -> SubmittedTransaction -> Status. What Fabric's gateway service does at a peer (internal/pkg/gateway/endorse.go) happens
// here, in the client's own tab.
import { protos } from '../../common/protos/index.ts';
import {
  createChaincodeProposal,
  createTxPayload,
  unmarshalChaincodeAction,
  unmarshalProposalResponse,
  unmarshalProposalResponsePayload,
} from '../../common/protoutil/index.ts';
import { equalBytes, utf8 } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import type { Endorser } from './connection.ts';
import { EndorseError, type ErrorDetail } from './errors.ts';
import type { GatewaySession } from './gateway.ts';
import { Transaction } from './transaction.ts';

/** What goes into a proposal besides the function's name. */
export interface ProposalOptions {
  readonly arguments?: readonly (string | Uint8Array)[];
  /** Private data for the chaincode; it does not become part of the transaction. */
  readonly transientData?: Readonly<Record<string, string | Uint8Array>>;
  /** MSP ids that must endorse; chosen by the policy when absent. */
  readonly endorsingOrganizations?: readonly string[];
}

interface Answer {
  readonly endorser: Endorser;
  readonly response: protos.ProposalResponse;
}

/** A signed invitation to run a chaincode function. */
export class Proposal {
  readonly #session: GatewaySession;
  readonly #channel: string;
  readonly #chaincode: string;
  readonly #options: ProposalOptions;
  readonly #proposal: protos.Proposal;
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
    const signed = await this.#sign();
    const [own, ...others] = this.#candidates();
    if (!own) throw this.#noEndorsers([]);
    const details: ErrorDetail[] = [];
    for (const endorser of [own, ...others]) {
      const answer = await this.#ask(endorser, signed, details);
      if (answer) return this.#resultOf(answer, details);
    }
    throw this.#failure('ENDORSEMENT_FAILED', 'no peer could evaluate the function', details);
  }

  /** Collects endorsements until the chaincode's policy is satisfied. Throws {@link EndorseError}. */
  async endorse(): Promise<Transaction> {
    const signed = await this.#sign();
    this.#trace('propose', this.#began);
    const began = this.#session.clock.now();
    const answers = await this.#collect(signed);
    const responses = answers.map(({ response }) => response);
    const payload = createTxPayload(this.#proposal, responses);
    this.#trace('endorse', began, { endorsers: answers.map(({ endorser }) => endorser.name) });
    const result = chaincodeResult(responses[0]);
    return new Transaction(this.#session, this.#channel, this.#txId, payload, result);
  }

  async #sign(): Promise<Uint8Array> {
    const proposal_bytes = this.getBytes();
    const signature = await this.#session.identity.sign(proposal_bytes);
    return protos.SignedProposal.encode({ proposal_bytes, signature }).finish();
  }

  // Own peer, then the client's organisation, then others; the highest ledger first.
  #candidates(): Endorser[] {
    const { mspId } = this.#session.identity;
    const rank = (e: Endorser): number => (e.own ? 0 : e.mspId === mspId ? 1 : 2);
    return [...this.#session.connection.endorsers(this.#channel, this.#chaincode)].sort(
      (a, b) => rank(a) - rank(b) || b.height - a.height,
    );
  }

  async #collect(signed: Uint8Array): Promise<Answer[]> {
    const left = this.#candidates();
    const details: ErrorDetail[] = [];
    const answers: Answer[] = [];
    for (let wave = this.#firstWave(left); wave.length > 0; wave = this.#nextWave(left, answers)) {
      for (const endorser of wave) left.splice(left.indexOf(endorser), 1);
      const got = await Promise.all(wave.map((endorser) => this.#ask(endorser, signed, details)));
      for (const answer of got) if (answer) answers.push(answer);
      this.#refuseErrors(answers, details);
      if (await this.#satisfied(answers)) return this.#requireAgreement(answers);
    }
    if (answers.length === 0 && details.length === 0) throw this.#noEndorsers(details);
    this.#requireAgreement(answers);
    const missing = this.#missingOrganisations(answers);
    for (const mspId of missing) {
      const message = `no reachable peer of ${mspId} runs chaincode ${this.#chaincode}`;
      details.push({ address: '', mspId, message });
    }
    const why = missing.length > 0 ? `: ${missing.join(', ')} missing` : '';
    throw this.#failure(
      'ENDORSEMENT_FAILED',
      `failed to collect enough transaction endorsements${why}, see attached details for more info`,
      details,
    );
  }

  // Of the cheapest layout, those that nobody endorsed for and that were not even asked.
  #missingOrganisations(answers: readonly Answer[]): string[] {
    const [layout = []] = this.#layouts();
    const reachable = new Set(this.#candidates().map(({ mspId }) => mspId));
    const have = new Set(answers.map(({ endorser }) => endorser.mspId));
    return layout.filter((mspId) => !have.has(mspId) && !reachable.has(mspId));
  }

  #layouts(): readonly (readonly string[])[] {
    const named = this.#options.endorsingOrganizations;
    return named
      ? [named]
      : this.#session.connection.endorsementPlan(this.#channel, this.#chaincode);
  }

  // One peer for each organisation of the cheapest layout that reachable peers can fill.
  #firstWave(candidates: readonly Endorser[]): Endorser[] {
    const { identity } = this.#session;
    const named = this.#options.endorsingOrganizations;
    for (const layout of this.#layouts()) {
      const chosen = fill(layout, candidates);
      if (chosen) return chosen;
    }
    const own = candidates.find(({ mspId }) => mspId === identity.mspId) ?? candidates[0];
    return own && !named ? [own] : [];
  }

  // Someone of an organisation that has not endorsed yet; else anybody.
  #nextWave(left: readonly Endorser[], answers: readonly Answer[]): Endorser[] {
    const named = this.#options.endorsingOrganizations;
    const allowed = left.filter(({ mspId }) => !named || named.includes(mspId));
    const have = new Set(answers.map(({ endorser }) => endorser.mspId));
    const next = allowed.find(({ mspId }) => !have.has(mspId)) ?? allowed[0];
    return next ? [next] : [];
  }

  async #ask(
    endorser: Endorser,
    signed: Uint8Array,
    details: ErrorDetail[],
  ): Promise<Answer | undefined> {
    const { name: address, mspId } = endorser;
    try {
      const signal = AbortSignal.timeout(this.#session.endorseTimeoutMs);
      const response = unmarshalProposalResponse(
        await endorser.processProposal(signed, { signal }),
      );
      if (endorsedOrAnswered(response)) return { endorser, response };
      details.push({ address, mspId, message: response.response?.message ?? 'no response' });
    } catch (error) {
      details.push({ address, mspId, message: messageOf(error) });
    }
    return undefined;
  }

  // A chaincode's own refusal will be the same at every peer: no use in asking on.
  #refuseErrors(answers: readonly Answer[], details: ErrorDetail[]): void {
    for (const { endorser, response } of answers) {
      const { status = 500, message = '' } = response.response ?? {};
      if (status < 400) continue;
      const text = `chaincode response ${status}, ${message}`;
      details.push({ address: endorser.name, mspId: endorser.mspId, message: text });
      throw this.#failure('CHAINCODE_ERROR', text, details);
    }
  }

  async #satisfied(answers: readonly Answer[]): Promise<boolean> {
    const [first] = answers;
    if (!first) return false;
    const named = this.#options.endorsingOrganizations;
    if (named) {
      return named.every((mspId) => answers.some(({ endorser }) => endorser.mspId === mspId));
    }
    const { payload } = first.response;
    const agreeing = answers.filter(({ response }) => equalBytes(response.payload, payload));
    const endorsements = agreeing.flatMap(({ response }) =>
      response.endorsement ? [response.endorsement] : [],
    );
    const { connection } = this.#session;
    return connection.satisfiesPolicy(this.#channel, this.#chaincode, payload, endorsements);
  }

  #requireAgreement(answers: Answer[]): Answer[] {
    const [first, ...rest] = answers;
    const differing = rest.filter(
      ({ response }) => !equalBytes(response.payload, first?.response.payload ?? response.payload),
    );
    if (differing.length === 0) return answers;
    const details = answers.map(({ endorser, response }) => ({
      address: endorser.name,
      mspId: endorser.mspId,
      message: differing.some((other) => other.response === response)
        ? `result differs from that of ${first?.endorser.name}: other ledger height or non-deterministic chaincode`
        : 'endorsed',
    }));
    throw this.#failure('ENDORSEMENT_MISMATCH', 'ProposalResponsePayloads do not match', details);
  }

  #resultOf({ endorser, response }: Answer, details: ErrorDetail[]): Uint8Array {
    this.#refuseErrors([{ endorser, response }], details);
    return response.response?.payload ?? new Uint8Array();
  }

  #noEndorsers(details: readonly ErrorDetail[]): EndorseError {
    const message = `no reachable peer runs chaincode ${this.#chaincode} on ${this.#channel}`;
    return this.#failure('NO_ENDORSERS', message, details);
  }

  #failure(code: string, message: string, details: readonly ErrorDetail[]): EndorseError {
    return new EndorseError(code, message, { transactionId: this.#txId, details });
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

// A 500 without payload is the peer's own failure; anything else is the chaincode's answer.
function endorsedOrAnswered(response: protos.ProposalResponse): boolean {
  const status = response.response?.status ?? 0;
  return status > 0 && (status < 500 || response.payload.length > 0);
}

function chaincodeResult(response: protos.ProposalResponse | undefined): Uint8Array {
  const { extension } = unmarshalProposalResponsePayload(response?.payload ?? new Uint8Array());
  return unmarshalChaincodeAction(extension).response?.payload ?? new Uint8Array();
}

function fill(layout: readonly string[], candidates: readonly Endorser[]): Endorser[] | undefined {
  const left = [...candidates];
  const chosen: Endorser[] = [];
  for (const mspId of layout) {
    const index = left.findIndex((endorser) => endorser.mspId === mspId);
    const [endorser] = index < 0 ? [] : left.splice(index, 1);
    if (!endorser) return undefined;
    chosen.push(endorser);
  }
  return chosen;
}
