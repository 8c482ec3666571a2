// SPDX-License-Identifier: Apache-2.0
// The steps of joining, each with its state in words as well as in colour.
import type { JSX } from 'preact';
import { formatNumber } from '../format.ts';
import { language, type Messages, useMessages } from '../i18n/index.ts';
import type { StepProgress, StepState } from '../model/session.ts';
import { Icon } from './icon.tsx';

export function JoinSteps({ steps }: { steps: readonly StepProgress[] }): JSX.Element {
  return (
    <ol class="steps">
      {steps.map((step) => (
        <Step key={step.step} {...step} />
      ))}
    </ol>
  );
}

function Step({ step, state, detail, done, total }: StepProgress): JSX.Element {
  const m = useMessages();
  const number = (value: number): string => formatNumber(value, language.value);
  const counted = done !== undefined && total !== undefined && total > 0;
  return (
    <li class="step" data-step={step} data-state={state}>
      <span class="step-mark" aria-hidden="true">
        {state === 'done' && <Icon name="check" size={14} />}
        {state === 'failed' && <Icon name="cross" size={14} />}
      </span>
      <div>
        <span>{m.join.steps[step]}</span>
        <span class="visually-hidden"> ({wordOf(state, m)})</span>
        {state === 'active' && counted && (
          <>
            <progress max={total} value={done} aria-label={m.join.steps[step]} />
            <small class="help">{m.join.blocksOf(number(done), number(total))}</small>
          </>
        )}
        {state !== 'waiting' && !counted && detail !== undefined && (
          <small class="help">{detail}</small>
        )}
      </div>
    </li>
  );
}

function wordOf(state: StepState, m: Messages): string {
  const words: Record<StepState, string> = {
    done: m.join.stepDone,
    active: m.join.stepActive,
    waiting: m.join.stepWaiting,
    failed: m.join.stepFailed,
  };
  return words[state];
}
