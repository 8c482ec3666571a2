// SPDX-License-Identifier: Apache-2.0
// The read and write set of a transaction as tables.
import type { ComponentChildren, JSX } from 'preact';
import type { TxView } from '../../node/api.ts';
import { visibleKey } from '../format.ts';
import { useMessages } from '../i18n/index.ts';
import { hrefOf } from '../router.ts';
import { Card, Value } from './bits.tsx';
import { VersionText } from './conflict-note.tsx';

export function RwSet({ tx }: { tx: TxView }): JSX.Element {
  const m = useMessages();
  const applied = tx.status === 'VALID';
  return (
    <>
      <Card
        title={m.tx.writes}
        aside={<span class="help">{applied ? m.tx.writesHelp : m.tx.notApplied}</span>}
      >
        <Table columns={[m.tx.key, m.tx.value]} empty={tx.writes.length === 0}>
          {tx.writes.map((write, index) => (
            <tr key={index} data-testid={`write-${index}`}>
              <td>
                <KeyLink namespace={write.namespace} name={write.key} />
              </td>
              <td>{write.isDelete ? <em>{m.tx.deleted}</em> : <Value text={write.value} />}</td>
            </tr>
          ))}
        </Table>
      </Card>
      <Card title={m.tx.reads} aside={<span class="help">{m.tx.readsHelp}</span>}>
        <Table columns={[m.tx.key, m.tx.version]} empty={tx.reads.length === 0}>
          {tx.reads.map((read, index) => (
            <tr key={index} data-testid={`read-${index}`}>
              <td>
                <KeyLink namespace={read.namespace} name={read.key} />
              </td>
              <td>
                <VersionText version={read.version} />
              </td>
            </tr>
          ))}
        </Table>
      </Card>
      {tx.rangeReads.length > 0 && <RangeReads tx={tx} />}
    </>
  );
}

function RangeReads({ tx }: { tx: TxView }): JSX.Element {
  const m = useMessages();
  return (
    <Card title={m.tx.rangeReads}>
      <Table columns={[m.tx.range, m.tx.keysSeen]} empty={false}>
        {tx.rangeReads.map((range, index) => (
          <tr key={index}>
            <td>
              <small class="help">{range.namespace}</small>
              <code>
                {visibleKey(range.startKey) || m.tx.start} … {visibleKey(range.endKey) || m.tx.end}
              </code>
            </td>
            <td>{range.keys.map(visibleKey).join(', ') || m.app.none}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function KeyLink({ namespace, name }: { namespace: string; name: string }): JSX.Element {
  return (
    <>
      <small class="help">{namespace}</small>
      <a class="key" href={hrefOf({ view: 'key', chaincode: namespace, key: name })}>
        {visibleKey(name)}
      </a>
    </>
  );
}

function Table(props: {
  columns: readonly string[];
  empty: boolean;
  children: ComponentChildren;
}): JSX.Element {
  const m = useMessages();
  if (props.empty) return <p class="help">{m.tx.nothing}</p>;
  return (
    <div class="table-scroll">
      <table>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}
