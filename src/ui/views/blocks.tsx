// SPDX-License-Identifier: Apache-2.0
// The blocks as they come, newest first. While a person points at the list or has scrolled down, it stands still and
// counts what is new: rows that move away under the finger cannot be pressed.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { formatNumber } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { Empty } from '../widgets/bits.tsx';
import { BlockRow } from '../widgets/block-row.tsx';
import { useLedger } from '../widgets/context.ts';
import { ExportButton } from '../widgets/export-button.tsx';
import { Icon } from '../widgets/icon.tsx';
import { useFeed } from '../widgets/use-feed.ts';

export function Blocks(): JSX.Element {
  const m = useMessages();
  const ledger = useLedger();
  const { feed, height, live } = ledger;
  const { paused, top, hold, leave, resume } = usePause(() => feed.blocks.peek()[0]?.number ?? -1);
  const blocks = useFeed(ledger, { isHeld: paused !== undefined });
  const [opened] = useState(() => blocks[0]?.number ?? -1);
  const shown = paused === undefined ? blocks : blocks.filter(({ number }) => number <= paused);
  const waiting = paused === undefined ? 0 : height.value - 1 - paused;
  return (
    <div class="view narrow">
      <header class="view-head">
        <h1>{m.blocks.title}</h1>
        <span class="help">
          {m.home.height} {formatNumber(height.value, language.value)}
        </span>
        {live.value && (
          <span class="live" data-live={paused === undefined}>
            <Icon name={paused === undefined ? 'play' : 'pause'} size={14} />
            {paused === undefined ? m.blocks.live : m.blocks.paused}
          </span>
        )}
      </header>
      <div ref={top} class="block-feed-top" aria-hidden="true" />
      <div class="block-feed" onPointerEnter={hold} onPointerLeave={leave}>
        {waiting > 0 && <NewBlocks count={waiting} show={resume} />}
        {blocks.length === 0 && <Empty icon="blocks" title={m.blocks.empty} />}
        <ol class="block-list card" reversed>
          {shown.map((block) => (
            <BlockRow key={block.number} block={block} isNew={block.number > opened} />
          ))}
        </ol>
      </div>
      {(blocks.at(-1)?.number ?? 0) > (ledger.firstBlock ?? 0) && (
        <button type="button" class="button" onClick={() => void feed.older()}>
          {m.blocks.older}
        </button>
      )}
      <ExportButton />
    </div>
  );
}

/** Floats over the list, so that nothing moves when it appears. */
function NewBlocks({ count, show }: { count: number; show: () => void }): JSX.Element {
  const m = useMessages();
  return (
    <div class="new-blocks">
      <button
        type="button"
        class="button is-primary"
        data-testid="new-blocks"
        data-count={count}
        onClick={show}
      >
        {m.blocks.newBlocks(count)}
      </button>
    </div>
  );
}

interface Pause {
  /** While this is out of sight, a person has scrolled down and reads. */
  readonly top: { current: HTMLDivElement | null };
  /** The newest block when the list was stopped. */
  readonly paused: number | undefined;
  readonly hold: (event: { pointerType: string }) => void;
  readonly leave: () => void;
  readonly resume: () => void;
}

function usePause(newest: () => number): Pause {
  const [paused, setPaused] = useState<number>();
  const latest = useRef(newest);
  latest.current = newest;
  const top = useRef<HTMLDivElement>(null);
  const reading = useRef(false);
  useEffect(() => {
    if (!top.current) return;
    // Asking for a position at each scroll event would have the page laid out there and then.
    const observer = new IntersectionObserver(([entry]) => {
      const now = entry !== undefined && !entry.isIntersecting;
      if (now === reading.current) return;
      reading.current = now;
      setPaused((before) => (now ? (before ?? latest.current()) : undefined));
    });
    observer.observe(top.current);
    return () => observer.disconnect();
  }, []);
  return {
    paused,
    top,
    // A finger does not hover: on a phone only scrolling stops the list.
    hold: ({ pointerType }) => {
      if (pointerType === 'mouse') setPaused((before) => before ?? latest.current());
    },
    leave: () => {
      if (!reading.current) setPaused(undefined);
    },
    resume: () => {
      window.scrollTo(0, 0);
      setPaused(undefined);
    },
  };
}
