// SPDX-License-Identifier: Apache-2.0
// What the relay answers about members (Fabric's bootstrap and anchor peers do the same for newcomers): who is there, and whether somebody
// still answers.
import { peerIdFromString } from '@libp2p/peer-id';
import { EMPTY_BYTES, fromUtf8Strict, toHex } from '../../src/common/runtime/bytes.ts';
import { messageOf } from '../../src/common/runtime/errors.ts';
import {
  GrpcStatus,
  ServiceError,
  type ServiceTable,
  unaryHandler,
} from '../../src/common/wire/service.ts';
import type { Bindings } from '../../src/node/comm/bindings.ts';
import {
  type MemberRecords,
  membersService,
} from '../../src/node/gossip/discovery/introduction.ts';
import { MEMBERS_METHOD, PROBE_METHOD } from '../../src/node/gossip/services.ts';

export interface IntroductionsComponents {
  /** Milliseconds since a connected peer was last heard. */
  readonly silentFor: (peerId: string) => number;
  /** Asks a peer whether it is there. */
  readonly ping: (peerId: string, options: { signal: AbortSignal }) => Promise<unknown>;
  readonly bindings: Pick<Bindings, 'all' | 'has'>;
  readonly records: MemberRecords;
  /** MSP ids of a channel's organisations; none when there is no such channel. */
  readonly membersOf: (channel: string) => readonly string[];
  /** Takes in the alive message of whoever asks, if it is good. */
  readonly takeAlive: (channel: string, mspId: string, envelope: Uint8Array) => void;
}

/** Who was heard so lately is there. */
const HEARD_MS = 2_000;
/** Less than a peer waits for the answer to its question. */
const PING_TIMEOUT_MS = 2_000;

/** Services of the relay for members. */
export function introductionServices(components: IntroductionsComponents): ServiceTable {
  const { bindings, records, membersOf, takeAlive } = components;
  const members = membersService((channel, { mspId = '' }, self) => {
    if (!membersOf(channel).includes(mspId)) return undefined;
    if (self) takeAlive(channel, mspId, self);
    const present = new Set(bindings.all().map(({ pkiId }) => toHex(pkiId)));
    return records.introductions(channel, (pkiId) => present.has(pkiId));
  });
  const probes = new Probes(components);
  return new Map([
    [MEMBERS_METHOD, members],
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
    const signal = AbortSignal.timeout(PING_TIMEOUT_MS);
    const asked = this.#components
      .ping(peerId, { signal })
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
