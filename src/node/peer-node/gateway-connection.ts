// SPDX-License-Identifier: Apache-2.0
// The gateway's way into the network from a node: its own peer, other peers and the orderer.
import { FabricError } from '../../common/runtime/errors.ts';
import { unary } from '../../common/wire/service.ts';
import type { PeerTransport } from '../comm/peer-transport.ts';
import { PROCESS_PROPOSAL } from '../endorser/endorser.ts';
import {
  type BroadcastStatus,
  BroadcastStream,
  type CommitOutcome,
  type EndorsementInterest,
  type EndorsementPlan,
  type Endorser,
  type GatewayConnection,
} from '../gateway/index.ts';
import type { PeerClient } from '../peer/peer-client.ts';
import type { CommittedBlock } from '../peer/peer-host.ts';
import type { NodeChannel } from './node-channel.ts';

export interface NodeGatewayComponents {
  readonly self: { readonly name: string; readonly mspId: string; readonly peerId: string };
  readonly peer: PeerClient;
  readonly channel: (name: string) => NodeChannel | undefined;
  readonly transport: Pick<PeerTransport, 'reach' | 'relay' | 'connections'>;
  readonly onCommitted: (listener: (block: CommittedBlock) => void) => () => void;
}

export class NodeGatewayConnection implements GatewayConnection {
  readonly #components: NodeGatewayComponents;
  readonly #broadcast: BroadcastStream;

  constructor(components: NodeGatewayComponents) {
    this.#components = components;
    this.#broadcast = new BroadcastStream(components.transport.relay);
  }

  endorsers(channelName: string, chaincode: string): Endorser[] {
    const { self, peer, channel: find, transport } = this.#components;
    const channel = find(channelName);
    if (!channel) return [];
    const own: Endorser = {
      name: self.name,
      mspId: self.mspId,
      height: channel.height,
      own: true,
      processProposal: (bytes, options) => peer.processProposal(bytes, options),
    };
    const others = channel.members().flatMap(({ member, ledger }): Endorser[] => {
      const { endpoint, mspId, metadata, status } = member;
      const runs = ledger?.chaincodes.some(({ name }) => name === chaincode) ?? false;
      const isReachable =
        status !== 'dead' && transport.connections.link(metadata.peerId) !== 'none';
      if (!runs || !isReachable) return [];
      return [
        {
          name: endpoint,
          mspId,
          height: ledger?.height ?? 0,
          own: false,
          processProposal: (bytes, options) =>
            unary(transport.reach(metadata.peerId), PROCESS_PROPOSAL, bytes, options),
        },
      ];
    });
    return channel.chaincodes().includes(chaincode) ? [own, ...others] : others;
  }

  satisfiesPolicy(
    channel: string,
    chaincode: string,
    payload: Uint8Array,
    endorsements: readonly { endorser: Uint8Array; signature: Uint8Array }[],
  ): Promise<boolean> {
    return this.#components.peer.satisfiesPolicy({ channel, chaincode }, payload, endorsements);
  }

  endorsementPlan(
    channel: string,
    chaincode: string,
    interest?: EndorsementInterest,
  ): Promise<EndorsementPlan> {
    return this.#components.peer.ask('plan', { channel, chaincode, interest });
  }

  broadcast(envelope: Uint8Array, options: { signal: AbortSignal }): Promise<BroadcastStatus> {
    return this.#broadcast.send(envelope, options);
  }

  async commitOutcome(
    channel: string,
    txId: string,
    { signal }: { signal: AbortSignal },
  ): Promise<CommitOutcome> {
    signal.throwIfAborted();
    return new Promise<CommitOutcome>((resolve, reject) => {
      const stop = this.#components.onCommitted((block) => {
        if (block.channel !== channel) return;
        // The first occurrence counts: a later one is a duplicate by rule.
        const code = block.codes[block.txIds.indexOf(txId)];
        if (code !== undefined) finish(() => resolve({ code, blockNumber: block.number }));
      });
      const abort = (): void => finish(() => reject(signal.reason ?? gone()));
      const finish = (settle: () => void): void => {
        stop();
        signal.removeEventListener('abort', abort);
        settle();
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}

function gone(): FabricError {
  return new FabricError('ABORTED', 'no longer waiting for the commit');
}
