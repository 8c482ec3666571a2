// SPDX-License-Identifier: Apache-2.0
// What scripts and tests wait for at a peer, so that they need no sleeps.
import { FabricError } from '../../common/runtime/errors.ts';
import type { PeerInfo } from '../api/network-view.ts';
import type { TabricEvents, WaitCondition, Waits } from '../api/tabric.ts';
import { kindOf } from './call-arguments.ts';
import type { NodeView } from './node-view.ts';
import type { PeerNode } from './peer-node.ts';

export interface WaitComponents {
  readonly node: PeerNode;
  readonly view: NodeView;
  readonly channel: string;
  readonly onEvent: (listener: (event: TabricEvents['chaincode:event']) => void) => () => void;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** What changes without an event, such as how a peer is reached, is looked at as often. */
const LOOK_MS = 250;
/** Longer ones would be over at once: a timer takes 31 bits. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** One condition that is being waited for. */
interface Wait<T> {
  /** What there is, once it is enough. */
  look(): Promise<T | undefined> | T | undefined;
  /** How far it is, for whoever waited in vain. */
  state(): string;
  /** Calls the listener when it may be time to look; the result stops it. */
  follow?(listener: () => void): () => void;
}

type Kinds = { [K in keyof Waits]: (wanted: Waits[K]['given']) => Wait<Waits[K]['result']> };

/** Rejects with TypeError for what is no condition, and with FabricError TIMEOUT. */
export async function waitFor<K extends keyof Waits>(
  components: WaitComponents,
  condition: WaitCondition<K>,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: { readonly timeoutMs?: number | undefined } = {},
): Promise<Waits[K]['result']> {
  const { kind, wanted, timeout } = checked(condition, timeoutMs);
  // The kinds have the same keys as what is waited for.
  const wait = kindsOf(components)[kind](wanted as never) as Wait<Waits[K]['result']>;
  return until(components.node, wait, timeout);
}

function checked(
  condition: unknown,
  timeoutMs: number,
): { kind: keyof Waits; wanted: unknown; timeout: number } {
  const known = Object.keys(WANTED) as (keyof Waits)[];
  const usage = `waitFor takes one of ${known.join(', ')}, and timeout in milliseconds`;
  if (typeof condition !== 'object' || condition === null)
    throw new TypeError(`${usage}, not ${kindOf(condition)}`);
  const { timeout = timeoutMs, ...rest } = condition as { readonly timeout?: unknown };
  const entries = Object.entries(rest);
  const unknown = entries.find(([key]) => !known.some((one) => one === key));
  if (unknown) throw new TypeError(`${usage}; ${JSON.stringify(unknown[0])} is none of them`);
  const [entry, another] = entries;
  if (!entry || another) throw new TypeError(`${usage}; here are ${entries.length}`);
  const [kind, wanted] = entry as [keyof Waits, unknown];
  const type = WANTED[kind];
  if (typeof wanted !== type)
    throw new TypeError(`waitFor({ ${kind} }) takes a ${type}, not ${kindOf(wanted)}`);
  if (typeof timeout !== 'number' || !(timeout >= 0))
    throw new TypeError(`timeout is a number of milliseconds, not ${String(timeout)}`);
  return { kind, wanted, timeout: Math.min(timeout, MAX_TIMEOUT_MS) };
}

const WANTED: Readonly<Record<keyof Waits, 'number' | 'string'>> = {
  height: 'number',
  txId: 'string',
  peers: 'number',
  endorsers: 'string',
  event: 'string',
};

function kindsOf({ node, view, channel: name, onEvent }: WaitComponents): Kinds {
  const channel = () => node.channel(name);
  const peers = (): readonly PeerInfo[] =>
    view.peers(channel()).filter(({ role, status }) => role === 'peer' && status !== 'dead');
  const height = (): number => channel()?.height ?? 0;
  return {
    height: (wanted) => ({
      look: () => (height() >= wanted ? height() : undefined),
      state: () => `height is ${height()}, not ${wanted}`,
    }),
    txId: (wanted) => ({
      look: () => node.peer.ask('tx', { channel: name, txId: wanted }),
      state: () => `transaction ${wanted} is in none of the ${height()} blocks here`,
    }),
    peers: (wanted) => ({
      look: () => (peers().length >= wanted ? peers() : undefined),
      state: () => `there are ${peers().length} peers, not ${wanted}`,
    }),
    endorsers: (chaincode) => {
      const able = (): readonly PeerInfo[] =>
        peers().filter(({ chaincodes, link }) => chaincodes.includes(chaincode) && link !== 'none');
      return {
        look: async () => {
          const { layouts } = await node.peer.ask('plan', { channel: name, chaincode });
          return layouts.some((layout) => covers(able(), layout)) ? able() : undefined;
        },
        state: () => {
          const names = able().map((peer) => peer.name);
          return `peers that run ${chaincode} and can be reached: ${names.join(', ') || 'none'}`;
        },
      };
    },
    event: (wanted) => {
      let found: TabricEvents['chaincode:event'] | undefined;
      return {
        look: () => found,
        state: () => `there was no event ${wanted}`,
        follow: (listener) =>
          onEvent((event) => {
            if (event.name !== wanted) return;
            found ??= event;
            listener();
          }),
      };
    },
  };
}

/** Whether there is a peer for each place of a layout, which lists MSP ids. */
function covers(peers: readonly PeerInfo[], layout: readonly string[]): boolean {
  const left = peers.map(({ mspId }) => mspId);
  return layout.every((mspId) => {
    const index = left.indexOf(mspId);
    if (index >= 0) left.splice(index, 1);
    return index >= 0;
  });
}

async function until<T>(node: PeerNode, wait: Wait<T>, timeoutMs: number): Promise<T> {
  let isOver = false;
  let changed = (): void => {};
  let cancel = (): void => {};
  const listener = (): void => changed();
  const stops = [
    node.events.on('changed', listener),
    node.events.on('block:committed', listener),
    node.clock.setTimer(() => {
      isOver = true;
      changed();
    }, timeoutMs),
    wait.follow?.(listener),
  ];
  try {
    for (;;) {
      // Before looking, so that nothing is missed meanwhile.
      const change = new Promise<void>((resolve) => {
        changed = resolve;
        cancel = node.clock.setTimer(resolve, LOOK_MS);
      });
      const found = await wait.look();
      if (found !== undefined) return found;
      if (isOver) throw new FabricError('TIMEOUT', `after ${timeoutMs} ms ${wait.state()}`);
      await change;
      cancel();
    }
  } finally {
    for (const stop of [...stops, cancel]) stop?.();
  }
}
