// SPDX-License-Identifier: Apache-2.0
// Invitations, to be projected: for each organisation whose administrator's link was opened, a QR code, how many places are left and until when.
import type { JSX } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { FabricError } from '../../common/runtime/errors.ts';
import { formatDateTime } from '../format.ts';
import { useExplorerMessages } from '../i18n/explorer.ts';
import { language } from '../i18n/index.ts';
import {
  type Administered,
  administeredHere,
  type InvitationAction,
  invitationOf,
  type OpenInvitation,
} from '../model/inviting.ts';
import type { Session } from '../model/session.ts';
import { navigate, type Route } from '../router.ts';
import { CopyButton, Empty, OrgChip } from '../widgets/bits.tsx';
import { Outside } from '../widgets/outside.tsx';
import { QrCode } from '../widgets/qr-code.tsx';
import '../styles/invite.css';

type Props = { route: Extract<Route, { view: 'invite' }>; session: Session };

/** Places are counted so often. */
const REFRESH_MS = 3_000;

export function Invite({ route, session }: Props): JSX.Element {
  const { invite: m } = useExplorerMessages();
  const [administered, setAdministered] = useState<readonly Administered[]>([]);
  useEffect(() => {
    setAdministered(administeredHere(route.admin));
    if (route.admin !== undefined) navigate({ view: 'invite' }, { replace: true });
  }, [route.admin]);
  useEffect(() => {
    document.title = `${m.title} · Tabric`;
  }, [m]);
  return (
    <Outside joined={session.state.value.phase === 'running'}>
      <div class="view invite" data-testid="invite">
        <h1>{m.title}</h1>
        {administered.length === 0 ? (
          <Empty icon="info" title={m.noLink}>
            <p class="help">{m.noLinkHelp}</p>
          </Empty>
        ) : (
          <div class="invitations">
            {administered.map((one) => (
              <Invitation key={one.mspId} administered={one} />
            ))}
          </div>
        )}
      </div>
    </Outside>
  );
}

type Shown =
  | { readonly state: 'unknown' }
  | { readonly state: 'open'; readonly invitation: OpenInvitation }
  | { readonly state: 'none' }
  | { readonly state: 'failed'; readonly code: string };

function Invitation({ administered }: { administered: Administered }): JSX.Element {
  const { invite: m } = useExplorerMessages();
  const [shown, setShown] = useState<Shown>({ state: 'unknown' });
  const act = useCallback(
    async (method: InvitationAction): Promise<void> => {
      try {
        const invitation = await invitationOf(administered, method);
        setShown(invitation ? { state: 'open', invitation } : { state: 'none' });
      } catch (error) {
        setShown({ state: 'failed', code: error instanceof FabricError ? error.code : '' });
      }
    },
    [administered],
  );
  useEffect(() => {
    void act('GET');
    const timer = setInterval(() => !document.hidden && void act('GET'), REFRESH_MS);
    return () => clearInterval(timer);
  }, [act]);
  const { mspId } = administered;
  return (
    <section class="card invitation" data-testid={`invitation-${mspId}`} data-state={shown.state}>
      <h2>
        <OrgChip mspId={mspId} />
      </h2>
      {shown.state === 'open' && <Open invitation={shown.invitation} mspId={mspId} />}
      {shown.state === 'none' && <p class="help">{m.none}</p>}
      {shown.state === 'failed' && (
        <p class="field-error" role="alert">
          {shown.code === 'INVITE_REFUSED' ? m.refused : m.unreachable}
        </p>
      )}
      <div class="row invitation-actions">
        <button type="button" class="button" onClick={() => void act('POST')}>
          {shown.state === 'none' ? m.make : m.renew}
        </button>
        {shown.state === 'open' && (
          <button type="button" class="button" onClick={() => void act('DELETE')}>
            {m.cancel}
          </button>
        )}
      </div>
    </section>
  );
}

function Open({ invitation, mspId }: { invitation: OpenInvitation; mspId: string }): JSX.Element {
  const { invite: m } = useExplorerMessages();
  const { link, expiresAt, maxUses, uses } = invitation;
  return (
    <>
      <QrCode text={link} label={m.qrCode(mspId)} />
      <p class="invitation-link">
        <a href={link} target="_blank" rel="noopener" data-testid={`link-${mspId}`}>
          {link}
        </a>
        <CopyButton text={link} />
      </p>
      <p data-testid={`places-${mspId}`}>{m.places(maxUses - uses, maxUses)}</p>
      <p class="help">{m.until(formatDateTime(expiresAt, language.value))}</p>
    </>
  );
}
