// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { HttpRequest } from './http-server.ts';
import { type MetricSample, metricsRoute } from './metrics.ts';

const height = (channel: string, value: number): MetricSample => ({
  name: 'ledger_blockchain_height',
  type: 'gauge',
  labels: { channel },
  value,
});

async function asked(
  remoteAddress: string,
  headers: HttpRequest['headers'] = {},
): Promise<unknown> {
  const route = metricsRoute([() => [height('one', 3), height('two', 4)]]);
  const request = {
    method: 'GET',
    path: '/metrics',
    target: '/metrics',
    query: new URLSearchParams(),
    headers,
    remoteAddress,
    body: async () => new Uint8Array(),
  };
  return (await route(request))?.body;
}

it('names channels to this machine only', async () => {
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    expect(await asked(address)).toContain('ledger_blockchain_height{channel="two"} 4');
  }
  for (const text of [
    await asked('192.168.1.20'),
    await asked('127.0.0.1', { 'x-forwarded-for': '192.168.1.20' }),
    await asked('127.0.0.1', { forwarded: 'for=192.168.1.20' }),
  ]) {
    expect(text).toContain('ledger_blockchain_height 7');
    expect(text).not.toContain('channel');
  }
});
