// SPDX-License-Identifier: Apache-2.0
// What a chaincode has written to its console in this tab, newest first. Nothing is drawn or followed while it is closed.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatTime } from '../format.ts';
import { useExplorerMessages } from '../i18n/explorer.ts';
import { language } from '../i18n/index.ts';
import { TxLink } from './bits.tsx';
import { useChannel, usePeer } from './context.ts';

/** More are in `tabric.logs()`. */
const SHOWN_LINES = 200;

export function ChaincodeLog({ packageId }: { packageId: string }): JSX.Element {
  const x = useExplorerMessages();
  const [open, setOpen] = useState(false);
  return (
    <details
      class="chaincode-log"
      data-testid="chaincode-log"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{x.chaincode.log}</summary>
      {open && <Lines packageId={packageId} />}
    </details>
  );
}

function Lines({ packageId }: { packageId: string }): JSX.Element {
  const x = useExplorerMessages();
  const { tabric } = usePeer();
  const { updates } = useChannel();
  const [, setVersion] = useState(0);
  useEffect(() => {
    const draw = (): boolean => {
      setVersion((version) => version + 1);
      return true;
    };
    return tabric.on('chaincode:log', (line) => {
      if (line.packageId === packageId) updates.request(draw);
    });
  }, [tabric, updates, packageId]);
  const lines = tabric.logs({ packageId }).slice(-SHOWN_LINES).toReversed();
  if (lines.length === 0) return <p class="help">{x.chaincode.logEmpty}</p>;
  return (
    <ol class="plain log-lines">
      {lines.map(({ at, level, text, txId }, index) => (
        <li key={lines.length - index} data-level={level}>
          <span class="help">
            {formatTime(at, language.value)} {level} {txId !== undefined && <TxLink txId={txId} />}
          </span>
          <pre>{text}</pre>
        </li>
      ))}
    </ol>
  );
}
