// SPDX-License-Identifier: Apache-2.0
// Waits a moment for peers that a policy needs and that cannot be reached now. Tabs are reloaded, opened and connected all the time, which
// takes them a second or two: a transaction that will be possible then should not fail now. Fabric's gateway fails at once, since its peers
// are servers.
import { DeadlineError, withDeadline } from '../../../common/runtime/deadline.ts';
import { fill } from './answers.ts';
import {
  type EndorseContext,
  type EndorsedTransaction,
  EndorserLostError,
  endorse,
} from './endorse.ts';
import type { ProposedTransaction } from './proposed-transaction.ts';

const LOOK_MS = 100;

/** Endorses, again when a connection broke under it, as long as peers are waited for. Rejects as `endorse` does. */
export async function endorseWhenPossible(
  context: EndorseContext,
  proposal: ProposedTransaction,
): Promise<EndorsedTransaction> {
  const { components, options, signal } = context;
  const { clock } = components;
  const until = clock.now() + options.endorserWaitMs;
  for (;;) {
    await awaitEndorsers(context, proposal, until - clock.now());
    try {
      return await endorse(context, proposal);
    } catch (error) {
      if (!(error instanceof EndorserLostError) || clock.now() >= until) throw error;
      // Until it is noticed that the peer is gone.
      await clock.sleep(LOOK_MS, { signal });
    }
  }
}

/**
 * Resolves when there are peers enough, or when waiting has been in vain; that is for the endorsement to say. Rejects only when the signal
 * is aborted. A chaincode that no definition knows is not waited for.
 */
async function awaitEndorsers(
  context: EndorseContext,
  proposal: ProposedTransaction,
  ms: number,
): Promise<void> {
  const { components, signal } = context;
  const { channel, chaincode, txId } = proposal;
  const layouts = await layoutsOf(context, proposal);
  const missing = (): readonly string[] => {
    const endorsers = components.endorsers(channel, chaincode);
    if (layouts.length === 0 || layouts.some((layout) => fill(layout, endorsers))) return [];
    const [cheapest = []] = layouts;
    const lacking = cheapest.filter((mspId) => !endorsers.some((one) => one.mspId === mspId));
    return lacking.length > 0 ? lacking : cheapest;
  };
  const waitingFor = missing();
  if (waitingFor.length === 0 || ms <= 0) return;
  const { clock, trace, name: peer } = components;
  // What came before has ended; this says what it now hangs on.
  trace.emit({ at: clock.now(), peer, stage: 'propose', channel, txId, data: { waitingFor } });
  await withDeadline(
    clock,
    ms,
    'waiting for endorsers',
    async (limit) => {
      while (missing().length > 0) await clock.sleep(LOOK_MS, { signal: limit });
    },
    { signal },
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    if (!(error instanceof DeadlineError)) throw error;
  });
}

async function layoutsOf(
  { plans }: EndorseContext,
  { channel, chaincode, organizations }: ProposedTransaction,
): Promise<readonly (readonly string[])[]> {
  if (organizations) return [organizations];
  // That there is no plan is for the endorsement to say.
  const plan = await plans.plan(channel, chaincode).catch(() => undefined);
  return plan?.layouts ?? [];
}
