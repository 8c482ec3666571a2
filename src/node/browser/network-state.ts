// SPDX-License-Identifier: Apache-2.0
// What the page shows of the network: one immutable view, made anew when anything in it changes.
import { pkiIdOf, serializeIdentity } from '../../common/msp/index.ts';
import type { NetworkDescription } from '../../common/network/types.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import type { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import type { Me, NetworkView, PeerInfo } from '../api/network-view.ts';
import type { TabricEvents } from '../api/tabric.ts';
import { Faults } from './faults.ts';
import type { CommittedBlock, WorkerState } from './peer-worker-api.ts';
import type { TabChannel } from './tab-channel.ts';
import type { TabNetwork } from './tab-network.ts';
import type { WalletEntry } from './wallet.ts';

export interface NetworkStateComponents {
  readonly network: NetworkDescription;
  readonly channel: string;
  readonly events: TypedEventTarget<TabricEvents>;
  readonly identity: WalletEntry;
}

/** The page draws at most this often, however fast peers come and go. */
const REFRESH_MS = 100;

export class NetworkState {
  readonly faults = new Faults(() => this.refresh());
  readonly #components: NetworkStateComponents;
  readonly #pkiId: string;
  readonly #chaincodes = new Set<string>();
  /** What kept blocks from being committed, until one is. */
  readonly #commitFaults = new Set<string>();
  #network: TabNetwork | undefined;
  #channel: TabChannel | undefined;
  #height = 0;
  #stored = true;
  #storage: { persisted?: boolean; usage?: number; quota?: number } = {};
  #view: NetworkView;
  #due = false;
  #leader: string | undefined;

  constructor(components: NetworkStateComponents) {
    this.#components = components;
    const { mspId, peer } = components.identity;
    this.#pkiId = toHex(pkiIdOf(serializeIdentity(mspId, peer.certificate)));
    this.#view = this.#make();
  }

  get view(): NetworkView {
    return this.#view;
  }

  get height(): number {
    return this.#height;
  }

  get chaincodes(): readonly string[] {
    return [...this.#chaincodes];
  }

  attachNetwork(network: TabNetwork, state: WorkerState): void {
    this.#network = network;
    this.#stored = state.stored;
    if (!state.stored) {
      const text = 'the browser stores nothing for this page: ledger and identity end with the tab';
      this.faults.raise('STORAGE_REFUSED', text);
    }
    if (!network.webrtc) {
      this.faults.raise('NO_WEBRTC', 'this browser offers no WebRTC: blocks travel by the relay');
    }
    network.connectivity.events.on('status:changed', () => this.refresh());
    network.connectivity.events.on('links:changed', () => this.refresh());
    void this.#watchStorage();
    this.joined(state);
  }

  attachChannel(channel: TabChannel): void {
    this.#channel = channel;
    this.refresh();
  }

  joined({ height }: WorkerState): void {
    this.#height = height;
    this.refreshNow();
  }

  installed(chaincode: string): void {
    this.#chaincodes.add(chaincode);
    this.#channel?.chaincodesChanged();
    this.refreshNow();
  }

  commitFailed(error: unknown): void {
    this.#commitFaults.add(this.faults.raiseError(error, 'COMMIT_FAILED'));
  }

  committed({ number, txIds, statuses, height, events }: CommittedBlock): void {
    this.#height = Math.max(this.#height, height);
    this.#clearCommitFaults();
    this.refreshNow();
    const { channel } = this.#components;
    this.#components.events.emit('block:committed', { channel, number, txIds, statuses });
    for (const event of events) {
      this.#components.events.emit('chaincode:event', { ...event, channel, block: number });
    }
  }

  /** This peer has stopped for good, whatever hindered it before. */
  storeLost({ code, message }: { code: string; message: string }): void {
    this.#clearCommitFaults();
    this.faults.raise(code, message);
  }

  #clearCommitFaults(): void {
    for (const code of this.#commitFaults) this.faults.clear(code);
    this.#commitFaults.clear();
  }

  /** Makes the view anew, soon. */
  refresh(): void {
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => this.refreshNow(), REFRESH_MS);
  }

  refreshNow(): void {
    this.#due = false;
    const before = this.#view;
    this.#view = this.#make();
    const { events } = this.#components;
    if (before.peers.length !== this.#view.peers.length) {
      events.emit('peers:changed', { count: this.#view.peers.length });
    }
    this.#tellLeader();
    events.emit('network:changed', this.#view);
  }

  #tellLeader(): void {
    const { me, peers } = this.#view;
    const leader = peers.find((peer) => peer.isLeader && peer.mspId === me.mspId)?.name;
    if (leader === this.#leader) return;
    this.#leader = leader;
    const isMe = leader === me.name;
    this.#components.events.emit('leader:changed', { ...(leader && { leader }), isMe });
  }

  #make(): NetworkView {
    const { network, channel } = this.#components;
    const { state = 'starting', detail } = this.#network?.connectivity.status ?? {};
    const me = this.#me();
    const { height, isLeader } = me;
    const buffered = this.#channel?.buffered() ?? [];
    return {
      networkId: network.networkId,
      channel,
      channels: [{ name: channel, height, isLeader, buffered }],
      connection: state,
      ...(detail !== undefined && { connectionDetail: detail }),
      me,
      peers: [this.#myInfo(me), ...(this.#channel?.others() ?? [])],
      buffered,
      storage: { kind: this.#stored ? 'indexeddb' : 'memory', ...this.#storage },
      secureContext: isSecureContext,
      faults: this.faults.all,
    };
  }

  #me(): Me {
    const { identity, channel } = this.#components;
    return {
      name: identity.peer.name,
      mspId: identity.mspId,
      peerId: this.#network?.peerId ?? '',
      pkiId: this.#pkiId,
      isLeader: this.#channel?.isLeader ?? false,
      height: this.#height,
      channel,
    };
  }

  #myInfo({ name, mspId, peerId, pkiId, isLeader, height }: Me): PeerInfo {
    return {
      name,
      mspId,
      peerId,
      pkiId,
      role: 'peer',
      height,
      isLeader,
      link: 'self',
      status: 'alive',
      lastSeen: Date.now(),
      chaincodes: this.chaincodes,
      neighbours: this.#network?.connectivity.neighbours() ?? [],
    };
  }

  async #watchStorage(): Promise<void> {
    const { storage } = navigator;
    if (!storage?.estimate) return;
    try {
      const [persisted, { usage, quota }] = await Promise.all([
        storage.persisted(),
        storage.estimate(),
      ]);
      this.#storage = {
        persisted,
        ...(usage !== undefined && { usage }),
        ...(quota !== undefined && { quota }),
      };
      this.refresh();
    } catch {
      // Shown as unknown.
    }
  }
}
