// SPDX-License-Identifier: Apache-2.0
// Every tab of a browser is a peer of its own: it holds a numbered slot for as long as it lives, and its identity and
// ledger belong to the slot. A reload gets its slot back; a new or duplicated tab gets the next free one; a closed tab
// frees its own. Web Locks hold slots where they exist (a held lock also keeps Chromium from freezing the tab); at
// http://<LAN address> they do not, and tabs claim slots over a BroadcastChannel.

import { toHex } from '../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';

/** More tabs of one organisation in one browser than this are refused. */
export const MAX_SLOTS = 64;
/** A page that reloads may still be letting go of its slot for this long. */
const RELOAD_GRACE_MS = 1_500;
/** Tabs of one browser answer a claim well within this. */
const CLAIM_WAIT_MS = 250;

export interface TabSlot {
  readonly number: number;
  release(): void;
}

/** Takes `preferred` when it is free or becomes free within a moment, else the lowest free slot. Throws FabricError NO_FREE_SLOT. */
export async function claimSlot(scope: string, preferred: number | undefined): Promise<TabSlot> {
  const claim = navigator.locks ? claimByLock : claimByChannel;
  if (preferred !== undefined) {
    const slot = await claim(scope, preferred, RELOAD_GRACE_MS);
    if (slot) return slot;
  }
  for (let number = 0; number < MAX_SLOTS; number++) {
    const slot = await claim(scope, number, 0);
    if (slot) return slot;
  }
  throw new FabricError('NO_FREE_SLOT', `this browser already runs ${MAX_SLOTS} peers of ${scope}`);
}

/** Takes the only slot of a scope; undefined when another tab keeps it for more than a moment. */
export async function claimAlone(scope: string): Promise<TabSlot | undefined> {
  const claim = navigator.locks ? claimByLock : claimByChannel;
  // A free one is had however long the browser takes to say so.
  return (await claim(scope, 0, 0)) ?? claim(scope, 0, RELOAD_GRACE_MS);
}

async function claimByLock(
  scope: string,
  number: number,
  waitMs: number,
): Promise<TabSlot | undefined> {
  const options: LockOptions =
    waitMs > 0 ? { signal: AbortSignal.timeout(waitMs) } : { ifAvailable: true };
  return new Promise((resolve) => {
    navigator.locks
      .request(`${scope}/slot-${number}`, options, (lock) => {
        if (!lock) return resolve(undefined);
        return new Promise<void>((release) => resolve({ number, release }));
      })
      .catch(() => resolve(undefined));
  });
}

interface ClaimMessage {
  readonly kind: 'claim' | 'taken';
  readonly number: number;
  readonly tab: string;
}

// Two tabs that claim at once both hear the other: the lower id keeps the slot.
async function claimByChannel(
  scope: string,
  number: number,
  waitMs: number,
): Promise<TabSlot | undefined> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const slot = await claimOnce(scope, number);
    if (slot || Date.now() >= deadline) return slot;
  }
}

async function claimOnce(scope: string, number: number): Promise<TabSlot | undefined> {
  const channel = new BroadcastChannel(`${scope}/slots`);
  const tab = toHex(systemRandomBytes(8));
  let held = false;
  let lost = false;
  const send = (kind: ClaimMessage['kind']): void => channel.postMessage({ kind, number, tab });
  channel.onmessage = ({ data }: MessageEvent<ClaimMessage>) => {
    if (data.number !== number || data.tab === tab) return;
    if (data.kind === 'taken') lost = !held;
    else if (held || tab < data.tab) send('taken');
  };
  send('claim');
  await new Promise((resolve) => setTimeout(resolve, CLAIM_WAIT_MS));
  if (lost) {
    channel.close();
    return undefined;
  }
  held = true;
  return { number, release: () => channel.close() };
}
