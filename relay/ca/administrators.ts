// SPDX-License-Identifier: Apache-2.0
// Who administers an organisation's invitations: whoever has its administrator's link, which the relay prints. It is a secret as an invitation's
// is, and outlives restarts.
import type { KVStore } from '../../src/ledger/kv-store.ts';
import { Records, Serial } from '../data/records.ts';
import { CaError, CaErrorCode } from './errors.ts';
import { newSecret, sameSecret } from './secrets.ts';

interface Administrator {
  readonly secret: string;
}

export class Administrators {
  readonly #store: KVStore;
  readonly #records: Records<Administrator>;
  readonly #serial = new Serial();

  constructor(store: KVStore) {
    this.#store = store;
    this.#records = new Records(store, 'administrator');
  }

  /** The secret of an organisation's link; made when first asked for. */
  secretOf(mspId: string): Promise<string> {
    return this.#serial.run(async () => {
      const known = await this.#records.get(mspId);
      if (known) return known.secret;
      const made = { secret: newSecret() };
      await this.#store.write([this.#records.put(mspId, made)], { durable: true });
      return made.secret;
    });
  }

  /** Throws CaError AUTHORIZATION_FAILURE unless `header` is `Bearer` and the secret of the organisation. */
  async check(mspId: string, header: string | undefined): Promise<void> {
    const given = /^Bearer ([\w-]{1,200})$/.exec(header ?? '')?.[1] ?? '';
    const known = await this.#records.get(mspId);
    if (known && sameSecret(known.secret, given)) return;
    const message = `INVITE_REFUSED: this is not the administrator's link of ${mspId}`;
    throw new CaError(403, CaErrorCode.AUTHORIZATION_FAILURE, message);
  }
}
