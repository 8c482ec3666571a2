// SPDX-License-Identifier: Apache-2.0
// From an opened page to a running peer: what is under way, what failed and why.
import { signal } from '@preact/signals';
import type { NetworkDescription } from '../../common/network/types.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type {
  JoinStep,
  LedgerDamage,
  LedgerRemedy,
  StartPeerOptions,
} from '../../node/api/joining.ts';
import type { Tabric } from '../../node/api/tabric.ts';
import { PeerStore } from './peer-store.ts';
import { isSame } from './same.ts';
import type { Updates } from './updates.ts';

export interface Failure {
  readonly code: string;
  readonly message: string;
  /** By how much a clock is off. */
  readonly minutes?: number;
  /** When it is the ledger that failed, and can be mended. */
  readonly damage?: LedgerDamage;
}

export type StepState = 'waiting' | 'active' | 'done' | 'failed';

export interface StepProgress {
  readonly step: JoinStep['step'];
  readonly state: StepState;
  readonly detail?: string;
  readonly done?: number;
  readonly total?: number;
}

export type SessionState =
  | {
      readonly phase: 'opening';
      readonly org?: string;
      /** What is done to the ledger before it is opened. */
      readonly remedy?: LedgerRemedy;
      readonly steps: readonly StepProgress[];
    }
  | {
      readonly phase: 'stopped';
      readonly org?: string;
      readonly failure: Failure;
      readonly steps: readonly StepProgress[];
    }
  | { readonly phase: 'running'; readonly store: PeerStore };

export type Invitation = NonNullable<StartPeerOptions['join']>;

/** What a session needs of the world. */
export interface SessionPorts {
  readonly loadNetwork: () => Promise<NetworkDescription>;
  readonly startPeer: (options: StartPeerOptions) => Promise<Tabric>;
  /** By which the page follows the peer. */
  readonly updates: Updates;
  /** Called once the peer runs, e.g. to take the secret out of the address bar. */
  readonly onRunning?: (store: PeerStore, tabric: Tabric) => void;
  /** Called when joining begins, at first and again. */
  readonly onStarting?: () => void;
  /** Called with the reason when joining has failed. */
  readonly onStopped?: (reason: unknown) => void;
}

export const JOIN_STEPS: readonly JoinStep['step'][] = [
  'identity',
  'enrol',
  'connect',
  'genesis',
  'catch-up',
  'ready',
];

export class Session {
  readonly state = signal<SessionState>({ phase: 'opening', steps: [] });
  readonly network = signal<NetworkDescription | undefined>(undefined);
  readonly #ports: SessionPorts;
  #join: Invitation | undefined;
  #running = false;
  #step: JoinStep | undefined;

  constructor(ports: SessionPorts) {
    this.#ports = ports;
  }

  /** Starts the peer, with an invitation or with the identity kept from before. One at a time; never rejects. */
  async start(join?: Invitation, repair?: StartPeerOptions['repair']): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    this.#ports.onStarting?.();
    this.#join = join;
    const org = join ? { org: join.org } : {};
    const remedy = repair ? { remedy: repair.remedy } : {};
    this.#step = undefined;
    this.state.value = { phase: 'opening', ...org, ...remedy, steps: stepsAt(undefined) };
    try {
      this.network.value ??= await this.#ports.loadNetwork();
      const tabric = await this.#ports.startPeer({
        network: this.network.value,
        ...(join ? { join } : {}),
        ...(repair ? { repair } : {}),
        onProgress: (step) => this.#progress(step),
      });
      this.#run(tabric);
    } catch (thrown) {
      this.#stop(thrown);
    }
  }

  /** An invitation is in the address: one that came while the tab stood still, or was trying another, is tried. */
  offer(invitation: Invitation): void {
    if (this.state.value.phase !== 'stopped' || isSame(invitation, this.#join)) return;
    void this.start(invitation);
  }

  /** Tries again as before. */
  retry(): Promise<void> {
    return this.start(this.#join);
  }

  /** Tries again, with a remedy for the ledger that failed. */
  repair({ ledger }: LedgerDamage, remedy: LedgerRemedy): Promise<void> {
    return this.start(this.#join, { ledger, remedy });
  }

  #run(tabric: Tabric): void {
    const store = new PeerStore(tabric, this.#ports.updates);
    store.start();
    this.state.value = { phase: 'running', store };
    // The peer may run before it is ready: its ledger can be read while the relay is away.
    tabric.ready.catch((thrown: unknown) => {
      store.stop();
      this.#stop(thrown);
    });
    this.#ports.onRunning?.(store, tabric);
  }

  #stop(thrown: unknown): void {
    // The step that failed may not have been shown yet.
    this.#showProgress();
    const before = this.state.value;
    const steps = before.phase === 'running' ? [] : before.steps;
    this.#running = false;
    this.#ports.onStopped?.(thrown);
    this.state.value = {
      phase: 'stopped',
      ...(this.#join ? { org: this.#join.org } : {}),
      failure: failureOf(thrown),
      steps: steps.map((step) => (step.state === 'active' ? { ...step, state: 'failed' } : step)),
    };
  }

  #progress(step: JoinStep): void {
    this.#step = step;
    this.#ports.updates.request(this.#showProgress);
  }

  readonly #showProgress = (): boolean => {
    const state = this.state.peek();
    if (state.phase !== 'opening' || !this.#step) return false;
    this.state.value = { ...state, steps: stepsAt(this.#step) };
    return true;
  };
}

function failureOf(thrown: unknown): Failure {
  const message = messageOf(thrown);
  if (!(thrown instanceof FabricError)) return { code: 'UNKNOWN', message };
  const { ledger, remedies } = thrown.data as Partial<LedgerDamage>;
  const { minutes } = thrown.data;
  const damage = ledger !== undefined && remedies ? { damage: { ledger, remedies } } : {};
  return {
    code: thrown.code,
    message,
    ...(typeof minutes === 'number' && { minutes }),
    ...damage,
  };
}

/** The list of steps while `current` is under way; what comes before it is done. */
export function stepsAt(current: JoinStep | undefined): StepProgress[] {
  const at = current ? JOIN_STEPS.indexOf(current.step) : 0;
  return JOIN_STEPS.map((step, index) => {
    if (index < at || current?.step === 'ready') return { step, state: 'done' };
    if (index > at) return { step, state: 'waiting' };
    const { detail, done, total } = current ?? {};
    return {
      step,
      state: 'active',
      ...(detail === undefined ? {} : { detail }),
      ...(done === undefined ? {} : { done }),
      ...(total === undefined ? {} : { total }),
    };
  });
}
