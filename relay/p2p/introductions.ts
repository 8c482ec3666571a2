// SPDX-License-Identifier: Apache-2.0
// What the relay answers about members (Fabric's bootstrap and anchor peers do the same for newcomers): who is there, by which certificate, and
// whether somebody still answers.

import { EMPTY_BYTES, fromUtf8Strict, toHex } from '../../src/common/runtime/bytes.ts';
import type { Clock } from '../../src/common/runtime/clock.ts';
import { withDeadline } from '../../src/common/runtime/deadline.ts';
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
import { IDENTITIES_METHOD, MEMBERS_METHOD, PROBE_METHOD } from '../../src/node/gossip/services.ts';

export interface IntroductionsComponents {
  /** Milliseconds since a connected peer was last heard. */
  readonly silentFor: (peerId: string) => number;
  /** Asks a peer whether it is there. */
  readonly ping: (peerId: string, options: { signal: AbortSignal }) => Promise<unknown>;
  readonly bindings: Pick<Bindings, 'all' | 'has'>;
  readonly records: MemberRecords;
  readonly identities: Pick<IdentityStore, 'service'>;
  /** Channels with the MSP ids of their organisations, as they are now. */
  readonly channels: () => readonly (readonly [channel: string, mspIds: readonly string[]])[];
  /** Takes in what the asker says of itself, if it is good. */
  readonly take: (own: OwnMessages, remote: CallContext['remote']) => void;
  readonly clock: Clock;
}

/** Who was heard so lately is there. */
const HEARD_MS = 2_000;
/** Less than a peer waits for the answer to its question. */
const PING_TIMEOUT_MS = 2_000;
const MAX_PEER_ID_BYTES = 200;

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
    const { bindings, silentFor } = this.#components;
    if (!bindings.has(peerId)) throw notHere(peerId);
    if (silentFor(peerId) < HEARD_MS) return EMPTY_BYTES;
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
    const { clock, ping } = this.#components;
    const asked = withDeadline(clock, PING_TIMEOUT_MS, 'the answer to a ping', (signal) =>
      ping(peerId, { signal }),
    ).finally(() => this.#asking.delete(peerId));
    this.#asking.set(peerId, asked);
    return asked;
  }
}

// Only those that are connected are looked up, so that no more than text need be checked.
function readPeerId(request: Uint8Array): string {
  try {
    if (request.length === 0 || request.length > MAX_PEER_ID_BYTES) throw new Error('its length');
    return fromUtf8Strict(request);
  } catch (cause) {
    throw new ServiceError(GrpcStatus.INVALID_ARGUMENT, 'not a peer id', { cause });
  }
}

function notHere(peerId: string, cause?: unknown): ServiceError {
  const reason =
    cause === undefined ? 'is not connected here' : `does not answer: ${messageOf(cause)}`;
  return new ServiceError(GrpcStatus.NOT_FOUND, `${peerId} ${reason}`, { cause });
}
