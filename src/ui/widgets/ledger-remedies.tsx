// SPDX-License-Identifier: Apache-2.0
// What a person can do about a ledger that cannot be opened, each with a sentence on what it does.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LedgerDamage, LedgerRemedy } from '../../node/api/joining.ts';
import { useRecoveryMessages } from '../i18n/recovery.ts';
import type { Session } from '../model/session.ts';

interface Props {
  readonly damage: LedgerDamage;
  readonly session: Session;
}

export function LedgerRemedies({ damage, session }: Props): JSX.Element {
  const [asking, setAsking] = useState(false);
  const apply = (remedy: LedgerRemedy): void => void session.repair(damage, remedy);
  return (
    <ul class="remedies">
      {damage.remedies.map((remedy, index) =>
        asking && remedy === 'remove' ? (
          <ConfirmRemoval key={remedy} remove={() => apply(remedy)} keep={() => setAsking(false)} />
        ) : (
          <Remedy
            key={remedy}
            remedy={remedy}
            first={index === 0}
            apply={() => (remedy === 'remove' ? setAsking(true) : apply(remedy))}
          />
        ),
      )}
    </ul>
  );
}

function Remedy(props: { remedy: LedgerRemedy; first: boolean; apply: () => void }): JSX.Element {
  const m = useRecoveryMessages();
  const { remedy, first, apply } = props;
  return (
    <li>
      <button
        type="button"
        class={`button ${first && remedy !== 'remove' ? 'is-primary' : ''}`}
        aria-describedby={`remedy-${remedy}`}
        data-testid={`remedy-${remedy}`}
        onClick={apply}
      >
        {m[remedy]}
      </button>
      <p id={`remedy-${remedy}`} class="help">
        {m[`${remedy}Help`]}
      </p>
    </li>
  );
}

function ConfirmRemoval(props: { remove: () => void; keep: () => void }): JSX.Element {
  const m = useRecoveryMessages();
  const keep = useRef<HTMLButtonElement>(null);
  // The button that was pressed is gone, and the focus with it.
  useEffect(() => keep.current?.focus(), []);
  return (
    <li>
      <fieldset>
        <legend>{m.removeReally}</legend>
        <div class="row">
          <button
            type="button"
            class="button is-bad"
            data-testid="remedy-remove-yes"
            onClick={props.remove}
          >
            {m.removeYes}
          </button>
          <button type="button" class="button" ref={keep} onClick={props.keep}>
            {m.removeNo}
          </button>
        </div>
      </fieldset>
    </li>
  );
}
