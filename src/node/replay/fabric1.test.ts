// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../common/runtime/clock.ts';
import { isClean, replayChain } from './index.ts';
import { testdataBlocks } from './testing/blockfiles.ts';
import { memoryLedgers, streamOf } from './testing/chains.ts';

describe('a channel that came to application capability V2_0 on the way', () => {
  test('is judged as its peer judged it', async () => {
    const blocks = await testdataBlocks('fabric20_testchannel');
    const components = { ledgers: await memoryLedgers(), clock: new FakeClock() };
    const report = await replayChain(streamOf(blocks), components);
    expect(report).toMatchObject({
      blocks: 20,
      transactions: 20,
      codes: { VALID: 20 },
      codeDifferences: [],
      commitHashDifferences: [],
      blocksWithoutCodes: 0,
      blocksWithoutCommitHash: 0,
    });
    expect(isClean(report)).toBe(true);
  }, 30_000);
});
