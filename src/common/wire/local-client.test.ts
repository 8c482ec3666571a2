// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { isOwnCall, localClient, ownClient } from './local-client.ts';
import { type CallContext, GrpcStatus, unary, unaryHandler } from './service.ts';

const { signal } = new AbortController();
const seen: CallContext[] = [];
const services = new Map([
  [
    '/test/Echo',
    unaryHandler(async (request, context) => {
      seen.push(context);
      return request;
    }),
  ],
]);

async function contextOf(client: ReturnType<typeof localClient>): Promise<CallContext> {
  expect(await unary(client, '/test/Echo', Uint8Array.of(1), { signal })).toEqual(Uint8Array.of(1));
  const context = seen.pop();
  if (!context) throw new Error('not called');
  return context;
}

describe('a client of this node’s services', () => {
  it('names the caller and passes its signal on', async () => {
    const context = await contextOf(localClient(services, { address: 'peer1' }));
    expect(context).toEqual({ remote: { address: 'peer1' }, signal });
    const missing = unary(localClient(services, { address: 'x' }), '/test/None', Uint8Array.of(1), {
      signal,
    });
    await expect(missing).rejects.toMatchObject({ status: GrpcStatus.UNIMPLEMENTED });
  });

  it('is the node’s own only where it was made so, and nothing that was copied is', async () => {
    const own = await contextOf(ownClient(services, 'peer0'));
    expect(isOwnCall(own)).toBe(true);
    expect(isOwnCall({ ...own })).toBe(false);
    expect(isOwnCall(await contextOf(localClient(services, { address: 'peer0' })))).toBe(false);
  });
});
