// SPDX-License-Identifier: Apache-2.0
// Keeps a slot's identities: keys and certificates, by organisation and slot. Keys are non-extractable CryptoKeys where the
// page is a secure context, so they never leave this browser.
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { EnrolledIdentity, Invitation } from '../enrolment.ts';

export interface WalletEntry {
  readonly org: string;
  readonly slot: number;
  readonly mspId: string;
  readonly peer: EnrolledIdentity;
  readonly client: EnrolledIdentity;
  /** Protobuf-encoded libp2p private key. */
  readonly libp2pKey: Uint8Array;
  /** Name of the ledger's database. */
  readonly ledger: string;
  /** Milliseconds since the Unix epoch. */
  readonly lastUsed: number;
}

interface WalletSchema extends DBSchema {
  entries: { key: [string, number]; value: WalletEntry };
  invitations: { key: string; value: Invitation };
}

/** The identities of one network in this browser. What writes rejects with FabricError QUOTA_EXCEEDED when there is no room. */
export class Wallet {
  readonly #db: IDBPDatabase<WalletSchema>;

  private constructor(db: IDBPDatabase<WalletSchema>) {
    this.#db = db;
  }

  /**
   * Throws FabricError STORAGE_REFUSED when the browser keeps nothing for this page, and STORE_UNREADABLE when what it keeps was made by
   * a newer version; a peer with a new identity would then hide the old one.
   */
  static async open(networkId: string): Promise<Wallet> {
    const db = await outcomeOf(async () =>
      openDB<WalletSchema>(`tabric/${networkId}/wallet`, 1, {
        upgrade: (upgraded) => {
          upgraded.createObjectStore('entries', { keyPath: ['org', 'slot'] });
          upgraded.createObjectStore('invitations', { keyPath: 'org' });
        },
        // A newer page wants to change the schema: let go rather than block it.
        blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
      }),
    );
    return new Wallet(db);
  }

  get(org: string, slot: number): Promise<WalletEntry | undefined> {
    return outcomeOf(() => this.#db.get('entries', [org, slot]));
  }

  async put(entry: WalletEntry): Promise<void> {
    await outcomeOf(async () => {
      const tx = this.#db.transaction('entries', 'readwrite', { durability: 'strict' });
      await Promise.all([tx.store.put(entry), tx.done]);
    });
  }

  /** The invitation that this browser last used for an organisation. */
  invitation(org: string): Promise<Invitation | undefined> {
    return outcomeOf(() => this.#db.get('invitations', org));
  }

  /** Keeps an invitation, so that a second or duplicated tab, whose address no longer shows it, can join too. */
  async keepInvitation(invitation: Invitation): Promise<void> {
    await outcomeOf(() => this.#db.put('invitations', invitation));
  }

  /** The organisation of the entry used last, for a page opened without a link. */
  async lastUsedOrg(): Promise<string | undefined> {
    const entries = await outcomeOf(() => this.#db.getAll('entries'));
    return entries.sort((a, b) => b.lastUsed - a.lastUsed)[0]?.org;
  }

  close(): void {
    this.#db.close();
  }
}

// The page must stay small: these are the few that matter here of what the ledger's store tells apart.
const CODES: Readonly<Record<string, string>> = {
  QuotaExceededError: 'QUOTA_EXCEEDED',
  VersionError: 'STORE_UNREADABLE',
  UnknownError: 'STORE_FAILED',
  AbortError: 'STORE_FAILED',
};

async function outcomeOf<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const code = CODES[cause instanceof Error ? cause.name : ''] ?? 'STORAGE_REFUSED';
    const text = `this browser's identities cannot be kept: ${messageOf(cause)}`;
    throw new FabricError(code, text, { cause });
  }
}
