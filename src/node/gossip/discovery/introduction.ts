// SPDX-License-Identifier: Apache-2.0
// Introductions: a newcomer asks somebody who knows the members, usually the relay, instead of waiting for everybody's next heartbeat
// (MembershipRequest and MembershipResponse of Fabric's gossip/discovery; the snapshot of states that Fabric pulls from each peer comes along).
import { gossip } from '../../../common/protos/index.ts';
import { fromUtf8, fromUtf8Strict, toHex, utf8 } from '../../../common/runtime/bytes.ts';
import {
  type CallContext,
  GrpcStatus,
  type ServiceClient,
  ServiceError,
  type ServiceHandler,
  unaryHandler,
} from '../../../common/wire/service.ts';
import { decodeAs, GossipError, noopSign, openEnvelope } from '../message.ts';
import { MEMBERS_METHOD } from '../services.ts';
import type { TopicParts } from '../topics.ts';

/** Serialized envelopes of alive messages and of state-info messages. */
export interface Introductions {
  readonly alive: readonly Uint8Array[];
  readonly states: readonly Uint8Array[];
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_INTRODUCED = 2_000;

/** A handler for MEMBERS_METHOD. `of` gives undefined to those who are not of the channel. */
export function membersService(
  of: (
    channel: string,
    remote: CallContext['remote'],
    self: Uint8Array | undefined,
  ) => Introductions | undefined,
): ServiceHandler {
  return async function* (requests, { remote }) {
    for await (const request of requests) {
      const { message } = openEnvelope(request);
      const self = message.mem_req?.self_information;
      const known = of(
        fromUtf8(message.channel),
        remote,
        self ? gossip.Envelope.encode(self).finish() : undefined,
      );
      if (!known)
        throw new ServiceError(GrpcStatus.PERMISSION_DENIED, 'not a member of the channel');
      const { channel } = message;
      const mem_res = { alive: envelopes(known.alive), dead: [] };
      yield noopSign({ channel, tag: gossip.GossipMessage.Tag.EMPTY, mem_res });
      const state_snapshot = { elements: envelopes(known.states) };
      yield noopSign({ channel, tag: gossip.GossipMessage.Tag.CHAN_OR_ORG, state_snapshot });
      return;
    }
  };
}

/** Asks for introductions. `self` is the own alive message. */
export async function askForMembers(
  client: ServiceClient,
  channel: Uint8Array,
  self: Uint8Array | undefined,
  options: { signal: AbortSignal },
): Promise<Introductions> {
  const mem_req = {
    known: [],
    ...(self ? { self_information: gossip.Envelope.decode(self) } : {}),
  };
  const request = noopSign({ channel, tag: gossip.GossipMessage.Tag.EMPTY, mem_req });
  const alive: Uint8Array[] = [];
  const states: Uint8Array[] = [];
  for await (const response of client.call(MEMBERS_METHOD, [request], options)) {
    const { mem_res, state_snapshot } = openEnvelope(response, MAX_ANSWER_BYTES).message;
    alive.push(...bytesOf(mem_res?.alive));
    states.push(...bytesOf(state_snapshot?.elements));
  }
  return { alive, states };
}

/** A handler for PROBE_METHOD. */
export function probeService(isConnected: (peerId: string) => boolean): ServiceHandler {
  return unaryHandler(async (request) => {
    const peerId = decodeAs(() => fromUtf8Strict(request), 'peer id');
    if (!isConnected(peerId))
      throw new ServiceError(GrpcStatus.NOT_FOUND, `${peerId.slice(0, 100)} is not connected here`);
    return new Uint8Array();
  });
}

/** The request for probeService. */
export function probeRequest(peerId: string): Uint8Array {
  return utf8(peerId);
}

// Payload, signature and (absent) secret envelope are the same bytes again: both encodings are canonical.
function envelopes(serialized: readonly Uint8Array[]): gossip.Envelope[] {
  return serialized.slice(0, MAX_INTRODUCED).map((bytes) => gossip.Envelope.decode(bytes));
}

function bytesOf(list: readonly gossip.IEnvelope[] | undefined): Uint8Array[] {
  return (list ?? [])
    .slice(0, MAX_INTRODUCED)
    .map((envelope) => gossip.Envelope.encode(envelope).finish());
}

/**
 * Newest alive and state-info messages of each author, for a node that passes messages on without being a member: the relay. Keeps what it is given; the
 * messages must have been judged good.
 */
export class MemberRecords {
  readonly #records = new Map<string, Map<string, Uint8Array>>();

  /** Takes note of a message on a topic; other kinds are ignored. */
  record({ channel, kind }: TopicParts, data: Uint8Array): void {
    if (kind !== 'alive' && kind !== 'state-info') return;
    const { alive_msg, state_info } = openEnvelope(data).message;
    const author = alive_msg?.membership?.pki_id ?? state_info?.pki_id;
    if (!author)
      throw new GossipError('MALFORMED', `a message without author on a topic of kind ${kind}`);
    const key = `${channel}/${kind}`;
    const records = this.#records.get(key) ?? new Map<string, Uint8Array>();
    this.#records.set(key, records.set(toHex(author), data));
  }

  /** Messages of the authors for which `isPresent` (hex PKI-ID) holds; those of others are dropped. */
  introductions(channel: string, isPresent: (pkiId: string) => boolean): Introductions {
    return {
      alive: this.#present(`${channel}/alive`, isPresent),
      states: this.#present(`${channel}/state-info`, isPresent),
    };
  }

  #present(key: string, isPresent: (pkiId: string) => boolean): Uint8Array[] {
    const records = this.#records.get(key);
    if (!records) return [];
    for (const pkiId of records.keys()) if (!isPresent(pkiId)) records.delete(pkiId);
    return [...records.values()];
  }
}
