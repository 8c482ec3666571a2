// SPDX-License-Identifier: Apache-2.0
// The ledger that is looked at, saved as Fabric's block files.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { messageOf } from '../../common/runtime/errors.ts';
import { formatNumber } from '../format.ts';
import { useLedgerMessages } from '../i18n/explorer.ts';
import { language } from '../i18n/index.ts';
import { saveBlockfiles } from '../model/save-blockfiles.ts';
import { useLedger } from './context.ts';
import { Icon } from './icon.tsx';

type Saving =
  | { readonly state: 'idle' }
  | { readonly state: 'busy'; readonly done: number; readonly height: number }
  | { readonly state: 'done'; readonly files: readonly string[] }
  | { readonly state: 'failed'; readonly reason: string };

/** The page is told of progress this often at most. */
const PROGRESS_MS = 200;

export function ExportButton(): JSX.Element {
  const m = useLedgerMessages();
  const ledger = useLedger();
  const [saving, setSaving] = useState<Saving>({ state: 'idle' });
  const save = async (): Promise<void> => {
    let told = performance.now();
    setSaving({ state: 'busy', done: 0, height: ledger.height.peek() });
    try {
      const files = await saveBlockfiles(ledger, (done, height) => {
        if (performance.now() - told < PROGRESS_MS) return;
        told = performance.now();
        setSaving({ state: 'busy', done, height });
      });
      setSaving(files.length > 0 ? { state: 'done', files } : { state: 'idle' });
    } catch (error) {
      setSaving({ state: 'failed', reason: messageOf(error) });
    }
  };
  const number = (value: number): string => formatNumber(value, language.value);
  return (
    <div class="export">
      <button
        type="button"
        class="button"
        disabled={saving.state === 'busy' || ledger.height.value === 0}
        title={m.exportHelp}
        data-testid="export-button"
        onClick={() => void save()}
      >
        <Icon name="download" size={18} />
        {m.export}
      </button>
      <p class="help" role="status" data-testid="export-result" data-state={saving.state}>
        {saving.state === 'busy' && m.exporting(number(saving.done), number(saving.height))}
        {saving.state === 'done' && m.exported(saving.files.join(', '))}
        {saving.state === 'failed' && (
          <span class="field-error">{m.exportFailed(saving.reason)}</span>
        )}
      </p>
    </div>
  );
}
