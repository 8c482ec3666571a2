// SPDX-License-Identifier: Apache-2.0
// Ledgers of real peers, opened from their block files: the way in, and each ledger in a frame of its own. Works without any
// network; a peer that runs in this tab runs on meanwhile.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatNumber, visibleKey } from '../format.ts';
import { useLedgerMessages } from '../i18n/explorer.ts';
import { language, useMessages } from '../i18n/index.ts';
import { ledgerViewer, type Opening } from '../model/ledger-viewer.ts';
import type { OpenedLedger } from '../model/opened-ledger.ts';
import type { Session } from '../model/session.ts';
import { hrefOf, type LedgerRoute, type Route } from '../router.ts';
import { Empty, Loading } from '../widgets/bits.tsx';
import { LedgerContext } from '../widgets/context.ts';
import { Frame, type FrameTab } from '../widgets/frame.tsx';
import { Icon } from '../widgets/icon.tsx';
import { ImportLine } from '../widgets/import-progress.tsx';
import { Outside, WayOut } from '../widgets/outside.tsx';
import { LedgerPages } from './ledger-pages.tsx';
import { LedgerReportPage } from './ledger-report.tsx';
import { LedgerStart } from './ledger-start.tsx';
import '../styles/ledger.css';

type Props = { route: Extract<Route, { view: 'ledger' }>; session: Session };

export function Ledger({ route, session }: Props): JSX.Element {
  const m = useLedgerMessages();
  const { id, page } = route;
  const joined = session.state.value.phase === 'running';
  useEffect(() => {
    document.title = [...(page ? pageName(page) : []), id ?? m.title, 'Tabric'].join(' · ');
  }, [id, page, m]);
  if (id === undefined) {
    return (
      <Outside joined={joined}>
        <LedgerStart session={session} />
      </Outside>
    );
  }
  return <Opened key={id} id={id} page={page} joined={joined} />;
}

function pageName(page: LedgerRoute): string[] {
  if (page.view === 'block') return [`#${page.number}`];
  if (page.view === 'tx') return [page.txId.slice(0, 8)];
  return page.view === 'key' ? [visibleKey(page.key)] : [];
}

/** The page while no ledger is open. */
function Opened(props: {
  id: string;
  page: LedgerRoute | undefined;
  joined: boolean;
}): JSX.Element {
  const { id, page, joined } = props;
  const [opening, setOpening] = useState<Opening>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    void ledgerViewer()
      .open(id)
      .then((result) => current && setOpening(result));
    return () => {
      current = false;
    };
  }, [id, attempt]);
  if (opening?.failure === undefined && opening) {
    return <Inside ledger={opening.ledger} page={page} joined={joined} />;
  }
  return (
    <Outside joined={joined}>
      {opening ? (
        <NotOpened opening={opening} retry={() => setAttempt(attempt + 1)} />
      ) : (
        <Loading />
      )}
    </Outside>
  );
}

function NotOpened(props: { opening: Opening; retry: () => void }): JSX.Element {
  const m = useMessages();
  const l = useLedgerMessages();
  const { code = '', message = '' } = props.opening.failure ?? {};
  const [title, help] =
    code === 'LEDGER_NOT_FOUND'
      ? [l.missing, l.missingHelp]
      : code === 'LEDGER_LOCKED'
        ? [l.locked, l.lockedHelp]
        : [l.failed, message];
  return (
    <div class="card" role="alert" data-testid={`fault-${code}`}>
      <Empty icon="alert" title={title}>
        <p class="help">{help}</p>
        <div class="row">
          <button type="button" class="button" onClick={props.retry}>
            {m.app.retry}
          </button>
          <a class="button is-primary" href={hrefOf({ view: 'ledger' })}>
            {l.back}
          </a>
        </div>
      </Empty>
    </div>
  );
}

function Inside(props: {
  ledger: OpenedLedger;
  page: LedgerRoute | undefined;
  joined: boolean;
}): JSX.Element {
  const { ledger, page, joined } = props;
  return (
    <LedgerContext.Provider value={ledger}>
      <Frame
        home={hrefOf({ view: 'ledger' })}
        tabs={useTabs(ledger, page)}
        foot={<Foot ledger={ledger} joined={joined} />}
      >
        {page ? (
          <>
            <ImportLine ledger={ledger} />
            <LedgerPages route={page} />
          </>
        ) : (
          <LedgerReportPage ledger={ledger} />
        )}
      </Frame>
    </LedgerContext.Provider>
  );
}

function useTabs({ id, place }: OpenedLedger, page: LedgerRoute | undefined): FrameTab[] {
  const m = useMessages();
  const l = useLedgerMessages();
  const inState = page?.view === 'state' || page?.view === 'key';
  return [
    { href: hrefOf({ view: 'ledger' }), icon: 'left', label: l.back, current: false },
    { href: hrefOf({ view: 'ledger', id }), icon: 'info', label: l.report, current: !page },
    {
      href: hrefOf(place({ view: 'blocks' })),
      icon: 'blocks',
      label: m.nav.blocks,
      current: page !== undefined && !inState,
    },
    {
      href: hrefOf(place({ view: 'state' })),
      icon: 'state',
      label: m.nav.state,
      current: inState,
    },
  ];
}

function Foot({ ledger, joined }: { ledger: OpenedLedger; joined: boolean }): JSX.Element {
  const m = useMessages();
  return (
    <>
      <strong>{ledger.channel}</strong>
      <span>
        {m.home.height} {formatNumber(ledger.height.value, language.value)}
      </span>
      <span class="row">
        <Icon name="peer" size={16} />
        <WayOut joined={joined} />
      </span>
    </>
  );
}
