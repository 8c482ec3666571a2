// SPDX-License-Identifier: Apache-2.0
// The gateway's way into the network from a tab: its own peer in the worker, other peers and the orderer over libp2p.
import type { Remote } from 'comlink';
import { FabricError } from '../../common/runtime/errors.ts';
import { type ServiceClient, unary } from '../../common/wire/service.ts';
import type { PeerInfo } from '../api/network-view.ts';
import {
  type BroadcastStatus,
  BroadcastStream,
  type CommitOutcome,
  type EndorsementInterest,
  type EndorsementPlan,
  type Endorser,
  type GatewayConnection,
} from '../gateway/index.ts';
import type { CommittedBlock, PeerWorkerApi } from './peer-worker-api.ts';

const PROCESS_PROPOSAL = '/protos.Endorser/ProcessProposal';

export interface TabConnectionComponents {
  readonly worker: Remote<PeerWorkerApi>;
  readonly peers: () => readonly PeerInfo[];
  readonly me: () => { readonly peerId: string; readonly mspId: string };
  readonly clientOf: (peerId: string) => ServiceClient;
  readonly orderer: ServiceClient;
  readonly onCommitted: (listener: (block: CommittedBlock) => void) => () => void;
}

export class TabConnection implements GatewayConnection {
  readonly #components: TabConnectionComponents;
  readonly #broadcast: BroadcastStream;

  constructor(components: TabConnectionComponents) {
    this.#components = components;
    this.#broadcast = new BroadcastStream(components.orderer);
  }

  endorsers(_channel: string, chaincode: string): Endorser[] {
    const { peers, me, clientOf } = this.#components;
    const own = me().peerId;
    const able = peers().filter(
      (peer) =>
        peer.role === 'peer' &&
        peer.chaincodes.includes(chaincode) &&
        (peer.peerId === own || (peer.status !== 'dead' && peer.link !== 'none')),
    );
    return able.map(({ name, mspId, height, peerId }) => ({
      name,
      mspId,
      height,
      own: peerId === own,
      processProposal: (bytes, options) =>
        peerId === own
          ? this.#components.worker.processProposal(bytes)
          : unary(clientOf(peerId), PROCESS_PROPOSAL, bytes, options),
    }));
  }

  satisfiesPolicy(
    _channel: string,
    chaincode: string,
    payload: Uint8Array,
    endorsements: readonly { endorser: Uint8Array; signature: Uint8Array }[],
  ): Promise<boolean> {
    return this.#components.worker.satisfiesPolicy(chaincode, payload, endorsements);
  }

  endorsementPlan(
    _channel: string,
    chaincode: string,
    interest?: EndorsementInterest,
  ): Promise<EndorsementPlan> {
    return this.#components.worker.endorsementPlan(chaincode, interest);
  }

  broadcast(envelope: Uint8Array, options: { signal: AbortSignal }): Promise<BroadcastStatus> {
    return this.#broadcast.send(envelope, options);
  }

  async commitOutcome(
    _channel: string,
    txId: string,
    { signal }: { signal: AbortSignal },
  ): Promise<CommitOutcome> {
    signal.throwIfAborted();
    return new Promise<CommitOutcome>((resolve, reject) => {
      const stop = this.#components.onCommitted(({ number, txIds, codes }) => {
        // The first occurrence counts: a later one is a duplicate by rule.
        const code = codes[txIds.indexOf(txId)];
        if (code !== undefined) finish(() => resolve({ code, blockNumber: number }));
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
