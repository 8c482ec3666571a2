// SPDX-License-Identifier: Apache-2.0
// Runs a function at the first peer that can, and keeps nothing (internal/pkg/gateway/evaluate.go). Transient data is shown to no other
// organisation's peers, unless the client names them.
import { gateway } from '../../../common/protos/index.ts';
import { GrpcStatus, ServiceError } from '../../../common/wire/service.ts';
import { EndorserCalls, type EndorserCallsContext } from './endorser-calls.ts';
import { proposedTransaction } from './proposed-transaction.ts';
import { decodeRequest } from './requests.ts';

/** Serialized gateway.EvaluateRequest in, serialized gateway.EvaluateResponse out. Throws ServiceError. */
export async function evaluate(
  context: EndorserCallsContext,
  request: Uint8Array,
): Promise<Uint8Array> {
  const { proposed_transaction, target_organizations } = decodeRequest(
    gateway.EvaluateRequest,
    request,
  );
  const proposal = proposedTransaction(proposed_transaction, target_organizations);
  const secret = !proposal.organizations && proposal.hasTransientData;
  const calls = new EndorserCalls(context, proposal);
  const allowed = secret ? [context.components.mspId] : proposal.organizations;
  const able = calls.leftOf(allowed);
  if (able.length === 0) throw calls.noEndorsers(secret);
  const { details } = calls;
  const answer = await calls.askFirst(able, false, (refusal) => {
    const text = `evaluate call to endorser returned error: ${refusal}`;
    return new ServiceError(GrpcStatus.UNKNOWN, text, { details });
  });
  if (!answer) {
    const text = 'failed to evaluate transaction, see attached details for more info';
    throw new ServiceError(GrpcStatus.ABORTED, text, { details });
  }
  const { response, result } = answer;
  return gateway.EvaluateResponse.encode({
    result: { ...response.response, payload: result },
  }).finish();
}
