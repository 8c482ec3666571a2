// SPDX-License-Identifier: Apache-2.0
// One envelope of a parsed block. Its headers and its action are needed at several stages of a commit, so each is decoded
// when it is first asked for and then kept with the block.
import type { common, protos } from '../../common/protos/index.ts';
import { computeTxId } from '../../common/protoutil/txid.ts';
import { getActionFromPayload } from '../../common/protoutil/txutils.ts';
import {
  unmarshalChannelHeader,
  unmarshalEnvelope,
  unmarshalPayload,
  unmarshalSignatureHeader,
} from '../../common/protoutil/unmarshalers.ts';
import { EMPTY_BYTES } from '../../common/runtime/bytes.ts';

/** A stretch of bytes: `start` <= position < `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Reading a part that is malformed throws ProtoError. */
export class ParsedTx implements Span {
  readonly start: number;
  readonly end: number;
  /** The serialized envelope; a view into the block. */
  readonly bytes: Uint8Array;
  #envelope: common.Envelope | undefined;
  #payload: common.Payload | undefined;
  #channelHeader: common.ChannelHeader | undefined;
  #action: protos.ChaincodeAction | undefined;

  constructor(block: Uint8Array, { start, end }: Span) {
    this.start = start;
    this.end = end;
    this.bytes = block.subarray(start, end);
  }

  /** A serialized envelope that stands alone. */
  static of(envelope: Uint8Array): ParsedTx {
    return new ParsedTx(envelope, { start: 0, end: envelope.length });
  }

  get envelope(): common.Envelope {
    this.#envelope ??= unmarshalEnvelope(this.bytes);
    return this.#envelope;
  }

  get payload(): common.Payload {
    this.#payload ??= unmarshalPayload(this.envelope.payload);
    return this.#payload;
  }

  /** Of an envelope without one, all fields are empty. */
  get channelHeader(): common.ChannelHeader {
    this.#channelHeader ??= unmarshalChannelHeader(
      this.payload.header?.channel_header ?? EMPTY_BYTES,
    );
    return this.#channelHeader;
  }

  /** What the chaincode did, in an endorser transaction. */
  get action(): protos.ChaincodeAction {
    this.#action ??= getActionFromPayload(this.payload);
    return this.#action;
  }

  /** The id in the header, or else the computed one; empty where the envelope is too malformed to have one. */
  get txId(): string {
    try {
      const { header } = this.payload;
      if (!header) return '';
      const { tx_id } = this.channelHeader;
      if (tx_id !== '') return tx_id;
      const { nonce, creator } = unmarshalSignatureHeader(header.signature_header);
      return computeTxId(nonce, creator);
    } catch {
      return '';
    }
  }
}
