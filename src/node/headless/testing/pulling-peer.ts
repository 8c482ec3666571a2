// SPDX-License-Identifier: Apache-2.0
// For tests of what is around a headless peer: a real one, with ledger, endorser and libp2p node, that pulls its blocks from the orderer and does
// not gossip.
import { multiaddr } from '@multiformats/multiaddr';
import { createSigningIdentity } from '../../../common/msp/index.ts';
import { FabricError, messageOf } from '../../../common/runtime/errors.ts';
import { TraceBus } from '../../../common/runtime/trace.ts';
import { TypedEventTarget } from '../../../common/runtime/typed-events.ts';
import { Bindings } from '../../comm/bindings.ts';
import { Handshake } from '../../comm/handshake.ts';
import { identityCheck } from '../../comm/identity-check.ts';
import { relayMultiaddr } from '../../comm/libp2p-node.ts';
import { StreamServiceClient } from '../../comm/service-client.ts';
import { BlocksRequester } from '../../deliverclient/index.ts';
import type { Channel } from '../../peer/channel.ts';
import { InstalledPackages } from '../../peer/installed-packages.ts';
import { Peer } from '../../peer/peer.ts';
import { openPeerStorage } from '../../peer/peer-storage.ts';
import { collectionInfoSource } from '../../privdata/index.ts';
import type { HeadlessPeer, HeadlessPeerEvents, HeadlessPeerOptions } from '../headless-peer.ts';
import { createHeadlessNode } from '../libp2p-node.ts';
import { LEDGER_STORES } from '../peer-directory.ts';

export interface PullingPeer extends HeadlessPeer {
  readonly peer: Peer;
  readonly channel: Channel;
}

/** Joins and catches up. */
export async function startPullingPeer(options: HeadlessPeerOptions): Promise<PullingPeer> {
  const { identity, network, stores, stored, clock, random, log, signal, onJoined } = options;
  const [description] = network.channels;
  if (!description) throw new FabricError('NO_CHANNEL', 'the network has no channel');
  const { mspId } = identity;
  const storage = await openPeerStorage(
    { stores, clock, random },
    { ledgers: LEDGER_STORES, stored },
    { private: { mspId, collections: collectionInfoSource(description.chaincodes) } },
  );
  const packages = await InstalledPackages.open(storage.packages);
  for (const { chaincode, bytes } of options.packages) await packages.install(chaincode, bytes);
  const signer = createSigningIdentity(mspId, identity.peer.certificate, identity.peer.key);
  const peer = new Peer({
    name: identity.peer.name,
    identity: signer,
    ledgers: storage.ledgers,
    transientStores: storage.transientStores,
    packages,
    launcher: options.launcher(packages),
    clock,
    random,
    trace: new TraceBus(),
    log,
    signatureStage: options.signatureStage,
  });
  const { requester, close } = await connect(options, description.name);
  const channel =
    (await peer.openChannel(description)) ??
    (await peer.joinChannel(description, await requester.fetch(0, { signal })));
  onJoined(channel.height);
  const events = new TypedEventTarget<HeadlessPeerEvents>();
  const commit = async (block: Uint8Array): Promise<void> => {
    const { blockNum, txIds } = await channel.commit(block);
    events.emit('committed', {
      block: blockNum,
      transactions: txIds.length,
      height: channel.height,
    });
  };
  for await (const { block } of requester.upToNewest(channel.height, { signal })) {
    await commit(block);
  }
  const stop = new AbortController();
  const following = (async () => {
    for await (const { block } of requester.follow(channel.height, { signal: stop.signal })) {
      await commit(block);
    }
  })().catch((error: unknown) => {
    if (stop.signal.aborted) return;
    events.emit('error', { code: 'DELIVER_ENDED', message: messageOf(error), fatal: true });
  });
  return {
    name: identity.peer.name,
    events,
    peer,
    channel,
    height: () => channel.height,
    stop: async () => {
      stop.abort();
      await following;
      await close();
      await peer.stop();
    },
  };
}

async function connect(
  { identity, network, relay, clock, log }: HeadlessPeerOptions,
  channel: string,
): Promise<{ requester: BlocksRequester; close: () => Promise<void> }> {
  const { peerId } = network.relay;
  const bindings = new Bindings({ clock });
  const node = await createHeadlessNode({
    isBound: (id) => bindings.has(id),
    libp2pKey: identity.libp2pKey,
  });
  const signer = createSigningIdentity(
    identity.mspId,
    identity.peer.certificate,
    identity.peer.key,
  );
  const pinned = new Map([[peerId, { mspId: network.ordererMspId }]]);
  const handshake = new Handshake({
    node,
    bindings,
    signer,
    clock,
    log,
    checkIdentity: identityCheck({ mspManagers: () => [], pinned }),
  });
  await handshake.start();
  await node.dial(multiaddr(relayMultiaddr(relay, peerId)));
  const client = new StreamServiceClient({ node, bindings }, peerId);
  const close = async (): Promise<void> => {
    await handshake.stop();
    await node.stop();
  };
  return { requester: new BlocksRequester({ client, signer, clock }, channel), close };
}
