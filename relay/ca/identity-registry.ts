// SPDX-License-Identifier: Apache-2.0
// Who may enrol at one CA: fabric-ca's user registry, kept in LevelDB.
import type { KVOperation, KVStore } from '../../src/ledger/kv-store.ts';
import { Records, Serial } from '../data/records.ts';
import { attributeValue, RIGHTS, wordsOf } from './attribute-control.ts';
import { authenticationFailure, CaError, CaErrorCode } from './errors.ts';
import { hashSecret, verifySecret } from './secrets.ts';

export interface IdentityAttribute {
  readonly name: string;
  readonly value: string;
  /** Whether it goes into certificates unasked. */
  readonly ecert: boolean;
}

export interface RegisteredIdentity {
  readonly id: string;
  /** Usually a role of NodeOUs: client, peer, admin or orderer. Others can be given, as at Fabric CA, whose client gives `user`; no MSP admits them. */
  readonly type: string;
  /** Dotted path such as `org1.department1`, or empty. */
  readonly affiliation: string;
  readonly attrs: readonly IdentityAttribute[];
  /** -1 is without limit. */
  readonly maxEnrollments: number;
  readonly enrollments: number;
  readonly secretHash: string;
  /** It enrols no more, and its certificates say nothing here. */
  readonly revoked?: boolean;
  /** New certificates for old ones, in the day that began at `since` (milliseconds since the Unix epoch). */
  readonly reenrollments?: { readonly since: number; readonly count: number };
}

export type NewIdentity = Omit<
  RegisteredIdentity,
  'enrollments' | 'secretHash' | 'reenrollments' | 'revoked'
> & {
  readonly secret: string;
};

/** Its attributes as Fabric CA has them: with its name, type and affiliation, which nobody gives. */
export function attributesOf({
  id,
  type,
  affiliation,
  attrs,
}: Pick<RegisteredIdentity, 'id' | 'type' | 'affiliation' | 'attrs'>): IdentityAttribute[] {
  const own = { 'hf.EnrollmentID': id, 'hf.Type': type, 'hf.Affiliation': affiliation };
  return [
    ...attrs.filter(({ name }) => !Object.hasOwn(own, name)),
    ...Object.entries(own).map(([name, value]) => ({ name, value, ecert: true })),
  ];
}

/** What can be changed of an identity. */
export type IdentityChanges = Partial<
  Pick<RegisteredIdentity, 'type' | 'affiliation' | 'attrs' | 'maxEnrollments' | 'revoked'>
> & { readonly secret?: string };

/** Each certificate is another PKI-ID, and the lowest leads an organisation: nobody may draw until it fits. */
const REENROLLMENTS_A_DAY = 20;
const DAY_MS = 24 * 3_600_000;
/** Of the records: at 1, every right is an attribute. */
const LEVEL = 1;

/** The identities of one CA. */
export class IdentityRegistry {
  readonly #store: KVStore;
  readonly #records: Records<RegisteredIdentity>;
  readonly #counters: Records<number>;
  readonly #serial = new Serial();

  constructor(store: KVStore, caName: string) {
    this.#store = store;
    this.#records = new Records(store, `identity/${caName}`);
    this.#counters = new Records(store, `counter/${caName}`);
  }

  get(id: string): Promise<RegisteredIdentity | undefined> {
    return this.#records.get(id);
  }

