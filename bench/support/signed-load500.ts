// SPDX-License-Identifier: Apache-2.0
// The signatures of load500: what a replay has to check, taken out of the blocks.
import { blocksBehind, readChain } from '../../cmd/read-chain.ts';
import { common, msp, protos } from '../../src/common/protos/index.ts';
import { concat } from '../../src/common/runtime/bytes.ts';
import type { Signed } from './verify-loop.ts';

export interface SignedChain {
  readonly transactions: number;
  /** Creators' and endorsers' signatures of all transactions. */
  readonly signatures: number;
  /** Those of one full block. */
  readonly sample: readonly Signed[];
}

const { HeaderType } = common;

/** @param path of the block file. */
export async function signedChain(path: string): Promise<SignedChain> {
  const { blocks } = await readChain(path, { signal: new AbortController().signal });
  let transactions = 0;
  let signatures = 0;
  let sample: readonly Signed[] = [];
  for await (const bytes of await blocksBehind(undefined, blocks)) {
    const envelopes = common.Block.decode(bytes).data?.data ?? [];
    const signed = envelopes.flatMap(signedOf);
    transactions += envelopes.length;
    signatures += signed.length;
    if (signed.length > sample.length) sample = signed;
  }
  return { transactions, signatures, sample };
}

/** The creator's signature over the payload, and each endorser's over the response with its own identity. */
function signedOf(bytes: Uint8Array): Signed[] {
  const { payload, signature } = common.Envelope.decode(bytes);
  const { header, data } = common.Payload.decode(payload);
  if (!header) throw new Error('a payload has no header');
  const { creator } = common.SignatureHeader.decode(header.signature_header);
  const byCreator = { certificate: certificateOf(creator), message: payload, signature };
  if (common.ChannelHeader.decode(header.channel_header).type !== HeaderType.ENDORSER_TRANSACTION) {
    return [byCreator];
  }
  const actions = protos.Transaction.decode(data).actions;
  return [byCreator, ...actions.flatMap((action) => endorsementsOf(action.payload))];
}

function endorsementsOf(payload: Uint8Array): Signed[] {
  const { action } = protos.ChaincodeActionPayload.decode(payload);
  if (!action) throw new Error('a transaction has no endorsed action');
  const { endorsements, proposal_response_payload: response } = action;
  return endorsements.map(({ endorser, signature }) => {
    const message = concat(response, endorser);
    return { certificate: certificateOf(endorser), message, signature };
  });
}

function certificateOf(identity: Uint8Array): string {
  return Buffer.from(msp.SerializedIdentity.decode(identity).id_bytes).toString();
}
