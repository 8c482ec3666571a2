// SPDX-License-Identifier: Apache-2.0
// Tabs of one browser tell each other which peer they are, so that nobody wonders why a new tab has another name.
import { signal } from '@preact/signals';

interface Hello {
  readonly tab: string;
  readonly name: string;
  readonly kind: 'hello' | 'reply' | 'bye';
}

const MAX_TABS = 32;
const MAX_NAME_CHARACTERS = 100;

export class OtherTabs {
  /** Names of the peers of other tabs, sorted. */
  readonly names = signal<readonly string[]>([]);
  readonly #tab = String(Math.random());
  readonly #known = new Map<string, string>();
  #channel: BroadcastChannel | undefined;

  start(name: string, networkId: string): void {
    if (this.#channel || typeof BroadcastChannel === 'undefined') return;
    const channel = new BroadcastChannel(`tabric-tabs-${networkId}`);
    this.#channel = channel;
    const say = (kind: Hello['kind']): void => channel.postMessage({ tab: this.#tab, name, kind });
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!isHello(data)) return;
      if (data.kind === 'hello') say('reply');
      this.#take(data);
    };
    window.addEventListener('pagehide', () => say('bye'));
    window.addEventListener('pageshow', (event) => event.persisted && say('hello'));
    say('hello');
  }

  #take({ tab, name, kind }: Hello): void {
    if (kind === 'bye') this.#known.delete(tab);
    else if (this.#known.size < MAX_TABS) this.#known.set(tab, name);
    this.names.value = [...new Set(this.#known.values())].sort();
  }
}

function isHello(data: unknown): data is Hello {
  if (data === null || typeof data !== 'object') return false;
  const { tab, name, kind } = data as Partial<Hello>;
  return (
    typeof tab === 'string' &&
    typeof name === 'string' &&
    name.length <= MAX_NAME_CHARACTERS &&
    (kind === 'hello' || kind === 'reply' || kind === 'bye')
  );
}
