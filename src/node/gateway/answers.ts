// SPDX-License-Identifier: Apache-2.0
// What endorsers answered, and what of it can be used (internal/pkg/gateway/endorse.go and endorsement.go).
import type { protos } from '../../common/protos/index.ts';
import {
  unmarshalChaincodeAction,
  unmarshalProposalResponse,
  unmarshalProposalResponsePayload,
} from '../../common/protoutil/index.ts';
import { equalBytes } from '../../common/runtime/bytes.ts';
import type { Endorser } from './connection.ts';

/** An endorsement, or the chaincode's own refusal. */
export interface Answer {
  readonly endorser: Endorser;
  readonly response: protos.ProposalResponse;
}

/** From here on a status is an error. */
const ERROR_THRESHOLD = 400;

/** The response in these bytes. Throws an Error when the peer itself failed, or when it answers something else. */
export function readResponse(bytes: Uint8Array, proposalHash: Uint8Array): protos.ProposalResponse {
  const answer = unmarshalProposalResponse(bytes);
  const { status = 0, message = '' } = answer.response ?? {};
  // A 500 without payload is the peer's own failure; anything else is the chaincode's answer.
  if (status < 200 || (status >= 500 && answer.payload.length === 0)) {
    throw new Error(message || 'no response');
  }
  if (status >= ERROR_THRESHOLD) return answer;
  const { proposal_hash, extension } = unmarshalProposalResponsePayload(answer.payload);
  if (!equalBytes(proposal_hash, proposalHash)) throw new Error('an answer to another proposal');
  unmarshalChaincodeAction(extension);
  return answer;
}

/** The chaincode's refusal, if the answer is one. */
export function refusalOf({ response }: Answer): string | undefined {
  const { status = 0, message = '' } = response.response ?? {};
  return status < ERROR_THRESHOLD ? undefined : `chaincode response ${status}, ${message}`;
}

/** What the chaincode returned, as it was endorsed. */
export function resultOf({ response }: Answer): Uint8Array {
  const { extension } = unmarshalProposalResponsePayload(response.payload);
  return unmarshalChaincodeAction(extension).response?.payload ?? new Uint8Array();
}

/** The answers by what was endorsed; whoever answered first is in the first group. */
export function agreeingGroups(answers: readonly Answer[]): Answer[][] {
  const groups: Answer[][] = [];
  for (const answer of answers) {
    const { payload } = answer.response;
    const group = groups.find(([first]) => first && equalBytes(first.response.payload, payload));
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
