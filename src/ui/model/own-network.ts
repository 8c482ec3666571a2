// SPDX-License-Identifier: Apache-2.0
// What a ledger viewer has to know of the network that this tab's peer has joined.
import type { OwnNetwork } from '../../node/browser/ledger-viewer/viewer-api.ts';
import type { Session } from './session.ts';

/** Undefined while no peer runs, or when it cannot tell. */
export async function ownNetwork(
  session: Pick<Session, 'state' | 'network'>,
): Promise<OwnNetwork | undefined> {
  const state = session.state.peek();
  if (state.phase !== 'running') return undefined;
  const { facade, channel } = state.store.defaultChannel;
  const genesis = await facade.block(0).catch(() => undefined);
  const description = session.network.peek()?.channels.find(({ name }) => name === channel);
  if (!genesis || !description) return undefined;
  return { genesisHash: genesis.hash, chaincodes: description.chaincodes };
}
