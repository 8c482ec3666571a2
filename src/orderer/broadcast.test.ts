// SPDX-License-Identifier: Apache-2.0
// What Broadcast answers, to bytes that a real orderer answered and to hostile ones.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../common/crypto/ca.ts';
import { defaultBCCSP } from '../common/crypto/index.ts';
import type { SigningIdentity } from '../common/msp/index.ts';
import { msp } from '../common/protos/index.ts';
import { systemRandomBytes } from '../common/runtime/clock.ts';
import { GrpcStatus } from '../common/wire/service.ts';
import { identityOf, member, org1CA, THEN, testdata, transaction } from './testing/test-network.ts';
import { TestOrderer, textsOf, transactions } from './testing/test-orderer.ts';

let user1: SigningIdentity;
let user2: SigningIdentity;
let peer0: SigningIdentity;
beforeAll(async () => {
  user1 = await identityOf('user1.org1', 'Org1MSP');
  user2 = await identityOf('user1.org2', 'Org2MSP');
  peer0 = await identityOf('peer0.org1', 'Org1MSP');
});

let test: TestOrderer;
beforeEach(async () => {
  test = await TestOrderer.start();
});
afterEach(() => test.node.stop());

describe('broadcast', () => {
  // What the real orderer answered to the same bytes.
  it.each([
    ['raw_ok', 200],
    ['raw_garbage_data', 200],
    ['raw_nil_data', 200],
    ['raw_type_message', 200],
    ['raw_high_s', 403],
    ['raw_bad_sig', 403],
    ['raw_wrong_channel', 400],
    ['raw_config_as_normal', 400],
    ['raw_empty_payload', 400],
  ])('answers %s with %i, as a real orderer', async (name, status) => {
    expect(await test.statusOf(testdata(`${name}.envelope.pb`))).toBe(status);
  });

  it('refuses what is no envelope', async () => {
    for (let length = 0; length < 64; length += 7) {
      expect(await test.statusOf(systemRandomBytes(length))).toBe(400);
    }
    const truncated = (await transaction(user1, 'x')).slice(0, -5);
    expect(await test.statusOf(truncated)).toBe(400);
  });

  it('refuses who may not write: a peer, a stranger, a forged creator, nobody', async () => {
    expect(await test.statusOf(await transaction(peer0, 'x'))).toBe(403);
    const root = await CertificateAuthority.createRoot(
      { bccsp: defaultBCCSP(), random: systemRandomBytes },
      {
        subject: { commonName: 'ca.evil.com' },
        notBefore: THEN - 1_000,
        notAfter: THEN + 3_600_000,
      },
    );
    expect(await test.statusOf(await transaction(await member(root), 'x'))).toBe(403);
    // user1's name with user2's signature.
    const forged: SigningIdentity = { ...user1, sign: (message) => user2.sign(message) };
    expect(await test.statusOf(await transaction(forged, 'x'))).toBe(403);
    const unknown = { ...user1, serialize: () => serialized('NoMSP', user1.certificate) };
    expect(await test.statusOf(await transaction(unknown, 'x'))).toBe(403);
    const nobody = { ...user1, serialize: () => new Uint8Array(0) };
    expect(await test.statusOf(await transaction(nobody, 'x'))).toBe(403);
  });

  it('refuses an expired creator, and takes the same one before', async () => {
    const org1 = await org1CA();
    const early = await member(org1, THEN + 60_000);
    expect(await test.statusOf(await transaction(early, 'x'))).toBe(200);
    await test.clock.advance(60_000);
    expect(await test.broadcast(await transaction(early, 'x'))).toMatchObject([
      { status: 400, info: expect.stringMatching(/expired/) },
    ]);
  });

  it('ends the stream after the first refusal, with one answer an envelope up to it', async () => {
    const good = await transaction(user1, 'good');
    const bad = testdata('raw_bad_sig.envelope.pb');
    const responses = await test.broadcast(good, good, bad, good);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 403]);
    expect(test.node.snapshot().broadcastStreams).toBe(0);
  });

  it('keeps the order of a stream', async () => {
    await test.broadcast(...(await transactions(user1, 25)));
    await test.clock.advance(2_000);
    const blocks = [await test.blockAt(1), await test.blockAt(2), await test.blockAt(3)];
    const texts = blocks.flatMap(textsOf);
    expect(texts).toEqual(Array.from({ length: 25 }, (_, i) => `tx ${i}`));
  });

  it('answers 503 when the channel was halted', async () => {
    await test.chain.halt();
    expect(await test.statusOf(await transaction(user1, 'x'))).toBe(503);
    expect(test.node.snapshot().failedChecks).toMatchObject([{ component: 'channel mychannel' }]);
  });

  it('bounds the streams of one remote', async () => {
    await test.node.stop();
    await test.another({ broadcast: { maxStreams: 10, maxStreamsPerRemote: 1 } });
    const idle = new AbortController();
    const silent = (async function* (): AsyncGenerator<Uint8Array> {
      await new Promise((resolve) => idle.signal.addEventListener('abort', resolve));
    })();
    const context = { remote: { address: 'test-client' }, signal: idle.signal };
    const open = test.handler('Broadcast')(silent, context)[Symbol.asyncIterator]().next();
    await expect(test.broadcast(await transaction(user1, 'x'))).rejects.toMatchObject({
      status: GrpcStatus.RESOURCE_EXHAUSTED,
    });
    idle.abort();
    await open;
    expect(await test.statusOf(await transaction(user1, 'x'))).toBe(200);
  });
});

const serialized = (mspid: string, pem: string): Uint8Array =>
  msp.SerializedIdentity.encode({ mspid, id_bytes: new TextEncoder().encode(pem) }).finish();
