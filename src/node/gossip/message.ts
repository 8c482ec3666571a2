// SPDX-License-Identifier: Apache-2.0
// Gossip messages in signed envelopes (Fabric's gossip/protoext: signing.go, message.go, identity.go). The signature is over the payload
// bytes as they came; received envelopes are forwarded as they came.
import type { SigningIdentity } from '../../common/msp/types.ts';
import { gossip } from '../../common/protos/index.ts';
import { EMPTY_BYTES, equalBytes } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';

/** A gossip message that cannot be what it claims to be; it is dropped and its sender scored down. */
export class GossipError extends FabricError {
  override readonly name: string = 'GossipError';
}

/** Everything but blocks is far below this: an identity is about 1 KB, a state-info message with 100 chaincodes about 8 KB. */
export const MAX_CONTROL_MESSAGE_BYTES = 64 * 1024;

/** A decoded gossip message with the bytes that were signed. */
export interface ReceivedMessage {
  readonly message: gossip.GossipMessage;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** The serialized envelope, for forwarding. */
  readonly envelope: Uint8Array;
}

/** A serialized envelope around the message, signed. */
export async function signMessage(
  message: gossip.IGossipMessage,
  signer: Pick<SigningIdentity, 'sign'>,
): Promise<Uint8Array> {
  const payload = gossip.GossipMessage.encode(message).finish();
  const signature = await signer.sign(payload);
  return gossip.Envelope.encode({ payload, signature }).finish();
}

/** A serialized envelope around a message whose content proves itself, such as a block. Always the same bytes for the same message. */
export function noopSign(message: gossip.IGossipMessage): Uint8Array {
  return gossip.Envelope.encode({
    payload: gossip.GossipMessage.encode(message).finish(),
    signature: EMPTY_BYTES,
  }).finish();
}

/**
 * Decodes an envelope. Throws GossipError TOO_LARGE or MALFORMED, also when the same message could have had other bytes: an envelope with an
 * unknown field would be one more message to everybody. What is signed may hold fields of a newer version.
 */
export function openEnvelope(
  envelope: Uint8Array,
  maxBytes = MAX_CONTROL_MESSAGE_BYTES,
): ReceivedMessage {
  if (envelope.length > maxBytes)
    throw new GossipError('TOO_LARGE', `a gossip message of ${envelope.length} bytes`);
  const { payload, signature } = decodeAs(() => gossip.Envelope.decode(envelope), 'envelope');
  const message = decodeAs(() => gossip.GossipMessage.decode(payload), 'gossip message');
  const isPlain = equalBytes(gossip.Envelope.encode({ payload, signature }).finish(), envelope);
  const isSigned = signature.length > 0;
  if (!isPlain || !(isSigned || equalBytes(gossip.GossipMessage.encode(message).finish(), payload)))
    throw new GossipError('MALFORMED', 'a gossip message in a form of its own');
  return { message, payload, signature, envelope };
}

/** Decodes, and throws GossipError MALFORMED instead of protobuf's errors. */
export function decodeAs<T>(decode: () => T, what: string): T {
  try {
    return decode();
  } catch (cause) {
    throw new GossipError('MALFORMED', `malformed ${what}`, { cause });
  }
}
