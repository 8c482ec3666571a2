// SPDX-License-Identifier: Apache-2.0
// The newest blocks of the ledger as one unbroken run, newest first, for lists that grow at both ends.
import { signal } from '@preact/signals';
import type { BlockView } from '../../node/api/ledger-views.ts';
import type { ChannelFacade } from '../../node/api/tabric.ts';

const PAGE_BLOCKS = 20;
/** A jump ahead of more than this starts the run again: while a peer catches up, nobody reads every block. */
const MAX_GAP_BLOCKS = 40;
const MAX_KEPT_BLOCKS = 400;

type BlockReader = Pick<ChannelFacade, 'blocks'>;

export class BlockFeed {
  /** Newest first, without holes. */
  readonly blocks = signal<readonly BlockView[]>([]);
  readonly #reader: BlockReader;
  #wantedHeight = 0;
  #following: Promise<void> | undefined;

  constructor(reader: BlockReader) {
    this.#reader = reader;
  }

  /** Reads up to `height`; calls while one is under way are merged into it. */
  follow(height: number): Promise<void> {
    this.#wantedHeight = Math.max(this.#wantedHeight, height);
    this.#following ??= this.#catchUp().finally(() => {
      this.#following = undefined;
    });
    return this.#following;
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const newest = this.#wantedHeight - 1;
      const have = this.blocks.value[0]?.number ?? -1;
      if (newest <= have) return;
      const isJump = this.blocks.value.length === 0 || newest - have > MAX_GAP_BLOCKS;
      const from = isJump ? Math.max(0, newest - PAGE_BLOCKS + 1) : have + 1;
      const read = await this.#read(from, newest);
      if (read.length === 0) return;
      const kept = isJump ? read : [...read, ...this.blocks.value];
      this.blocks.value = kept.slice(0, MAX_KEPT_BLOCKS);
    }
  }

  /** Adds a page of older blocks at the end. */
  async older(): Promise<void> {
    const oldest = this.blocks.value.at(-1)?.number ?? 0;
    if (oldest === 0) return;
    const read = await this.#read(Math.max(0, oldest - PAGE_BLOCKS), oldest - 1);
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
