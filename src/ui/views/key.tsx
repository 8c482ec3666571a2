// SPDX-License-Identifier: Apache-2.0
// One key of the world state: its value now, and every transaction that wrote it with what it changed.
import type { JSX } from 'preact';
import type { HistoryEntry } from '../../node/api.ts';
import { fieldChanges, formatDateTime, formatNumber, visibleKey } from '../format.ts';
import { language, type Messages, useMessages } from '../i18n/index.ts';
import { hrefOf } from '../router.ts';
import { Card, Failed, Loading, TxLink, Value } from '../widgets/bits.tsx';
import { usePeer } from '../widgets/context.ts';
import { useLoad } from '../widgets/use-load.ts';

export function KeyPage({ chaincode, name }: { chaincode: string; name: string }): JSX.Element {
  const m = useMessages();
  const { tabric, height } = usePeer();
  const subject = JSON.stringify([chaincode, name]);
  const value = useLoad(() => tabric.state(chaincode, name), subject, height.value);
  const history = useLoad(() => tabric.history(chaincode, name), subject, height.value);
  return (
    <div class="view narrow" data-testid="key-page">
      <header class="view-head">
        <h1>
          <a href={hrefOf({ view: 'state', chaincode })}>{chaincode}</a> / {visibleKey(name)}
        </h1>
      </header>
      <Card title={m.key.current}>
        {value.state === 'loading' && <Loading />}
        {value.state === 'failed' && <Failed message={value.message} />}
        {value.state === 'ready' &&
          (value.value === undefined ? (
            <p class="help">{m.key.absent}</p>
          ) : (
            <Value text={value.value} testId="state-value" />
          ))}
      </Card>
      <Card title={m.key.history} aside={<span class="help">{m.key.historyHelp}</span>}>
        {history.state === 'loading' && <Loading />}
        {history.state === 'failed' && <Failed message={history.message} />}
        {history.state === 'ready' && <History entries={history.value} />}
      </Card>
    </div>
  );
}

function History({ entries }: { entries: readonly HistoryEntry[] }): JSX.Element {
  const m = useMessages();
  const sorted = [...entries].sort((a, b) => b.block - a.block || b.tx - a.tx);
  if (sorted.length === 0) return <p class="help">{m.key.noHistory}</p>;
  return (
    <ol class="history" reversed>
      {sorted.map((entry, index) => (
        <HistoryItem key={entry.txId} entry={entry} before={sorted[index + 1]} />
      ))}
    </ol>
  );
}

type Previous = HistoryEntry | undefined;

function HistoryItem({ entry, before }: { entry: HistoryEntry; before: Previous }): JSX.Element {
  const m = useMessages();
  return (
    <li class="history-item" data-testid={`history-${entry.block}-${entry.tx}`}>
      <p class="row">
        <strong>{wordFor(entry, before, m)}</strong>
        <a href={hrefOf({ view: 'block', number: entry.block })}>
          {m.transact.inBlock(formatNumber(entry.block, language.value))}
        </a>
        <TxLink txId={entry.txId} />
        <span class="help">{formatDateTime(entry.timestamp, language.value)}</span>
      </p>
      {!entry.isDelete && <Change entry={entry} before={before} />}
    </li>
  );
}

function wordFor(entry: HistoryEntry, before: Previous, m: Messages): string {
  if (entry.isDelete) return m.key.deleted;
  if (!before || before.isDelete) return m.key.created;
  return before.value === entry.value ? m.key.same : m.key.changed;
}

// What changed says more than the whole value again; where it cannot be told by field, the value itself.
function Change({ entry, before }: { entry: HistoryEntry; before: Previous }): JSX.Element | null {
  const m = useMessages();
  if (before?.value === entry.value && !before.isDelete) return null;
  const changes = before && !before.isDelete ? fieldChanges(before.value, entry.value) : undefined;
  if (!changes || changes.length === 0) return <Value text={entry.value} />;
  return (
    <ul class="changes">
      {changes.map(({ field, before: was, after: is }) => (
        <li key={field}>
          <code>{field}</code>
          {was !== undefined && (
            <del>
              <span class="visually-hidden">{m.key.before} </span>
              {was}
            </del>
          )}
          {is !== undefined && (
            <ins>
              <span class="visually-hidden">{m.key.after} </span>
              {is}
            </ins>
          )}
        </li>
      ))}
    </ul>
  );
}
