// SPDX-License-Identifier: Apache-2.0
// One field for each parameter; where the chaincode names none, as many as the caller wants.
import type { JSX } from 'preact';
import { useMessages } from '../i18n/index.ts';
import { Icon } from './icon.tsx';

const MAX_ARGUMENTS = 20;

export function ArgumentForm(props: {
  params: readonly string[];
  args: readonly string[];
  change: (args: readonly string[]) => void;
}): JSX.Element {
  const m = useMessages();
  const { params, args, change } = props;
  return (
    <fieldset class="arguments">
      <legend class="visually-hidden">{m.transact.arguments}</legend>
      {args.map((value, index) => (
        <label class="field" key={params[index] ?? index}>
          <span>{params[index] ?? m.transact.argument(index + 1)}</span>
          <input
            value={value}
            data-testid={`arg-${index}`}
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            onInput={(event) => change(args.with(index, event.currentTarget.value))}
          />
        </label>
      ))}
      <div class="argument-tools">
        {args.length === 0 && <span class="help">{m.transact.noArguments}</span>}
        {args.length > params.length && (
          <button type="button" class="link-button" onClick={() => change(args.slice(0, -1))}>
            {m.transact.removeArgument}
          </button>
        )}
        {params.length === 0 && args.length < MAX_ARGUMENTS && (
          <button
            type="button"
            class="link-button"
            data-testid="add-argument"
            onClick={() => change([...args, ''])}
          >
            <Icon name="pen" size={14} />
            {m.transact.addArgument}
          </button>
        )}
      </div>
    </fieldset>
  );
}
