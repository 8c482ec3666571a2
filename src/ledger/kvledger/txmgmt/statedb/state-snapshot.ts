// SPDX-License-Identifier: Apache-2.0
// The state as one reader sees it: as of one block, while later ones are applied.
import { LedgerError, type Version, type VersionedValue } from '../../../types.ts';
import type { BinaryRange } from '../../../util/sorted-map.ts';

/** One key of a range with what it holds. */
export type StateRow = readonly [stateKey: string, value: VersionedValue];

/** The state as of one block. */
export interface StateSnapshot {
  /** The block; -1 before the first. */
  readonly asOf: number;
  get(stateKey: string): Promise<VersionedValue | undefined>;
  getMany(stateKeys: readonly string[]): Promise<(VersionedValue | undefined)[]>;
  /** Versions alone, which are more often at hand. */
  getVersions(stateKeys: readonly string[]): Promise<(Version | undefined)[]>;
  /** Rows in byte order. */
  range(range: BinaryRange): AsyncGenerator<StateRow>;
  /** Must be called; reading afterwards throws EXECUTOR_DONE. */
  release(): void;
}

/** What reads the state as of a block that is not before the last one stored. */
export interface StateReader {
  readMany(stateKeys: readonly string[], asOf: number): Promise<(VersionedValue | undefined)[]>;
  readVersions(stateKeys: readonly string[], asOf: number): Promise<(Version | undefined)[]>;
  scan(range: BinaryRange, asOf: number): AsyncGenerator<StateRow>;
}

/** Tells its maker when it is released or has expired. */
export class ReadSnapshot implements StateSnapshot {
  readonly asOf: number;
  readonly #db: StateReader;
  readonly #onRelease: () => void;
  #state: 'live' | 'released' | 'expired' = 'live';

  constructor(asOf: number, db: StateReader, onRelease: () => void) {
    this.asOf = asOf;
    this.#db = db;
    this.#onRelease = onRelease;
  }

  async get(stateKey: string): Promise<VersionedValue | undefined> {
    const [value] = await this.getMany([stateKey]);
    return value;
  }

  async getMany(stateKeys: readonly string[]): Promise<(VersionedValue | undefined)[]> {
    this.#check();
    const values = await this.#db.readMany(stateKeys, this.asOf);
    this.#check();
    return values;
  }

  async getVersions(stateKeys: readonly string[]): Promise<(Version | undefined)[]> {
    this.#check();
    const versions = await this.#db.readVersions(stateKeys, this.asOf);
    this.#check();
    return versions;
  }

  async *range(range: BinaryRange): AsyncGenerator<StateRow> {
    this.#check();
    for await (const row of this.#db.scan(range, this.asOf)) {
      this.#check();
      yield row;
    }
    this.#check();
  }

  release(): void {
    if (this.#state === 'live') this.#state = 'released';
    this.#onRelease();
  }

  expire(): void {
    this.#state = 'expired';
    this.#onRelease();
  }

  #check(): void {
    if (this.#state === 'live') return;
    if (this.#state === 'released') {
      throw new LedgerError('EXECUTOR_DONE', 'this query or simulation was ended by done()');
    }
    const text = `the state as of block ${this.asOf} had to be given up for newer blocks; simulate again`;
    throw new LedgerError('SNAPSHOT_EXPIRED', text);
  }
}
