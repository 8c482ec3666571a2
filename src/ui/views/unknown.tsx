// SPDX-License-Identifier: Apache-2.0
// For addresses that name no page.
import type { JSX } from 'preact';
import { useMessages } from '../i18n/index.ts';
import { hrefOf } from '../router.ts';
import { Empty } from '../widgets/bits.tsx';

export function UnknownPage(): JSX.Element {
  const m = useMessages();
  return (
    <div class="view">
      <h1 class="visually-hidden">{m.app.unknownPage}</h1>
      <Empty icon="info" title={m.app.unknownPage}>
        <p class="help">{m.app.unknownPageHelp}</p>
        <a class="button" href={hrefOf({ view: 'home' })}>
          {m.app.toStart}
        </a>
      </Empty>
    </div>
  );
}
