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
import { messageOf } from '../../common/runtime/errors.ts';
import { type Answer, agreeingGroups, fill, readResponse, refusalOf, resultOf } from './answers.ts';
import type { Endorser } from './connection.ts';
import { withDeadline } from './deadline.ts';
import { EndorseError, type ErrorDetail } from './errors.ts';
import type { GatewaySession } from './gateway.ts';
import { Transaction } from './transaction.ts';

/** What goes into a proposal besides the function's name. */
export interface ProposalOptions {
  readonly arguments?: readonly (string | Uint8Array)[];
  /**
   * Private data for the chaincode; it does not become part of the transaction. An evaluation does not show it to other
   * organisations' peers, unless `endorsingOrganizations` names them.
   */
  readonly transientData?: Readonly<Record<string, string | Uint8Array>>;
  /** MSP ids that must endorse, or one of which must evaluate; chosen by the policy when absent. */
  readonly endorsingOrganizations?: readonly string[];
}

/** With so many different results, a chaincode is not worth asking on. */
const MAX_DIFFERENT_RESULTS = 3;

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
    const signed = await this.#sign();
    const evaluators = this.#evaluators();
    if (evaluators.length === 0) throw this.#noEndorsers();
    const details: ErrorDetail[] = [];
    for (const endorser of evaluators) {
      const answer = await this.#ask(endorser, signed, details);
      if (!answer) continue;
      this.#refuseErrors([answer], details);
      return resultOf(answer);
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
    const result = resultOf(answers[0]);
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

  #evaluators(): Endorser[] {
    const { endorsingOrganizations: named, transientData = {} } = this.#options;
    const secret = Object.keys(transientData).length > 0;
    const allowed = named ?? (secret ? [this.#session.identity.mspId] : undefined);
    return this.#candidates().filter(({ mspId }) => !allowed || allowed.includes(mspId));
  }

  // Until some agree who satisfy the policy; the others may be behind with their ledgers.
  async #collect(signed: Uint8Array): Promise<[Answer, ...Answer[]]> {
    const left = this.#candidates();
    if (left.length === 0) throw this.#noEndorsers();
    const details: ErrorDetail[] = [];
    const answers: Answer[] = [];
    for (let wave = this.#firstWave(left); wave.length > 0; wave = this.#nextWave(left, answers)) {
      for (const endorser of wave) left.splice(left.indexOf(endorser), 1);
      const got = await Promise.all(wave.map((endorser) => this.#ask(endorser, signed, details)));
      for (const answer of got) if (answer) answers.push(answer);
      this.#refuseErrors(answers, details);
      const groups = agreeingGroups(answers);
      for (const group of groups) {
        const [first, ...rest] = group;
        if (first && (await this.#satisfied(group))) return [first, ...rest];
      }
      if (groups.length >= MAX_DIFFERENT_RESULTS) break;
    }
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
      if (chosen?.length) return chosen;
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
    const { clock, endorseTimeoutMs } = this.#session;
    try {
      const bytes = await withDeadline(clock, endorseTimeoutMs, (signal) =>
        endorser.processProposal(signed, { signal }),
      );
      return { endorser, response: readResponse(bytes, this.#proposalHash) };
    } catch (error) {
      details.push({ address, mspId, message: messageOf(error) });
    }
    return undefined;
  }

  // A chaincode's own refusal will be the same at every peer: no use in asking on.
  #refuseErrors(answers: readonly Answer[], details: ErrorDetail[]): void {
    for (const answer of answers) {
      const refusal = refusalOf(answer);
      if (refusal === undefined) continue;
      const { name: address, mspId } = answer.endorser;
      details.push({ address, mspId, message: refusal });
      throw this.#failure('CHAINCODE_ERROR', refusal, details);
    }
  }

  // Whether these, who agree, are enough.
  async #satisfied(answers: readonly Answer[]): Promise<boolean> {
    const named = this.#options.endorsingOrganizations;
    if (named) {
      return named.every((mspId) => answers.some(({ endorser }) => endorser.mspId === mspId));
    }
    const endorsements = answers.flatMap(({ response }) => response.endorsement ?? []);
    const payload = answers[0]?.response.payload ?? new Uint8Array();
    const { connection } = this.#session;
    return connection.satisfiesPolicy(this.#channel, this.#chaincode, payload, endorsements);
  }

  #requireAgreement(answers: readonly Answer[]): void {
    const [first = [], ...differing] = agreeingGroups(answers);
    if (differing.length === 0) return;
    const details = answers.map((answer) => ({
      address: answer.endorser.name,
      mspId: answer.endorser.mspId,
      message: first.includes(answer)
        ? 'endorsed'
        : `result differs from that of ${first[0]?.endorser.name}: other ledger height or non-deterministic chaincode`,
    }));
    throw this.#failure('ENDORSEMENT_MISMATCH', 'ProposalResponsePayloads do not match', details);
  }

  #noEndorsers(): EndorseError {
    const message = `no reachable peer runs chaincode ${this.#chaincode} on ${this.#channel}`;
    return this.#failure('NO_ENDORSERS', message, []);
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
