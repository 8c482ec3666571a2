// SPDX-License-Identifier: Apache-2.0
// Collects endorsements of a proposal until the policies of what it writes are satisfied, and makes them a transaction that only its
// client's signature lacks (internal/pkg/gateway/endorse.go). Transient data is shown to no other organisation's peers than those that
// may hold the collections it goes into.
//
// Fabric always asks a first peer and plans from its answer. Here the policy's cheapest layout is asked at once, unless collections or
// transient data make the plan depend on what the transaction touches.
import { gateway } from '../../../common/protos/index.ts';
import { assembleTxPayload } from '../../../common/protoutil/index.ts';
import { type ErrorDetail, GrpcStatus, ServiceError } from '../../../common/wire/service.ts';
import type { EndorsementPlan } from '../../discovery/index.ts';
import { type Answer, agreeingGroups, fill } from './answers.ts';
import type { Endorser, GatewayServiceComponents } from './components.ts';
import type { EndorsementPlans } from './endorsement-plans.ts';
import { EndorserCalls, type EndorserCallsContext } from './endorser-calls.ts';
import { type ProposedTransaction, proposedTransaction } from './proposed-transaction.ts';
import { decodeRequest } from './requests.ts';

export interface EndorseContext extends EndorserCallsContext {
  readonly components: GatewayServiceComponents;
  readonly plans: EndorsementPlans;
}

export interface EndorsedTransaction {
  /** Serialized gateway.EndorseResponse. */
  readonly response: Uint8Array;
  readonly endorsers: readonly Endorser[];
}

/** With so many different results, a chaincode is not worth asking on. */
const MAX_DIFFERENT_RESULTS = 3;

/** The proposal in a serialized gateway.EndorseRequest. Throws ServiceError INVALID_ARGUMENT. */
export function readEndorseRequest(request: Uint8Array): ProposedTransaction {
  const { proposed_transaction, endorsing_organizations } = decodeRequest(
    gateway.EndorseRequest,
    request,
  );
  return proposedTransaction(proposed_transaction, endorsing_organizations);
}

/** There could be enough endorsements but for a connection that broke: another attempt may succeed. */
export class EndorserLostError extends ServiceError {
  override readonly name: string = 'EndorserLostError';
}

/** Throws ServiceError. */
export async function endorse(
  context: EndorseContext,
  proposal: ProposedTransaction,
): Promise<EndorsedTransaction> {
  const answers = await new EndorsementRound(context, proposal).collect();
  const responses = answers.map(({ response }) => response);
  const payload = assembleTxPayload(proposal.header, proposal.payload, responses);
  const response = gateway.EndorseResponse.encode({ prepared_transaction: { payload } }).finish();
  return { response, endorsers: answers.map(({ endorser }) => endorser) };
}

/** To be used once. */
class EndorsementRound {
  readonly #context: EndorseContext;
  readonly #proposal: ProposedTransaction;
  readonly #named: readonly string[] | undefined;
  // Whether the client leaves it to the gateway to keep its transient data from strangers.
  readonly #isSecret: boolean;
  readonly #calls: EndorserCalls;

  constructor(context: EndorseContext, proposal: ProposedTransaction) {
    this.#context = context;
    this.#proposal = proposal;
    this.#named = proposal.organizations;
    this.#isSecret = !this.#named && proposal.hasTransientData;
    this.#calls = new EndorserCalls(context, proposal);
  }

