// SPDX-License-Identifier: Apache-2.0
// The MSPs of a channel, with a cache of identities by their bytes (msp/mspmgrimpl.go, msp/cache).
import type { BCCSP } from '../crypto/index.ts';
import { BytesCache } from './bytes-cache.ts';
import { MSPError } from './errors.ts';
import type { X509Identity } from './identity.ts';
import { MSP } from './msp.ts';
import type { MSPVersion } from './msp-version.ts';
import { decodeSerializedIdentity } from './serialized-identity.ts';
import type { MSPManager } from './types.ts';

/** Identities kept, good and bad. A network of a thousand members fits; a flood of made-up ones costs bounded memory. */
const CACHE_CAPACITY = 4000;

export class MSPManagerImpl implements MSPManager {
  readonly mspIds: readonly string[];
  readonly #msps: ReadonlyMap<string, MSP>;
  // Answers never change because MSPs do not, so refusals are kept as well.
  readonly #cache = new BytesCache<Promise<X509Identity>>(CACHE_CAPACITY);

  constructor(msps: readonly MSP[]) {
    this.#msps = new Map(msps.map((provider) => [provider.name, provider]));
    this.mspIds = [...this.#msps.keys()];
  }

  /** From serialized msp.MSPConfig messages. Throws MSPError MSP_CONFIG. */
  static async create(
    mspConfigs: readonly Uint8Array[],
    bccsp: BCCSP,
    version?: MSPVersion,
  ): Promise<MSPManagerImpl> {
    return new MSPManagerImpl(
      await Promise.all(mspConfigs.map((config) => MSP.create(config, bccsp, version))),
    );
  }

  msp(mspId: string): MSP | undefined {
    return this.#msps.get(mspId);
  }

  deserializeIdentity(serialized: Uint8Array): Promise<X509Identity> {
    const cached = this.#cache.get(serialized);
    if (cached) return cached;
    // Own copy: the caller's bytes may be a view into a block that would be kept alive by the cache.
    const bytes = serialized.slice();
    const identity = this.#deserialize(bytes);
    identity.catch(() => {}); // whoever asked is told; keeping the refusal must not count as unhandled
    this.#cache.add(bytes, identity);
    return identity;
  }

  async #deserialize(bytes: Uint8Array): Promise<X509Identity> {
    const { mspid, id_bytes } = decodeSerializedIdentity(bytes);
    const provider = this.#msps.get(mspid);
    if (!provider) throw new MSPError('MSP_UNKNOWN', `MSP ${mspid} is not defined on the channel`);
    return provider.identity(id_bytes, bytes);
  }
}
