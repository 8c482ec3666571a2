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
import type { EndorsementPlan, Endorser } from './connection.ts';
import { withDeadline } from './deadline.ts';
import { EndorseError, type ErrorDetail } from './errors.ts';
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
    if (evaluators.length === 0) throw this.#noEndorsers(this.#isSecret);
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

  // Whether the client leaves it to the gateway to keep its transient data from strangers.
  get #isSecret(): boolean {
    const { endorsingOrganizations: named, transientData = {} } = this.#options;
    return !named && Object.keys(transientData).length > 0;
  }

  #evaluators(): Endorser[] {
    const { endorsingOrganizations: named } = this.#options;
    const allowed = this.#isSecret ? [this.#session.identity.mspId] : named;
    return this.#candidates().filter(({ mspId }) => !allowed || allowed.includes(mspId));
  }

  // Until some agree who satisfy the policies; the others may be behind with their ledgers.
  async #collect(signed: Uint8Array): Promise<[Answer, ...Answer[]]> {
    const left = this.#candidates();
    if (left.length === 0) throw this.#noEndorsers();
    const details: ErrorDetail[] = [];
    const answers: Answer[] = [];
    const plan = await this.#planAfterFirst(left, signed, answers, details);
    let wave = this.#firstWave(plan, left, answers);
    while (wave.length + answers.length > 0) {
      for (const endorser of wave) left.splice(left.indexOf(endorser), 1);
      const got = await Promise.all(wave.map((endorser) => this.#ask(endorser, signed, details)));
      for (const answer of got) if (answer) answers.push(answer);
      this.#refuseErrors(answers, details);
      const groups = agreeingGroups(answers);
      for (const group of groups) {
        const [first, ...rest] = group;
        if (first && (await this.#satisfied(group))) return [first, ...rest];
      }
      wave = groups.length < MAX_DIFFERENT_RESULTS ? this.#nextWave(plan, left, answers) : [];
      if (wave.length === 0) break;
    }
    this.#requireAgreement(answers);
    throw this.#tooFew(plan, answers, details);
  }

  // When it matters what the transaction touches, or that nobody sees the proposal who must not, one of the client's own
  // organisation goes first (planFromFirstEndorser of endorse.go).
  async #planAfterFirst(
    left: Endorser[],
    signed: Uint8Array,
    answers: Answer[],
    details: ErrorDetail[],
  ): Promise<EndorsementPlan> {
    const { identity, connection } = this.#session;
    const named = this.#options.endorsingOrganizations;
    if (named) return { layouts: [named], allowed: named };
    const plan = await connection.endorsementPlan(this.#channel, this.#chaincode);
    if (!this.#isSecret && !plan.dependsOnInterest) return plan;
    const own = left.filter(({ mspId }) => mspId === identity.mspId);
    if (own.length === 0 && this.#isSecret) throw this.#noEndorsers(true);
    for (const endorser of own) {
      left.splice(left.indexOf(endorser), 1);
      const answer = await this.#ask(endorser, signed, details);
      if (!answer) continue;
      answers.push(answer);
      this.#refuseErrors(answers, details);
      return this.#planFor(answer, details);
    }
    if (own.length === 0) return plan;
    const text = 'failed to endorse transaction, see attached details for more info';
    throw this.#failure('ENDORSEMENT_FAILED', text, details);
  }

  async #planFor({ response }: Answer, details: ErrorDetail[]): Promise<EndorsementPlan> {
    const chaincodes = (response.interest?.chaincodes ?? []).map((call) => ({
      name: call.name ?? '',
      collectionNames: call.collection_names ?? [],
      noPrivateReads: call.no_private_reads ?? false,
    }));
    const interest = { chaincodes, hasTransientData: this.#isSecret };
    const { connection } = this.#session;
    const plan = await connection.endorsementPlan(this.#channel, this.#chaincode, interest);
    if (plan.problem === undefined) return plan;
    throw this.#failure('ENDORSEMENT_FAILED', plan.problem, details);
  }

  #tooFew(
    { layouts: [layout = []] }: EndorsementPlan,
    answers: readonly Answer[],
    details: ErrorDetail[],
  ): EndorseError {
    // Of the cheapest layout, those that nobody endorsed for and that were not even asked.
    const reachable = new Set(this.#candidates().map(({ mspId }) => mspId));
    const have = new Set(answers.map(({ endorser }) => endorser.mspId));
    const missing = layout.filter((mspId) => !have.has(mspId) && !reachable.has(mspId));
    for (const mspId of missing) {
      const message = `no reachable peer of ${mspId} runs chaincode ${this.#chaincode}`;
      details.push({ address: '', mspId, message });
    }
    const why = missing.length > 0 ? `: ${missing.join(', ')} missing` : '';
    const text = `failed to collect enough transaction endorsements${why}, see attached details for more info`;
    return this.#failure('ENDORSEMENT_FAILED', text, details);
  }

  // One peer for each organisation of the cheapest layout that reachable peers can fill, less what there is already.
  #firstWave(
    { layouts, allowed }: EndorsementPlan,
    candidates: readonly Endorser[],
    answers: readonly Answer[],
  ): Endorser[] {
    const { mspId } = this.#session.identity;
    for (const layout of layouts) {
      const missing = [...layout];
      for (const { endorser } of answers) {
        const index = missing.indexOf(endorser.mspId);
        if (index >= 0) missing.splice(index, 1);
      }
      const chosen = fill(missing, candidates);
      if (chosen && chosen.length + answers.length > 0) return chosen;
    }
    if (allowed || answers.length > 0) return [];
    const first = candidates.find((candidate) => candidate.mspId === mspId) ?? candidates[0];
    return first ? [first] : [];
  }

  // Someone of an organisation that has not endorsed yet; else anybody.
  #nextWave(
    { allowed }: EndorsementPlan,
    left: readonly Endorser[],
    answers: readonly Answer[],
  ): Endorser[] {
    const able = left.filter(({ mspId }) => !allowed || allowed.includes(mspId));
    const have = new Set(answers.map(({ endorser }) => endorser.mspId));
    const next = able.find(({ mspId }) => !have.has(mspId)) ?? able[0];
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

  #noEndorsers(secret = false): EndorseError {
    const message = secret
      ? `no reachable peer of the client's organisation runs chaincode ${this.#chaincode} on ${this.#channel}; name endorsing organisations to show them the transient data`
      : `no reachable peer runs chaincode ${this.#chaincode} on ${this.#channel}`;
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
