// SPDX-License-Identifier: Apache-2.0
// The updates of this page: seen or not as its document says, and its animations stopped under load.
import { effect } from '@preact/signals';
import { systemClock } from '../../common/runtime/clock.ts';
import { Updates, type Visibility } from './updates.ts';

export const pageVisibility: Visibility = {
  isHidden: () => document.hidden,
  onChange: (listener) => {
    document.addEventListener('visibilitychange', listener);
    return () => document.removeEventListener('visibilitychange', listener);
  },
};

/** Tells the style sheet by `data-busy` of the document element. */
export function startPageUpdates(): Updates {
  const updates = new Updates({ clock: systemClock, visibility: pageVisibility });
  effect(() => {
    document.documentElement.toggleAttribute('data-busy', updates.busy.value);
  });
  return updates;
}
