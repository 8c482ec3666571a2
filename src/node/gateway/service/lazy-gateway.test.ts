// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from 'vitest';
import { fromUtf8 } from '../../../common/runtime/bytes.ts';
import { ownClient } from '../../../common/wire/local-client.ts';
import { CHANNEL, createTestChannel, type TestChannel } from '../../testing/test-channel.ts';
import { type Contract, connect, GatewayService, LazyGateway } from '../index.ts';
import { FakeNetwork, until } from '../testing/fake-network.ts';
import { ANY, endorsersOf } from '../testing/gateway-bench.ts';

let channel: TestChannel;
beforeAll(async () => {
  channel = await createTestChannel();
});

function lazy(): { network: FakeNetwork; gateway: LazyGateway; contract: Contract } {
  const network = new FakeNetwork(channel, ANY, [endorsersOf(channel).org1]);
  const gateway = new LazyGateway(async () => network);
  const client = ownClient(gateway.services, 'peer');
  const contract = connect({ identity: channel.client, client })
    .getNetwork(CHANNEL)
    .getContract('basic');
  return { network, gateway, contract };
}

describe('a lazy gateway', () => {
  it('has the methods of the service', () => {
    const { network, gateway } = lazy();
    expect([...gateway.services.keys()]).toEqual([...new GatewayService(network).services.keys()]);
  });

  it('starts with the first call, once', async () => {
    const { network, gateway, contract } = lazy();
    expect(network.listeners).toBe(0);
    expect(fromUtf8(await contract.submitTransaction('f'))).toBe('ok');
    const { listeners } = network;
    expect(listeners).toBeGreaterThan(0);
    await contract.submitTransaction('f');
    expect(await gateway.load()).toBe(await gateway.load());
    expect(network.listeners).toBe(listeners);
  });

  it('ends what waits when it is stopped, and starts no more', async () => {
    const { network, gateway, contract } = lazy();
    network.outcomeOfOrdered = undefined;
    const submitted = await contract.submitAsync('f');
    const waiting = submitted.getStatus().catch(String);
    const service = await gateway.load();
    await until(() => service.waiting === 1);
    gateway.stop(new Error('the store is lost'));
    expect(await waiting).toContain('the store is lost');
    expect(network.listeners).toBe(0);

    const early = lazy();
    early.gateway.stop(new Error('the store is lost'));
    await expect(early.contract.submitTransaction('f')).rejects.toThrow('the store is lost');
    expect(early.network.listeners).toBe(0);
  });
});
