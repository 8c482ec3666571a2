// SPDX-License-Identifier: Apache-2.0
// What came of an import, in a word and in a sentence: the same as the peer that stored the blocks, or not, or not to the end.
import type { JSX } from 'preact';
import type { LedgerReport } from '../../node/api/ledger-report.ts';
import { formatNumber } from '../format.ts';
import { type LedgerMessages, useLedgerMessages } from '../i18n/explorer.ts';
import { language } from '../i18n/index.ts';
import { Fact, Facts } from './bits.tsx';
import { Icon } from './icon.tsx';

type Kind = 'clean' | 'differs' | 'nothing' | 'stopped' | 'cancelled' | 'unfinished' | 'reading';

interface Verdict {
  readonly kind: Kind;
  readonly title: string;
}

/** In a word, for lists. */
export function OutcomeChip(props: {
  report: LedgerReport | undefined;
  underWay: boolean;
}): JSX.Element {
  const m = useLedgerMessages();
  const { kind, title } = props.underWay
    ? { kind: 'reading' as const, title: m.reading }
    : outcomeOf(props.report, m);
  const good = kind === 'clean';
  const bad = kind === 'differs' || kind === 'stopped';
  return (
    <span class={`chip ${good ? 'is-good' : bad ? 'is-bad' : ''}`} data-outcome={kind}>
      {(good || bad) && <Icon name={good ? 'check' : 'cross'} size={14} />}
      {title}
    </span>
  );
}

function outcomeOf(report: LedgerReport | undefined, m: LedgerMessages): Verdict {
  if (!report) return { kind: 'unfinished', title: m.verdict.unfinished };
  return stopOf(report, m) ?? comparisonOf(report, m);
}

function stopOf({ stopped, blocks }: LedgerReport, m: LedgerMessages): Verdict | undefined {
  if (!stopped) return undefined;
  if (stopped.code === 'CANCELLED') return { kind: 'cancelled', title: m.verdict.cancelled };
  const at = formatNumber(stopped.blockNum ?? blocks, language.value);
  return { kind: 'stopped', title: m.verdict.stopped(at) };
}

function comparisonOf(report: LedgerReport, m: LedgerMessages): Verdict {
  const { codeDifferenceCount, commitHashDifferenceCount, blocks, blocksWithoutCodes } = report;
  const differences = codeDifferenceCount + commitHashDifferenceCount;
  if (differences > 0) return { kind: 'differs', title: m.verdict.differs(differences) };
  if (blocksWithoutCodes === blocks) return { kind: 'nothing', title: m.verdict.nothing };
  return { kind: 'clean', title: m.verdict.clean };
}

/** In sentences, for the report's page. */
export function ReplayVerdict({ report }: { report: LedgerReport | undefined }): JSX.Element {
  const m = useLedgerMessages();
  if (!report) {
    const { unfinished: title, unfinishedHelp } = m.verdict;
    return <Banner verdict={{ kind: 'unfinished', title }} help={unfinishedHelp} />;
  }
  const stop = stopOf(report, m);
  const { kind, title } = comparisonOf(report, m);
  const comparison = { kind, title: stop && kind === 'clean' ? m.verdict.cleanSoFar : title };
  return (
    <>
      {stop && <StopBanner stop={stop} report={report} />}
      <Banner verdict={comparison} help={helpOf(kind, report, m)} />
    </>
  );
}

function helpOf(kind: Kind, report: LedgerReport, { verdict }: LedgerMessages): string {
  const { blocks, blocksWithoutCodes, blocksWithoutCommitHash, lastBlockInSnapshot } = report;
  const number = (value: number): string => formatNumber(value, language.value);
  if (kind === 'differs') {
    return lacksDefinitions(report) ? verdict.undefinedHelp : verdict.differsHelp;
  }
  if (kind === 'nothing') return verdict.nothingHelp;
  // A genesis block has none.
  const withHash = lastBlockInSnapshot === undefined ? blocks - 1 : blocks;
  const hashes = Math.max(0, withHash - blocksWithoutCommitHash);
  return verdict.cleanHelp(number(blocks - blocksWithoutCodes), number(hashes));
}

// What the chain of a Tabric network looks like to those who do not have its network file.
function lacksDefinitions({ codeDifferences }: LedgerReport): boolean {
  return (
    codeDifferences.length > 0 &&
    codeDifferences.every(({ replayed }) => replayed === 'INVALID_CHAINCODE')
  );
}

function StopBanner({ stop, report }: { stop: Verdict; report: LedgerReport }): JSX.Element {
  const m = useLedgerMessages();
  const number = (value: number): string => formatNumber(value, language.value);
  const { code = '', message = '', file, offset } = report.stopped ?? {};
  const blocks = number(report.blocks);
  if (stop.kind === 'cancelled') {
    return <Banner verdict={stop} help={m.verdict.cancelledHelp(blocks)} />;
  }
  return (
    <Banner verdict={stop} help={m.verdict.stoppedHelp(blocks)}>
      <Facts>
        {file !== undefined && offset !== undefined && (
          <Fact name={m.place}>
            <span data-testid="stopped-place" data-file={file} data-offset={offset}>
              {m.at(file, number(offset))}
            </span>
          </Fact>
        )}
        <Fact name={m.reason} help={`${code}: ${message}`}>
          {m.errors[code]?.(file ?? '')}
        </Fact>
      </Facts>
    </Banner>
  );
}

const MILD: readonly Kind[] = ['nothing', 'cancelled', 'unfinished'];

function Banner(props: { verdict: Verdict; help: string; children?: JSX.Element }): JSX.Element {
  const { kind, title } = props.verdict;
  const good = kind === 'clean';
  const tone = good ? 'is-good' : MILD.includes(kind) ? 'is-mild' : 'is-grave';
  return (
    <div class={`banner ${tone}`} data-testid="verdict" data-outcome={kind}>
      <Icon name={good ? 'check' : 'alert'} />
      <div>
        <strong>{title}</strong>
        <p>{props.help}</p>
        {props.children}
      </div>
    </div>
  );
}
