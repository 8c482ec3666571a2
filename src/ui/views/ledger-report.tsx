// SPDX-License-Identifier: Apache-2.0
// The report of an import: whether this browser and the peer that stored the blocks are of one mind, what is in the chain, and
// where the time went.
import type { ComponentChildren, JSX } from 'preact';
import type { LedgerReport } from '../../node/api/ledger-report.ts';
import { formatBytes, formatDuration, formatNumber } from '../format.ts';
import { useLedgerMessages } from '../i18n/explorer.ts';
import { language, useMessages } from '../i18n/index.ts';
import type { OpenedLedger } from '../model/opened-ledger.ts';
import { Card, Fact, Facts, Hash, Status, TxLink } from '../widgets/bits.tsx';
import { useHref } from '../widgets/context.ts';
import { ExportButton } from '../widgets/export-button.tsx';
import { ImportCard } from '../widgets/import-progress.tsx';
import { ReplayVerdict } from '../widgets/replay-verdict.tsx';

const number = (value: number): string => formatNumber(value, language.value);

export function LedgerReportPage({ ledger }: { ledger: OpenedLedger }): JSX.Element {
  const m = useLedgerMessages();
  const { report } = ledger.entry.value;
  const underWay = ledger.progress.value !== undefined;
  return (
    <div class="view narrow" data-testid="ledger-report" data-done={!underWay}>
      <header class="view-head">
        <h1>{underWay ? m.readingTitle(ledger.channel) : ledger.channel}</h1>
      </header>
      <ImportCard ledger={ledger} />
      <div class="verdicts" aria-live="polite">
        {!underWay && <ReplayVerdict report={report} />}
      </div>
      {!ledger.stored && <p class="note">{m.memory}</p>}
      {report && !underWay && <Report report={report} />}
      {!underWay && <ExportButton />}
    </div>
  );
}

function Report({ report }: { report: LedgerReport }): JSX.Element {
  const m = useLedgerMessages();
  const { torn } = report;
  return (
    <>
      {torn && <p class="note">{m.torn(torn.file, number(torn.bytes), number(torn.offset))}</p>}
      <CodeDifferences report={report} />
      <HashDifferences report={report} />
      <Summary report={report} />
      <div class="report-tables">
        <Codes codes={report.codes} />
        <Stages stages={report.stages} />
      </div>
    </>
  );
}

function Summary({ report }: { report: LedgerReport }): JSX.Element {
  const m = useLedgerMessages();
  const { ms, transactions } = report;
  const rate = number(Math.round((transactions * 1000) / Math.max(1, ms)));
  return (
    <section class="card">
      <Facts>
        <Fact name={m.fromFiles}>
          {report.files.length > 1
            ? `${report.files[0]} … ${report.files.at(-1)}`
            : report.files[0]}
          {` · ${formatBytes(report.bytes, language.value)}`}
        </Fact>
        <Fact name={m.blocks}>
          <span data-testid="report-blocks" data-count={report.blocks}>
            {number(report.blocks)}
          </span>
        </Fact>
        <Fact name={m.transactions}>{number(transactions)}</Fact>
        <Fact name={m.time}>{m.timeOf(formatDuration(ms), rate)}</Fact>
        <Fact name={m.lastBlock}>
          <Hash value={report.lastBlockHash} />
        </Fact>
        {report.lastCommitHash !== '' && (
          <Fact name={m.lastCommit}>
            <Hash value={report.lastCommitHash} />
          </Fact>
        )}
      </Facts>
    </section>
  );
}

function Codes({ codes }: { codes: LedgerReport['codes'] }): JSX.Element {
  const m = useMessages();
  const l = useLedgerMessages();
  return (
    <Table title={l.codes} columns={[l.code, l.count]}>
      {Object.entries(codes).map(([code, count]) => (
        <tr key={code}>
          <td title={m.codes[code]}>
            <Status code={code} />
          </td>
          <td class="is-number">{number(count)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Stages({ stages }: { stages: LedgerReport['stages'] }): JSX.Element {
  const m = useLedgerMessages();
  const names = Object.keys(m.stageNames) as (keyof typeof stages)[];
  return (
    <Table
      title={m.stages}
      aside={<span class="help">{m.stagesHelp}</span>}
      columns={[m.stage, m.median, m.total]}
    >
      {names.map((stage) => (
        <tr key={stage}>
          <td>{m.stageNames[stage]}</td>
          <td class="is-number">{formatDuration(stages[stage].medianMs)}</td>
          <td class="is-number">{formatDuration(stages[stage].totalMs)}</td>
        </tr>
      ))}
    </Table>
  );
}

function CodeDifferences({ report }: { report: LedgerReport }): JSX.Element | null {
  const m = useLedgerMessages();
  const { codeDifferences, codeDifferenceCount } = report;
  if (codeDifferenceCount === 0) return null;
  return (
    <Table
      title={m.codeDifferences}
      columns={[m.blocks, m.transaction, m.stored, m.replayed]}
      more={codeDifferenceCount - codeDifferences.length}
    >
      {codeDifferences.map(({ blockNum, txNum, txId, stored, replayed }) => (
        <tr key={`${blockNum}/${txNum}`} data-testid={`difference-${blockNum}-${txNum}`}>
          <td>
            <BlockLink number={blockNum} />
          </td>
          <td>{txId === '' ? number(txNum) : <TxLink txId={txId} />}</td>
          <td>
            <Status code={stored} />
          </td>
          <td>
            <Status code={replayed} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function HashDifferences({ report }: { report: LedgerReport }): JSX.Element | null {
  const m = useLedgerMessages();
  const { commitHashDifferences, commitHashDifferenceCount } = report;
  if (commitHashDifferenceCount === 0) return null;
  return (
    <Table
      title={m.hashDifferences}
      columns={[m.blocks, m.stored, m.replayed]}
      more={commitHashDifferenceCount - commitHashDifferences.length}
    >
      {commitHashDifferences.map(({ blockNum, stored, replayed }) => (
        <tr key={blockNum} data-testid={`hash-difference-${blockNum}`}>
          <td>
            <BlockLink number={blockNum} />
          </td>
          <td>
            <Hash value={stored} short />
          </td>
          <td>
            <Hash value={replayed} short />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function BlockLink(props: { number: number }): JSX.Element {
  const hrefOf = useHref();
  return <a href={hrefOf({ view: 'block', number: props.number })}>{number(props.number)}</a>;
}

function Table(props: {
  title: string;
  aside?: ComponentChildren;
  columns: readonly string[];
  /** Rows that are not here. */
  more?: number;
  children: ComponentChildren;
}): JSX.Element {
  const m = useLedgerMessages();
  const { title, aside, columns, more = 0 } = props;
  return (
    <Card title={title} aside={aside}>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              {columns.map((column, index) => (
                <th key={column} scope="col" class={index > 0 ? 'follows' : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{props.children}</tbody>
        </table>
      </div>
      {more > 0 && <p class="help">{m.more(more)}</p>}
    </Card>
  );
}
