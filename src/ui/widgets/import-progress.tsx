// SPDX-License-Identifier: Apache-2.0
// How far an import is, how fast it goes, and a button to end it.
import type { JSX } from 'preact';
import { formatBytes, formatNumber } from '../format.ts';
import { useLedgerMessages } from '../i18n/explorer.ts';
import { language } from '../i18n/index.ts';
import { ledgerViewer } from '../model/ledger-viewer.ts';
import type { OpenedLedger } from '../model/opened-ledger.ts';
import { hrefOf } from '../router.ts';

/** Nothing when no import of this ledger is under way here. */
export function ImportCard({ ledger }: { ledger: OpenedLedger }): JSX.Element | null {
  const m = useLedgerMessages();
  const progress = ledger.progress.value;
  if (!progress) return null;
  const { bytes } = progress.entry;
  const number = (value: number): string => formatNumber(Math.round(value), language.value);
  const size = (value: number): string => formatBytes(value, language.value);
  const rate = ledger.rate.value;
  const viewer = ledgerViewer();
  const cancelling = viewer.importing.value?.cancelling ?? false;
  return (
    <section class="card import-card" aria-label={m.reading} data-testid="import-progress">
      <ImportBar ledger={ledger} />
      <p class="import-numbers">
        <span>{m.committed(number(progress.blocks), number(progress.transactions))}</span>
        <span class="help">{m.rate(number(rate.blocks), number(rate.transactions))}</span>
        <span class="help">{m.readOf(size(progress.bytesRead), size(bytes))}</span>
      </p>
      <button
        type="button"
        class="button"
        disabled={cancelling}
        data-testid="import-cancel"
        onClick={() => viewer.cancel()}
      >
        {cancelling ? m.cancelling : m.cancel}
      </button>
    </section>
  );
}

/** One line above other pages of the ledger. */
export function ImportLine({ ledger }: { ledger: OpenedLedger }): JSX.Element | null {
  const m = useLedgerMessages();
  if (!ledger.progress.value) return null;
  return (
    <p class="import-line">
      <a href={hrefOf({ view: 'ledger', id: ledger.id })}>{m.reading}</a>
      <ImportBar ledger={ledger} />
    </p>
  );
}

function ImportBar({ ledger }: { ledger: OpenedLedger }): JSX.Element {
  const m = useLedgerMessages();
  const { bytesRead = 0, entry } = ledger.progress.value ?? {};
  return <progress aria-label={m.reading} value={bytesRead} max={entry?.bytes || 1} />;
}
