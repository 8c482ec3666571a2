// SPDX-License-Identifier: Apache-2.0
// The CA over a real local port, checked with Node's own X.509 code.
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { CURVES, derToRaw, isLowS, parseCertificatePem } from '../../src/common/crypto/index.ts';
import { displayNameIn } from '../../src/common/identity/certificate-name.ts';
import { utf8 } from '../../src/common/runtime/bytes.ts';
import { CaErrorCode } from './errors.ts';
import { basic, pemOf, TestCaServer } from './testing/test-ca-server.ts';

const HOUR = 3_600_000;

let ca: TestCaServer;
beforeEach(async () => {
  ca = await TestCaServer.start();
  return () => ca.stop();
});

describe('enrol', () => {
  it('gives a certificate that Node accepts, with role, attributes, key identifiers and low S', async () => {
    const reply = await ca.enroll('admin', 'adminpw');
    expect(reply).toMatchObject({ status: 201, success: true, errors: [] });
    const pem = pemOf(reply);
    const chain = Buffer.from(reply.result.ServerInfo.CAChain, 'base64').toString();
    const certificate = new X509Certificate(pem);
    const issuer = new X509Certificate(chain);
    expect(certificate.checkIssued(issuer)).toBe(true);
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(issuer.verify(issuer.publicKey)).toBe(true);
    expect(issuer.ca).toBe(true);
    expect(certificate.subject).toBe('OU=client\nCN=admin');
    const parsed = parseCertificatePem(pem);
    const root = parseCertificatePem(chain);
    expect(parsed.publicKey).toEqual(ca.keys.publicKey);
    expect(parsed.authorityKeyId).toEqual(root.subjectKeyId);
    expect(parsed.subjectKeyId).toHaveLength(32);
    for (const { signature } of [parsed, root]) {
      const raw = derToRaw(signature, CURVES['P-256']);
      expect(raw && isLowS(raw, CURVES['P-256'])).toBe(true);
    }
    const attributes = parsed.extensions.get('1.2.3.4.5.6.7.8.1')?.value ?? new Uint8Array();
    expect(JSON.parse(new TextDecoder().decode(attributes))).toEqual({
      attrs: { 'hf.Affiliation': '', 'hf.EnrollmentID': 'admin', 'hf.Type': 'client' },
    });
  });

  it('refuses a request for another name', async () => {
    const body = { certificate_request: await ca.request('Admin@org1.example.com') };
    const reply = await ca.call('POST', 'enroll?ca=ca-org1', body, basic('admin', 'adminpw'));
    expect(reply).toMatchObject({
      status: 403,
      errors: [{ message: 'The CSR subject common name must equal the enrollment ID' }],
    });
  });

  it('puts the hosts of the request into the certificate', async () => {
    const hosts = ['peer0.org1.example.com', '127.0.0.1'];
    const reply = await ca.enroll('admin', 'adminpw', {
      certificate_request: await ca.request('admin', hosts),
    });
    const { subjectAltName } = new X509Certificate(pemOf(reply));
    expect(subjectAltName).toBe('DNS:peer0.org1.example.com, IP Address:127.0.0.1');
  });

  it('is found by the short path of Fabric’s own client, and so is the rest', async () => {
    const short = async (method: string, path: string, init: RequestInit = {}) => {
      // It sends no content-type.
      const response = await fetch(ca.url(`../../${path}`), { method, ...init });
      return { status: response.status, reply: (await response.json()) as { success: boolean } };
    };
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? { body: utf8('{"caname":""}') } : {};
      expect(await short(method, 'cainfo', body)).toMatchObject({
        status: 200,
        reply: { success: true },
      });
    }
    const wanted = { certificate_request: await ca.request('admin'), hosts: null };
    const body = utf8(JSON.stringify(wanted));
    const headers = basic('admin', 'adminpw');
    expect(await short('POST', 'enroll', { body, headers })).toMatchObject({ status: 201 });
    for (const [method, path] of [
      ['POST', 'register'],
      ['POST', 'reenroll'],
      ['GET', 'identities'],
    ] as const)
      expect(await short(method, path), path).toMatchObject({
        status: 401,
        reply: { success: false },
      });
  });

  it.each([
    ['admin', 'wrong'],
    ['nobody', 'adminpw'],
    ['admin', ''],
  ])('answers %s:%s like every other failure', async (id, secret) => {
    expect(await ca.enroll(id, secret)).toMatchObject({
      status: 401,
      success: false,
      errors: [{ code: CaErrorCode.AUTHENTICATION_FAILURE, message: 'Authentication failure' }],
    });
  });

  it('refuses a request that is not signed by its key', async () => {
    const good = await ca.request('admin');
    const der = Buffer.from(good.replace(/-----.*-----/g, ''), 'base64');
    der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1;
    const bad = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    const reply = await ca.call(
      'POST',
      'enroll',
      { certificate_request: bad },
      basic('admin', 'adminpw'),
    );
    expect(reply).toMatchObject({ status: 400, errors: [{ code: CaErrorCode.BAD_CSR }] });
    const rubbish = await ca.call(
      'POST',
      'enroll',
      { certificate_request: 'hello' },
      basic('admin', 'adminpw'),
    );
    expect(rubbish).toMatchObject({ status: 400, errors: [{ code: CaErrorCode.BAD_CSR }] });
  });

  it('shuts out whoever keeps failing with an identity, and nobody else, for a while', async () => {
    const admin = pemOf(await ca.enroll('admin', 'adminpw'));
    await ca.signed(admin, 'POST', 'register', { id: 'other', secret: 'otherpw', type: 'client' });
    for (let i = 0; i < 3; i++) expect((await ca.enroll('admin', 'wrong')).status).toBe(401);
    expect(await ca.enroll('admin', 'adminpw')).toMatchObject({
      status: 429,
      errors: [{ code: CaErrorCode.TOO_MANY_FAILURES }],
    });
    expect((await ca.enroll('other', 'otherpw')).status).toBe(201);
    const join = await ca.call('POST', 'join', { org: 'Org1MSP', secret: 'wrong' });
    expect(join.status).toBe(401);
    await ca.clock.advance(60_000);
    expect((await ca.enroll('admin', 'adminpw')).status).toBe(201);
  });
});

