// SPDX-License-Identifier: Apache-2.0
// What the gateway service of a node stands on: its own peer, other peers and the orderer.
import type { Clock } from '../../common/runtime/clock.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import { unary } from '../../common/wire/service.ts';
import type { PeerTransport } from '../comm/peer-transport.ts';
import { PROCESS_PROPOSAL } from '../endorser/endorser.ts';
import { BroadcastStream, type Endorser, type GatewayServiceComponents } from '../gateway/index.ts';
import type { ChannelMember } from '../gossip/channel/gossip-channel.ts';
import type { PeerClient } from '../peer/peer-client.ts';
import type { CommittedBlock } from '../peer/peer-host.ts';
import type { NodeChannel } from './node-channel.ts';

export interface NodeGatewayComponents {
  readonly self: { readonly name: string; readonly mspId: string };
  readonly peer: PeerClient;
  readonly channel: (name: string) => NodeChannel | undefined;
  readonly transport: Pick<PeerTransport, 'reach' | 'relay' | 'connections'>;
  readonly onCommitted: (listener: (block: CommittedBlock) => void) => () => void;
  readonly clock: Clock;
  readonly trace: TraceBus;
}

/** For a GatewayService. */
export function gatewayComponents(components: NodeGatewayComponents): GatewayServiceComponents {
  const { self, peer, channel: find, transport, onCommitted, clock, trace } = components;
  const broadcast = new BroadcastStream(transport.relay);
  const joined = (name: string): NodeChannel => {
    const channel = find(name);
    if (channel) return channel;
    throw new FabricError('CHANNEL_NOT_JOINED', `this peer has not joined ${name}`);
  };
  return {
    ...self,
    endorsers: (name, chaincode) => {
      const channel = find(name);
      if (!channel) return [];
      const others = channel.members().filter((other) => isAble(other, chaincode, transport));
      const own = channel.chaincodes().includes(chaincode)
        ? [ownEndorser(channel, components)]
        : [];
      return [...own, ...others.map((other) => endorserOf(other, transport))];
    },
    endorsementPlan: (channel, chaincode, interest) =>
      peer.ask('plan', { channel, chaincode, interest }),
    satisfiesPolicy: (...about) => peer.satisfiesPolicy(...about),
    broadcast: (_channel, envelope, options) => broadcast.send(envelope, options),
    outcome: (channel, txId) => peer.ask('outcome', { channel, txId }),
    onCommitted: (listener) =>
      onCommitted(({ number: blockNumber, ...block }) => listener({ ...block, blockNumber })),
    height: (name) => joined(name).height,
    block: (channel, number) => peer.block(channel, number),
    checkAcl: (channel, resource, signed) => peer.checkAcl({ channel, resource }, signed),
    clock,
    trace,
  };
}

function ownEndorser(channel: NodeChannel, { self, peer }: NodeGatewayComponents): Endorser {
  return {
    ...self,
    height: channel.height,
    own: true,
    processProposal: async (bytes, { signal, judged }) =>
      judged
        ? peer.endorseJudged(bytes, { signal })
        : { response: await peer.processProposal(bytes, { signal }) },
  };
}

// One that says it runs the chaincode, and can be reached now.
function isAble(
  { member, ledger }: ChannelMember,
  chaincode: string,
  { connections }: NodeGatewayComponents['transport'],
): boolean {
  const runs = ledger?.chaincodes.some(({ name }) => name === chaincode) ?? false;
  return runs && member.status !== 'dead' && connections.link(member.metadata.peerId) !== 'none';
}

function endorserOf(
  { member, ledger }: ChannelMember,
  transport: Pick<PeerTransport, 'reach'>,
): Endorser {
  const { endpoint, mspId, metadata } = member;
  return {
    name: endpoint,
    mspId,
    height: ledger?.height ?? 0,
    own: false,
    processProposal: async (bytes, { signal }) => ({
      response: await unary(transport.reach(metadata.peerId), PROCESS_PROPOSAL, bytes, { signal }),
    }),
  };
}