  /** Answers that agree and satisfy the policies. */
  async collect(): Promise<readonly Answer[]> {
    const { answers, left } = this.#calls;
    if (left.length === 0) throw this.#calls.noEndorsers(false);
    const plan = await this.#plan();
    let wave = this.#firstWave(plan);
    while (wave.length + answers.length > 0) {
      await this.#calls.askAll(wave, mayBeOne(plan), this.#refused);
      const groups = agreeingGroups(answers);
      for (const group of groups) if (await this.#satisfied(group)) return group;
      // The others may be behind with their ledgers.
      wave = groups.length < MAX_DIFFERENT_RESULTS ? this.#nextWave(plan) : [];
      if (wave.length === 0) break;
    }
    this.#requireAgreement();
    throw this.#tooFew(plan);
  }

  // When it matters what the transaction touches, or that nobody sees the proposal who must not, one of the gateway's own
  // organisation goes first (planFromFirstEndorser).
  async #plan(): Promise<EndorsementPlan> {
    if (this.#named) return { layouts: [this.#named], allowed: this.#named };
    const { components, plans } = this.#context;
    const { channel, chaincode } = this.#proposal;
    const plan = await plans.plan(channel, chaincode);
    if (!this.#isSecret && !plan.dependsOnInterest) return plan;
    const own = this.#calls.leftOf([components.mspId]);
    if (own.length === 0 && this.#isSecret) throw this.#calls.noEndorsers(true);
    if (own.length === 0) return plan;
    const first = await this.#calls.askFirst(own, mayBeOne(plan), this.#refused);
    if (first) return this.#planFor(first);
    throw this.#refused();
  }

  async #planFor({ response }: Answer): Promise<EndorsementPlan> {
    const chaincodes = (response.interest?.chaincodes ?? []).map((call) => ({
      name: call.name ?? '',
      collectionNames: call.collection_names ?? [],
      noPrivateReads: call.no_private_reads ?? false,
    }));
    const interest = { chaincodes, hasTransientData: this.#isSecret };
    const { channel, chaincode } = this.#proposal;
    const plan = await this.#context.plans.plan(channel, chaincode, interest);
    if (plan.problem === undefined) return plan;
    throw this.#failure(GrpcStatus.FAILED_PRECONDITION, plan.problem);
  }

  // One peer for each organisation of the cheapest layout that reachable peers can fill, less what there is already.
  #firstWave({ layouts, allowed }: EndorsementPlan): Endorser[] {
    const { answers, left } = this.#calls;
    for (const layout of layouts) {
      const missing = [...layout];
      for (const { endorser } of answers) {
        const index = missing.indexOf(endorser.mspId);
        if (index >= 0) missing.splice(index, 1);
      }
      const chosen = fill(missing, left);
      if (chosen && chosen.length + answers.length > 0) return chosen;
    }
    return allowed || answers.length > 0 ? [] : left.slice(0, 1);
  }

  // Someone of an organisation that has not endorsed yet; else anybody.
  #nextWave({ allowed }: EndorsementPlan): Endorser[] {
    const able = this.#calls.leftOf(allowed);
    const have = new Set(this.#calls.answers.map(({ endorser }) => endorser.mspId));
    const next = able.find(({ mspId }) => !have.has(mspId)) ?? able[0];
    return next ? [next] : [];
  }

  // Whether these, who agree, are enough.
  async #satisfied(answers: readonly [Answer, ...Answer[]]): Promise<boolean> {
    if (this.#named) {
      return this.#named.every((mspId) => answers.some(({ endorser }) => endorser.mspId === mspId));
    }
    const [{ response, enough }, ...others] = answers;
    if (others.length === 0 && enough !== undefined) return enough;
    const endorsements = answers.flatMap((answer) => answer.response.endorsement ?? []);
    const { components } = this.#context;
    return components.satisfiesPolicy(this.#proposal.channel, response.payload, endorsements);
  }

  #requireAgreement(): void {
    const { answers } = this.#calls;
    const [first, ...differing] = agreeingGroups(answers);
    if (!first || differing.length === 0) return;
    const details = answers.map((answer) => ({
      address: answer.endorser.name,
      mspId: answer.endorser.mspId,
      message: first.includes(answer)
        ? 'endorsed'
        : `result differs from that of ${first[0].endorser.name}: other ledger height or non-deterministic chaincode`,
    }));
    throw this.#failure(GrpcStatus.ABORTED, 'ProposalResponsePayloads do not match', details);
  }

  #tooFew({ layouts: [layout = []] }: EndorsementPlan): ServiceError {
    const { answers, candidates, details } = this.#calls;
    // Of the cheapest layout, those that nobody endorsed for and that were not even asked.
    const reachable = new Set(candidates.map(({ mspId }) => mspId));
    const have = new Set(answers.map(({ endorser }) => endorser.mspId));
    const missing = layout.filter((mspId) => !have.has(mspId) && !reachable.has(mspId));
    for (const mspId of missing) {
      const message = `no reachable peer of ${mspId} runs chaincode ${this.#proposal.chaincode}`;
      details.push({ address: '', mspId, message });
    }
    const why = missing.length > 0 ? `: ${missing.join(', ')} missing` : '';
    const text = `failed to collect enough transaction endorsements${why}, see attached details for more info`;
    return this.#calls.isLost
      ? new EndorserLostError(GrpcStatus.ABORTED, text, { details })
      : this.#failure(GrpcStatus.ABORTED, text);
  }

  readonly #refused = (): ServiceError =>
    this.#failure(
      GrpcStatus.ABORTED,
      'failed to endorse transaction, see attached details for more info',
    );

  #failure(
    status: ServiceError['status'],
    message: string,
    details: readonly ErrorDetail[] = this.#calls.details,
  ): ServiceError {
    return new ServiceError(status, message, { details });
  }
}

// Whether one endorsement can be enough, so that it is worth judging where it is made.
function mayBeOne({ layouts }: EndorsementPlan): boolean {
  return layouts.length === 0 || layouts.some(({ length }) => length === 1);
}
