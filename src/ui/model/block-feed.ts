// SPDX-License-Identifier: Apache-2.0
// The newest blocks of the ledger as one unbroken run, newest first, for lists that grow at both ends.
import { signal } from '@preact/signals';
import type { BlockView } from '../../node/api/ledger-views.ts';
import type { ChannelFacade } from '../../node/api/tabric.ts';

const PAGE_BLOCKS = 20;
/** Rows that nobody went back to are dropped from this many on; every new row moves all of them. */
const LIVE_BLOCKS = 100;
const MAX_KEPT_BLOCKS = 400;

type BlockReader = Pick<ChannelFacade, 'blocks'>;

export class BlockFeed {
  /** Newest first, without holes. */
  readonly blocks = signal<readonly BlockView[]>([]);
  readonly #reader: BlockReader;
  #wantedHeight = 0;
  #least = PAGE_BLOCKS;
  #most = LIVE_BLOCKS;
  #following: Promise<void> | undefined;

  constructor(reader: BlockReader) {
    this.#reader = reader;
  }

  /**
   * Reads up to `height`, and at least the newest `least` blocks; calls while one is under way are merged into it. A jump ahead of
   * more than twice as many starts the run again: while a peer catches up, nobody reads every block.
   */
  follow(height: number, least = PAGE_BLOCKS): Promise<void> {
    this.#wantedHeight = Math.max(this.#wantedHeight, height);
    this.#least = least;
    this.#following ??= this.#catchUp().finally(() => {
      this.#following = undefined;
    });
    return this.#following;
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const newest = this.#wantedHeight - 1;
      const have = this.blocks.value[0]?.number ?? -1;
      const least = this.#least;
      if (newest <= have) return this.#fillTo(least);
      const isJump = this.blocks.value.length === 0 || newest - have > 2 * least;
      const from = isJump ? Math.max(0, newest - least + 1) : have + 1;
      const read = await this.#read(from, newest);
      if (read.length === 0) return;
      if (isJump) this.#most = LIVE_BLOCKS;
      const kept = isJump ? read : [...read, ...this.blocks.value];
      this.blocks.value = kept.slice(0, this.#most);
    }
  }

  async #fillTo(least: number): Promise<void> {
    const missing = least - this.blocks.value.length;
    if (missing > 0) await this.#back(missing);
  }

  /** Adds a page of older blocks at the end. */
  async older(): Promise<void> {
    this.#most = MAX_KEPT_BLOCKS;
    await this.#back(PAGE_BLOCKS);
  }

  async #back(count: number): Promise<void> {
    const oldest = this.blocks.value.at(-1)?.number ?? 0;
    if (oldest === 0) return;
    const read = await this.#read(Math.max(0, oldest - count), oldest - 1);
    // A jump ahead may have started the run again meanwhile.
    if (this.blocks.value.at(-1)?.number === oldest)
      this.blocks.value = [...this.blocks.value, ...read];
  }

  async #read(from: number, to: number): Promise<BlockView[]> {
    const read = await this.#reader.blocks({ from: to, limit: to - from + 1 });
    const inRange = read.filter((block) => block.number >= from && block.number <= to);
    return inRange.sort((a, b) => b.number - a.number);
  }
}
