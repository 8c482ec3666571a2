// SPDX-License-Identifier: Apache-2.0
// The class: everybody on the channel with what they have done, as a table that sorts, and as a file for a spreadsheet.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatNumber } from '../format.ts';
import { useExplorerMessages } from '../i18n/explorer.ts';
import { language, useMessages } from '../i18n/index.ts';
import type { ChannelStore } from '../model/channel-store.ts';
import {
  type ClassColumn,
  type ClassRow,
  csvOf,
  findMembers,
  nameOfRow,
  sortRows,
} from '../model/class-list.ts';
import { download } from '../model/download.ts';
import { Age, Failed, Loading, OrgChip } from '../widgets/bits.tsx';
import { useChannel, usePeer } from '../widgets/context.ts';
import { Icon } from '../widgets/icon.tsx';
import { Person } from '../widgets/person.tsx';
import { useLoad } from '../widgets/use-load.ts';

interface Order {
  readonly column: ClassColumn;
  readonly descending: boolean;
}

const NUMBERS: readonly ClassColumn[] = ['height', 'valid', 'invalid'];
const COLUMNS: readonly ClassColumn[] = ['displayName', 'mspId', ...NUMBERS, 'lastSeen'];

/** @param query the rows that are shown; all when absent. */
export function ClassPage({ query }: { query: string | undefined }): JSX.Element {
  const x = useExplorerMessages();
  const store = useChannel();
  const { channel } = store;
  const loaded = useLoad(() => store.members(), channel, versionOf(store));
  const [order, setOrder] = useState<Order>({ column: 'displayName', descending: false });
  const all = loaded.state === 'ready' ? loaded.value : [];
  const found = query === undefined ? all : findMembers(all, query);
  const rows = sortRows(found, order.column, order.descending);
  const save = (): void => {
    const csv = csvOf([headings(x), ...rows.map(csvRow)]);
    download(`${channel}.csv`, new Blob([csv], { type: 'text/csv' }));
  };
  return (
    <div class="view" data-testid="class-page">
      <header class="view-head">
        <h1>{x.class.title}</h1>
        <span class="help">{x.class.count(formatNumber(rows.length, language.value))}</span>
        <button type="button" class="button neighbours" disabled={rows.length === 0} onClick={save}>
          <Icon name="download" size={18} />
          {x.class.save}
        </button>
      </header>
      <p class="help">{x.class.intro}</p>
      {loaded.state === 'loading' && <Loading />}
      {loaded.state === 'failed' && <Failed message={loaded.message} />}
      {loaded.state === 'ready' && <Table rows={rows} order={order} setOrder={setOrder} />}
    </div>
  );
}

// Another whenever somebody came, went or did something.
function versionOf({ height, peers }: ChannelStore): string {
  const told = peers.value.map(({ peerId, status, displayName }) => [peerId, status, displayName]);
  return JSON.stringify([height.value, told]);
}

type Words = ReturnType<typeof useExplorerMessages>;

function headings(x: Words): string[] {
  const { displayName, mspId, height, valid, invalid, lastSeen } = x.class.columns;
  return [displayName, x.class.peer, x.class.client, mspId, height, valid, invalid, lastSeen];
}

function csvRow(row: ClassRow): (string | number)[] {
  const { displayName, peer, client, mspId, height = '', valid, invalid, lastSeen } = row;
  const seen = lastSeen > 0 ? new Date(lastSeen).toISOString() : '';
  return [displayName, peer, client, mspId, height, valid, invalid, seen];
}

interface TableProps {
  readonly rows: readonly ClassRow[];
  readonly order: Order;
  readonly setOrder: (order: Order) => void;
}

function Table({ rows, order, setOrder }: TableProps): JSX.Element {
  const x = useExplorerMessages();
  return (
    <div class="card table-card class-card">
      <table class="peer-table class-table">
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <Heading key={column} column={column} order={order} setOrder={setOrder} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="help">{x.class.nobody}</p>}
    </div>
  );
}

function Heading(props: Omit<TableProps, 'rows'> & { column: ClassColumn }): JSX.Element {
  const x = useExplorerMessages();
  const { column, order, setOrder } = props;
  const isNumber = NUMBERS.includes(column);
  const isCurrent = order.column === column;
  // Of numbers, most come first to ask for the largest.
  const next = isCurrent ? !order.descending : isNumber || column === 'lastSeen';
  const direction = order.descending ? 'descending' : 'ascending';
  return (
    <th
      scope="col"
      class={isNumber ? 'is-number' : column === 'mspId' ? 'not-on-phone' : ''}
      aria-sort={isCurrent ? direction : 'none'}
    >
      <button
        type="button"
        class="link-button"
        onClick={() => setOrder({ column, descending: next })}
      >
        {x.class.columns[column]}
        <span aria-hidden="true">{isCurrent ? (order.descending ? ' ▾' : ' ▴') : ''}</span>
      </button>
    </th>
  );
}

function Row({ row }: { row: ClassRow }): JSX.Element {
  const m = useMessages();
  const { me } = usePeer().network.value;
  const number = (value: number): string => formatNumber(value, language.value);
  const { displayName, peer, client, height, status } = row;
  return (
    <tr data-testid={`member-${nameOfRow(row)}`} data-valid={row.valid} data-invalid={row.invalid}>
      <th scope="row">
        <Person name={peer || client} displayName={displayName || undefined} />
        {peer === me.name && <span class="chip">{m.network.me}</span>}
        <div class="on-phone">
          <OrgChip mspId={row.mspId} />
        </div>
      </th>
      <td class="not-on-phone">
        <OrgChip mspId={row.mspId} />
      </td>
      <td class="is-number">{height === undefined ? '' : number(height)}</td>
      <td class="is-number">{number(row.valid)}</td>
      <td class="is-number">{number(row.invalid)}</td>
      <td>{status === 'alive' ? m.status.alive : row.lastSeen > 0 && <Age at={row.lastSeen} />}</td>
    </tr>
  );
}