  async list(): Promise<RegisteredIdentity[]> {
    return (await this.#records.list()).map(([, identity]) => identity);
  }

  /** Adds an identity. Throws CaError ALREADY_REGISTERED. */
  async register(identity: NewIdentity): Promise<void> {
    const record = await toRecord(identity);
    await this.#serial.run(async () => {
      if (await this.#records.get(identity.id)) {
        const message = `Identity '${identity.id}' is already registered`;
        throw new CaError(409, CaErrorCode.ALREADY_REGISTERED, message);
      }
      await this.#write(this.#records.put(identity.id, record));
    });
  }

  /** Adds the identities that `make` gives for the next free number, all at once. */
  async registerNumbered(
    make: (n: number) => readonly NewIdentity[],
  ): Promise<readonly NewIdentity[]> {
    return this.#serial.run(async () => {
      let n = (await this.#counters.get('member')) ?? 0;
      let identities = make(n);
      // A registrar may have taken a name of the row by hand.
      while ((await this.#taken(identities)) !== undefined) identities = make(++n);
      const records = await Promise.all(identities.map(toRecord));
      const puts = records.map((record) => this.#records.put(record.id, record));
      await this.#write(this.#counters.put('member', n + 1), ...puts);
      return identities;
    });
  }

  /** Checks a secret and takes one enrolment. Throws CaError AUTHENTICATION_FAILURE whatever is wrong. */
  async spendEnrollment(id: string, secret: string): Promise<RegisteredIdentity> {
    const known = await this.#records.get(id);
    if (!(await verifySecret(secret, known?.secretHash)) || known?.revoked)
      throw authenticationFailure();
    return this.#change(id, (identity) => {
      if (identity.maxEnrollments >= 0 && identity.enrollments >= identity.maxEnrollments) {
        throw authenticationFailure();
      }
      return { ...identity, enrollments: identity.enrollments + 1 };
    });
  }

  /** Takes one re-enrolment of a day's. Throws CaError TOO_MANY_REENROLLMENTS, and AUTHENTICATION_FAILURE when there is no such identity. */
  spendReenrollment(id: string, now: number): Promise<RegisteredIdentity> {
    return this.#change(id, (identity) => {
      const before = identity.reenrollments;
      const today = before && now - before.since < DAY_MS ? before : { since: now, count: 0 };
      if (today.count >= REENROLLMENTS_A_DAY) {
        const message = `REENROLL_TOO_OFTEN: '${id}' has got ${REENROLLMENTS_A_DAY} new certificates within a day, which is all it may`;
        throw new CaError(429, CaErrorCode.TOO_MANY_REENROLLMENTS, message);
      }
      return { ...identity, reenrollments: { ...today, count: today.count + 1 } };
    });
  }

  /** Changes an identity; a secret that is given takes the place of the old one. Throws CaError AUTHENTICATION_FAILURE when there is no such identity. */
  async update(id: string, changes: IdentityChanges): Promise<RegisteredIdentity> {
    const { secret, ...others } = changes;
    const hashed = secret === undefined ? {} : { secretHash: await hashSecret(secret) };
    return this.#change(id, (identity) => ({ ...identity, ...others, ...hashed }));
  }

  async remove(id: string): Promise<void> {
    await this.#serial.run(() => this.#write(this.#records.remove(id)));
  }

  /**
   * Gives rights to the registrars of everything, who had all of them before rights were attributes of their own; those that they have or were taken
   * away stay. Once for each CA, as Fabric CA's migrateUserToLevel2.
   */
  async migrate(rights: readonly IdentityAttribute[]): Promise<void> {
    await this.#serial.run(async () => {
      if (((await this.#counters.get('level')) ?? 0) >= LEVEL) return;
      const changed = (await this.list()).flatMap((identity) => {
        const { attrs } = identity;
        const isRegistrar = wordsOf(attributeValue(attrs, RIGHTS.registrarRoles)).includes('*');
        const missing = rights.filter(({ name }) => !attrs.some((attr) => attr.name === name));
        return isRegistrar ? [{ ...identity, attrs: [...attrs, ...missing] }] : [];
      });
      const puts = changed.map((identity) => this.#records.put(identity.id, identity));
      await this.#write(...puts, this.#counters.put('level', LEVEL));
    });
  }

  /** Sets an attribute that goes into certificates unasked; without a value, removes it. Throws CaError AUTHENTICATION_FAILURE when there is no such identity. */
  async setAttribute(id: string, name: string, value: string | undefined): Promise<void> {
    await this.#change(id, (identity) => {
      const others = identity.attrs.filter((attr) => attr.name !== name);
      const attrs = value === undefined ? others : [...others, { name, value, ecert: true }];
      return { ...identity, attrs };
    });
  }

  #change(
    id: string,
    change: (identity: RegisteredIdentity) => RegisteredIdentity,
  ): Promise<RegisteredIdentity> {
    return this.#serial.run(async () => {
      const identity = await this.#records.get(id);
      if (!identity) throw authenticationFailure();
      const changed = change(identity);
      await this.#write(this.#records.put(id, changed));
      return changed;
    });
  }

  async #taken(identities: readonly NewIdentity[]): Promise<string | undefined> {
    for (const { id } of identities) if (await this.#records.get(id)) return id;
    return undefined;
  }

  #write(...operations: KVOperation[]): Promise<void> {
    return this.#store.write(operations, { durable: true });
  }
}

async function toRecord({ secret, ...identity }: NewIdentity): Promise<RegisteredIdentity> {
  return { ...identity, enrollments: 0, secretHash: await hashSecret(secret) };
}
