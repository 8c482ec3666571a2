// SPDX-License-Identifier: Apache-2.0
// Asks peers about one signed proposal (internal/pkg/gateway/{evaluate,endorse}.go): which first, whom next, and when it is
// enough. Transient data is shown to no other organisation's peers than those that may hold the collections it goes into.

import { withDeadline } from '../../common/runtime/deadline.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import { type Answer, agreeingGroups, fill, readResponse, refusalOf, resultOf } from './answers.ts';
import type { EndorsementPlan, Endorser } from './connection.ts';
import { EndorseError, type ErrorDetail } from './errors.ts';
import type { GatewaySession } from './gateway.ts';

/** What is asked. */
export interface RoundProposal {
  readonly channel: string;
  readonly chaincode: string;
  readonly txId: string;
  readonly proposalHash: Uint8Array;
  /** Serialized protos.SignedProposal. */
  readonly signed: Uint8Array;
  readonly hasTransientData: boolean;
  /** MSP ids that the caller names. */
  readonly endorsingOrganizations: readonly string[] | undefined;
}

/** With so many different results, a chaincode is not worth asking on. */
const MAX_DIFFERENT_RESULTS = 3;

/** To be used once. */
export class EndorsementRound {
  readonly #session: GatewaySession;
  readonly #proposal: RoundProposal;
  readonly #named: readonly string[] | undefined;
  // Whether the caller leaves it to the gateway to keep its transient data from strangers.
  readonly #isSecret: boolean;
  readonly #details: ErrorDetail[] = [];
  readonly #answers: Answer[] = [];
  /** Who was not asked yet. */
  readonly #left: Endorser[];

  constructor(session: GatewaySession, proposal: RoundProposal) {
    this.#session = session;
    this.#proposal = proposal;
    this.#named = proposal.endorsingOrganizations;
    this.#isSecret = !this.#named && proposal.hasTransientData;
    this.#left = this.#candidates();
  }

  /** The result at the first peer that gives one. Throws {@link EndorseError}. */
  async evaluate(): Promise<Uint8Array> {
    const allowed = this.#isSecret ? [this.#session.identity.mspId] : this.#named;
    const able = this.#left.filter(({ mspId }) => !allowed || allowed.includes(mspId));
    if (able.length === 0) throw this.#noEndorsers(this.#isSecret);
    const answer = await this.#firstAnswer(able);
    if (answer) return resultOf(answer);
    throw this.#failure('ENDORSEMENT_FAILED', 'no peer could evaluate the function');
  }

