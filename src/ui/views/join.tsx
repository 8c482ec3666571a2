// SPDX-License-Identifier: Apache-2.0
// Before a peer runs: how to get in, how far joining is, and what to do when it fails.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { parseInvitation, parseJoinLink } from '../../node/join-link.ts';
import { type Messages, useMessages } from '../i18n/index.ts';
import type { Failure, Session, SessionState } from '../model/session.ts';
import { hrefOf, type Route } from '../router.ts';
import { Empty, OrgChip, ReloadButton } from '../widgets/bits.tsx';
import { usePeer } from '../widgets/context.ts';
import { Icon, Logo } from '../widgets/icon.tsx';
import { JoinSteps } from '../widgets/join-steps.tsx';
import { lazyView } from '../widgets/lazy-view.tsx';
import { Preferences } from '../widgets/preferences.tsx';

const remedies = lazyView(() => import('./explorer.tsx').then((chunk) => chunk.LedgerRemedies));

type NotRunning = Exclude<SessionState, { phase: 'running' }>;
type Opening = Extract<SessionState, { phase: 'opening' }>;

export function Join({ session, state }: { session: Session; state: NotRunning }): JSX.Element {
  const m = useMessages();
  return (
    <div class="join">
      <header class="join-top">
        <span class="brand">
          <Logo />
          <span>Tabric</span>
        </span>
        <Preferences />
      </header>
      <main class="join-main">
        <p class="join-tagline">{m.app.tagline}</p>
        {state.phase === 'opening' ? (
          <section class="card join-card" aria-live="polite">
            <h1>{headingOf(state, m)}</h1>
            <JoinSteps steps={state.steps} />
          </section>
        ) : (
          <Stopped session={session} state={state} />
        )}
        <p class="join-tagline">
          <a href={hrefOf({ view: 'ledger' })}>{m.nav.ledger}</a>
        </p>
      </main>
    </div>
  );
}

function headingOf({ remedy, org }: Opening, m: Messages): string {
  if (remedy) return m.recovery.doing[remedy];
  return org ? m.join.joining(org) : m.join.opening;
}

function Stopped(props: {
  session: Session;
  state: Extract<NotRunning, { phase: 'stopped' }>;
}): JSX.Element {
  const m = useMessages();
  const { session, state } = props;
  const { damage } = state.failure;
  if (damage) {
    return (
      <section class="card join-card">
        <h1>{m.recovery.title}</h1>
        <FailureNote failure={state.failure} />
        <remedies.View damage={damage} session={session} />
      </section>
    );
  }
  const uninvited = state.failure.code === 'JOIN_NEEDED';
  const title = state.org ? m.join.joining(state.org) : m.join.title;
  return (
    <section class="card join-card">
      <h1>{uninvited ? m.join.title : title}</h1>
      {uninvited ? <p>{m.join.intro}</p> : <FailureNote failure={state.failure} />}
      {!uninvited && state.steps.some((step) => step.state === 'failed') && (
        <JoinSteps steps={state.steps} />
      )}
      {!uninvited && <AgainButton session={session} code={state.failure.code} />}
      <InvitationForm session={session} />
      <Organisations session={session} />
    </section>
  );
}

// What a newer version has made, only that version reads.
function AgainButton({ session, code }: { session: Session; code: string }): JSX.Element {
  const m = useMessages();
  if (code === 'STORE_UNREADABLE') return <ReloadButton />;
  return (
    <button type="button" class="button" onClick={() => void session.retry()}>
      {m.app.retry}
    </button>
  );
}

function FailureNote({ failure }: { failure: Failure }): JSX.Element {
  const m = useMessages();
  const advice = m.errors[failure.code] ?? m.errorUnknown;
  return (
    <div class="banner is-grave" role="alert" data-testid={`fault-${failure.code}`}>
      <Icon name="alert" />
      <div>
        <strong>{advice.title.replace('{minutes}', String(failure.minutes))}</strong>
        <p>{failure.damage ? m.recovery.help : advice.help}</p>
        <details>
          <summary>{m.app.details}</summary>
          <code>
            {failure.code}: {failure.message}
          </code>
        </details>
      </div>
    </div>
  );
}

function InvitationForm({ session }: { session: Session }): JSX.Element {
  const m = useMessages();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const join = (event: Event): void => {
    event.preventDefault();
    const invitation = parseInvitation(text);
    const relay = parseJoinLink(text)?.relay;
    setWrong(!invitation);
    // Another relay, or this one by another of its addresses: a browser keeps identities by address.
    if (relay && relay.origin !== window.location.origin) window.location.assign(text.trim());
    else if (invitation) void session.start(invitation);
  };
  return (
    <form class="join-form" noValidate onSubmit={join}>
      <h2>{m.join.needLink}</h2>
      <p class="help">{m.join.needLinkHelp}</p>
      <label class="field">
        <span>{m.join.linkLabel}</span>
        <input
          type="url"
          inputMode="url"
          placeholder={m.join.linkPlaceholder}
          value={text}
          autocomplete="off"
          spellcheck={false}
          maxLength={4000}
          aria-invalid={wrong}
          aria-describedby="invitation-note"
          data-testid="invitation"
          onInput={(event) => {
            setText(event.currentTarget.value);
            setWrong(false);
          }}
        />
      </label>
      <p id="invitation-note" class="field-error" role="alert">
        {wrong && m.join.badLink}
      </p>
      <button type="submit" class="button is-primary" disabled={text.trim() === ''}>
        {m.join.joinButton}
      </button>
    </form>
  );
}

function Organisations({ session }: { session: Session }): JSX.Element {
  const m = useMessages();
  const organisations = session.network.value?.organisations ?? [];
  return (
    <div class="join-orgs">
      <h2>{m.join.organisations}</h2>
      {organisations.length === 0 && <p class="help">{m.join.organisationsEmpty}</p>}
      <ul>
        {organisations.map((organisation) => (
          <li key={organisation.mspId}>
            <OrgChip mspId={organisation.mspId} />
            <span class="help">{organisation.domain}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** An invitation that was opened in a tab that is a peer already. */
export function AlreadyJoined({ route }: { route: Route & { view: 'join' } }): JSX.Element {
  const m = useMessages();
  const { name } = usePeer().network.value.me;
  return (
    <div class="view">
      <h1 class="visually-hidden">{m.join.already}</h1>
      <Empty icon="peer" title={m.join.already}>
        <p class="help">{m.join.alreadyHelp(name)}</p>
        <div class="row">
          {route.secret && (
            <a class="button" href={hrefOf(route)} target="_blank" rel="noopener">
              {m.join.openInNewTab}
            </a>
          )}
          <a class="button is-primary" href={hrefOf({ view: 'home' })}>
            {m.join.toPeer}
          </a>
        </div>
      </Empty>
    </div>
  );
}
