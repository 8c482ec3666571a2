// SPDX-License-Identifier: Apache-2.0
// The world state of a chaincode, a page of keys at a time, filtered by how keys begin (the order that the state has).
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { StateEntry } from '../../node/api/ledger-views.ts';
import { formatNumber, hexOf, straightText, visibleKey } from '../format.ts';
import { useExplorerMessages } from '../i18n/explorer.ts';
import { language, useMessages } from '../i18n/index.ts';
import { hrefOf, type LedgerRoute, navigate } from '../router.ts';
import { Empty, Failed, Loading } from '../widgets/bits.tsx';
import { VersionText } from '../widgets/conflict-note.tsx';
import { useChannelIfAny, useHref, useLedger } from '../widgets/context.ts';
import { Icon } from '../widgets/icon.tsx';
import { useLoad } from '../widgets/use-load.ts';

const PAGE_KEYS = 25;

export function State(props: { chaincode: string | undefined; prefix: string }): JSX.Element {
  const m = useMessages();
  const x = useExplorerMessages();
  const store = useLedger();
  const chaincodes = store.namespaces.value;
  const chaincode = props.chaincode ?? chaincodes[0];
  const go = (route: LedgerRoute, options?: { replace: boolean }): void =>
    navigate(store.place(route), options);
  const { prefix } = props;
  return (
    <div class="view narrow">
      <header class="view-head">
        <h1>{x.state.title}</h1>
        <span class="help">{x.state.intro}</span>
      </header>
      <div class="filters">
        <label class="field">
          <span>{x.state.chaincode}</span>
          <select
            value={chaincode}
            onChange={(event) => go({ view: 'state', chaincode: event.currentTarget.value })}
          >
            {[...new Set([...(chaincode === undefined ? [] : [chaincode]), ...chaincodes])].map(
              (name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ),
            )}
          </select>
        </label>
        <label class="field grow">
          <span>{x.state.filter}</span>
          <input
            type="search"
            value={prefix}
            data-testid="state-filter"
            spellcheck={false}
            autocomplete="off"
            maxLength={300}
            onInput={(event) =>
              go(
                {
                  view: 'state',
                  ...(chaincode === undefined ? {} : { chaincode }),
                  prefix: event.currentTarget.value,
                },
                { replace: true },
              )
            }
          />
        </label>
      </div>
      {chaincode === undefined ? (
        <Empty icon="state" title={m.transact.noChaincodes} />
      ) : (
        <Keys key={`${chaincode}/${prefix}`} chaincode={chaincode} prefix={prefix} />
      )}
    </div>
  );
}

function Keys({ chaincode, prefix }: { chaincode: string; prefix: string }): JSX.Element {
  const { reader, height } = useLedger();
  // Where each page before this one started, to go back by.
  const [starts, setStarts] = useState<readonly string[]>([]);
  const start = starts.at(-1) ?? prefix;
  const loaded = useLoad(
    () => reader.states(chaincode, { start, limit: PAGE_KEYS + 1 }),
    JSON.stringify([chaincode, prefix, start]),
    height.value,
  );
  if (loaded.state === 'loading') return <Loading />;
  if (loaded.state === 'failed') return <Failed message={loaded.message} />;
  const found = loaded.value.filter(({ key }) => key.startsWith(prefix));
  const entries = found.slice(0, PAGE_KEYS);
  const next = found[PAGE_KEYS]?.key;
  if (entries.length === 0 && starts.length === 0)
    return <NoKeys chaincode={chaincode} prefix={prefix} />;
  return (
    <>
      <KeyTable entries={entries} />
      <Pager
        first={starts.length * PAGE_KEYS + 1}
        count={entries.length}
        back={starts.length > 0 ? () => setStarts(starts.slice(0, -1)) : undefined}
        forward={next === undefined ? undefined : () => setStarts([...starts, next])}
      />
    </>
  );
}

function NoKeys({ chaincode, prefix }: { chaincode: string; prefix: string }): JSX.Element {
  const m = useMessages();
  const x = useExplorerMessages();
  const channel = useChannelIfAny();
  if (prefix !== '') return <Empty icon="search" title={x.state.noMatch(prefix)} />;
  if (!channel) return <Empty icon="state" title={x.state.empty(chaincode)} />;
  return (
    <Empty icon="state" title={x.state.empty(chaincode)}>
      <p class="help">{x.state.emptyHelp}</p>
      <a class="button" href={hrefOf(channel.place({ view: 'home' }))}>
        {m.transact.title}
      </a>
    </Empty>
  );
}

function KeyTable({ entries }: { entries: readonly StateEntry[] }): JSX.Element {
  const x = useExplorerMessages();
  const hrefOf = useHref();
  return (
    <div class="card table-card">
      <table class="state-table">
        <thead>
          <tr>
            <th scope="col">{x.state.key}</th>
            <th scope="col">{x.state.value}</th>
            <th scope="col">{x.state.version}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ namespace, key, value, valueBase64, version }) => (
            <tr key={key} data-testid={`state-row-${key}`}>
              <th scope="row">
                <a class="key" href={hrefOf({ view: 'key', chaincode: namespace, key })}>
                  {visibleKey(key)}
                </a>
              </th>
              <td>
                <OneLine value={value} base64={valueBase64} />
              </td>
              <td class="version">
                <VersionText version={version} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function OneLine({ value, base64 }: { value: string; base64: string | undefined }): JSX.Element {
  const text = base64 === undefined ? straightText(value) : hexOf(base64).hex;
  return (
    <code class="one-line" title={text} data-bytes={base64 !== undefined}>
      {text.slice(0, 400)}
    </code>
  );
}

function Pager(props: {
  first: number;
  count: number;
  back: (() => void) | undefined;
  forward: (() => void) | undefined;
}): JSX.Element | null {
  const x = useExplorerMessages();
  const { first, count, back, forward } = props;
  const number = (value: number): string => formatNumber(value, language.value);
  return (
    <div class="pager">
      <span class="help" role="status">
        {x.state.shown(number(first), number(first + count - 1))}
      </span>
      {(back || forward) && (
        <div class="row">
          <button type="button" class="button" disabled={!back} onClick={back}>
            <Icon name="left" size={16} />
            {x.state.previous}
          </button>
          <button type="button" class="button" disabled={!forward} onClick={forward}>
            {x.state.next}
            <Icon name="right" size={16} />
          </button>
        </div>
      )}
    </div>
  );
}
