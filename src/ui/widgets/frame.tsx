// SPDX-License-Identifier: Apache-2.0
// The frame around the pages of a ledger: navigation beside (wide) or below (phone), a bar on top, the page.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useMessages } from '../i18n/index.ts';
import { hrefOf, page } from '../router.ts';
import { Icon, type IconName, Logo } from './icon.tsx';
import { Preferences } from './preferences.tsx';
import { SearchBox } from './search-box.tsx';

export interface FrameTab {
  readonly href: string;
  readonly icon: IconName;
  readonly label: string;
  readonly current: boolean;
}

export function Frame(props: {
  /** Where the logo leads. */
  home: string;
  tabs: readonly FrameTab[];
  /** Below the tabs, on a wide screen. */
  foot: ComponentChildren;
  /** On top, after the search. */
  top?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  const m = useMessages();
  const { home, tabs, foot, top, children } = props;
  const main = useRef<HTMLElement>(null);
  const href = hrefOf(page.value.route);
  const shown = useRef(href);
  // A new page takes the focus, as a loaded one would, so that keyboard and screen reader start at its top.
  useEffect(() => {
    if (shown.current === href) return;
    shown.current = href;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [href]);
  return (
    <div class="shell">
      <nav class="nav" aria-label={m.app.navigation}>
        <a
          class="skip"
          href={href}
          onClick={(event) => {
            event.preventDefault();
            main.current?.focus();
          }}
        >
          {m.app.skip}
        </a>
        <a class="brand nav-brand" href={home}>
          <Logo />
          <span>Tabric</span>
        </a>
        <ul>
          {tabs.map(({ href, icon, label, current }) => (
            <li key={href}>
              <a href={href} aria-current={current ? 'page' : undefined}>
                <Icon name={icon} size={22} />
                <span>{label}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="nav-foot">{foot}</div>
      </nav>
      <header class="top">
        <a class="brand top-brand" href={home} aria-label="Tabric">
          <Logo />
        </a>
        <SearchBox />
        {top}
        <Preferences />
      </header>
      <main ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
