// SPDX-License-Identifier: Apache-2.0
// What the signs of the network picture mean.
import type { JSX } from 'preact';
import { useMessages } from '../i18n/index.ts';

export function NetworkLegend(): JSX.Element {
  const m = useMessages();
  return (
    <ul class="legend" aria-label={m.network.legend}>
      <Item words={m.network.legendDirect}>
        <line class="edge" data-kind="webrtc" data-mine="true" x1={2} y1={10} x2={34} y2={10} />
      </Item>
      <Item words={m.network.legendRelay}>
        <line class="edge" data-kind="relay" data-mine="true" x1={2} y1={10} x2={34} y2={10} />
      </Item>
      <Item words={m.network.legendLeader}>
        <path class="crown" transform="translate(18 40)" d="M-12 -23h24l2-13-8 5-6-9-6 9-8-5z" />
      </Item>
      <Item words={m.network.legendAsleep}>
        <path class="mark" transform="translate(-2 30)" d="M17 -27a7 7 0 1 0 7 9 6 6 0 0 1-7-9z" />
      </Item>
      <Item words={m.network.legendDead}>
        <path class="mark is-cross" d="M11 3l14 14M25 3l-14 14" />
      </Item>
    </ul>
  );
}

function Item({ words, children }: { words: string; children: JSX.Element }): JSX.Element {
  return (
    <li>
      <svg width="36" height="20" viewBox="0 0 36 20" aria-hidden="true">
        {children}
      </svg>
      {words}
    </li>
  );
}
