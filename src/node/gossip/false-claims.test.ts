// SPDX-License-Identifier: Apache-2.0
// What members and the relay may say that is not true, and what comes of it at the others.
import { beforeAll, describe, expect, it } from 'vitest';
import { pkiIdOf } from '../../common/msp/index.ts';
import { DEFAULT_GOSSIP_SETTINGS } from '../../common/network/types.ts';
import { gossip } from '../../common/protos/index.ts';
import { equalBytes } from '../../common/runtime/bytes.ts';
import { noopSign, signMessage } from './message.ts';
import { GossipWorld, type TestCast, type TestPeer, testCast } from './testing/world.ts';
import { topicName } from './topics.ts';

let cast: TestCast;
beforeAll(async () => {
  cast = await testCast(2);
});

describe('a false claim', () => {
  it('takes no word of one organisation for that of another, and none that was altered', async () => {
    const world = new GossipWorld(cast, 1);
    const [one] = (await world.joinAll('Org1MSP', 1)) as [TestPeer];
    const topic = (mspId: string): string => topicName({ networkId: 'net', mspId, kind: 'alive' });
    const other = await world.join('Org2MSP', 0);
    let heard = new Uint8Array();
    world.relay.pubsub.subscribe(topic('Org2MSP'), async (data) => {
      heard = Uint8Array.from(data);
      return 'accept';
    });
    await world.clock.advance(3_000);
    world.kill(other);
    await world.clock.advance(500);
    world.network.verdicts.length = 0;
    expect(heard.length).toBeGreaterThan(100);
    const { payload, signature } = gossip.Envelope.decode(heard);
    const { alive_msg, tag } = gossip.GossipMessage.decode(payload);
    const inc_num = alive_msg?.timestamp?.inc_num;
    const newer = { tag, alive_msg: { ...alive_msg, timestamp: { inc_num, seq_num: 1000 } } };
    const altered = { payload: gossip.GossipMessage.encode(newer).finish(), signature };
    const genuine = await signMessage(newer, other.gossip.components.signer);
    await world.relay.pubsub.publish(topic('Org2MSP'), gossip.Envelope.encode(altered).finish());
    await world.relay.pubsub.publish(topic('Org1MSP'), genuine);
    await world.relay.pubsub.publish(topic('Org2MSP'), heard);
    await world.relay.pubsub.publish(topic('Org2MSP'), genuine);
    await world.clock.advance(100);
    const verdicts = world.network.verdicts.filter(
      ({ by, topic: on }) => by === one.peerId && on.endsWith('alive'),
    );
    // What was heard before is a copy, which nobody judges again.
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['reject', 'reject', 'accept']);
  });

  it("believes no height above the orderer's, whoever claims it", async () => {
    const world = new GossipWorld(cast, 3);
    const [one] = (await world.joinAll('Org1MSP', 1)) as [TestPeer];
    const liar = await world.join('Org2MSP', 0);
    await world.clock.advance(10_000);
    const { tag, state_info } = gossip.GossipMessage.decode(
      gossip.Envelope.decode(liar.channel.ownStateInfo ?? new Uint8Array()).payload,
    );
    const timestamp = { inc_num: state_info?.timestamp?.inc_num, seq_num: 1_000_000 };
    const commit_hash = new Uint8Array(32).fill(7);
    const properties = { ...state_info?.properties, ledger_height: 1e9, commit_hash };
    const claim = { tag, state_info: { ...state_info, timestamp, properties } };
    const topic = topicName({
      networkId: 'net',
      channel: 'ch',
      mspId: 'Org2MSP',
      kind: 'state-info',
    });
    const signed = await signMessage(claim, liar.gossip.components.signer);
    await world.relay.pubsub.publish(topic, signed);
    await world.clock.advance(100);
    expect(one.channel.maxHeight()).toBe(1e9);
    await world.clock.advance(DEFAULT_GOSSIP_SETTINGS.state.checkIntervalMs + 1_000);
    expect(one.channel.maxHeight()).toBe(3);
    // The hash is not that of block 2, where it would look like a ledger that differs.
    expect(one.channel.members().map(({ ledger }) => ledger)).toEqual([
      expect.objectContaining({ height: 3, commitHash: '' }),
    ]);
    world.orderer.grow(2);
    await world.clock.advance(2_000);
    expect(one.chain).toEqual(world.orderer.blocks);
  });

  it('notices another tab with its own identity', async () => {
    const world = new GossipWorld(cast, 1);
    const one = await world.join('Org1MSP', 0);
    let conflicts = 0;
    one.gossip.events.on('identity:conflict', () => conflicts++);
    await world.clock.advance(5_000);
    expect(conflicts).toBe(0);
    // In its name, but not with its key.
    const topic = topicName({ networkId: 'net', mspId: 'Org1MSP', kind: 'alive' });
    let heard = new Uint8Array();
    world.relay.pubsub.subscribe(topic, async (data) => {
      const { alive_msg } = gossip.GossipMessage.decode(gossip.Envelope.decode(data).payload);
      if (
        alive_msg?.membership?.pki_id &&
        equalBytes(alive_msg.membership.pki_id, pkiIdOf(one.gossip.components.signer.serialize()))
      )
        heard = Uint8Array.from(data);
      return 'accept';
    });
    const stranger = await world.join('Org1MSP', 1);
    await world.clock.advance(20_000);
    expect(heard.length).toBeGreaterThan(100);
    const { payload } = gossip.Envelope.decode(heard);
    const { tag, alive_msg } = gossip.GossipMessage.decode(payload);
    const timestamp = { inc_num: alive_msg?.timestamp?.inc_num.add(1), seq_num: 1 };
    const claim = { tag, alive_msg: { ...alive_msg, timestamp } };
    const signed = await signMessage(claim, stranger.gossip.components.signer);
    for (const forged of [signed, noopSign(claim)]) await world.relay.pubsub.publish(topic, forged);
    await world.clock.advance(1_000);
    expect(conflicts).toBe(0);
    await world.join('Org1MSP', 0, {}, 'twin');
    await world.clock.advance(5_000);
    expect(conflicts).toBeGreaterThan(0);
  });
});
