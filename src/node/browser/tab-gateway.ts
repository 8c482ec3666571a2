// SPDX-License-Identifier: Apache-2.0
// What the gateway service of a tab stands on: its own peer in the worker, other peers and the orderer over libp2p.
import type { Remote } from 'comlink';
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import { type ServiceClient, unary } from '../../common/wire/service.ts';
import type { Me, PeerInfo } from '../api/network-view.ts';
import { BroadcastStream, type Endorser, type GatewayServiceComponents } from '../gateway/index.ts';
import type { CommittedBlock, PeerWorkerApi } from './peer-worker-api.ts';

const PROCESS_PROPOSAL = '/protos.Endorser/ProcessProposal';

export interface TabGatewayComponents {
  /** The one channel of the tab. */
  readonly channel: string;
  readonly worker: Remote<PeerWorkerApi>;
  readonly me: () => Me;
  readonly peers: () => readonly PeerInfo[];
  readonly clientOf: (peerId: string) => ServiceClient;
  readonly orderer: ServiceClient;
  readonly onCommitted: (listener: (block: CommittedBlock) => void) => () => void;
  readonly clock: Clock;
  readonly trace: TraceBus;
}

export function tabGatewayComponents(components: TabGatewayComponents): GatewayServiceComponents {
  const { worker, me, onCommitted, clock, trace } = components;
  const broadcast = new BroadcastStream(components.orderer);
  /** The worker, of the one channel that it has. */
  const ledgerOf = (channel: string): Remote<PeerWorkerApi> => {
    if (channel === components.channel) return worker;
    throw new FabricError('CHANNEL_NOT_JOINED', `this peer has not joined ${channel}`);
  };
  return {
    name: me().name,
    mspId: me().mspId,
    endorsers: (channel, chaincode) =>
      channel === components.channel ? endorsersOf(components, chaincode) : [],
    endorsementPlan: async (channel, ...rest) => ledgerOf(channel).endorsementPlan(...rest),
    satisfiesPolicy: async (channel, ...rest) => ledgerOf(channel).satisfiesPolicy(...rest),
    broadcast: (_channel, envelope, options) => broadcast.send(envelope, options),
    outcome: async (channel, txId) => ledgerOf(channel).outcome(txId),
    onCommitted: (listener) =>
      onCommitted(({ number: blockNumber, ...block }) =>
        listener({ ...block, channel: components.channel, blockNumber }),
      ),
    height: () => me().height,
    block: async (channel, number) => ledgerOf(channel).blockBytes(number),
    checkAcl: async (channel, ...rest) => ledgerOf(channel).checkAcl(...rest),
    clock,
    trace,
  };
}

function endorsersOf(
  { worker, me, peers, clientOf }: TabGatewayComponents,
  chaincode: string,
): Endorser[] {
  const { peerId: ownId } = me();
  const able = peers().filter(
    (peer) =>
      peer.role === 'peer' &&
      peer.chaincodes.includes(chaincode) &&
      (peer.peerId === ownId || (peer.status !== 'dead' && peer.link !== 'none')),
  );
  return able.map(({ name, mspId, height, peerId }) => ({
    name,
    mspId,
    height,
    own: peerId === ownId,
    processProposal: async (bytes, { signal, judged }) =>
      peerId === ownId
        ? worker.endorse(bytes, judged)
        : { response: await unary(clientOf(peerId), PROCESS_PROPOSAL, bytes, { signal }) },
  }));
}