  /** Answers that agree and satisfy the policies. Throws {@link EndorseError}. */
  async collect(): Promise<[Answer, ...Answer[]]> {
    if (this.#left.length === 0) throw this.#noEndorsers();
    const plan = await this.#plan();
    let wave = this.#firstWave(plan);
    while (wave.length + this.#answers.length > 0) {
      const got = await Promise.all(wave.map((endorser) => this.#ask(endorser)));
      for (const answer of got) if (answer) this.#answers.push(answer);
      this.#refuseErrors();
      const groups = agreeingGroups(this.#answers);
      for (const group of groups) {
        const [first, ...rest] = group;
        if (first && (await this.#satisfied(group))) return [first, ...rest];
      }
      // The others may be behind with their ledgers.
      wave = groups.length < MAX_DIFFERENT_RESULTS ? this.#nextWave(plan) : [];
      if (wave.length === 0) break;
    }
    this.#requireAgreement();
    throw this.#tooFew(plan);
  }

  // Own peer, then the client's organisation, then others; the highest ledger first.
  #candidates(): Endorser[] {
    const { identity, connection } = this.#session;
    const { channel, chaincode } = this.#proposal;
    const rank = (e: Endorser): number => (e.own ? 0 : e.mspId === identity.mspId ? 1 : 2);
    return [...connection.endorsers(channel, chaincode)].sort(
      (a, b) => rank(a) - rank(b) || b.height - a.height,
    );
  }

  // When it matters what the transaction touches, or that nobody sees the proposal who must not, one of the client's own
  // organisation goes first (planFromFirstEndorser of endorse.go).
  async #plan(): Promise<EndorsementPlan> {
    if (this.#named) return { layouts: [this.#named], allowed: this.#named };
    const { identity, connection } = this.#session;
    const { channel, chaincode } = this.#proposal;
    const plan = await connection.endorsementPlan(channel, chaincode);
    if (!this.#isSecret && !plan.dependsOnInterest) return plan;
    const own = this.#left.filter(({ mspId }) => mspId === identity.mspId);
    if (own.length === 0 && this.#isSecret) throw this.#noEndorsers(true);
    if (own.length === 0) return plan;
    const first = await this.#firstAnswer(own);
    if (first) return this.#planFor(first);
    const text = 'failed to endorse transaction, see attached details for more info';
    throw this.#failure('ENDORSEMENT_FAILED', text);
  }

  async #planFor({ response }: Answer): Promise<EndorsementPlan> {
    const chaincodes = (response.interest?.chaincodes ?? []).map((call) => ({
      name: call.name ?? '',
      collectionNames: call.collection_names ?? [],
      noPrivateReads: call.no_private_reads ?? false,
    }));
    const interest = { chaincodes, hasTransientData: this.#isSecret };
    const { channel, chaincode } = this.#proposal;
    const plan = await this.#session.connection.endorsementPlan(channel, chaincode, interest);
    if (plan.problem === undefined) return plan;
    throw this.#failure('ENDORSEMENT_FAILED', plan.problem);
  }

  // One peer for each organisation of the cheapest layout that reachable peers can fill, less what there is already.
  #firstWave({ layouts, allowed }: EndorsementPlan): Endorser[] {
    const answers = this.#answers;
    for (const layout of layouts) {
      const missing = [...layout];
      for (const { endorser } of answers) {
        const index = missing.indexOf(endorser.mspId);
        if (index >= 0) missing.splice(index, 1);
      }
      const chosen = fill(missing, this.#left);
      if (chosen && chosen.length + answers.length > 0) return chosen;
    }
    return allowed || answers.length > 0 ? [] : this.#left.slice(0, 1);
  }

  // Someone of an organisation that has not endorsed yet; else anybody.
  #nextWave({ allowed }: EndorsementPlan): Endorser[] {
    const able = this.#left.filter(({ mspId }) => !allowed || allowed.includes(mspId));
    const have = new Set(this.#answers.map(({ endorser }) => endorser.mspId));
    const next = able.find(({ mspId }) => !have.has(mspId)) ?? able[0];
    return next ? [next] : [];
  }

  // Of these, in turn; undefined when all of them fail. Throws when the chaincode itself refuses.
  async #firstAnswer(endorsers: readonly Endorser[]): Promise<Answer | undefined> {
    for (const endorser of endorsers) {
      const answer = await this.#ask(endorser);
      if (!answer) continue;
      this.#answers.push(answer);
      this.#refuseErrors();
      return answer;
    }
    return undefined;
  }

  async #ask(endorser: Endorser): Promise<Answer | undefined> {
    const { name: address, mspId } = endorser;
    const { clock, endorseTimeoutMs } = this.#session;
    const { signed, proposalHash } = this.#proposal;
    this.#left.splice(this.#left.indexOf(endorser), 1);
    try {
      const bytes = await withDeadline(clock, endorseTimeoutMs, 'the endorsement', (signal) =>
        endorser.processProposal(signed, { signal }),
      );
      return { endorser, response: readResponse(bytes, proposalHash) };
    } catch (error) {
      this.#details.push({ address, mspId, message: messageOf(error) });
    }
    return undefined;
  }

  // A chaincode's own refusal will be the same at every peer: no use in asking on.
  #refuseErrors(): void {
    for (const answer of this.#answers) {
      const refusal = refusalOf(answer);
      if (refusal === undefined) continue;
      const { name: address, mspId } = answer.endorser;
      this.#details.push({ address, mspId, message: refusal });
      throw this.#failure('CHAINCODE_ERROR', refusal);
    }
  }

  // Whether these, who agree, are enough.
  async #satisfied(answers: readonly Answer[]): Promise<boolean> {
    if (this.#named) {
      return this.#named.every((mspId) => answers.some(({ endorser }) => endorser.mspId === mspId));
    }
    const endorsements = answers.flatMap(({ response }) => response.endorsement ?? []);
    const payload = answers[0]?.response.payload ?? new Uint8Array();
    const { channel, chaincode } = this.#proposal;
    return this.#session.connection.satisfiesPolicy(channel, chaincode, payload, endorsements);
  }

  #requireAgreement(): void {
    const [first = [], ...differing] = agreeingGroups(this.#answers);
    if (differing.length === 0) return;
    const details = this.#answers.map((answer) => ({
      address: answer.endorser.name,
      mspId: answer.endorser.mspId,
      message: first.includes(answer)
        ? 'endorsed'
        : `result differs from that of ${first[0]?.endorser.name}: other ledger height or non-deterministic chaincode`,
    }));
    throw this.#failure('ENDORSEMENT_MISMATCH', 'ProposalResponsePayloads do not match', details);
  }

  #tooFew({ layouts: [layout = []] }: EndorsementPlan): EndorseError {
    // Of the cheapest layout, those that nobody endorsed for and that were not even asked.
    const reachable = new Set(this.#candidates().map(({ mspId }) => mspId));
    const have = new Set(this.#answers.map(({ endorser }) => endorser.mspId));
    const missing = layout.filter((mspId) => !have.has(mspId) && !reachable.has(mspId));
    for (const mspId of missing) {
      const message = `no reachable peer of ${mspId} runs chaincode ${this.#proposal.chaincode}`;
      this.#details.push({ address: '', mspId, message });
    }
    const why = missing.length > 0 ? `: ${missing.join(', ')} missing` : '';
    const text = `failed to collect enough transaction endorsements${why}, see attached details for more info`;
    return this.#failure('ENDORSEMENT_FAILED', text);
  }

  #noEndorsers(secret = false): EndorseError {
    const { channel, chaincode } = this.#proposal;
    const what = `runs chaincode ${chaincode} on ${channel}`;
    const message = secret
      ? `no reachable peer of the client's organisation ${what}; name endorsing organisations to show them the transient data`
      : `no reachable peer ${what}`;
    return this.#failure('NO_ENDORSERS', message);
  }

  #failure(
    code: string,
    message: string,
    details: readonly ErrorDetail[] = this.#details,
  ): EndorseError {
    return new EndorseError(code, message, { transactionId: this.#proposal.txId, details });
  }
}
