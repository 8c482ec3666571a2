// SPDX-License-Identifier: Apache-2.0
// Endorsement plans, made once and kept until a block changes what they are made from: to make one may take a message to the thread
// where the ledger is.
import type { EndorsementInterest, EndorsementPlan } from '../../discovery/index.ts';
import type { CommittedTransactions, GatewayServiceComponents } from './components.ts';

/** Plans of one channel; with more the oldest is made again. */
const MAX_PLANS = 1000;

interface ChannelPlans {
  version: number | undefined;
  readonly plans: Map<string, Promise<EndorsementPlan>>;
}

export class EndorsementPlans {
  readonly #components: Pick<GatewayServiceComponents, 'endorsementPlan' | 'onCommitted'>;
  readonly #channels = new Map<string, ChannelPlans>();
  #unsubscribe: (() => void) | undefined;

  constructor(components: Pick<GatewayServiceComponents, 'endorsementPlan' | 'onCommitted'>) {
    this.#components = components;
  }

  start(): void {
    this.#unsubscribe ??= this.#components.onCommitted((block) => this.#committed(block));
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#channels.clear();
  }

  /** As GatewayServiceComponents.endorsementPlan. To whom transient data may be shown is asked each time. */
  plan(
    channel: string,
    chaincode: string,
    interest?: EndorsementInterest,
  ): Promise<EndorsementPlan> {
    if (!this.#unsubscribe || interest?.hasTransientData) {
      return this.#components.endorsementPlan(channel, chaincode, interest);
    }
    const { plans } = this.#of(channel);
    const key = JSON.stringify([chaincode, interest]);
    const known = plans.get(key);
    if (known) return known;
    const made = this.#components.endorsementPlan(channel, chaincode, interest);
    plans.set(key, made);
    made.catch(() => {
      if (plans.get(key) === made) plans.delete(key);
    });
    for (const oldest of plans.keys()) {
      if (plans.size <= MAX_PLANS) break;
      plans.delete(oldest);
    }
    return made;
  }

  // A plan that is being made is not kept either: it may be from before the block.
  #committed({ channel, planVersion }: CommittedTransactions): void {
    const known = this.#of(channel);
    if (known.version === planVersion) return;
    known.version = planVersion;
    known.plans.clear();
  }

  #of(channel: string): ChannelPlans {
    const known = this.#channels.get(channel) ?? { version: undefined, plans: new Map() };
    this.#channels.set(channel, known);
    return known;
  }
}
