// SPDX-License-Identifier: Apache-2.0
// What the validator is held against: maps of the last value of each key, and the rules of Fabric's ledger stage read
// literally. It shares nothing with the code under test but the bytes of UTF-8 (validation/validator.go, tx_ops.go).
import { utf8 } from '../../../../common/runtime/bytes.ts';

/** A key as a simulation or a block leaves it; the version is `block.tx`. */
export interface Row {
  readonly value: string;
  readonly metadata: string;
  readonly version: string;
}

/** By space, which is `chaincode` or `chaincode/collection`, and key. */
export type World = ReadonlyMap<string, ReadonlyMap<string, Row>>;

interface ReadStep<T extends string> {
  readonly do: T;
  readonly space: string;
  readonly key: string;
}

interface WriteStep<T extends string> extends ReadStep<T> {
  /** '' deletes. */
  readonly value: string;
}

interface RangeStep {
  readonly do: 'range';
  readonly space: string;
  readonly from: string;
  readonly to: string;
  /** How many rows are asked for. */
  readonly seen: number;
}

/** What a chaincode does. */
export type Step =
  | ReadStep<'read'>
  | ReadStep<'readMetadata'>
  | WriteStep<'write'>
  | WriteStep<'writeMetadata'>
  | WriteStep<'purge'>
  | RangeStep;

export const VALID = 0;
export const MVCC_READ_CONFLICT = 11;
export const PHANTOM_READ_CONFLICT = 12;

export const chaincodeOf = (space: string): string => space.split('/')[0] ?? '';
const isPrivate = (space: string): boolean => space.includes('/');

export function byBytes(a: string, b: string): number {
  const [x, y] = [utf8(a), utf8(b)];
  const at = x.findIndex((byte, i) => byte !== y[i]);
  return at < 0 || at >= y.length ? x.length - y.length : (x[at] ?? 0) - (y[at] ?? 0);
}

export class NaiveLedger {
  world = new Map<string, Map<string, Row>>();
  // Keys that the current block has written or deleted.
  #touched = new Set<string>();

  /** The world as it is, for a simulation that ends later. */
  past(): World {
    return new Map([...this.world].map(([space, rows]) => [space, new Map(rows)]));
  }

  beginBlock(): void {
    this.#touched = new Set();
  }

  /** The code of a transaction simulated on `then`; applies it when it is valid. */
  commit(steps: readonly Step[], then: World, version: string): number {
    const chaincodes = [...new Set(steps.map(({ space }) => chaincodeOf(space)))].sort(byBytes);
    for (const chaincode of chaincodes) {
      const own = steps.filter(({ space }) => chaincodeOf(space) === chaincode);
      if (!this.#readsHold(own, then, false)) return MVCC_READ_CONFLICT;
      const ranges = own.filter((step) => step.do === 'range');
      if (!ranges.every((step) => this.#rangeHolds(step, then))) return PHANTOM_READ_CONFLICT;
      if (!this.#readsHold(own, then, true)) return MVCC_READ_CONFLICT;
    }
    this.#apply(steps, version);
    return VALID;
  }

  #readsHold(steps: readonly Step[], then: World, hashed: boolean): boolean {
    return steps.every((step) => {
      if ((step.do !== 'read' && step.do !== 'readMetadata') || isPrivate(step.space) !== hashed)
        return true;
      const { space, key } = step;
      const now = this.world.get(space)?.get(key)?.version;
      return !this.#touched.has(`${space}|${key}`) && now === then.get(space)?.get(key)?.version;
    });
  }

  // The range is run again as it was recorded: up to its end when it was read to the end, else up to the last row
  // seen, that row included. A range of which no row was seen has the empty key as its end, which is all that follows.
  #rangeHolds({ space, from, to, seen }: RangeStep, then: World): boolean {
    const before = scan(then, space, from, to);
    const shown = before.slice(0, seen);
    const exhausted = seen > before.length;
    const end = exhausted ? to : (shown.at(-1)?.[0] ?? '');
    const now = scan(this.world, space, from, end);
    const last = this.world.get(space)?.get(end);
    if (!exhausted && last) now.push([end, last.version]);
    return JSON.stringify(now) === JSON.stringify(shown);
  }

  #apply(steps: readonly Step[], version: string): void {
    const values = new Map<string, [string, string, string]>();
    const metadata = new Map<string, [string, string, string]>();
    for (const step of steps) {
      if (step.do === 'read' || step.do === 'readMetadata' || step.do === 'range') continue;
      const { space, key } = step;
      const value = step.do === 'purge' ? '' : step.value;
      (step.do === 'writeMetadata' ? metadata : values).set(`${space}|${key}`, [space, key, value]);
    }
    for (const [id, [space, key]] of new Map([...values, ...metadata])) {
      const rows = this.world.get(space) ?? new Map<string, Row>();
      this.world.set(space, rows);
      const before = rows.get(key);
      // Metadata alone does nothing to a key that is not there.
      if (!values.has(id) && !before) continue;
      this.#touched.add(id);
      const value = values.get(id)?.[2] ?? before?.value ?? '';
      const meta = metadata.get(id)?.[2] ?? before?.metadata ?? '';
      if (value === '') rows.delete(key);
      else rows.set(key, { value, metadata: meta, version });
    }
  }
}

/** Keys with their versions from `from` to before `to`, in the order of their bytes; '' as `to` is the end. */
function scan(world: World, space: string, from: string, to: string): [string, string][] {
  return [...(world.get(space) ?? [])]
    .filter(([key]) => byBytes(key, from) >= 0 && (to === '' || byBytes(key, to) < 0))
    .sort(([a], [b]) => byBytes(a, b))
    .map(([key, { version }]) => [key, version]);
}
