// SPDX-License-Identifier: Apache-2.0
// Asks for the name by which others know this tab's user: when it has joined, and when its user wants another.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { MAX_DISPLAY_NAME } from '../../common/identity/display-name.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import { type Messages, useMessages } from '../i18n/index.ts';
import { usePeer } from './context.ts';
import { Icon } from './icon.tsx';

const ASKED_KEY = 'tabric/name-asked';

export function NameForm(): JSX.Element {
  const m = useMessages();
  const { networkId, me } = usePeer().network.value;
  const asked = `${networkId} ${me.name}`;
  const [open, setOpen] = useState(me.displayName === undefined && !wasAsked(asked));
  const close = (): void => {
    noteAsked(asked);
    setOpen(false);
  };
  if (open) return <Question close={close} />;
  return (
    <button type="button" class="link-button name-change" onClick={() => setOpen(true)}>
      <Icon name="pen" size={14} />
      {me.displayName === undefined ? m.name.give : m.name.change}
    </button>
  );
}

function Question({ close }: { close: () => void }): JSX.Element {
  const m = useMessages();
  const { tabric, network } = usePeer();
  const [text, setText] = useState(network.peek().me.displayName ?? '');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await tabric.setName(text);
      close();
    } catch (error) {
      setFailure(failureText(error, m));
      setBusy(false);
    }
  };
  return (
    <form class="name-form" onSubmit={(event) => void save(event)}>
      <label class="field">
        <span>{m.name.ask}</span>
        <input
          value={text}
          maxLength={MAX_DISPLAY_NAME}
          autocomplete="off"
          aria-describedby="name-help"
          data-testid="display-name"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <p id="name-help" class="help">
        {m.name.help}
      </p>
      <p class="field-error" role="alert">
        {failure}
      </p>
      <div class="row">
        <button type="submit" class="button is-primary" disabled={busy}>
          {m.name.save}
        </button>
        <button type="button" class="button" onClick={close}>
          {m.name.later}
        </button>
      </div>
    </form>
  );
}

function failureText(error: unknown, m: Messages): string {
  const advice = error instanceof FabricError ? m.errors[error.code] : undefined;
  return advice ? `${advice.title} ${advice.help}` : messageOf(error);
}

// A page may be denied storage: then it asks after each reload.
function wasAsked(asked: string): boolean {
  try {
    return sessionStorage.getItem(ASKED_KEY) === asked;
  } catch {
    return false;
  }
}

function noteAsked(asked: string): void {
  try {
    sessionStorage.setItem(ASKED_KEY, asked);
  } catch {
    // Asked again after a reload.
  }
}
