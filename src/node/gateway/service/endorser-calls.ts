// SPDX-License-Identifier: Apache-2.0
// The peers that can be asked about one proposal, and what came of asking them. To be used once.
import { withDeadline } from '../../../common/runtime/deadline.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import { type ErrorDetail, GrpcStatus, ServiceError } from '../../../common/wire/service.ts';
import { type Answer, readAnswer, refusalOf } from './answers.ts';
import type { Endorser, GatewayServiceComponents, GatewayServiceOptions } from './components.ts';
import type { ProposedTransaction } from './proposed-transaction.ts';

export interface EndorserCallsContext {
  readonly components: Pick<GatewayServiceComponents, 'mspId' | 'endorsers' | 'clock'>;
  readonly options: Pick<GatewayServiceOptions, 'endorsementTimeoutMs' | 'endorserWaitMs'>;
  readonly signal: AbortSignal;
}

export class EndorserCalls {
  /** Endorsements; a refusal ends the call. */
  readonly answers: Answer[] = [];
  readonly details: ErrorDetail[] = [];
  /** Whether a connection broke under a call: the peer may answer over another one. */
  isLost = false;
  /** All of them: this node's peer, then its organisation, then others; the highest ledger first. */
  readonly candidates: readonly Endorser[];
  /** Who was not asked yet. */
  readonly left: Endorser[];
  readonly #context: EndorserCallsContext;
  readonly #proposal: ProposedTransaction;

  constructor(context: EndorserCallsContext, proposal: ProposedTransaction) {
    this.#context = context;
    this.#proposal = proposal;
    const { components } = context;
    const rank = (e: Endorser): number => (e.own ? 0 : e.mspId === components.mspId ? 1 : 2);
    this.candidates = [...components.endorsers(proposal.channel, proposal.chaincode)].sort(
      (a, b) => rank(a) - rank(b) || b.height - a.height,
    );
    this.left = [...this.candidates];
  }

  /** Who was not asked yet, of certain organisations if they are given. */
  leftOf(organizations: readonly string[] | undefined): Endorser[] {
    return this.left.filter(({ mspId }) => !organizations || organizations.includes(mspId));
  }

  /** At once. Throws what `refused` makes of a chaincode's own refusal, which will be the same at every peer. */
  async askAll(
    endorsers: readonly Endorser[],
    judged: boolean,
    refused: (refusal: string) => ServiceError,
  ): Promise<void> {
    const got = await Promise.all(endorsers.map((endorser) => this.#ask(endorser, judged)));
    this.#context.signal.throwIfAborted();
    for (const answer of got) {
      if (!answer) continue;
      const refusal = refusalOf(answer);
      if (refusal !== undefined) {
        this.#note(answer.endorser, refusal);
        throw refused(refusal);
      }
      this.answers.push(answer);
    }
  }

  /** In turn, until there is an answer. Throws as `askAll` does. */
  async askFirst(
    endorsers: readonly Endorser[],
    judged: boolean,
    refused: (refusal: string) => ServiceError,
  ): Promise<Answer | undefined> {
    for (const endorser of endorsers) {
      await this.askAll([endorser], judged, refused);
      const [answer] = this.answers;
      if (answer) return answer;
    }
    return undefined;
  }

  /** @param secret whether others could have been asked but for the transient data. */
  noEndorsers(secret: boolean): ServiceError {
    const { channel, chaincode } = this.#proposal;
    const what = `runs chaincode ${chaincode} on ${channel}`;
    return new ServiceError(
      GrpcStatus.FAILED_PRECONDITION,
      secret
        ? `no reachable peer of the client's organisation ${what}; name endorsing organisations to show them the transient data`
        : `no reachable peer ${what}`,
    );
  }

  async #ask(endorser: Endorser, judged: boolean): Promise<Answer | undefined> {
    const { components, options, signal } = this.#context;
    const { signed, proposalHash } = this.#proposal;
    this.left.splice(this.left.indexOf(endorser), 1);
    try {
      const endorsed = await withDeadline(
        components.clock,
        options.endorsementTimeoutMs,
        'the endorsement',
        (limit) =>
          endorser.processProposal(signed, { signal: limit, judged: judged && endorser.own }),
        { signal },
      );
      return readAnswer(endorser, endorsed, proposalHash);
    } catch (error) {
      if (isConnectionFailure(error)) this.isLost = true;
      this.#note(endorser, messageOf(error));
    }
    return undefined;
  }

  #note({ name: address, mspId }: Endorser, message: string): void {
    this.details.push({ address, mspId, message });
  }
}

// What the peer itself says comes with another status, or as an answer. A stream that was reset counts as cancelled.
function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof ServiceError)) return false;
  return error.status === GrpcStatus.UNAVAILABLE || error.status === GrpcStatus.CANCELLED;
}
