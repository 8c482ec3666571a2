// SPDX-License-Identifier: Apache-2.0
// Whole nodes on a network in memory and a fake clock: PeerNode with the ledger side in the same thread, and the relay's own orderer, CA and gossip
// in the middle. Needs a platform without crypto.subtle (see noSubtleCrypto), which a fake clock would not wait for.
import { vi } from 'vitest';
import { MemoryRelay, RELAY, type TestMember } from '../../../../relay/testing/memory-relay.ts';
import { createSigningIdentity, identityName, pkiIdOf } from '../../../common/msp/index.ts';
import { common } from '../../../common/protos/index.ts';
import { FakeClock, systemRandomBytes } from '../../../common/runtime/clock.ts';
import { FabricError } from '../../../common/runtime/errors.ts';
import { silentLogger } from '../../../common/runtime/log.ts';
import { TraceBus } from '../../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import { LedgerProvider } from '../../../ledger/kvledger/ledger-provider.ts';
import { MemoryKVStoreProvider } from '../../../ledger/memory/memory-kv-store.ts';
import { TransientStoreProvider } from '../../../ledger/transientstore/index.ts';
import { BroadcastStream } from '../../gateway/index.ts';
import { MemoryNetwork } from '../../gossip/testing/memory-network.ts';
import { InstalledPackages } from '../../peer/installed-packages.ts';
import { LocalPeerHost } from '../../peer/local-peer-host.ts';
import { PeerNode } from '../peer-node.ts';
import type { PlaceEvents } from '../ports.ts';
import { MemoryTransport } from './memory-transport.ts';

/** To be called before anything uses cryptography; noble then does it within the call. */
export function noSubtleCrypto(): void {
  const { crypto } = globalThis;
  vi.stubGlobal('crypto', {
    getRandomValues: (array: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(array),
    randomUUID: () => crypto.randomUUID(),
  });
}

export interface TestNode {
  readonly node: PeerNode;
  readonly transport: MemoryTransport;
  readonly host: LocalPeerHost;
  readonly place: TypedEventTarget<PlaceEvents>;
  readonly member: TestMember;
  /** What it stores, which outlives it. */
  readonly stores: MemoryKVStoreProvider;
  /** Takes its ledgers away. */
  loseStore(): void;
}

export class NodeWorld {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 21));
  readonly memory = new MemoryNetwork(this.clock);
  readonly nodes: TestNode[] = [];
  #relay: MemoryRelay | undefined;

  static async start(yaml: string): Promise<NodeWorld> {
    const world = new NodeWorld();
    world.#relay = await world.run(MemoryRelay.start(world.memory, world.clock, yaml));
    return world;
  }

  get relay(): MemoryRelay {
    if (!this.#relay) throw new Error('the world has no relay yet');
    return this.#relay;
  }

  /** What the promise gives, while time goes on. */
  async run<T>(promise: Promise<T>, most = 60_000): Promise<T> {
    let settled = false;
    const noted = promise.finally(() => {
      settled = true;
    });
    noted.catch(() => {});
    for (let ms = 0; !settled && ms < most; ms += 20) await this.clock.advance(20);
    if (!settled) throw new Error(`not settled after ${most} ms`);
    return noted;
  }

  async until(what: string, condition: () => boolean, most = 60_000): Promise<void> {
    for (let ms = 0; !condition(); ms += 20) {
      if (ms > most) throw new Error(`not in time: ${what}`);
      await this.clock.advance(20);
    }
  }

  /** A node that has not started; of an earlier one's identity and stores when given. */
  async create(
    mspId: string,
    name: string,
    earlier?: TestNode,
    description = this.relay.description,
  ): Promise<TestNode> {
    const member = earlier?.member ?? (await this.run(this.relay.enrol(mspId, name)));
    const stores = earlier?.stores ?? new MemoryKVStoreProvider();
    const { peer, client } = member;
    const identity = createSigningIdentity(mspId, peer.certificate, peer.key);
    const serialized = identity.serialize();
    const place = this.memory.add({
      peerId: name,
      mspId,
      identity: serialized,
      pkiId: pkiIdOf(serialized),
      name: identityName(serialized),
      expiresAt: Number.POSITIVE_INFINITY,
    });
    const transport = new MemoryTransport(place, RELAY);
    const { clock } = this;
    let onLost: ((why: FabricError) => void) | undefined;
    const host = new LocalPeerHost({
      name,
      identity,
      channels: description.channels,
      openStorage: async (lost) => {
        onLost = lost;
        const [transient, packages] = await Promise.all([
          stores.open('transientstore'),
          stores.open('chaincodes'),
        ]);
        const ledgers = await LedgerProvider.open(stores, 'ledgers', clock, {
          private: { mspId },
        });
        return {
          stored: true,
          ledgers,
          transientStores: new TransientStoreProvider(transient, systemRandomBytes),
          packages: await InstalledPackages.open(packages),
          close: async () => {
            await Promise.all([ledgers.close(), transient.close(), packages.close()]);
          },
        };
      },
      launcher: {
        launch: () => Promise.reject(new FabricError('NO_CHAINCODE', 'not in this test')),
        kill: () => {},
      },
      clock,
      random: systemRandomBytes,
      trace: new TraceBus(),
      log: silentLogger,
    });
    const events = new TypedEventTarget<PlaceEvents>();
    const node = new PeerNode(
      {
        network: description,
        mspId,
        peer,
        client,
        createTransport: async () => transport,
        host,
        place: { events, hidden: false },
        fetchFile: () => Promise.reject(new FabricError('PACKAGE_UNAVAILABLE', 'not in this test')),
        renameClient: () =>
          Promise.reject(new FabricError('RELAY_UNREACHABLE', 'not in this test')),
        clock,
        random: () => 0.5,
        randomBytes: systemRandomBytes,
        trace: new TraceBus(),
        log: silentLogger,
      },
      { installPackages: false },
    );
    const why = new FabricError('STORE_LOST', 'taken away by the test');
    const created: TestNode = {
      node,
      transport,
      host,
      place: events,
      member,
      stores,
      loseStore: () => onLost?.(why),
    };
    this.nodes.push(created);
    return created;
  }

  /** A node that has joined. */
  async join(mspId: string, name: string, earlier?: TestNode): Promise<TestNode> {
    const created = await this.create(mspId, name, earlier);
    await this.run(created.node.start());
    await this.run(created.node.join());
    return created;
  }

  /** Sends an envelope to the orderer, as the client of a node; rejects unless it is taken. */
  async broadcast(by: TestNode, envelope: Uint8Array): Promise<void> {
    const stream = new BroadcastStream(by.transport.relay);
    const { status, info } = await this.run(stream.send(envelope, new AbortController()));
    if (status !== common.Status.SUCCESS) throw new Error(`the orderer answers ${status}: ${info}`);
  }

  /** Has the orderer make a block of one envelope. */
  async order(channel: string, by: TestNode, text = 'x'): Promise<void> {
    await this.broadcast(by, await this.run(this.relay.envelope(channel, by.member, text)));
  }

  async stop(): Promise<void> {
    for (const { node } of this.nodes) await this.run(node.stop());
    await this.run(this.relay.stop());
  }
}
