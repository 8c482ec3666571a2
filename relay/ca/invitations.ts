// SPDX-License-Identifier: Apache-2.0
// An invitation is what a join link carries: a secret that lets a limited number of tabs, for a limited time, become
// members of one organisation. Fabric has no such thing: there a registrar hands every user an enrolment secret.
import type { Clock } from '../../src/common/runtime/clock.ts';
import type { KVStore } from '../../src/ledger/kv-store.ts';
import { Records, Serial } from '../data/records.ts';
import { CaError, CaErrorCode } from './errors.ts';
import { digestOf, newSecret, sameSecret } from './secrets.ts';

export interface Invitation {
  readonly mspId: string;
  readonly secret: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
  readonly createdAt: number;
  readonly maxUses: number;
  readonly uses: number;
}

export interface InvitationOptions {
  readonly ttlMs: number;
  readonly maxUses: number;
}

export const DEFAULT_INVITATION_OPTIONS: InvitationOptions = Object.freeze({
  ttlMs: 24 * 3_600_000,
  maxUses: 200,
});

/** How long an expired invitation is remembered, so that its holder is told why it fails. */
const REMEMBER_MS = 30 * 24 * 3_600_000;

/** The invitations of a network, kept in `store`. */
export class Invitations {
  readonly #store: KVStore;
  readonly #clock: Clock;
  readonly #records: Records<Invitation>;
  readonly #serial = new Serial();

  constructor(components: { store: KVStore; clock: Clock }) {
    this.#store = components.store;
    this.#clock = components.clock;
    this.#records = new Records(components.store, 'invitation');
  }

  /**
   * The invitation whose link is shown for an organisation: the last one made, so that links outlive a restart, unless
   * less than half of its time or of its places is left or it was made with other limits.
   */
  current(mspId: string, options: InvitationOptions): Promise<Invitation> {
    return this.#serial.run(async () => {
      const now = this.#clock.now();
      const fit = (await this.#all(mspId)).find(
        (one) =>
          one.expiresAt - one.createdAt === options.ttlMs &&
          one.maxUses === options.maxUses &&
          one.expiresAt - now > options.ttlMs / 2 &&
          one.uses <= one.maxUses / 2,
      );
      return fit ?? this.#create(mspId, options, now);
    });
  }

  /** The invitation of an organisation by which somebody can join now, if there is one: the newest. */
  async open(mspId: string): Promise<Invitation | undefined> {
    const now = this.#clock.now();
    const open = (await this.#all(mspId)).filter(
      ({ expiresAt, uses, maxUses }) => expiresAt > now && uses < maxUses,
    );
    return open.sort((a, b) => b.createdAt - a.createdAt)[0];
  }

  /** A new invitation in the place of every one that is open. */
  renew(mspId: string, options: InvitationOptions): Promise<Invitation> {
    return this.#serial.run(async () => {
      await this.#expire(mspId);
      return this.#create(mspId, options, this.#clock.now());
    });
  }

  /** Nobody joins the organisation any more, until there is a new invitation. */
  cancel(mspId: string): Promise<void> {
    return this.#serial.run(() => this.#expire(mspId));
  }

  /**
   * Lets `admit` make one member by the invitation with this secret; when that fails, no place is taken. Throws CaError saying whether the
   * invitation is wrong, expired or used up.
   */
  redeem<T>(mspId: string, secret: string, admit: () => Promise<T>): Promise<T> {
    return this.#serial.run(async () => {
      const found = (await this.#all(mspId)).filter((one) => sameSecret(one.secret, secret))[0];
      if (!found) {
        throw new CaError(
          401,
          CaErrorCode.INVITATION_UNKNOWN,
          'JOIN_SECRET_WRONG: this invitation is not known; ask for a new join link',
        );
      }
      if (found.expiresAt <= this.#clock.now()) {
        throw new CaError(
          403,
          CaErrorCode.INVITATION_EXPIRED,
          'JOIN_SECRET_EXPIRED: this invitation has expired; ask for a new join link',
        );
      }
      if (found.uses >= found.maxUses) {
        const message = `JOIN_SECRET_USED_UP: this invitation has been used ${found.maxUses} times, which is all it allows; ask for a new join link`;
        throw new CaError(403, CaErrorCode.INVITATION_USED_UP, message);
      }
      const admitted = await admit();
      const used = { ...found, uses: found.uses + 1 };
      await this.#store.write([this.#records.put(idOf(found), used)], { durable: true });
      return admitted;
    });
  }

  async #expire(mspId: string): Promise<void> {
    const now = this.#clock.now();
    const open = (await this.#all(mspId)).filter(({ expiresAt }) => expiresAt > now);
    const ended = open.map((one) => this.#records.put(idOf(one), { ...one, expiresAt: now }));
    await this.#store.write(ended, { durable: true });
  }

  async #create(mspId: string, options: InvitationOptions, now: number): Promise<Invitation> {
    const invitation = {
      mspId,
      secret: newSecret(),
      createdAt: now,
      expiresAt: now + options.ttlMs,
      maxUses: options.maxUses,
      uses: 0,
    };
    const forgotten = (await this.#all(mspId)).filter((one) => one.expiresAt + REMEMBER_MS < now);
    const removals = forgotten.map((one) => this.#records.remove(idOf(one)));
    await this.#store.write([...removals, this.#records.put(idOf(invitation), invitation)], {
      durable: true,
    });
    return invitation;
  }

  async #all(mspId: string): Promise<Invitation[]> {
    const all = await this.#records.list();
    return all.map(([, one]) => one).filter((one) => one.mspId === mspId);
  }
}

function idOf(invitation: Invitation): string {
  return `${invitation.mspId}/${digestOf(invitation.secret).toString('hex')}`;
}
