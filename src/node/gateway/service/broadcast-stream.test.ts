// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { common, orderer } from '../../../common/protos/index.ts';
import type { ServiceClient } from '../../../common/wire/service.ts';
import { BroadcastStream } from './broadcast-stream.ts';

const { SUCCESS, FORBIDDEN } = common.Status;

/** An orderer that refuses envelopes beginning with 255, and then ends the stream, as Fabric's does. */
function ordererThatRefuses(): { client: ServiceClient; streams: () => number } {
  let streams = 0;
  const client: ServiceClient = {
    async *call(_method, requests) {
      streams++;
      for await (const envelope of requests) {
        const status = envelope[0] === 255 ? FORBIDDEN : SUCCESS;
        yield orderer.BroadcastResponse.encode({ status, info: String(envelope[0]) }).finish();
        if (status !== SUCCESS) return;
      }
    },
  };
  return { client, streams: () => streams };
}

const signal = new AbortController().signal;

describe('BroadcastStream', () => {
  it('sends all on one stream and pairs answers with envelopes', async () => {
    const { client, streams } = ordererThatRefuses();
    const broadcast = new BroadcastStream(client);
    const sent = [1, 2, 3].map((n) => broadcast.send(Uint8Array.of(n), { signal }));
    expect((await Promise.all(sent)).map(({ info }) => info)).toEqual(['1', '2', '3']);
    expect(streams()).toBe(1);
  });

  it('passes a refusal on, fails what was behind it, and opens a new stream for the next', async () => {
    const { client, streams } = ordererThatRefuses();
    const broadcast = new BroadcastStream(client);
    const refused = broadcast.send(Uint8Array.of(255), { signal });
    const behind = broadcast.send(Uint8Array.of(1), { signal });
    expect(await refused).toMatchObject({ status: FORBIDDEN });
    await expect(behind).rejects.toMatchObject({ code: 'STREAM_ENDED' });
    expect(await broadcast.send(Uint8Array.of(2), { signal })).toMatchObject({ status: SUCCESS });
    expect(streams()).toBe(2);
  });

  it('gives a silent orderer up when the caller does', async () => {
    const silent: ServiceClient = {
      async *call(_method, _requests, options) {
        await new Promise((_, reject) => {
          options.signal.addEventListener('abort', () => reject(options.signal.reason));
        });
        yield new Uint8Array();
      },
    };
    const patience = new AbortController();
    const sent = new BroadcastStream(silent).send(Uint8Array.of(1), { signal: patience.signal });
    patience.abort(new Error('enough'));
    await expect(sent).rejects.toThrow('enough');
  });
});
