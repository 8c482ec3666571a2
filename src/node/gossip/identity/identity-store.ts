// SPDX-License-Identifier: Apache-2.0
// Identities of members by PKI-ID (Fabric's gossip/identity and the certificate store of gossip/gossip/certstore.go). A certificate is three times
// the size of a message, so it travels once: with the handshake, with a newcomer's first alive messages, or when somebody who does not
// have it asks the neighbour that passed a message on. A PKI-ID is the hash of its identity, so nobody can give a wrong answer.
import { type MSPManager, pkiIdOf } from '../../../common/msp/index.ts';
import { gossip } from '../../../common/protos/index.ts';
import { toHex } from '../../../common/runtime/bytes.ts';
import type { Clock } from '../../../common/runtime/clock.ts';
import { withDeadline } from '../../../common/runtime/deadline.ts';
import {
  type ServiceClient,
  type ServiceHandler,
  unary,
  unaryHandler,
} from '../../../common/wire/service.ts';
import { GossipError, noopSign, openEnvelope } from '../message.ts';
import { IDENTITIES_METHOD } from '../services.ts';
import { validIdentity } from '../verify.ts';

export interface IdentityStoreComponents {
  /** Managers of the channels that this node has joined. */
  readonly mspManagers: () => readonly MSPManager[];
  readonly client: (peerId: string) => ServiceClient;
  readonly clock: Clock;
}

export interface IdentityStoreOptions {
  /** How long a neighbour may take to answer. */
  readonly responseTimeoutMs: number;
}

/** Identities kept; the ones used last stay. A certificate is about 1 kB. */
const MAX_IDENTITIES = 4_000;
/** Identities asked for, or given, in one call. */
const MAX_ASKED = 200;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** What arrives in one moment is asked for in one call. */
const GATHER_MS = 20;

interface Question {
  readonly ids: Map<string, Uint8Array>;
  readonly answer: Promise<void>;
}

export class IdentityStore {
  readonly #components: IdentityStoreComponents;
  readonly #options: IdentityStoreOptions;
  readonly #identities = new Map<string, Uint8Array>();
  /** By the neighbour that is going to be asked. */
  readonly #gathering = new Map<string, Question>();

  constructor(components: IdentityStoreComponents, options: IdentityStoreOptions) {
    this.#components = components;
    this.#options = options;
  }

  /** Serialized identity of a PKI-ID (hex). */
  get(id: string): Uint8Array | undefined {
    const identity = this.#identities.get(id);
    if (identity) this.#keep(id, identity);
    return identity;
  }

  /** Keeps an identity that has been found valid. */
  put(identity: Uint8Array): void {
    this.#keep(toHex(pkiIdOf(identity)), identity);
  }

  /** Keeps an identity if it is valid on a joined channel; throws MSPError otherwise. */
  async learn(identity: Uint8Array): Promise<void> {
    if (this.#identities.has(toHex(pkiIdOf(identity)))) return;
    await validIdentity(this.#components.mspManagers(), identity);
    this.put(identity);
  }

  /**
   * The identity of `pkiId`, from `neighbour` if it is not here. Rejects with GossipError UNKNOWN_IDENTITY when the neighbour does not
   * give it; whoever signed may be honest.
   */
  async require(pkiId: Uint8Array, neighbour: string | undefined): Promise<Uint8Array> {
    const id = toHex(pkiId);
    const known = this.get(id);
    if (known) return known;
    if (neighbour !== undefined) await this.#ask(neighbour, id, pkiId).catch(() => {});
    const given = this.get(id);
    if (given) return given;
    throw new GossipError('UNKNOWN_IDENTITY', `no identity of ${id.slice(0, 16)} is known`);
  }

  /** Answers other stores; to be mounted under IDENTITIES_METHOD. */
  get service(): ServiceHandler {
    return identitiesService((id) => this.get(id));
  }

  #keep(id: string, identity: Uint8Array): void {
    this.#identities.delete(id);
    this.#identities.set(id, identity);
    const [oldest] = this.#identities.keys();
    if (this.#identities.size > MAX_IDENTITIES && oldest !== undefined)
      this.#identities.delete(oldest);
  }

  #ask(neighbour: string, id: string, pkiId: Uint8Array): Promise<void> {
    const question = this.#gathering.get(neighbour) ?? this.#newQuestion(neighbour);
    if (question.ids.size < MAX_ASKED) question.ids.set(id, pkiId);
    return question.answer;
  }

  #newQuestion(neighbour: string): Question {
    const ids = new Map<string, Uint8Array>();
    const { clock } = this.#components;
    const answer = clock.sleep(GATHER_MS).then(() => {
      this.#gathering.delete(neighbour);
      return this.#pull(neighbour, [...ids.values()]);
    });
    const question = { ids, answer };
    this.#gathering.set(neighbour, question);
    return question;
  }

  async #pull(neighbour: string, digests: readonly Uint8Array[]): Promise<void> {
    const { client, clock } = this.#components;
    const data_req = { digests: [...digests], msg_type: gossip.PullMsgType.IDENTITY_MSG };
    const request = noopSign({ tag: gossip.GossipMessage.Tag.EMPTY, data_req });
    const response = await withDeadline(
      clock,
      this.#options.responseTimeoutMs,
      'the answer with identities',
      (signal) => unary(client(neighbour), IDENTITIES_METHOD, request, { signal }),
    );
    for (const identity of readIdentities(response)) await this.learn(identity);
  }
}

/** A handler for IDENTITIES_METHOD. @param identityOf serialized identity by hex PKI-ID. */
export function identitiesService(
  identityOf: (id: string) => Uint8Array | undefined,
): ServiceHandler {
  return unaryHandler(async (request) => {
    const { data_req } = openEnvelope(request).message;
    const asked = (data_req?.digests ?? []).slice(0, MAX_ASKED);
    return identityUpdate(asked.flatMap((pkiId) => identityOf(toHex(pkiId)) ?? []));
  });
}

/** An Envelope with a DataUpdate of these identities. */
export function identityUpdate(identities: readonly Uint8Array[]): Uint8Array {
  const data = identities.map((cert) =>
    gossip.Envelope.decode(
      noopSign({
        tag: gossip.GossipMessage.Tag.EMPTY,
        peer_identity: { pki_id: pkiIdOf(cert), cert },
      }),
    ),
  );
  const data_update = { data, msg_type: gossip.PullMsgType.IDENTITY_MSG };
  return noopSign({ tag: gossip.GossipMessage.Tag.EMPTY, data_update });
}

/** Serialized identities in such an Envelope; none when it holds something else. Throws GossipError. */
export function readIdentities(envelope: Uint8Array): Uint8Array[] {
  const { data_update } = openEnvelope(envelope, MAX_ANSWER_BYTES).message;
  return (data_update?.data ?? []).slice(0, MAX_ASKED).flatMap((one) => {
    const { peer_identity } = openEnvelope(gossip.Envelope.encode(one).finish()).message;
    return peer_identity ? [peer_identity.cert] : [];
  });
}
