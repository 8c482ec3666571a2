// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { BlockView } from '../../node/api/ledger-views.ts';
import { BlockFeed } from './block-feed.ts';

/** A ledger that grows, answering as the peer does: newest first. */
class GrowingLedger {
  height = 0;
  reads = 0;

  async blocks({ from = this.height - 1, limit = 20 } = {}): Promise<BlockView[]> {
    this.reads += 1;
    const first = Math.min(from, this.height - 1);
    const count = Math.min(limit, first + 1);
    return Array.from({ length: count }, (_, i) => ({ number: first - i }) as BlockView);
  }
}

const numbers = (feed: BlockFeed): number[] => feed.blocks.value.map(({ number }) => number);

describe('the feed of blocks', () => {
  it('follows the tip without holes, newest first', async () => {
    const source = new GrowingLedger();
    const feed = new BlockFeed(source);
    source.height = 2;
    await feed.follow(2);
    expect(numbers(feed)).toEqual([1, 0]);
    source.height = 5;
    await Promise.all([feed.follow(4), feed.follow(5)]);
    expect(numbers(feed)).toEqual([4, 3, 2, 1, 0]);
  });

  it('starts again after a jump, and goes back a page at a time', async () => {
    const source = new GrowingLedger();
    const feed = new BlockFeed(source);
    source.height = 3;
    await feed.follow(3);
    source.height = 100;
    await feed.follow(100);
    expect(numbers(feed)).toEqual(Array.from({ length: 20 }, (_, i) => 99 - i));
    await feed.older();
    expect(numbers(feed)).toEqual(Array.from({ length: 40 }, (_, i) => 99 - i));
  });

  it('reads no more than a short list needs, and the rest once a longer one is shown', async () => {
    const source = new GrowingLedger();
    const feed = new BlockFeed(source);
    source.height = 1000;
    await feed.follow(1000, 5);
    expect(numbers(feed)).toEqual([999, 998, 997, 996, 995]);
    source.height = 2000;
    await feed.follow(2000, 5);
    expect(numbers(feed)).toEqual([1999, 1998, 1997, 1996, 1995]);
    await feed.follow(2000);
    expect(numbers(feed)).toEqual(Array.from({ length: 20 }, (_, i) => 1999 - i));
  });

  it('drops what has grown too long, unless somebody went back', async () => {
    const source = new GrowingLedger();
    const feed = new BlockFeed(source);
    const grow = async (): Promise<void> => {
      for (let i = 0; i < 30; i++) {
        source.height += 10;
        await feed.follow(source.height);
      }
    };
    await grow();
    expect(numbers(feed)).toEqual(Array.from({ length: 100 }, (_, i) => 299 - i));
    await feed.older();
    await grow();
    expect(feed.blocks.value).toHaveLength(400);
  });

  it('stops at the genesis block, and does not read what it has', async () => {
    const source = new GrowingLedger();
    const feed = new BlockFeed(source);
    source.height = 1;
    await feed.follow(1);
    const { reads } = source;
    await feed.older();
    await feed.follow(1);
    expect(source.reads).toBe(reads);
    expect(numbers(feed)).toEqual([0]);
  });
});
