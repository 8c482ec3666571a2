// SPDX-License-Identifier: Apache-2.0
// What became of a call: its answer, its validation code in plain words, the reason of a conflict, and its twelve stages.
import type { JSX } from 'preact';
import { formatDuration, formatNumber, withPersons } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { type Call, failedStageOf } from '../model/calls.ts';
import { Card, Empty, Status, TxLink, Value } from './bits.tsx';
import { ConflictNote } from './conflict-note.tsx';
import { useChannel, useHref } from './context.ts';
import { TxStrip } from './tx-strip.tsx';
import { useLoad } from './use-load.ts';

export function CallResult({ call }: { call: Call | undefined }): JSX.Element {
  const m = useMessages();
  if (!call) {
    return (
      <Card title={m.transact.result}>
        <Empty icon="play" title={m.strip.empty} />
      </Card>
    );
  }
  return (
    <Card
      title={m.transact.result}
      class="result-card"
      aside={<code class="call-name">{nameOf(call)}</code>}
    >
      <div data-testid="result" data-state={call.state} data-call={call.id} aria-live="polite">
        <Outcome call={call} />
      </div>
      {call.kind === 'submit' && (
        <TxStrip
          txId={call.txId}
          {...(call.block === undefined ? {} : { block: call.block })}
          settled={call.state !== 'running'}
          failedStage={failedStageOf(call)}
        />
      )}
    </Card>
  );
}

export function nameOf(call: Call): string {
  return `${call.fn}(${call.args.join(', ')})`;
}

function Outcome({ call }: { call: Call }): JSX.Element {
  const m = useMessages();
  if (call.state === 'running') {
    const words = call.kind === 'submit' ? m.transact.submitting : m.transact.evaluating;
    return (
      <p class="running">
        <span class="spinner" aria-hidden="true" />
        {words}
      </p>
    );
  }
  return (
    <>
      {call.status !== undefined && <TxOutcome call={call} status={call.status} />}
      {call.error && call.status === undefined && (
        <ErrorOutcome call={call} message={call.error.message} />
      )}
      {call.state === 'done' && <Answer call={call} />}
    </>
  );
}

function TxOutcome({ call, status }: { call: Call; status: string }): JSX.Element {
  const m = useMessages();
  const hrefOf = useHref();
  const took = (call.endedAt ?? call.startedAt) - call.startedAt;
  return (
    <div class="outcome">
      <p class="row">
        <Status code={status} testId="tx-status" />
        {call.txId !== undefined && (
          <span>
            {m.transact.transaction} <TxLink txId={call.txId} />
          </span>
        )}
        {call.block !== undefined && (
          <a href={hrefOf({ view: 'block', number: call.block })}>
            {m.transact.inBlock(formatNumber(call.block, language.value))}
          </a>
        )}
        <span class="help">{m.transact.committedIn(formatDuration(took))}</span>
      </p>
      {status !== 'VALID' && (
        <>
          <p>{m.codes[status] ?? m.codeUnknown}</p>
          {call.txId !== undefined && <WhyInvalid txId={call.txId} />}
        </>
      )}
    </div>
  );
}

function WhyInvalid({ txId }: { txId: string }): JSX.Element | null {
  const { reader } = useChannel();
  const tx = useLoad(() => reader.tx(txId), txId);
  if (tx.state !== 'ready' || !tx.value?.conflict) return null;
  return <ConflictNote conflict={tx.value.conflict} txId={txId} />;
}

function ErrorOutcome({ call, message }: { call: Call; message: string }): JSX.Element {
  const m = useMessages();
  const at = call.kind === 'evaluate' ? 'evaluate' : call.error?.at;
  const { peers } = useChannel();
  const known = at === 'endorse' || at === 'submit' || at === 'commit' || at === 'evaluate';
  return (
    <div class="banner is-grave">
      <div>
        {known && <strong>{m.transact.failedAt[at]}</strong>}
        <p class="error-text">{withPersons(message, peers.value)}</p>
        {call.txId !== undefined && at === 'commit' && <TxLink txId={call.txId} />}
      </div>
    </div>
  );
}

function Answer({ call }: { call: Call }): JSX.Element {
  const m = useMessages();
  const took = (call.endedAt ?? call.startedAt) - call.startedAt;
  return (
    <>
      {call.result ? (
        <Value text={call.result} base64={call.resultBase64} testId="result-text" />
      ) : (
        <p class="help">{m.transact.emptyResult}</p>
      )}
      {call.kind === 'evaluate' && (
        <p class="help">
          {m.transact.evaluated} {m.transact.answeredIn(formatDuration(took))}
        </p>
      )}
    </>
  );
}
