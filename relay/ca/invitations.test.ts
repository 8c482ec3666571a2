// SPDX-License-Identifier: Apache-2.0
// Join links, over a real local port.
import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { CaErrorCode } from './errors.ts';
import { pemOf, TestCaServer } from './testing/test-ca-server.ts';

const HOUR = 3_600_000;

let ca: TestCaServer;
beforeEach(async () => {
  ca = await TestCaServer.start();
  return () => ca.stop();
});

describe('an invitation', () => {
  const limits = { ttlMs: HOUR, maxUses: 2 };

  it('makes a peer and a client of the next free number', async () => {
    const { secret } = await ca.invitations.current('Org2MSP', limits);
    const reply = await ca.call('POST', 'join', { org: 'Org2MSP', secret });
    expect(reply).toMatchObject({ success: true, result: { caName: 'ca-org2', mspId: 'Org2MSP' } });
    const { peer, client } = reply.result;
    expect([peer.id, client.id]).toEqual(['peer0.org2.example.com', 'user0.org2.example.com']);
    const enrolled = await ca.enroll(peer.id, peer.secret, { caname: 'ca-org2' });
    expect(new X509Certificate(pemOf(enrolled)).subject).toBe('OU=peer\nCN=peer0.org2.example.com');
    const user = await ca.enroll(client.id, client.secret, { caname: 'ca-org2' });
    expect(new X509Certificate(pemOf(user)).subject).toBe('OU=client\nCN=user0.org2.example.com');
    const second = await ca.call('POST', 'join', { org: 'Org2MSP', secret });
    expect(second.result.peer.id).toBe('peer1.org2.example.com');
  });

  it('keeps its place when nobody could be admitted', async () => {
    const { secret } = await ca.invitations.current('Org1MSP', { ttlMs: HOUR, maxUses: 1 });
    const redeem = (admit: () => Promise<string>) =>
      ca.invitations.redeem('Org1MSP', secret, admit);
    await expect(redeem(() => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
    expect(await redeem(async () => 'admitted')).toBe('admitted');
    await expect(redeem(async () => 'too late')).rejects.toThrow(/^JOIN_SECRET_USED_UP: /);
  });

  it('numbers tabs that come at once without a clash', async () => {
    const { secret } = await ca.invitations.current('Org1MSP', { ttlMs: HOUR, maxUses: 50 });
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => ca.call('POST', 'join', { org: 'Org1MSP', secret })),
    );
    expect(new Set(replies.map((reply) => reply.result.peer.id)).size).toBe(20);
  });

  it('says whether it is wrong, expired, used up or of an unknown organisation', async () => {
    const { secret } = await ca.invitations.current('Org1MSP', limits);
    const attempt = async (org: string, with_: string) =>
      (await ca.call('POST', 'join', { org, secret: with_ })).errors[0];
    expect(await attempt('Org1MSP', 'guess')).toMatchObject({
      code: CaErrorCode.INVITATION_UNKNOWN,
    });
    expect((await attempt('Org1MSP', ''))?.message).toMatch(/^JOIN_SECRET_WRONG: /);
    expect((await attempt('Org9MSP', secret))?.message).toMatch(/^JOIN_ORG_UNKNOWN: /);
    expect(await attempt('Org2MSP', secret)).toMatchObject({
      code: CaErrorCode.INVITATION_UNKNOWN,
    });
    await ca.clock.advance(60_000);
    expect(await attempt('Org1MSP', secret)).toBeUndefined();
    expect(await attempt('Org1MSP', secret)).toBeUndefined();
    expect((await attempt('Org1MSP', secret))?.message).toMatch(/^JOIN_SECRET_USED_UP: /);
    await ca.clock.advance(HOUR);
    expect((await attempt('Org1MSP', secret))?.message).toMatch(/^JOIN_SECRET_EXPIRED: /);
  });

  it('stays the same until half of its time or places is gone', async () => {
    const first = await ca.invitations.current('Org1MSP', limits);
    expect((await ca.invitations.current('Org1MSP', limits)).secret).toBe(first.secret);
    expect((await ca.invitations.current('Org2MSP', limits)).secret).not.toBe(first.secret);
    await ca.clock.advance(HOUR / 2 + 1);
    expect((await ca.invitations.current('Org1MSP', limits)).secret).not.toBe(first.secret);
  });
});

describe('the administrator of an organisation', () => {
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

  it('sees how many places are left, renews, and cancels', async () => {
    const secret = await ca.administrators.secretOf('Org1MSP');
    expect(await ca.administrators.secretOf('Org1MSP')).toBe(secret);
    const call = async (method: string) =>
      (await ca.call(method, 'invitations?org=Org1MSP', undefined, bearer(secret))).result;
    const join = async (link: string) => {
      const joinSecret = /secret=([\w-]+)$/.exec(link)?.[1];
      return ca.call('POST', 'join', { org: 'Org1MSP', secret: joinSecret });
    };
    expect(await call('GET')).toEqual({ mspId: 'Org1MSP', invitation: null });
    const first = (await call('POST')).invitation;
    expect(first).toMatchObject({ uses: 0, maxUses: 5, expiresAt: ca.clock.now() + HOUR });
    expect((await join(first.link)).success).toBe(true);
    expect((await call('GET')).invitation).toEqual({ ...first, uses: 1 });
    await ca.clock.advance(1);
    const second = (await call('POST')).invitation;
    expect((await join(first.link)).errors[0]?.message).toMatch(/^JOIN_SECRET_EXPIRED: /);
    expect((await join(second.link)).success).toBe(true);
    expect(await call('DELETE')).toEqual({ mspId: 'Org1MSP', invitation: null });
    expect((await join(second.link)).errors[0]?.message).toMatch(/^JOIN_SECRET_EXPIRED: /);
    expect(await call('GET')).toEqual({ mspId: 'Org1MSP', invitation: null });
  });

  it('is nobody else, and of no other organisation', async () => {
    const secret = await ca.administrators.secretOf('Org1MSP');
    const { secret: joinSecret } = await ca.invitations.current('Org1MSP', {
      ttlMs: HOUR,
      maxUses: 1,
    });
    for (const [org, given] of [
      ['Org1MSP', 'guess'],
      ['Org1MSP', joinSecret],
      ['Org2MSP', secret],
      ['Org9MSP', secret],
      ['', ''],
    ] as const)
      for (const method of ['GET', 'POST', 'DELETE']) {
        const reply = await ca.call(method, `invitations?org=${org}`, undefined, bearer(given));
        expect(reply).toMatchObject({ status: 403, success: false });
        expect(reply.errors[0]?.message).toMatch(/^INVITE_REFUSED: /);
      }
  });
});
