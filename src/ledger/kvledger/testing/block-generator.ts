// SPDX-License-Identifier: Apache-2.0
// Makes blocks of a chain for tests: unsigned, since the ledger trusts the validator for signatures.
import { common, protos } from '../../../common/protos/index.ts';
import { blockHeaderHash, computeBlockDataHash } from '../../../common/protoutil/blockutils.ts';
import { utf8 } from '../../../common/runtime/bytes.ts';

const { CONFIG, ENDORSER_TRANSACTION } = common.HeaderType;

export class BlockGenerator {
  readonly channelId: string;
  #number = 0;
  #previousHash: Uint8Array = new Uint8Array();

  constructor(channelId = 'testchannel') {
    this.channelId = channelId;
  }

  /** The genesis block. */
  genesis(): Uint8Array {
    return this.next([this.#envelope(CONFIG, 'genesis', utf8('config'))]);
  }

  /** A block of endorser transactions with these serialized read-write sets; their ids may be given. */
  nextOf(results: readonly Uint8Array[], txIds: readonly string[] = []): Uint8Array {
    return this.next(
      results.map((bytes, i) => {
        const txId = txIds[i] ?? `tx${this.#number}.${i}`;
        return this.#envelope(ENDORSER_TRANSACTION, txId, endorserTransaction(bytes));
      }),
    );
  }

  /** A block of any envelopes. */
  next(data: readonly Uint8Array[]): Uint8Array {
    const data_hash = computeBlockDataHash({ data });
    const header = { number: this.#number++, previous_hash: this.#previousHash, data_hash };
    this.#previousHash = blockHeaderHash(header);
    return common.Block.encode({ header, data: { data } }).finish();
  }

  #envelope(type: common.HeaderType, txId: string, data: Uint8Array): Uint8Array {
    const channel_header = common.ChannelHeader.encode({
      type,
      tx_id: txId,
      channel_id: this.channelId,
      timestamp: { seconds: 1_700_000_000 + this.#number, nanos: 500_000_000 },
    }).finish();
    const payload = common.Payload.encode({ header: { channel_header }, data }).finish();
    return common.Envelope.encode({ payload }).finish();
  }
}

function endorserTransaction(results: Uint8Array): Uint8Array {
  const extension = protos.ChaincodeAction.encode({ results, response: { status: 200 } }).finish();
  const proposal_response_payload = protos.ProposalResponsePayload.encode({ extension }).finish();
  const action = { proposal_response_payload };
  const payload = protos.ChaincodeActionPayload.encode({ action }).finish();
  return protos.Transaction.encode({ actions: [{ payload }] }).finish();
}
