// SPDX-License-Identifier: Apache-2.0
// What the relay answers about members (Fabric's bootstrap and anchor peers do the same for newcomers): who is there, and whether somebody
// still answers.
import type { Libp2p } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import type { Ping } from '@libp2p/ping';
import { EMPTY_BYTES, fromUtf8Strict, toHex } from '../../src/common/runtime/bytes.ts';
import { messageOf } from '../../src/common/runtime/errors.ts';
import {
  type CallContext,
  GrpcStatus,
  ServiceError,
  type ServiceTable,
  unaryHandler,
} from '../../src/common/wire/service.ts';
import type { Bindings } from '../../src/node/comm/bindings.ts';
import type { MemberRecords } from '../../src/node/gossip/discovery/member-records.ts';
import {
  type KnownMembers,
  membersService,
  type OwnMessages,
} from '../../src/node/gossip/discovery/members-exchange.ts';
import type { IdentityStore } from '../../src/node/gossip/identity/identity-store.ts';
import {
  IDENTITIES_METHOD,
  MEMBERS_METHOD,
  PING_METHOD,
  PROBE_METHOD,
} from '../../src/node/gossip/services.ts';

export interface IntroductionsComponents {
  readonly node: Pick<Libp2p<{ ping: Ping }>, 'services'>;
  readonly bindings: Pick<Bindings, 'all' | 'has'>;
  readonly records: MemberRecords;
  readonly identities: Pick<IdentityStore, 'service'>;
  /** Channels with the MSP ids of their organisations, as they are now. */
  readonly channels: () => readonly (readonly [channel: string, mspIds: readonly string[]])[];
  /** Takes in what the asker says of itself, if it is good. */
  readonly take: (own: OwnMessages, remote: CallContext['remote']) => void;
}

/** Less than a peer waits for the answer to its question. */
const PING_TIMEOUT_MS = 2_000;

/** Services of the relay for members. */
export function introductionServices(components: IntroductionsComponents): ServiceTable {
  const { bindings, records, identities, channels, take } = components;
  const known = ({ mspId = '' }: CallContext['remote']): KnownMembers | undefined => {
    const shared = channels().filter(([, mspIds]) => mspIds.includes(mspId));
    if (shared.length === 0) return undefined;
    const present = new Set(bindings.all().map(({ pkiId }) => toHex(pkiId)));
    return records.known(
      new Set(shared.flatMap(([, mspIds]) => mspIds)),
      shared.map(([channel]) => channel),
      (id) => present.has(id),
    );
  };
  const probes = new Probes(components);
  return new Map([
    [PING_METHOD, unaryHandler(async () => EMPTY_BYTES)],
    [MEMBERS_METHOD, membersService({ known, take })],
    [IDENTITIES_METHOD, identities.service],
    [PROBE_METHOD, unaryHandler((request) => probes.probe(request))],
  ]);
}

// A connection says little: that of a closed laptop stays open for a quarter of an hour. So the relay asks, once for all who want to know.
class Probes {
  readonly #components: IntroductionsComponents;
  readonly #asking = new Map<string, Promise<unknown>>();

  constructor(components: IntroductionsComponents) {
    this.#components = components;
  }

  async probe(request: Uint8Array): Promise<Uint8Array> {
    const peerId = readPeerId(request);
    if (!this.#components.bindings.has(peerId)) throw notHere(peerId);
    try {
      await this.#ping(peerId);
    } catch (error) {
      throw notHere(peerId, error);
    }
    return EMPTY_BYTES;
  }

  #ping(peerId: string): Promise<unknown> {
    const known = this.#asking.get(peerId);
    if (known) return known;
    const signal = AbortSignal.timeout(PING_TIMEOUT_MS);
    const { ping } = this.#components.node.services;
    const asked = ping
      .ping(peerIdFromString(peerId), { signal })
      .finally(() => this.#asking.delete(peerId));
    this.#asking.set(peerId, asked);
    return asked;
  }
}

function readPeerId(request: Uint8Array): string {
  try {
    const text = fromUtf8Strict(request.subarray(0, 200));
    return peerIdFromString(text).toString();
  } catch (cause) {
    throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, 'not a peer id', { cause });
  }
}

function notHere(peerId: string, cause?: unknown): ServiceError {
  const reason =
    cause === undefined ? 'is not connected here' : `does not answer: ${messageOf(cause)}`;
  return new ServiceError(GrpcStatus.NOT_FOUND, `${peerId} ${reason}`, { cause });
}
