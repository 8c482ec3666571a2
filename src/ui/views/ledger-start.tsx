// SPDX-License-Identifier: Apache-2.0
// The way in: block files to drop or choose, and the ledgers that were opened before.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LedgerEntry } from '../../node/browser/ledger-viewer/viewer-api.ts';
import { formatBytes, formatDateTime, formatNumber } from '../format.ts';
import { useLedgerMessages } from '../i18n/explorer.ts';
import { language, useMessages } from '../i18n/index.ts';
import { droppedFiles } from '../model/dropped-files.ts';
import { ledgerViewer, type ViewerFailure } from '../model/ledger-viewer.ts';
import { ownNetwork } from '../model/own-network.ts';
import type { Session } from '../model/session.ts';
import { hrefOf } from '../router.ts';
import { Card, Loading } from '../widgets/bits.tsx';
import { DropArea } from '../widgets/drop-area.tsx';
import { Icon } from '../widgets/icon.tsx';
import { OutcomeChip } from '../widgets/replay-verdict.tsx';

export function LedgerStart({ session }: { session: Session }): JSX.Element {
  const m = useLedgerMessages();
  const viewer = ledgerViewer();
  useEffect(() => void viewer.refresh(), [viewer]);
  const { value: failure } = viewer.failure;
  return (
    <div class="view ledger-start">
      <header>
        <h1>{m.title}</h1>
        <p class="help">{m.intro}</p>
      </header>
      {failure && <FailureNote failure={failure} />}
      <Files session={session} />
      <OpenedLedgers />
    </div>
  );
}

function Files({ session }: { session: Session }): JSX.Element {
  const m = useLedgerMessages();
  const viewer = ledgerViewer();
  const { value: importing } = viewer.importing;
  const take = async (files: readonly File[]): Promise<void> =>
    viewer.import(files, await ownNetwork(session));
  return (
    <Card title={m.files}>
      <DropArea
        multiple
        disabled={importing !== undefined}
        label={m.choose}
        testId="ledger-files"
        take={(files) => void take(files)}
        takeDropped={(dropped) => {
          droppedFiles(dropped).then(take, reportError);
        }}
      >
        <strong>{m.drop}</strong>
        <span>{m.dropHelp}</span>
      </DropArea>
      {importing ? (
        <p class="note" role="status">
          <span class="spinner" aria-hidden="true" />
          {importing.ledger ? m.busy : m.starting}
          {importing.ledger && (
            <a href={hrefOf({ view: 'ledger', id: importing.ledger.id })}>{m.showImport}</a>
          )}
        </p>
      ) : (
        <details>
          <summary>{m.where}</summary>
          <code class="error-text">{m.wherePath}</code>
        </details>
      )}
    </Card>
  );
}

function FailureNote({ failure }: { failure: ViewerFailure }): JSX.Element {
  const m = useMessages();
  const l = useLedgerMessages();
  const { code, message, file } = failure;
  // Files that go on from a snapshot are good, and lack something.
  const tone = code === 'LEDGER_FROM_SNAPSHOT' ? 'is-mild' : 'is-grave';
  return (
    <div class={`banner ${tone}`} role="alert" data-testid={`fault-${code}`}>
      <Icon name="alert" />
      <div>
        <strong>{code === 'LEDGER_LOCKED' ? l.locked : l.notOpened}</strong>
        <p>{l.errors[code]?.(file) ?? message}</p>
        <details>
          <summary>{m.app.details}</summary>
          <code>
            {code}: {message}
          </code>
        </details>
      </div>
    </div>
  );
}

function OpenedLedgers(): JSX.Element {
  const m = useLedgerMessages();
  const { ledgers, stored } = ledgerViewer();
  const { value: entries } = ledgers;
  const help = stored.value ? m.openedHelp : m.openedMemory;
  return (
    <Card title={m.opened} aside={<span class="help">{help}</span>}>
      {entries === undefined && <Loading />}
      {entries?.length === 0 && <p class="help">{m.none}</p>}
      <ul class="opened-ledgers">
        {entries?.map((entry) => (
          <OpenedRow key={entry.id} entry={entry} />
        ))}
      </ul>
    </Card>
  );
}

function OpenedRow({ entry }: { entry: LedgerEntry }): JSX.Element {
  const m = useLedgerMessages();
  const { importing } = ledgerViewer();
  const { id, channelId, report, bytes, importedAt, files } = entry;
  const underWay = importing.value?.ledger?.id === id;
  const number = (value: number): string => formatNumber(value, language.value);
  const size = formatBytes(bytes, language.value);
  return (
    <li data-testid={`ledger-row-${id}`}>
      <div class="opened-what">
        <a href={hrefOf({ view: 'ledger', id })}>
          <strong>{channelId}</strong>{' '}
          <span class="opened-id">{id.slice(channelId.length + 1)}</span>
        </a>
        <OutcomeChip report={report} underWay={underWay} />
        <small class="help">
          {report ? m.sizes(number(report.blocks), number(report.transactions), size) : size}
          {' · '}
          {files.length > 1 ? `${files[0]} … ${files.at(-1)}` : files[0]}
          {' · '}
          {m.importedAt(formatDateTime(importedAt, language.value))}
        </small>
      </div>
      {!underWay && <RemoveButton id={id} />}
    </li>
  );
}

// Asked about in place: the ledger is gone for good afterwards.
function RemoveButton({ id }: { id: string }): JSX.Element {
  const m = useLedgerMessages();
  const [asking, setAsking] = useState(false);
  if (asking) return <ConfirmRemoval id={id} done={() => setAsking(false)} />;
  return (
    <button
      type="button"
      class="button"
      aria-label={`${m.remove}: ${id}`}
      data-testid={`ledger-remove-${id}`}
      onClick={() => setAsking(true)}
    >
      {m.remove}
    </button>
  );
}

function ConfirmRemoval({ id, done }: { id: string; done: () => void }): JSX.Element {
  const m = useLedgerMessages();
  const keep = useRef<HTMLButtonElement>(null);
  const [removing, setRemoving] = useState(false);
  // The button that was pressed is gone, and the focus with it.
  useEffect(() => keep.current?.focus(), []);
  const remove = async (): Promise<void> => {
    setRemoving(true);
    await ledgerViewer().remove(id);
    done();
  };
  return (
    <fieldset class="row" disabled={removing}>
      <legend class="visually-hidden">{m.removeReally}</legend>
      <button
        type="button"
        class="button is-bad"
        data-testid="ledger-remove-yes"
        onClick={() => void remove()}
      >
        {m.removeYes}
      </button>
      <button type="button" class="button" ref={keep} onClick={done}>
        {m.removeNo}
      </button>
    </fieldset>
  );
}
