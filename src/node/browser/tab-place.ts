// SPDX-License-Identifier: Apache-2.0
// The place of a peer that lives in a tab: hidden, shown, frozen, offline, closing, as the browser tells a page; and what it stores.
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { StorageUse } from '../peer-node/node-view.ts';
import type { Place, PlaceEvents } from '../peer-node/ports.ts';

/** Follows the page until the signal is aborted. */
export function tabPlace({ signal }: { signal: AbortSignal }): Place {
  const events = new TypedEventTarget<PlaceEvents>();
  const resumed = (): void => events.emit('resumed', {});
  document.addEventListener(
    'visibilitychange',
    () => events.emit('hidden:changed', { hidden: document.hidden }),
    { signal },
  );
  document.addEventListener('resume', resumed, { signal });
  window.addEventListener('online', resumed, { signal });
  window.addEventListener('pagehide', () => events.emit('closing', {}), { signal });
  return {
    events,
    get hidden() {
      return document.hidden;
    },
  };
}

/** How much this site stores, as far as the browser says. */
export async function storageUse(): Promise<StorageUse> {
  const { storage } = navigator;
  if (!storage?.estimate) return {};
  try {
    const [persisted, { usage, quota }] = await Promise.all([
      storage.persisted(),
      storage.estimate(),
    ]);
    return {
      persisted,
      ...(usage !== undefined && { usage }),
      ...(quota !== undefined && { quota }),
    };
  } catch {
    return {};
  }
}
