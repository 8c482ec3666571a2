// SPDX-License-Identifier: Apache-2.0
// My calls: each can be looked at, edited or run again.
import type { JSX } from 'preact';
import { useMessages } from '../i18n/index.ts';
import type { Call } from '../model/calls.ts';
import { Card, Status } from './bits.tsx';
import { nameOf } from './call-result.tsx';
import { Icon } from './icon.tsx';

interface HistoryActions {
  readonly show: (call: Call) => void;
  readonly edit: (call: Call) => void;
  readonly run: (call: Call) => void;
}

export function CallHistory(
  props: HistoryActions & { calls: readonly Call[]; shown: number | undefined; clear: () => void },
): JSX.Element {
  const m = useMessages();
  const { calls, shown, clear } = props;
  return (
    <Card
      title={m.transact.history}
      aside={
        calls.length > 0 && (
          <button type="button" class="link-button" onClick={clear}>
            {m.transact.clear}
          </button>
        )
      }
    >
      {calls.length === 0 && <p class="help">{m.transact.historyEmpty}</p>}
      <ol class="calls">
        {calls.map((call) => (
          <Row key={call.id} call={call} current={call.id === shown} {...props} />
        ))}
      </ol>
    </Card>
  );
}

function Row({
  call,
  current,
  show,
  edit,
  run,
}: HistoryActions & { call: Call; current: boolean }): JSX.Element {
  const m = useMessages();
  return (
    <li class="call" data-current={current} data-testid={`call-${call.id}`}>
      <button type="button" class="call-show" aria-current={current} onClick={() => show(call)}>
        <Icon name={call.kind === 'submit' ? 'pen' : 'search'} size={16} />
        <code>{nameOf(call)}</code>
        <CallState call={call} />
      </button>
      <button
        type="button"
        class="icon-button"
        title={m.transact.useAgain}
        aria-label={m.transact.useAgain}
        onClick={() => edit(call)}
      >
        <Icon name="sliders" size={16} />
      </button>
      <button
        type="button"
        class="icon-button"
        title={m.transact.runAgain}
        aria-label={m.transact.runAgain}
        onClick={() => run(call)}
      >
        <Icon name="play" size={16} />
      </button>
    </li>
  );
}

function CallState({ call }: { call: Call }): JSX.Element {
  const m = useMessages();
  if (call.status !== undefined) return <Status code={call.status} />;
  if (call.state === 'failed') {
    return (
      <span class="status is-bad">
        <Icon name="cross" size={14} />
        {m.transact.failed}
      </span>
    );
  }
  return (
    <span class="help">{call.state === 'running' ? m.transact.running : m.transact.answered}</span>
  );
}
