// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren, JSX } from 'preact';
import { useLedgerMessages } from '../i18n/explorer.ts';
import { hrefOf } from '../router.ts';
import { Logo } from './icon.tsx';
import { Preferences } from './preferences.tsx';

/** The frame of pages that belong to no peer. */
export function Outside(props: { joined: boolean; children: ComponentChildren }): JSX.Element {
  return (
    <div class="ledger-outside">
      <header class="join-top">
        <a class="brand" href={hrefOf({ view: 'home' })} aria-label="Tabric">
          <Logo />
          <span aria-hidden="true">Tabric</span>
        </a>
        <WayOut joined={props.joined} />
        <Preferences />
      </header>
      <main>{props.children}</main>
    </div>
  );
}

export function WayOut({ joined }: { joined: boolean }): JSX.Element {
  const m = useLedgerMessages();
  return (
    <a class="way-out" href={hrefOf({ view: 'home' })}>
      {joined ? m.toPeer : m.toJoin}
    </a>
  );
}
