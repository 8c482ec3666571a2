// SPDX-License-Identifier: Apache-2.0
// Tells screen readers of new blocks, at most once in a few seconds: a busy ledger must not talk without end.
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { formatNumber } from '../format.ts';
import { language, type Messages, useMessages } from '../i18n/index.ts';
import type { PeerStore } from '../model/peer-store.ts';
import { usePeer } from './context.ts';

const INTERVAL_MS = 5000;

interface Announcement {
  readonly number: number;
  readonly blocks: number;
  readonly transactions: number;
}

const announcement = signal<Announcement | undefined>(undefined);

export function LiveRegion(): JSX.Element {
  const m = useMessages();
  const store = usePeer();
  useEffect(() => announceBlocks(store), [store]);
  const { value } = announcement;
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {value && wordsOf(value, m)}
    </p>
  );
}

function wordsOf({ number, blocks, transactions }: Announcement, m: Messages): string {
  const text = (value: number): string => formatNumber(value, language.value);
  return blocks === 1
    ? m.blocks.announce(text(number), transactions)
    : m.blocks.announceMany(blocks, text(number + 1));
}

function announceBlocks(store: PeerStore): () => void {
  let blocks = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = store.tabric.on('block:committed', ({ number, txIds }) => {
    blocks += 1;
    const said = { number, blocks, transactions: txIds.length };
    if (timer === undefined) {
      announcement.value = said;
      blocks = 0;
      timer = setTimeout(() => {
        timer = undefined;
        if (blocks > 0)
          announcement.value = { number: store.height.value - 1, blocks, transactions: 0 };
        blocks = 0;
      }, INTERVAL_MS);
    }
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
