// SPDX-License-Identifier: Apache-2.0
// Serves blocks to members of this peer's organisation (handleStateRequest of Fabric's gossip/state/state.go). One block a response, so that a range of
// large blocks is never in memory at once; flow control holds back what the asker cannot take.
import { gossip } from '../../../common/protos/index.ts';
import { toNumber } from '../../../common/protoutil/index.ts';
import { messageOf } from '../../../common/runtime/errors.ts';
import {
  type CallContext,
  GrpcStatus,
  ServiceError,
  type ServiceHandler,
} from '../../../common/wire/service.ts';
import { noopSign, openEnvelope } from '../message.ts';

export interface StateServiceComponents {
  /** The channel's name in bytes. */
  readonly channel: Uint8Array;
  /** Serialized block; undefined beyond the ledger's height. */
  readonly block: (seqNum: number) => Promise<Uint8Array | undefined>;
  /** Whether the caller may read the channel's blocks. */
  readonly mayRead: (remote: CallContext['remote']) => Promise<boolean>;
  /** Blocks at most in one answer. */
  readonly batchSize: number;
}

/** A handler for STATE_METHOD. */
export function stateService({
  channel,
  block,
  mayRead,
  batchSize,
}: StateServiceComponents): ServiceHandler {
  return async function* (requests, { remote }) {
    if (!(await mayRead(remote)))
      throw new ServiceError(
        GrpcStatus.PERMISSION_DENIED,
        'not a reader of the channel in this organisation',
      );
    for await (const request of requests) {
      const { start, end } = openRequest(request);
      if (end < start || end - start > batchSize) {
        throw new ServiceError(
          GrpcStatus.INVALID_ARGUMENT,
          `blocks ${start} to ${end} are not a range of at most ${batchSize}`,
        );
      }
      for (let seqNum = start; seqNum <= end; seqNum++) {
        const data = await block(seqNum);
        if (!data) return;
        yield stateResponse(channel, seqNum, data);
      }
      return;
    }
  };
}

function openRequest(request: Uint8Array): { start: number; end: number } {
  try {
    const { state_request } = openEnvelope(request).message;
    if (!state_request) throw new Error('no state request');
    return {
      start: toNumber(state_request.start_seq_num),
      end: toNumber(state_request.end_seq_num),
    };
  } catch (cause) {
    throw new ServiceError(
      GrpcStatus.INVALID_ARGUMENT,
      `not a state request: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** The request for blocks `start` to `end`, both included. */
export function stateRequest(channel: Uint8Array, start: number, end: number): Uint8Array {
  const state_request = { start_seq_num: start, end_seq_num: end };
  return noopSign({ channel, tag: gossip.GossipMessage.Tag.CHAN_OR_ORG, state_request });
}

function stateResponse(channel: Uint8Array, seqNum: number, data: Uint8Array): Uint8Array {
  const state_response = { payloads: [{ seq_num: seqNum, data }] };
  return noopSign({ channel, tag: gossip.GossipMessage.Tag.CHAN_OR_ORG, state_response });
}
