// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { realBlocks, streamOf } from '../src/node/replay/testing/chains.ts';
import { asPeerStores, checkCodesKnown } from './as-peer-stores.ts';
import { memoryLedgers } from './command-ledgers.ts';

describe('an orderer’s blocks as a peer stores them', () => {
  test('are refused when their codes would mean nothing', () => {
    const report = { channelId: 'class', codes: { VALID: 3, INVALID_CHAINCODE: 2 } };
    expect(() => checkCodesKnown(report)).toThrow(
      expect.objectContaining({
        code: 'CODES_UNKNOWN',
        message: expect.stringContaining('2 transaction(s) of class'),
      }),
    );
    expect(() => checkCodesKnown({ channelId: 'class', codes: { VALID: 3 } })).not.toThrow();
  });

  test('end where a person stops it', async () => {
    await using opened = await memoryLedgers();
    const stopped = AbortSignal.abort();
    const made = asPeerStores(streamOf(realBlocks(5)), opened.ledgers, stopped);
    await expect(made).rejects.toThrow(stopped.reason);
  });
});
