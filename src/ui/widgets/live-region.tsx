// SPDX-License-Identifier: Apache-2.0
// Tells screen readers of new blocks, at most once in a few seconds: a busy ledger must not talk without end.
import { effect, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { formatNumber } from '../format.ts';
import { language, type Messages, useMessages } from '../i18n/index.ts';
import type { ChannelStore } from '../model/channel-store.ts';
import { useChannel } from './context.ts';

const INTERVAL_MS = 5000;

interface Announcement {
  readonly height: number;
  readonly blocks: number;
  /** In the newest block. */
  readonly transactions: number;
}

export function LiveRegion(): JSX.Element {
  const m = useMessages();
  const channel = useChannel();
  const announcement = useMemo(() => signal<Announcement | undefined>(undefined), [channel]);
  useEffect(
    () =>
      announceBlocks(channel, (said) => {
        announcement.value = said;
      }),
    [channel, announcement],
  );
  const { value } = announcement;
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {value && wordsOf(value, m)}
    </p>
  );
}

function wordsOf({ height, blocks, transactions }: Announcement, m: Messages): string {
  const text = (value: number): string => formatNumber(value, language.value);
  return blocks === 1
    ? m.blocks.announce(text(height - 1), transactions)
    : m.blocks.announceMany(blocks, text(height));
}

function announceBlocks(channel: ChannelStore, say: (said: Announcement) => void): () => void {
  const { height } = channel;
  let said = height.peek();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (): void => {
    const now = height.peek();
    if (now === said) return;
    say({ height: now, blocks: now - said, transactions: channel.newest.transactions });
    said = now;
    timer = setTimeout(() => {
      timer = undefined;
      tell();
    }, INTERVAL_MS);
  };
  const stop = effect(() => {
    height.value;
    if (timer === undefined) tell();
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}
