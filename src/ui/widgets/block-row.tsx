// SPDX-License-Identifier: Apache-2.0
// One block of a list: the whole row is its link.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { BlockView } from '../../node/api/ledger-views.ts';
import { formatBytes, formatNumber } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { Age, Hash } from './bits.tsx';
import { useChannelIfAny, useHref } from './context.ts';

/** `isNew`: it came while the list was open, and is shown to arrive, unless many do. */
export function BlockRow({ block, isNew }: { block: BlockView; isNew: boolean }): JSX.Element {
  const m = useMessages();
  const hrefOf = useHref();
  const busy = useChannelIfAny()?.updates.busy;
  const [arrives] = useState(isNew && !busy?.peek());
  const invalid = block.transactions.filter((tx) => tx.status !== 'VALID').length;
  const [first] = block.transactions;
  return (
    <li
      class={`block-row ${arrives ? 'is-new' : ''}`}
      data-testid={`block-row-${block.number}`}
      data-number={block.number}
    >
      <a href={hrefOf({ view: 'block', number: block.number })}>
        <strong class="block-number">
          <span class="visually-hidden">{m.blocks.number} </span>
          {formatNumber(block.number, language.value)}
        </strong>
        <span class="block-what">
          <span>
            {block.isConfig ? m.blocks.config : m.blocks.transactions(block.transactions.length)}
          </span>
          <small class="help">
            {invalid > 0 && <em class="block-invalid">{m.blocks.invalid(invalid)}</em>}
            {callsOf(block)}
            {callsOf(block) !== '' && ' · '}
            {formatBytes(block.sizeBytes, language.value)}
          </small>
        </span>
        <span class="block-when">
          {first && first.timestamp > 0 && <Age at={first.timestamp} />}
          <Hash value={block.hash} short />
        </span>
      </a>
    </li>
  );
}

// What the block is about: the functions called, each once, a few of them.
function callsOf(block: BlockView): string {
  const names = [...new Set(block.transactions.flatMap((tx) => tx.fn ?? []))];
  return names.length > 3 ? `${names.slice(0, 3).join(', ')}, …` : names.join(', ');
}
