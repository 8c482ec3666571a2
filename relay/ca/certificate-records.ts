// SPDX-License-Identifier: Apache-2.0
// The certificates that a CA has issued, and which of them are revoked: fabric-ca's certificate table, kept in LevelDB. Those that were issued before
// there were records are not in it; what is revoked by their owner's name holds for them through the owner.
import { parseCertificatePem } from '../../src/common/crypto/index.ts';
import { toHex } from '../../src/common/runtime/bytes.ts';
import type { KVOperation, KVStore } from '../../src/ledger/kv-store.ts';
import { Records, Serial } from '../data/records.ts';

export interface CertificateRecord {
  /** Enrolment id of its owner. */
  readonly id: string;
  /** Hex without leading zeros, lower case. */
  readonly serial: string;
  /** Hex of the authority key id. */
  readonly aki: string;
  readonly pem: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
  readonly revokedAt?: number;
  /** Of RFC 5280 5.3.1. */
  readonly reason?: number;
}

/** A span of time, milliseconds since the Unix epoch; an absent end is open. */
export interface TimeSpan {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export function isWithin({ from, to }: TimeSpan, at: number): boolean {
  return (from === undefined || at >= from) && (to === undefined || at <= to);
}

/** Serial numbers and key ids as people write them: with colons, leading zeros, in capitals (parseInput of lib/serverrevoke.go). */
export function plainHex(text: string): string {
  return text.toLowerCase().replaceAll(':', '').replace(/^0+/, '');
}

/** The certificates of one CA. */
export class CertificateRecords {
  readonly #store: KVStore;
  readonly #records: Records<CertificateRecord>;
  readonly #serial = new Serial();

  constructor(store: KVStore, caName: string) {
    this.#store = store;
    this.#records = new Records(store, `certificate/${caName}`);
  }

  async add(id: string, pem: string): Promise<CertificateRecord> {
    const { serialNumber, authorityKeyId, notAfter } = parseCertificatePem(pem);
    const serial = plainHex(serialNumber);
    const aki = plainHex(toHex(authorityKeyId ?? new Uint8Array()));
    const record = { id, serial, aki, pem, expiresAt: notAfter };
    await this.#write(this.#records.put(serial, record));
    return record;
  }

  /** By its serial number in plain hex. */
  get(serial: string): Promise<CertificateRecord | undefined> {
    return this.#records.get(serial);
  }

  async list(): Promise<CertificateRecord[]> {
    return (await this.#records.list()).map(([, record]) => record);
  }

  /** Revokes those that `isMeant` names and are not yet; gives them. */
  revoke(
    isMeant: (record: CertificateRecord) => boolean,
    about: { readonly revokedAt: number; readonly reason: number },
  ): Promise<CertificateRecord[]> {
    return this.#serial.run(async () => {
      const found = await this.list();
      const meant = found.filter((one) => one.revokedAt === undefined && isMeant(one));
      const revoked = meant.map((one) => ({ ...one, ...about }));
      if (revoked.length > 0)
        await this.#write(...revoked.map((one) => this.#records.put(one.serial, one)));
      return revoked;
    });
  }

  #write(...operations: KVOperation[]): Promise<void> {
    return this.#store.write(operations, { durable: true });
  }
}
