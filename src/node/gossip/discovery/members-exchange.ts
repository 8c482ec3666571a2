// SPDX-License-Identifier: Apache-2.0
// Two nodes compare whom they know (MembershipRequest and MembershipResponse of Fabric's gossip/discovery, together with the snapshot of states
// and the certificates that Fabric pulls apart). A newcomer gets everything in one call, from the relay or from any member; later calls repair
// what gossip has lost, and carry only that: the asker names what it has by digests of eight bytes.
//
//   asker     -> MembershipRequest { its alive message, digests }, then its own state-info messages
//   answerer  -> DataUpdate of identities*, MembershipResponse { alive }, StateInfoSnapshot of each channel that both are on
import { sha256 } from '@noble/hashes/sha2.js';
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
import { identityUpdate, readIdentities } from '../identity/identity-store.ts';
import { decodeAs, noopSign, openEnvelope } from '../message.ts';
import { MEMBERS_METHOD } from '../services.ts';

/** Serialized envelopes, as their authors signed them, and the identities that go with them. */
export interface KnownMembers {
  readonly alive: readonly Uint8Array[];
  /** Identities by hex PKI-ID of whoever is named in `alive`. */
  readonly identityOf: (envelope: Uint8Array) => Uint8Array | undefined;
  /** State-info messages by channel. */
  readonly states: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** What was learnt in an exchange. */
export interface LearntMembers {
  readonly identities: readonly Uint8Array[];
  readonly alive: readonly Uint8Array[];
  readonly states: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** What an asker says of itself. */
export interface OwnMessages {
  /** Its alive message, once there is one. */
  readonly alive: Uint8Array | undefined;
  readonly states: readonly Uint8Array[];
}

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_MEMBERS_TOLD = 2_000;
const MAX_OWN_STATES = 64;
const IDENTITIES_A_MESSAGE = 100;
const DIGEST_BYTES = 8;

export interface MembersServiceOptions {
  /** What the asker may know; undefined for those who are on no channel with this node. */
  readonly known: (remote: CallContext['remote']) => KnownMembers | undefined;
  /** Takes in what the asker says of itself, if it is good. */
  readonly take: (own: OwnMessages, remote: CallContext['remote']) => void;
}

/** A handler for MEMBERS_METHOD. */
export function membersService({ known, take }: MembersServiceOptions): ServiceHandler {
  return async function* (requests, { remote }) {
    const { request, own } = await readQuestion(requests);
    const told = known(remote);
    if (!told) throw new ServiceError(GrpcStatus.PERMISSION_DENIED, 'no channel in common');
    take(own, remote);
    const has = new Set(request.known.slice(0, 2 * MAX_MEMBERS_TOLD).map(toHex));
    const missing = (envelopes: readonly Uint8Array[]): Uint8Array[] =>
      envelopes.filter((envelope) => !has.has(digestOf(envelope))).slice(0, MAX_MEMBERS_TOLD);
    const alive = missing(told.alive);
    const identities = alive.flatMap((envelope) => told.identityOf(envelope) ?? []);
    for (let i = 0; i < identities.length; i += IDENTITIES_A_MESSAGE)
      yield identityUpdate(identities.slice(i, i + IDENTITIES_A_MESSAGE));
    const { EMPTY, CHAN_OR_ORG } = gossip.GossipMessage.Tag;
    yield noopSign({ tag: EMPTY, mem_res: { alive: alive.map(decodeEnvelope), dead: [] } });
    for (const [channel, states] of told.states) {
      const elements = missing(states).map(decodeEnvelope);
      if (elements.length === 0) continue;
      yield noopSign({
        channel: utf8(channel),
        tag: CHAN_OR_ORG,
        state_snapshot: { elements },
      });
    }
  };
}

/** Asks a node whom it knows that is not among `known` (envelopes). Throws ServiceError, GossipError. */
export async function askForMembers(
  client: ServiceClient,
  own: OwnMessages,
  known: Iterable<Uint8Array>,
  options: { signal: AbortSignal },
): Promise<LearntMembers> {
  const identities: Uint8Array[] = [];
  const alive: Uint8Array[] = [];
  const states = new Map<string, Uint8Array[]>();
  for await (const response of client.call(MEMBERS_METHOD, question(own, known), options)) {
    const { message } = openEnvelope(response, MAX_ANSWER_BYTES);
    if (message.data_update) identities.push(...readIdentities(response));
    if (message.mem_res) alive.push(...encodeAll(message.mem_res.alive));
    if (message.state_snapshot)
      states.set(fromUtf8(message.channel), encodeAll(message.state_snapshot.elements));
  }
  return { identities, alive, states };
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

function question({ alive, states }: OwnMessages, known: Iterable<Uint8Array>): Uint8Array[] {
  const digests = Array.from(known, (envelope) => sha256(envelope).subarray(0, DIGEST_BYTES));
  const mem_req = {
    known: digests,
    ...(alive && { self_information: decodeEnvelope(alive) }),
  };
  return [noopSign({ tag: gossip.GossipMessage.Tag.EMPTY, mem_req }), ...states];
}

async function readQuestion(
  requests: AsyncIterable<Uint8Array>,
): Promise<{ request: gossip.MembershipRequest; own: OwnMessages }> {
  let request: gossip.MembershipRequest | null | undefined;
  const states: Uint8Array[] = [];
  for await (const bytes of requests) {
    if (request === undefined) request = openEnvelope(bytes).message.mem_req;
    else if (states.length < MAX_OWN_STATES) states.push(bytes);
  }
  if (!request) throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, 'not a membership request');
  const self = request.self_information;
  const alive = self ? gossip.Envelope.encode(self).finish() : undefined;
  return { request, own: { alive, states } };
}

function digestOf(envelope: Uint8Array): string {
  return toHex(sha256(envelope).subarray(0, DIGEST_BYTES));
}

// Payload, signature and (absent) secret envelope are the same bytes again: both encodings are canonical.
function decodeEnvelope(bytes: Uint8Array): gossip.Envelope {
  return gossip.Envelope.decode(bytes);
}

function encodeAll(list: readonly gossip.IEnvelope[]): Uint8Array[] {
  return list
    .slice(0, MAX_MEMBERS_TOLD)
    .map((envelope) => gossip.Envelope.encode(envelope).finish());
}