describe('a registrar', () => {
  let admin: string;
  beforeEach(async () => {
    admin = pemOf(await ca.enroll('admin', 'adminpw'));
  });

  it('registers an identity that can enrol once, with attributes', async () => {
    const registered = await ca.signed(admin, 'POST', 'register', {
      id: 'carol',
      type: 'admin',
      affiliation: 'org1.department1',
      max_enrollments: 1,
      attrs: [
        { name: 'role', value: 'teacher', ecert: true },
        { name: 'hidden', value: 'x' },
      ],
    });
    expect(registered).toMatchObject({ status: 201, success: true });
    const { secret } = registered.result;
    const reply = await ca.enroll('carol', secret);
    const certificate = new X509Certificate(pemOf(reply));
    expect(certificate.subject).toBe('OU=admin\nOU=org1\nOU=department1\nCN=carol');
    expect(certificate.raw.toString('latin1')).toContain('"role":"teacher"');
    expect(certificate.raw.toString('latin1')).not.toContain('hidden');
    expect((await ca.enroll('carol', secret)).status).toBe(401);
    const again = await ca.signed(admin, 'POST', 'register', { id: 'carol' });
    expect(again.errors[0]?.code).toBe(CaErrorCode.ALREADY_REGISTERED);
  });

  it('gives only the attributes that were asked for', async () => {
    await ca.signed(admin, 'POST', 'register', {
      id: 'dave',
      secret: 'davepw',
      attrs: [
        { name: 'a', value: '1', ecert: true },
        { name: 'b', value: '2' },
      ],
    });
    const reply = await ca.enroll('dave', 'davepw', {
      attr_reqs: [{ name: 'b' }, { name: 'c', optional: true }],
    });
    expect(new X509Certificate(pemOf(reply)).raw.toString('latin1')).toContain(
      '{"attrs":{"b":"2"}}',
    );
    const missing = await ca.enroll('dave', 'davepw', { attr_reqs: [{ name: 'c' }] });
    expect(missing.status).toBe(400);
  });

  it('sees identities; others do not, and may not register', async () => {
    await ca.signed(admin, 'POST', 'register', { id: 'erin', secret: 'erinpw' });
    const listed = await ca.signed(admin, 'GET', 'identities');
    expect(listed.result.identities.map((one: { id: string }) => one.id)).toEqual([
      'admin',
      'erin',
    ]);
    expect(JSON.stringify(listed.result)).not.toContain('secret');
    expect((await ca.signed(admin, 'GET', 'identities/erin?ca=ca-org1')).result).toMatchObject({
      id: 'erin',
      type: 'client',
    });
    expect((await ca.signed(admin, 'GET', 'identities/nobody')).status).toBe(404);
    const erin = pemOf(await ca.enroll('erin', 'erinpw'));
    expect((await ca.signed(erin, 'GET', 'identities')).status).toBe(403);
    expect((await ca.signed(erin, 'GET', 'identities/erin')).status).toBe(200);
    expect((await ca.signed(erin, 'POST', 'register', { id: 'mallory' })).status).toBe(403);
  });

  it('is known by the token: not by another body, path, key or CA', async () => {
    const body = JSON.stringify({ id: 'frank' });
    const authorization = await ca.tokenFor(admin, 'POST', 'register', body);
    const changed = await ca.call('POST', 'register', JSON.stringify({ id: 'eve' }), {
      authorization,
    });
    expect(changed.status).toBe(401);
    expect((await ca.call('POST', 'register?ca=ca-org1', body, { authorization })).status).toBe(
      401,
    );
    expect((await ca.signed(admin, 'GET', 'identities?ca=ca-org2')).status).toBe(401);
    await ca.clock.advance(60_000);
    expect((await ca.call('POST', 'register', body, { authorization: 'a.b' })).status).toBe(401);
    expect((await ca.call('POST', 'register', body)).errors[0]?.code).toBe(
      CaErrorCode.NO_AUTH_HEADER,
    );
    await ca.clock.advance(60_000);
    expect((await ca.call('POST', 'register', body, { authorization })).status).toBe(201);
  });

  it('renews a certificate while it is in force', async () => {
    const renewed = await ca.signed(admin, 'POST', 'reenroll', {
      certificate_request: await ca.request('admin'),
    });
    expect(renewed.status).toBe(201);
    expect(pemOf(renewed)).not.toBe(admin);
    await ca.clock.advance(366 * 24 * HOUR);
    expect(
      (await ca.signed(admin, 'POST', 'reenroll', { certificate_request: await ca.request('x') }))
        .status,
    ).toBe(401);
  });
});

