// SPDX-License-Identifier: Apache-2.0
// `window.tabric` from the first moment of the page, before the code of the peer is loaded: a script that comes at the page's `load` waits
// for `ready`, and calls that can wait do. It gives way to the peer's own facade, and passes calls on to it.
import { FabricError } from '../common/runtime/errors.ts';
import type { Tabric, TabricEvents } from '../node/api/tabric.ts';

type Waiting =
  | 'submit'
  | 'evaluate'
  | 'evaluateBytes'
  | 'block'
  | 'blocks'
  | 'tx'
  | 'state'
  | 'stateBytes'
  | 'states'
  | 'history'
  | 'chaincodes'
  | 'blockfileEntry'
  | 'waitFor'
  | 'members'
  | 'setName'
  | 'install';

const WAITING: readonly Waiting[] = [
  'submit',
  'evaluate',
  'evaluateBytes',
  'block',
  'blocks',
  'tx',
  'state',
  'stateBytes',
  'states',
  'history',
  'chaincodes',
  'blockfileEntry',
  'waitFor',
  'members',
  'setName',
  'install',
];

export class EarlyTabric {
  readonly tabric: Tabric;
  #attempt = newAttempt();
  /** Whether the attempt has failed. */
  #isOver = false;
  /** Once there is one. */
  #running: Tabric | undefined;

  constructor() {
    this.tabric = this.#create();
  }

  /** An attempt to join begins; who asks from now on waits for this one. */
  joining(): void {
    if (!this.#isOver) return;
    this.#isOver = false;
    this.#attempt = newAttempt();
  }

  /** The peer has joined. */
  joined(tabric: Tabric): void {
    this.#running = tabric;
    this.#attempt.resolve(tabric);
  }

  /** Joining failed. */
  failed(reason: unknown): void {
    this.#running = undefined;
    this.#isOver = true;
    this.#attempt.reject(reason);
  }

  #create(): Tabric {
    const running = (): Tabric => this.#require();
    const ready = (): Tabric['ready'] => this.#attempt.promise.then((tabric) => tabric.ready);
    const waiting = Object.fromEntries(
      WAITING.map((name) => [
        name,
        async (...args: unknown[]) =>
          Reflect.apply((await this.#attempt.promise)[name], undefined, args),
      ]),
    ) as Pick<Tabric, Waiting>;
    return Object.freeze<Tabric>({
      ...waiting,
      get ready() {
        return ready();
      },
      get name() {
        return running().name;
      },
      get me() {
        return running().me;
      },
      get network() {
        return running().network;
      },
      maintenance: {
        rebuildDBs: async () => (await this.#attempt.promise).maintenance.rebuildDBs(),
      },
      height: () => running().height(),
      peers: () => running().peers(),
      channel: (name) => running().channel(name),
      channels: () => running().channels(),
      logs: (filter) => running().logs(filter),
      metrics: () => running().metrics(),
      trace: (txId) => running().trace(txId),
      on: (event, listener) => this.#on(event, listener),
      help: () => running().help(),
    });
  }

  #require(): Tabric {
    if (this.#running) return this.#running;
    throw new FabricError('NOT_READY', 'this tab is no peer yet: await tabric.ready first');
  }

  #on<Name extends keyof TabricEvents>(
    event: Name,
    listener: (detail: TabricEvents[Name]) => void,
  ): () => void {
    if (this.#running) return this.#running.on(event, listener);
    let stop: (() => void) | undefined = () => {};
    this.#attempt.promise.then(
      (tabric) => {
        // Unless it was stopped meanwhile.
        if (stop) stop = tabric.on(event, listener);
      },
      () => {},
    );
    return () => {
      stop?.();
      stop = undefined;
    };
  }
}

function newAttempt(): PromiseWithResolvers<Tabric> {
  const attempt = Promise.withResolvers<Tabric>();
  // Whoever waits is told; nobody has to wait.
  attempt.promise.catch(() => {});
  return attempt;
}
