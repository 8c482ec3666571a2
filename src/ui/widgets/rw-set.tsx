// SPDX-License-Identifier: Apache-2.0
// The read and write set of a transaction as tables.
import type { ComponentChildren, JSX } from 'preact';
import type { TxPrivateWrite, TxView } from '../../node/api/ledger-views.ts';
import { visibleKey } from '../format.ts';
import { useExplorerMessages } from '../i18n/explorer.ts';
import { useMessages } from '../i18n/index.ts';
import { Card, Hash, Value } from './bits.tsx';
import { VersionText } from './conflict-note.tsx';
import { useHref } from './context.ts';

export function RwSet({ tx }: { tx: TxView }): JSX.Element {
  const x = useExplorerMessages();
  const applied = tx.status === 'VALID';
  return (
    <>
      <Card
        title={x.tx.writes}
        aside={<span class="help">{applied ? x.tx.writesHelp : x.tx.notApplied}</span>}
      >
        <Table columns={[x.tx.key, x.tx.value]} empty={tx.writes.length === 0}>
          {tx.writes.map((write, index) => (
            <tr key={index} data-testid={`write-${index}`}>
              <td>
                <KeyLink namespace={write.namespace} name={write.key} />
              </td>
              <td>
                {write.isDelete ? (
                  <em>{x.tx.deleted}</em>
                ) : (
                  <Value text={write.value} base64={write.valueBase64} />
                )}
              </td>
            </tr>
          ))}
        </Table>
      </Card>
      {tx.privateWrites && <PrivateWrites writes={tx.privateWrites} />}
      <Card title={x.tx.reads} aside={<span class="help">{x.tx.readsHelp}</span>}>
        <Table columns={[x.tx.key, x.tx.version]} empty={tx.reads.length === 0}>
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

function PrivateWrites({ writes }: { writes: readonly TxPrivateWrite[] }): JSX.Element {
  const x = useExplorerMessages();
  return (
    <Card title={x.tx.privateWrites} aside={<span class="help">{x.tx.privateWritesHelp}</span>}>
      <Table columns={[x.tx.collection, x.tx.keyHash, x.tx.valueHash]} empty={false}>
        {writes.map(({ namespace, collection, keyHash, valueHash, isDelete }, index) => (
          <tr key={index} data-testid={`private-write-${index}`}>
            <td>
              <small class="help">{namespace}</small>
              {collection}
            </td>
            <td>
              <Hash value={keyHash} short />
            </td>
            <td>{isDelete ? <em>{x.tx.deleted}</em> : <Hash value={valueHash} short />}</td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function RangeReads({ tx }: { tx: TxView }): JSX.Element {
  const m = useMessages();
  const x = useExplorerMessages();
  return (
    <Card title={x.tx.rangeReads}>
      <Table columns={[x.tx.range, x.tx.keysSeen]} empty={false}>
        {tx.rangeReads.map((range, index) => (
          <tr key={index}>
            <td>
              <small class="help">{range.namespace}</small>
              <code>
                {visibleKey(range.startKey) || x.tx.start} … {visibleKey(range.endKey) || x.tx.end}
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
  const hrefOf = useHref();
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
  const x = useExplorerMessages();
  if (props.empty) return <p class="help">{x.tx.nothing}</p>;
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