describe('a member', () => {
  const invite = async () => ca.invitations.current('Org1MSP', { ttlMs: 24 * HOUR, maxUses: 5 });
  const join = async (name?: unknown) => {
    const { secret } = await invite();
    return ca.call('POST', 'join', { org: 'Org1MSP', secret, ...(name !== undefined && { name }) });
  };
  const enrolled = async ({ id, secret }: { id: string; secret: string }) =>
    pemOf(await ca.enroll(id, secret));

  it('has the name that it joined with in its client’s certificate, and not in its peer’s', async () => {
    const { result } = await join('  Li\u202e  Wei');
    expect(displayNameIn(await enrolled(result.client))).toBe('Li Wei');
    expect(displayNameIn(await enrolled(result.peer))).toBeUndefined();
    const { result: nameless } = await join();
    expect(displayNameIn(await enrolled(nameless.client))).toBeUndefined();
  });

  it.each([7, 'x'.repeat(41), '\u202e'])('takes no place by a name like %j', async (name) => {
    const reply = await join(name);
    expect(reply).toMatchObject({ status: 400, errors: [{ code: CaErrorCode.BAD_BODY }] });
    expect((await invite()).uses).toBe(0);
  });

  it('changes its own name, for its next certificate', async () => {
    const { result } = await join('Ana');
    const { id } = result.client;
    const certificate = await enrolled(result.client);
    const renamed = async (name: unknown) => {
      const reply = await ca.signed(certificate, 'POST', 'name', { name });
      const request = { certificate_request: await ca.request(id) };
      const renewed = await ca.signed(certificate, 'POST', 'reenroll', request);
      return { status: reply.status, name: displayNameIn(pemOf(renewed)) };
    };
    expect(await renamed('Ana B')).toEqual({ status: 200, name: 'Ana B' });
    expect(await renamed('y'.repeat(41))).toEqual({ status: 400, name: 'Ana B' });
    expect(await renamed('')).toEqual({ status: 200, name: undefined });
    expect((await ca.call('POST', 'name', { name: 'x' })).status).toBe(401);
  });

  it('gets so many new certificates a day, since the lowest PKI-ID leads', async () => {
    const { result } = await join();
    const { id } = result.peer;
    const certificate = await enrolled(result.peer);
    const renew = async () =>
      ca.signed(certificate, 'POST', 'reenroll', { certificate_request: await ca.request(id) });
    for (let i = 0; i < 20; i++) expect((await renew()).status).toBe(201);
    expect(await renew()).toMatchObject({
      status: 429,
      errors: [{ code: CaErrorCode.TOO_MANY_REENROLLMENTS }],
    });
    await ca.clock.advance(24 * HOUR);
    expect((await renew()).status).toBe(201);
  });
});

describe('every reply', () => {
  it.each([
    ['GET', 'nothing', undefined, 404],
    ['PUT', 'enroll', '{}', 405],
    ['POST', 'join', '{', 400],
    ['POST', 'join', '[]', 400],
    ['POST', 'join', '{"org":1}', 400],
    ['GET', 'cainfo?ca=none', undefined, 404],
    ['POST', 'join', 'x'.repeat(70_000), 413],
  ])('of %s %s is an envelope with an error', async (method, path, body, status) => {
    const reply = await ca.call(method, path, body);
    expect(reply).toMatchObject({ status, success: false, messages: [] });
    expect(reply.errors[0]?.message).not.toBe('');
  });

  it('of cainfo names the CA and its chain', async () => {
    for (const [method, path] of [
      ['GET', 'cainfo?ca=ca-org2'],
      ['POST', 'cainfo'],
    ] as const) {
      const body = method === 'POST' ? { caname: 'ca-org2' } : undefined;
      const { result } = await ca.call(method, path, body);
      expect(result.CAName).toBe('ca-org2');
      const chain = new X509Certificate(Buffer.from(result.CAChain, 'base64'));
      expect(chain.subject).toContain('CN=ca.org2.example.com');
    }
  });

  it('survives random bodies and headers', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const bytes = createHash('sha512').update(`${seed}`).digest();
      const response = await fetch(ca.url('enroll'), {
        method: 'POST',
        body: seed % 2 ? bytes : randomBytes(2000),
        headers: {
          authorization: seed % 3 ? `Basic ${bytes.toString('base64')}` : bytes.toString('hex'),
        },
      });
      expect([400, 401, 429]).toContain(response.status);
      expect(await response.json()).toMatchObject({ success: false });
    }
  });
});
