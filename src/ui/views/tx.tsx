// SPDX-License-Identifier: Apache-2.0
// One transaction: its outcome first, then who made it, what was called, what it read and wrote.
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { IdentityView, TxView } from '../../node/api/ledger-views.ts';
import { formatDateTime, formatNumber } from '../format.ts';
import { useExplorerMessages } from '../i18n/explorer.ts';
import { language, useMessages } from '../i18n/index.ts';
import { concerns } from '../model/strip.ts';
import {
  Card,
  Empty,
  Fact,
  Facts,
  Failed,
  Hash,
  Loading,
  OrgChip,
  Status,
  Value,
} from '../widgets/bits.tsx';
import { ConflictNote } from '../widgets/conflict-note.tsx';
import { useChannelIfAny, useHref, useLedger } from '../widgets/context.ts';
import { Person } from '../widgets/person.tsx';
import { RwSet } from '../widgets/rw-set.tsx';
import { TxStrip } from '../widgets/tx-strip.tsx';
import { useLoad } from '../widgets/use-load.ts';

export function TxPage({ txId }: { txId: string }): JSX.Element {
  const m = useMessages();
  const x = useExplorerMessages();
  const { reader, height } = useLedger();
  // A transaction never changes; only one that is missing is looked for again.
  const found = useRef<string>(undefined);
  const version = found.current === txId ? undefined : height.value;
  const loaded = useLoad(() => reader.tx(txId), txId, version);
  if (loaded.state === 'ready' && loaded.value) found.current = txId;
  return (
    <div class="view narrow" data-testid="tx-page">
      <header class="view-head">
        <h1>{m.tx.title}</h1>
      </header>
      <Hash value={txId} />
      {loaded.state === 'loading' && <Loading />}
      {loaded.state === 'failed' && <Failed message={loaded.message} />}
      {loaded.state === 'ready' && loaded.value && <Transaction tx={loaded.value} />}
      {loaded.state === 'ready' && !loaded.value && (
        <Empty icon="search" title={x.tx.missing}>
          <p class="help">{x.tx.missingHelp}</p>
        </Empty>
      )}
    </div>
  );
}

function Transaction({ tx }: { tx: TxView }): JSX.Element {
  const m = useMessages();
  const x = useExplorerMessages();
  return (
    <>
      <section class="card tx-hero" data-valid={tx.status === 'VALID'}>
        <Status code={tx.status} testId="tx-status" />
        <p>{m.codes[tx.status] ?? m.codeUnknown}</p>
        {tx.conflict && <ConflictNote conflict={tx.conflict} txId={tx.txId} />}
      </section>
      <About tx={tx} />
      {tx.response && (
        <Card title={x.tx.response} aside={<span class="help">{tx.response.status}</span>}>
          {tx.response.message !== '' && <p class="error-text">{tx.response.message}</p>}
          {tx.response.payload === '' ? (
            <p class="help">{m.transact.emptyResult}</p>
          ) : (
            <Value text={tx.response.payload} base64={tx.response.payloadBase64} />
          )}
        </Card>
      )}
      <RwSet tx={tx} />
      {tx.event && (
        <Card title={x.tx.event} aside={<code>{tx.event.name}</code>}>
          <Value text={tx.event.payload} base64={tx.event.payloadBase64} />
        </Card>
      )}
      <Seen tx={tx} />
    </>
  );
}

function About({ tx }: { tx: TxView }): JSX.Element {
  const m = useMessages();
  const x = useExplorerMessages();
  const hrefOf = useHref();
  return (
    <section class="card">
      <Facts>
        {tx.fn !== undefined && (
          <Fact name={x.tx.call}>
            <code class="error-text">{`${tx.fn}(${(tx.args ?? []).join(', ')})`}</code>
          </Fact>
        )}
        {tx.chaincode && (
          <Fact name={x.tx.chaincode}>
            {tx.chaincode.name} {tx.chaincode.version}
          </Fact>
        )}
        <Fact name={x.tx.block}>
          <a href={hrefOf({ view: 'block', number: tx.block })}>
            {formatNumber(tx.block, language.value)}
          </a>
          , {x.tx.position(tx.index)}
        </Fact>
        {tx.timestamp > 0 && (
          <Fact name={x.tx.time} help={x.tx.timeHelp}>
            {formatDateTime(tx.timestamp, language.value)}
          </Fact>
        )}
        <Fact name={x.tx.creator}>
          {tx.creator.mspId === '' ? m.app.none : <Identity {...tx.creator} />}
          {tx.creator.certificate !== '' && (
            <details>
              <summary>{x.tx.certificate}</summary>
              <pre class="value">{tx.creator.certificate}</pre>
            </details>
          )}
        </Fact>
        <Fact name={x.tx.endorsers}>
          {tx.endorsers.length === 0 && x.tx.noEndorsers}
          <ul class="plain">
            {tx.endorsers.map((endorser, index) => (
              <li key={index}>
                <Identity {...endorser} />
              </li>
            ))}
          </ul>
        </Fact>
        <Fact name={x.tx.type}>
          <code>{tx.type}</code>
        </Fact>
      </Facts>
    </section>
  );
}

function Identity({ mspId, ...names }: IdentityView): JSX.Element {
  return (
    <span class="row">
      <Person {...names} /> <OrgChip mspId={mspId} />
    </span>
  );
}

// Only this session's transactions have left a trace in this tab.
function Seen({ tx }: { tx: TxView }): JSX.Element | null {
  const channel = useChannelIfAny();
  const seen = channel?.trace().some((event) => concerns(event, tx.txId, tx.block));
  if (!seen) return null;
  return (
    <section class="card">
      <TxStrip
        txId={tx.txId}
        block={tx.block}
        settled
        failedStage={tx.status === 'VALID' ? undefined : 'validate'}
      />
    </section>
  );
}
