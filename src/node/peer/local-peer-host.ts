// SPDX-License-Identifier: Apache-2.0
// A PeerHost in this thread: the worker of a tab, a Node process, a test.

import type { ChannelDescription } from '../../common/network/types.ts';
import { toHex } from '../../common/runtime/bytes.ts';
import { FabricError } from '../../common/runtime/errors.ts';
import { TypedEventTarget } from '../../common/runtime/typed-events.ts';
import { localClient } from '../../common/wire/local-client.ts';
import type { DelegatingClient, ServiceTable } from '../../common/wire/service.ts';
import { type Committed, codeName } from '../committer/index.ts';
import { chaincodeEventsOf, textField } from '../inspect/index.ts';
import type { Channel } from './channel.ts';
import { Peer, type PeerComponents } from './peer.ts';
import type {
  ChannelState,
  CommittedBlock,
  HostState,
  PeerHost,
  PeerHostEvents,
} from './peer-host.ts';
import { peerServices } from './peer-services.ts';

/** Where a peer keeps its things; see peer-storage.ts. */
export interface HostStorage
  extends Pick<PeerComponents, 'ledgers' | 'transientStores' | 'packages'> {
  /** False when everything is in memory. */
  readonly stored: boolean;
  /** Closes the stores, once nothing uses them any more. */
  close(): Promise<void>;
}

export interface LocalPeerHostComponents
  extends Omit<PeerComponents, 'ledgers' | 'transientStores' | 'packages'> {
  /** Opens the storage. Calls `onLost`, once, when it is taken away later. */
  readonly openStorage: (onLost: (why: FabricError) => void) => Promise<HostStorage>;
  /** Channels that may have been joined before. */
  readonly channels: readonly ChannelDescription[];
  /** Opens the ledger of a channel; to be wrapped where damage can be mended. */
  readonly openChannel?: (
    storage: HostStorage,
    description: ChannelDescription,
    open: () => Promise<Channel | undefined>,
  ) => Promise<Channel | undefined>;
}

export class LocalPeerHost implements PeerHost {
  readonly events = new TypedEventTarget<PeerHostEvents>();
  readonly #components: LocalPeerHostComponents;
  #peer: Peer | undefined;
  #table: ServiceTable | undefined;
  #storage: HostStorage | undefined;
  #lost: FabricError | undefined;

  constructor(components: LocalPeerHostComponents) {
    this.#components = components;
    components.trace.on((event) => this.events.emit('trace', event));
  }

  // Clients may be made before the peer has started.
  readonly services: DelegatingClient = {
    for: (remote) => ({
      call: (method, requests, options) =>
        localClient(this.table, remote).call(method, requests, options),
    }),
  };

  /** The peer's services; each refuses when the ledgers are lost. */
  get table(): ServiceTable {
    this.#table ??= peerServices(this.#started(), () => void this.#started());
    return this.#table;
  }

  async start(): Promise<HostState> {
    const { openStorage, channels, openChannel, ...rest } = this.#components;
    const storage = await openStorage((why) => this.#lose(why));
    this.#storage = storage;
    const peer = new Peer({ ...rest, ...storage });
    this.#peer = peer;
    const states: ChannelState[] = [];
    for (const description of channels) {
      const open = (): Promise<Channel | undefined> => peer.openChannel(description);
      const channel = await (openChannel ? openChannel(storage, description, open) : open());
      if (channel) states.push(this.#follow(channel));
    }
    return { stored: storage.stored, channels: states };
  }

  async join(description: ChannelDescription, genesis: Uint8Array): Promise<ChannelState> {
    return this.#follow(await this.#started().joinChannel(description, genesis));
  }

  async verifyBlock(channel: string, number: number, block: Uint8Array): Promise<void> {
    await this.#started().requireChannel(channel).verifyBlock(block, number);
  }

  async commit(channel: string, block: Uint8Array): Promise<void> {
    await this.#started().requireChannel(channel).commit(block);
  }

  /** Drops the databases of a channel, which the next start makes again from the blocks; until then every call but `stop` rejects. */
  async rebuildDBs(channel: string): Promise<void> {
    const peer = this.#started();
    const { ledgerId } = peer.requireChannel(channel).ledger;
    const text = 'the databases of this ledger are being made again; start the peer again';
    this.#lose(new FabricError('LEDGER_CLOSED', text));
    await peer.stop();
    await this.#storage?.ledgers.rebuildDBs(ledgerId);
  }

  async stop(): Promise<void> {
    await this.#peer?.stop();
    await this.#storage?.close();
    this.#storage = undefined;
  }

  #follow(channel: Channel): ChannelState {
    channel.events.on('block:committed', (committed) =>
      this.events.emit('block:committed', committedBlock(channel, committed)),
    );
    channel.events.on('config:changed', ({ configBytes }) =>
      this.events.emit('config:changed', { channel: channel.name, config: configBytes }),
    );
    return { name: channel.name, height: channel.height, config: channel.bundle.configBytes };
  }

  // What is in memory could still be read, and even endorsed, but nothing would ever be committed again.
  #lose(why: FabricError): void {
    this.#lost = why;
    this.events.emit('store:lost', { code: why.code, message: why.message });
  }

  #started(): Peer {
    if (this.#lost) throw this.#lost;
    if (this.#peer) return this.#peer;
    throw new FabricError('NOT_STARTED', 'the peer has not started yet');
  }
}

function committedBlock(
  { name, height, endorsement }: Channel,
  { block, blockNum, txIds, flags, commitHash }: Committed,
): CommittedBlock {
  return {
    channel: name,
    number: blockNum,
    txIds,
    statuses: Array.from(flags, codeName),
    codes: [...flags],
    height,
    commitHash: toHex(commitHash),
    planVersion: endorsement.version,
    events: chaincodeEventsOf(block.transactions, flags).map(({ payload, ...event }) => ({
      ...event,
      ...textField('payload', payload),
    })),
  };
}
