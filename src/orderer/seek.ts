// SPDX-License-Identifier: Apache-2.0
// Which blocks a SeekInfo asks for (common/deliver/deliver.go and blockledger/fileledger/impl.go @ v2.5).
import type Long from 'long';
import { common, type orderer } from '../common/protos/index.ts';

/** From `start` to `stop`, both included; `stop` may be Infinity. */
export interface BlockRange {
  readonly start: number;
  readonly stop: number;
}

const { BAD_REQUEST, NOT_FOUND } = common.Status;

/**
 * The range of a seek on a chain of `height` blocks, or the status that refuses it. "Newest" means the newest at the
 * time of asking, so a range that stops there ends even when more blocks come meanwhile.
 */
export function resolveSeek(
  { start, stop }: orderer.SeekInfo,
  height: number,
): BlockRange | common.Status {
  if (!start || !stop) return BAD_REQUEST;
  const first = startOf(start, height);
  if (first === undefined) return NOT_FOUND;
  const last = stopOf(start, stop, first, height);
  return last < first && stop.Type === 'specified' ? BAD_REQUEST : { start: first, stop: last };
}

// Waiting for the next block is allowed, for one further on not.
function startOf(position: orderer.SeekPosition, height: number): number | undefined {
  switch (position.Type) {
    case 'oldest':
      return 0;
    case 'newest':
      return height - 1;
    case 'next_commit':
      return height;
    case 'specified': {
      const number = blockNumberOf(position.specified?.number);
      return number > height ? undefined : number;
    }
    default:
      return undefined;
  }
}

function stopOf(
  start: orderer.SeekPosition,
  stop: orderer.SeekPosition,
  first: number,
  height: number,
): number {
  switch (stop.Type) {
    case 'oldest':
      return first;
    case 'newest':
      return start.Type === 'newest' ? first : height - 1;
    case 'specified':
      return blockNumberOf(stop.specified?.number);
    default:
      // Fabric leaves 0 here: one block from the very beginning, otherwise no end.
      return 0;
  }
}

// Beyond the safe integers there are no blocks; clients say "for ever" with the highest uint64.
function blockNumberOf(number: Long | undefined): number {
  if (!number) return 0;
  const value = number.toNumber();
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
}
