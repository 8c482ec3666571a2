// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { EMPTY_BYTES } from '../../../../../common/runtime/bytes.ts';
import { stateKey } from '../state-key.ts';
import { UpdateBatch } from '../update-batch.ts';
import { ChangeLog } from './change-log.ts';

function record(log: ChangeLog, blockNum: number, ...keys: readonly string[]): void {
  const batch = new UpdateBatch();
  for (const key of keys) {
    const version = { blockNum, txNum: 0 };
    batch.put('cc', '', key, { value: EMPTY_BYTES, metadata: EMPTY_BYTES, version });
  }
  log.record(blockNum, batch);
}

describe('a log of changes', () => {
  test('knows what changed between two blocks, one namespace at a time', () => {
    const log = new ChangeLog();
    record(log, 5, 'a');
    record(log, 6, 'b', 'c');
    record(log, 7, 'a');
    expect(log.between('cc', 4, 6)).toEqual(new Set(['a', 'b', 'c'].map((k) => stateKey('cc', k))));
    expect(log.between('cc', 6, 7)).toEqual(new Set([stateKey('cc', 'a')]));
    expect(log.between('dd', 4, 7)).toEqual(new Set());
    expect(log.between('cc', 7, 7)).toEqual(new Set());
  });

  test('says when it does not know', () => {
    const log = new ChangeLog();
    record(log, 5, 'a');
    expect(log.between('cc', 3, 5)).toBeUndefined();
    expect(log.between('cc', 4, 6)).toBeUndefined();
    record(log, 9, 'a');
    expect(log.between('cc', 4, 9)).toBeUndefined();
    expect(log.between('cc', 8, 9)?.size).toBe(1);
  });

  test('forgets the oldest blocks rather than grow', () => {
    const log = new ChangeLog();
    const many = Array.from({ length: 9000 }, (_, i) => `k${i}`);
    for (let blockNum = 0; blockNum < 4; blockNum++) record(log, blockNum, ...many);
    expect(log.between('cc', 0, 3)).toBeUndefined();
    expect(log.between('cc', 1, 3)?.size).toBe(9000);
  });
});
