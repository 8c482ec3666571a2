// SPDX-License-Identifier: Apache-2.0
// What a person must know of at once: faults of the peer, and a relay that is gone.
import type { JSX } from 'preact';
import { useMessages } from '../i18n/index.ts';
import { ReloadButton } from './bits.tsx';
import { usePeer } from './context.ts';
import { Icon } from './icon.tsx';

interface Notice {
  readonly code: string;
  readonly message?: string;
}

/** Faults that only make things slower; the others are shown as alerts. */
const MILD: ReadonlySet<string> = new Set(['NO_WEBRTC', 'CHAINCODE_NOT_INSTALLED']);

/** Faults that opening the ledger again mends, or shows for what they are. */
const RELOAD: ReadonlySet<string> = new Set([
  'LEDGER_FAILED',
  'COMMIT_FAILED',
  'STORE_LOST',
  'WORKER_CRASHED',
]);
/** Faults of what is made from the blocks, and can be made again. */
const REBUILD: ReadonlySet<string> = new Set(['LEDGER_CORRUPT', 'STORE_UNREADABLE']);

export function Banners(): JSX.Element | null {
  const { faults, connection } = usePeer().network.value;
  const notices: Notice[] = [...faults];
  if (connection === 'reconnecting') notices.unshift({ code: 'RELAY_GONE' });
  if (connection === 'offline') notices.unshift({ code: 'OFFLINE' });
  if (notices.length === 0) return null;
  return (
    <div class="banners">
      {notices.map((notice) => (
        <Banner key={notice.code} {...notice} />
      ))}
    </div>
  );
}

function Banner({ code, message }: Notice): JSX.Element {
  const m = useMessages();
  const advice = m.faults[code];
  const mild = MILD.has(code);
  return (
    <div
      class={`banner ${mild ? 'is-mild' : 'is-grave'}`}
      role={mild ? 'status' : 'alert'}
      data-testid={`fault-${code}`}
    >
      <Icon name={mild ? 'info' : 'alert'} />
      <div>
        <strong>{advice?.title ?? m.faultUnknown}</strong>
        <p>{advice?.help ?? message}</p>
        {advice && message !== undefined && (
          <details>
            <summary>{m.app.details}</summary>
            <code>
              {code}: {message}
            </code>
          </details>
        )}
        {RELOAD.has(code) && <ReloadButton />}
        {REBUILD.has(code) && <RebuildButton />}
      </div>
    </div>
  );
}

function RebuildButton(): JSX.Element {
  const m = useMessages();
  const { tabric } = usePeer();
  return (
    <button
      type="button"
      class="button"
      onClick={() => void tabric.maintenance.rebuildDBs().catch(reportError)}
    >
      {m.recovery.rebuildDBs}
    </button>
  );
}
