// SPDX-License-Identifier: Apache-2.0
// One key of the world state: its value now, and every transaction that wrote it with what it changed.
import type { JSX } from 'preact';
import type { HistoryEntry } from '../../node/api/ledger-views.ts';
import { fieldChanges, formatDateTime, formatNumber, visibleKey } from '../format.ts';
import { type ExplorerMessages, useExplorerMessages } from '../i18n/explorer.ts';
import { language, useMessages } from '../i18n/index.ts';
import { Card, Failed, Loading, TxLink, Value } from '../widgets/bits.tsx';
import { useHref, useLedger } from '../widgets/context.ts';
import { ShortPerson } from '../widgets/person.tsx';
import { useLoad } from '../widgets/use-load.ts';

export function KeyPage({ chaincode, name }: { chaincode: string; name: string }): JSX.Element {
  const x = useExplorerMessages();
  const { reader, height } = useLedger();
  const hrefOf = useHref();
  const subject = JSON.stringify([chaincode, name]);
  const value = useLoad(
    async () => {
      const [first] = await reader.states(chaincode, { start: name, limit: 1 });
      return first?.key === name ? first : undefined;
    },
    subject,
    height.value,
  );
  const history = useLoad(() => reader.history(chaincode, name), subject, height.value);
  return (
    <div class="view narrow" data-testid="key-page">
      <header class="view-head">
        <h1>
          <a href={hrefOf({ view: 'state', chaincode })}>{chaincode}</a> / {visibleKey(name)}
        </h1>
      </header>
      <Card title={x.key.current}>
        {value.state === 'loading' && <Loading />}
        {value.state === 'failed' && <Failed message={value.message} />}
        {value.state === 'ready' &&
          (value.value === undefined ? (
            <p class="help">{x.key.absent}</p>
          ) : (
            <Value text={value.value.value} base64={value.value.valueBase64} testId="state-value" />
          ))}
      </Card>
      <Card title={x.key.history} aside={<span class="help">{x.key.historyHelp}</span>}>
        {history.state === 'loading' && <Loading />}
        {history.state === 'failed' &&
          (history.code === 'HISTORY_DISABLED' ? (
            <p class="help">{x.key.historyOff}</p>
          ) : (
            <Failed message={history.message} />
          ))}
        {history.state === 'ready' && <History entries={history.value} />}
      </Card>
    </div>
  );
}

function History({ entries }: { entries: readonly HistoryEntry[] }): JSX.Element {
  const x = useExplorerMessages();
  const sorted = [...entries].sort((a, b) => b.block - a.block || b.tx - a.tx);
  if (sorted.length === 0) return <p class="help">{x.key.noHistory}</p>;
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
  const x = useExplorerMessages();
  const hrefOf = useHref();
  return (
    <li class="history-item" data-testid={`history-${entry.block}-${entry.tx}`}>
      <p class="row">
        <strong>{wordFor(entry, before, x)}</strong>
        <a href={hrefOf({ view: 'block', number: entry.block })}>
          {m.transact.inBlock(formatNumber(entry.block, language.value))}
        </a>
        <TxLink txId={entry.txId} />
        {entry.creator && (
          <span data-testid="history-creator">
            {x.key.by} <ShortPerson {...entry.creator} />
          </span>
        )}
        <span class="help">{formatDateTime(entry.timestamp, language.value)}</span>
      </p>
      {!entry.isDelete && <Change entry={entry} before={before} />}
    </li>
  );
}

function wordFor(entry: HistoryEntry, before: Previous, x: ExplorerMessages): string {
  if (entry.isDelete) return x.key.deleted;
  if (!before || before.isDelete) return x.key.created;
  return isSame(before, entry) ? x.key.same : x.key.changed;
}

const isSame = (a: HistoryEntry, b: HistoryEntry): boolean =>
  a.value === b.value && a.valueBase64 === b.valueBase64;

// What changed says more than the whole value again; where it cannot be told by field, the value itself.
function Change({ entry, before }: { entry: HistoryEntry; before: Previous }): JSX.Element | null {
  const x = useExplorerMessages();
  if (before && !before.isDelete && isSame(before, entry)) return null;
  const changes = before && !before.isDelete ? fieldChanges(before.value, entry.value) : undefined;
  if (!changes || changes.length === 0) {
    return <Value text={entry.value} base64={entry.valueBase64} />;
  }
  return (
    <ul class="changes">
      {changes.map(({ field, before: was, after: is }) => (
        <li key={field}>
          <code>{field}</code>
          {was !== undefined && (
            <del>
              <span class="visually-hidden">{x.key.before} </span>
              {was}
            </del>
          )}
          {is !== undefined && (
            <ins>
              <span class="visually-hidden">{x.key.after} </span>
              {is}
            </ins>
          )}
        </li>
      ))}
    </ul>
  );
}
