// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../runtime/bytes.ts';
import { PortServices, serveOnPort, type WirePort } from './port-services.ts';
import {
  type CallContext,
  GrpcStatus,
  ServiceError,
  type ServiceTable,
  unary,
  unaryHandler,
} from './service.ts';

const ME = { address: 'peer1', mspId: 'Org1MSP', identity: utf8('cert') };
const { signal } = new AbortController();
const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

interface World {
  readonly client: PortServices;
  /** Messages that crossed, by who sent them. */
  readonly sent: { caller: number; server: number };
  stop(): void;
}

function connect(services: ServiceTable): World {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const sent = { caller: 0, server: 0 };
  const counting = (port: MessagePort, who: keyof typeof sent): WirePort => ({
    postMessage: (message, transfer) => {
      sent[who]++;
      port.postMessage(message, transfer);
    },
    addEventListener: (type, listener) => port.addEventListener(type, listener),
    removeEventListener: (type, listener) => port.removeEventListener(type, listener),
    start: () => port.start(),
  });
  const stop = serveOnPort(counting(port1, 'server'), services);
  return { client: new PortServices(counting(port2, 'caller')), sent, stop };
}

async function all(responses: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: string[] = [];
  for await (const bytes of responses) texts.push(fromUtf8(bytes));
  return texts;
}

describe('services at a port', () => {
  it('answer a unary call in two messages, and see who calls', async () => {
    const seen: CallContext[] = [];
    const { client, sent } = connect(
      new Map([
        [
          '/t/Echo',
          unaryHandler(async (request, context) => {
            seen.push(context);
            return request;
          }),
        ],
      ]),
    );
    expect(fromUtf8(await unary(client.for(ME), '/t/Echo', utf8('hi'), { signal }))).toBe('hi');
    expect(sent).toEqual({ caller: 1, server: 1 });
    expect(seen[0]?.remote).toEqual(ME);
  });

  it('stream both ways, and hold a writer back that nobody reads', async () => {
    let written = 0;
    const { client } = connect(
      new Map([
        [
          '/t/Upper',
          async function* (requests) {
            for await (const request of requests) {
              written++;
              yield utf8(fromUtf8(request).toUpperCase());
            }
          },
        ],
      ]),
    );
    const letters = Array.from({ length: 1_000 }, (_, i) => utf8(`a${i}`));
    const responses = client.for(ME).call('/t/Upper', letters, { signal })[Symbol.asyncIterator]();
    expect((await responses.next()).value).toEqual(utf8('A0'));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBeLessThan(200);
    let count = 1;
    for (let next = await responses.next(); !next.done; next = await responses.next()) count++;
    expect(count).toBe(1_000);
    expect(written).toBe(1_000);
  });

  it('take large responses over by transfer, and leave requests to the caller', async () => {
    const large = new Uint8Array(100_000).fill(7);
    const { client } = connect(new Map([['/t/Large', unaryHandler(async () => large)]]));
    const request = new Uint8Array(100_000).fill(1);
    const response = await unary(client.for(ME), '/t/Large', request, { signal });
    expect(response).toHaveLength(100_000);
    expect(large).toHaveLength(0);
    expect(request).toHaveLength(100_000);
  });

  it('fail with the status of the handler, details included', async () => {
    const details = [{ address: 'peer2', mspId: 'Org2MSP', message: 'no' }];
    const { client } = connect(
      new Map([
        [
          '/t/Fail',
          unaryHandler(async () => {
            throw new ServiceError(GrpcStatus.ABORTED, 'failed', { details });
          }),
        ],
      ]),
    );
    const call = unary(client.for(ME), '/t/Fail', utf8(''), { signal });
    await expect(call).rejects.toMatchObject({ status: GrpcStatus.ABORTED, details });
    const unknown = unary(client.for(ME), '/t/None', utf8(''), { signal });
    await expect(unknown).rejects.toMatchObject({ status: GrpcStatus.UNIMPLEMENTED });
  });

  it('are told when the caller leaves, by its signal or by reading no further', async () => {
    const ended: string[] = [];
    const { client } = connect(
      new Map([
        [
          '/t/Endless',
          async function* (requests, context) {
            const [name] = await all(requests);
            context.signal.addEventListener('abort', () => ended.push(name ?? ''));
            for (let i = 0; ; i++) {
              if (context.signal.aborted) return;
              yield utf8(String(i));
              await new Promise((resolve) => setImmediate(resolve));
            }
          },
        ],
      ]),
    );
    for await (const bytes of client.for(ME).call('/t/Endless', [utf8('left')], { signal })) {
      if (fromUtf8(bytes) === '3') break;
    }
    const stop = new AbortController();
    const reading = all(client.for(ME).call('/t/Endless', [utf8('aborted')], stop));
    setImmediate(() => stop.abort(new Error('enough')));
    await expect(reading).rejects.toMatchObject({ status: GrpcStatus.CANCELLED });
    await expect.poll(() => ended).toEqual(['left', 'aborted']);
  });

  it('end with the port: calls under way and later ones fail', async () => {
    const { client } = connect(new Map([['/t/Never', unaryHandler(() => new Promise(() => {}))]]));
    const waiting = unary(client.for(ME), '/t/Never', utf8(''), { signal });
    waiting.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    client.close('the worker crashed');
    await expect(waiting).rejects.toMatchObject({ status: GrpcStatus.UNAVAILABLE });
    const later = unary(client.for(ME), '/t/Never', utf8(''), { signal });
    await expect(later).rejects.toThrow('the worker crashed');
  });
});
