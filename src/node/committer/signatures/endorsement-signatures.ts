// SPDX-License-Identifier: Apache-2.0
import type { SignedData } from '../../../common/policies/types.ts';
import { concat } from '../../../common/runtime/bytes.ts';
import type { EndorsedAction } from '../message-checks.ts';

/** An endorser signs the response payload followed by its own identity. */
export function endorsementSignatures(endorsed: EndorsedAction): SignedData[] {
  const { proposalResponsePayload: payload, endorsements } = endorsed;
  return endorsements.map(({ endorser, signature }) => ({
    // Made only for a signature that is looked at: a transaction may name any number of endorsers, each with this payload.
    get data() {
      return concat(payload, endorser);
    },
    identity: endorser,
    signature,
  }));
}
