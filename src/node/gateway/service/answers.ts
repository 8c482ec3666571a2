// SPDX-License-Identifier: Apache-2.0
// What endorsers answered, and what of it can be used (responseStatus of internal/pkg/gateway/apiutils.go, and endorsement.go).
import type { protos } from '../../../common/protos/index.ts';
import {
  unmarshalChaincodeAction,
  unmarshalProposalResponse,
  unmarshalProposalResponsePayload,
} from '../../../common/protoutil/index.ts';
import { equalBytes } from '../../../common/runtime/bytes.ts';
import type { Endorsed, Endorser } from './components.ts';

/** An endorsement, or the chaincode's own refusal. */
export interface Answer {
  readonly endorser: Endorser;
  readonly response: protos.ProposalResponse;
  /** What the chaincode returned, as it was endorsed. */
  readonly result: Uint8Array;
  /** Whether this endorsement alone satisfies the policies; undefined when that was not judged. */
  readonly enough: boolean | undefined;
}

/** From here on a status is an error. */
const ERROR_THRESHOLD = 400;

/** The answer in what an endorser sent. Throws an Error when the peer itself failed, or when it answers something else. */
export function readAnswer(
  endorser: Endorser,
  { response: bytes, enough }: Endorsed,
  proposalHash: Uint8Array,
): Answer {
  const response = unmarshalProposalResponse(bytes);
  const { status = 0, message = '' } = response.response ?? {};
  // A 500 without payload is the peer's own failure; anything else is the chaincode's answer.
  if (status < 200 || (status >= 500 && response.payload.length === 0)) {
    throw new Error(message || 'no response');
  }
  const answer = { endorser, response, enough: endorser.own ? enough : undefined };
  if (status >= ERROR_THRESHOLD) return { ...answer, result: new Uint8Array() };
  const { proposal_hash, extension } = unmarshalProposalResponsePayload(response.payload);
  if (!equalBytes(proposal_hash, proposalHash)) throw new Error('an answer to another proposal');
  const { response: returned } = unmarshalChaincodeAction(extension);
  return { ...answer, result: returned?.payload ?? new Uint8Array() };
}

/** The chaincode's refusal, if the answer is one. */
export function refusalOf({ response }: Answer): string | undefined {
  const { status = 0, message = '' } = response.response ?? {};
  return status < ERROR_THRESHOLD ? undefined : `chaincode response ${status}, ${message}`;
}

/** The answers by what was endorsed; whoever answered first is in the first group. */
export function agreeingGroups(answers: readonly Answer[]): [Answer, ...Answer[]][] {
  const groups: [Answer, ...Answer[]][] = [];
  for (const answer of answers) {
    const { payload } = answer.response;
    const group = groups.find(([first]) => equalBytes(first.response.payload, payload));
    if (group) group.push(answer);
    else groups.push([answer]);
  }
  return groups;
}

/** One endorser for each MSP id of the layout; undefined when some are missing. */
export function fill(
  layout: readonly string[],
  candidates: readonly Endorser[],
): Endorser[] | undefined {
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
