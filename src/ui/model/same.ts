// SPDX-License-Identifier: Apache-2.0
// The peer tells what there is, not what has changed. What has not stays the same object here, so that signals and rows can
// tell by identity that there is nothing to draw.
import type { Signal } from '@preact/signals';

/** Whether two pieces of plain data are equal in all that they hold. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  if (left.length !== right.size || Array.isArray(a) !== Array.isArray(b)) return false;
  return left.every(([name, value]) => right.has(name) && isSame(value, right.get(name)));
}

/** Sets a signal unless it holds an equal value; tells whether it was set. */
export function setIfChanged<Value>(target: Signal<Value>, value: Value): boolean {
  if (isSame(target.peek(), value)) return false;
  target.value = value;
  return true;
}

/** As setIfChanged for a list, of whose items those that have not changed stay as they are. */
export function setItemsIfChanged<Item>(
  target: Signal<readonly Item[]>,
  items: readonly Item[],
  idOf: (item: Item) => string,
): boolean {
  const before = target.peek();
  const known = new Map(before.map((item) => [idOf(item), item]));
  const kept = items.map((item) => {
    const old = known.get(idOf(item));
    return old !== undefined && isSame(old, item) ? old : item;
  });
  if (kept.length === before.length && kept.every((item, index) => item === before[index]))
    return false;
  target.value = kept;
  return true;
}
