// SPDX-License-Identifier: Apache-2.0
import type { ChannelConfigBundle } from '../../common/channelconfig/types.ts';
import type { SigningIdentity } from '../../common/msp/types.ts';
import type { ChannelDescription, NetworkDescription } from '../../common/network/types.ts';
import type { Clock } from '../../common/runtime/clock.ts';
import type { Logger } from '../../common/runtime/log.ts';
import type { TraceBus } from '../../common/runtime/trace.ts';
import type { PeerInfo } from '../api.ts';
import { BlocksRequester } from '../deliverclient/index.ts';
import type { DialCandidate } from './connectivity.ts';
import type { NetworkState } from './network-state.ts';
import type { PeerWorkerClient } from './peer-worker-client.ts';
import type { TabNetwork } from './tab-network.ts';

export interface TabChannelComponents {
  readonly network: TabNetwork;
  readonly description: NetworkDescription;
  readonly channel: ChannelDescription;
  readonly signer: SigningIdentity;
  readonly bundle: () => ChannelConfigBundle;
  readonly worker: PeerWorkerClient;
  readonly state: NetworkState;
  readonly clock: Clock;
  readonly trace: TraceBus;
  readonly log: Logger;
}

export class TabChannel {
  readonly #c: TabChannelComponents;
  readonly isLeader = true;
  constructor(components: TabChannelComponents) {
    this.#c = components;
  }
  candidates(): readonly DialCandidate[] {
    return [];
  }
  others(): readonly PeerInfo[] {
    return [];
  }
  buffered(): readonly number[] {
    return [];
  }
  async start(signal: AbortSignal): Promise<void> {
    const { network, signer, clock, channel, worker, state } = this.#c;
    const requester = new BlocksRequester({ client: network.relay, signer, clock }, channel.name);
    void (async () => {
      for await (const { seqNum, block } of requester.follow(state.height, { signal })) {
        await worker.api.verifyBlock(seqNum, block);
        await worker.commit(block);
      }
    })().catch((e) => console.error('follow', e));
  }
  async catchUp(_progress: (done: number, total: number) => void): Promise<void> {}
  async stop(): Promise<void> {}
}
