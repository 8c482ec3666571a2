// SPDX-License-Identifier: Apache-2.0
// The transaction strip: twelve stages in four groups, filling as trace events come in.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TraceStage } from '../../common/runtime/trace.ts';
import { formatDuration, formatTime, shortName } from '../format.ts';
import { language, useMessages } from '../i18n/index.ts';
import { isSame } from '../model/same.ts';
import { concerns, type Strip, type StripCell, type StripFacts, stripOf } from '../model/strip.ts';
import { useChannel, usePeer } from './context.ts';
import { Icon } from './icon.tsx';

const GROUPS = {
  client: ['propose', 'endorse', 'submit'],
  orderer: ['order', 'cut', 'write'],
  network: ['deliver', 'gossip', 'buffer'],
  peer: ['validate', 'commit', 'event'],
} as const satisfies Record<string, readonly TraceStage[]>;

type Group = keyof typeof GROUPS;

export function TxStrip(props: {
  txId: string | undefined;
  block?: number;
  settled: boolean;
  failedStage?: TraceStage | undefined;
}): JSX.Element {
  const m = useMessages();
  const { me } = usePeer().network.value;
  const { txId = '', block, settled, failedStage } = props;
  const strip = useStrip(txId, {
    me: me.name,
    settled,
    ...(block === undefined ? {} : { block }),
    ...(failedStage === undefined ? {} : { failedStage }),
  });
  return (
    <section
      class="strip"
      aria-label={m.strip.title}
      data-testid="tx-strip"
      data-done={strip.doneCount}
    >
      <header class="strip-head">
        <h3>{m.strip.title}</h3>
        <span class="help">
          {m.strip.progress(strip.doneCount)}
          {strip.totalMs !== undefined && ` · ${m.strip.total(formatDuration(strip.totalMs))}`}
        </span>
      </header>
      <div class="strip-groups">
        {(Object.keys(GROUPS) as Group[]).map((group) => (
          <StripGroup key={group} group={group} strip={strip} />
        ))}
      </div>
      <StripEvents strip={strip} />
    </section>
  );
}

/** The strip as of the newest event that concerns it; what such an event leaves as it was stays the same object. */
function useStrip(txId: string, facts: StripFacts): Strip {
  const channel = useChannel();
  const [, setVersion] = useState(0);
  const { block } = facts;
  useEffect(() => {
    const update = (): boolean => {
      setVersion((version) => version + 1);
      return true;
    };
    // What came between drawing and listening.
    if (txId !== '') channel.updates.request(update);
    return channel.followTrace((event) => concerns(event, txId, block), update);
  }, [channel, txId, block]);
  const previous = useRef<Strip>(undefined);
  const next = stripOf(channel.trace(), txId, facts);
  const strip = { ...next, cells: next.cells.map((cell, index) => kept(previous, cell, index)) };
  previous.current = strip;
  return strip;
}

function kept(previous: { current: Strip | undefined }, cell: StripCell, index: number): StripCell {
  const before = previous.current?.cells[index];
  return before && isSame(before, cell) ? before : cell;
}

function StripGroup({ group, strip }: { group: Group; strip: Strip }): JSX.Element {
  const m = useMessages();
  const stages: readonly TraceStage[] = GROUPS[group];
  return (
    <div class="strip-group">
      <h4>{m.strip.groups[group]}</h4>
      <ol>
        {strip.cells
          .filter((cell) => stages.includes(cell.stage))
          .map((cell) => (
            <Cell key={cell.stage} cell={cell} />
          ))}
      </ol>
    </div>
  );
}

function Cell({ cell }: { cell: StripCell }): JSX.Element {
  const m = useMessages();
  const { me } = usePeer().network.value;
  const [explained, setExplained] = useState(false);
  const { stage, state } = cell;
  const orderers = GROUPS.orderer.some((one) => one === stage);
  const nameOf = orderers ? () => m.network.ordererTag : shortName;
  return (
    <li class="cell" data-stage={stage} data-state={state}>
      <span class="cell-mark" aria-hidden="true">
        {(state === 'done' || state === 'elsewhere') && <Icon name="check" size={12} />}
        {state === 'failed' && <Icon name="cross" size={12} />}
      </span>
      <button
        type="button"
        class="cell-name"
        title={m.strip.explain[stage]}
        aria-expanded={explained}
        onClick={() => setExplained(!explained)}
      >
        {m.strip.stages[stage]}
      </button>
      <span class="visually-hidden">{m.strip.states[state]}</span>
      <span class="cell-note" title={state === 'elsewhere' ? m.strip.elsewhereHelp : undefined}>
        {state === 'elsewhere' ? m.strip.states[state] : noteOf(cell, me.name, nameOf)}
      </span>
      {explained && <span class="cell-note">{m.strip.explain[stage]}</span>}
    </li>
  );
}

// When it ended by this tab's clock, else how long it took; and the other nodes that took part.
function noteOf(
  { sinceStartMs, tookMs, peers }: StripCell,
  me: string,
  nameOf: (peer: string) => string,
): string {
  const time = sinceStartMs === undefined ? tookMs : sinceStartMs;
  const sign = sinceStartMs === undefined ? '' : '+';
  const others = new Set(peers.filter((peer) => peer !== me).map(nameOf));
  return [time === undefined ? '' : `${sign}${formatDuration(time)}`, [...others].join(', ')]
    .filter((part) => part !== '')
    .join(' · ');
}

function StripEvents({ strip }: { strip: Strip }): JSX.Element | null {
  const m = useMessages();
  const events = strip.cells.flatMap((cell) => cell.events);
  if (events.length === 0) return null;
  return (
    <details class="strip-events">
      <summary>
        {m.strip.events} ({events.length})
      </summary>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{m.strip.stage}</th>
              <th scope="col">{m.strip.node}</th>
              <th scope="col">{m.strip.from}</th>
              <th scope="col">{m.strip.at}</th>
              <th scope="col">{m.strip.took}</th>
            </tr>
          </thead>
          <tbody>
            {events.map((event, index) => (
              <tr key={index}>
                <td>{m.strip.stages[event.stage]}</td>
                <td>{event.peer}</td>
                <td>{event.from === 'orderer' ? m.network.ordererTag : (event.from ?? '')}</td>
                <td>{formatTime(event.at, language.value)}</td>
                <td>{event.ms === undefined ? '' : formatDuration(event.ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
