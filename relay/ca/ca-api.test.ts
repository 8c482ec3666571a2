// SPDX-License-Identifier: Apache-2.0
// The CA over a real local port, checked with Node's own X.509 code.
import { createHash, sign as nodeSign, randomBytes, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CURVES,
  createBCCSP,
  createCertificateRequest,
  derToRaw,
  isLowS,
  type KeyPair,
  parseCertificatePem,
} from '../../src/common/crypto/index.ts';
import { FakeClock, systemRandomBytes } from '../../src/common/runtime/clock.ts';
import { silentLogger } from '../../src/common/runtime/log.ts';
import { MemoryKVStore } from '../../src/ledger/memory/memory-kv-store.ts';
import { HttpServer } from '../http-server.ts';
import { caApi } from './ca-api.ts';
import { CaErrorCode } from './errors.ts';
import { FabricCA } from './fabric-ca.ts';
import { FailureLimit } from './failure-limit.ts';
import { IdentityRegistry } from './identity-registry.ts';
import { Invitations } from './invitations.ts';
import { certificateIssuer, createCa } from './issuer.ts';

const bccsp = createBCCSP();
const HOUR = 3_600_000;

interface Reply {
  readonly status: number;
  readonly success: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: replies differ by endpoint, and a wrong one fails the test
  readonly result: any;
  readonly errors: readonly { code: number; message: string }[];
}

let clock: FakeClock;
let invitations: Invitations;
let http: HttpServer;
let base: string;
let keys: KeyPair;

beforeAll(async () => {
  keys = await bccsp.generateKey({ extractable: true });
});

async function makeCa(store: MemoryKVStore, n: number): Promise<FabricCA> {
  const components = { bccsp, clock, random: systemRandomBytes };
  const { ca } = await createCa(components, `org${n}.example.com`);
  const caName = `ca-org${n}`;
  const issuer = certificateIssuer(components, ca);
  const fabricCa = new FabricCA(
    { issuer, registry: new IdentityRegistry(store, caName) },
    { caName, mspId: `Org${n}MSP`, domain: `org${n}.example.com` },
  );
  await fabricCa.bootstrap({ id: 'admin', secret: 'adminpw' });
  return fabricCa;
}

beforeEach(async () => {
  clock = new FakeClock(Date.now());
  const store = new MemoryKVStore();
  invitations = new Invitations({ store, clock });
  const cas = [await makeCa(store, 1), await makeCa(store, 2)];
  http = new HttpServer({ log: silentLogger }, { host: '127.0.0.1', port: 0, upgradePaths: [] });
  const failures = new FailureLimit(clock, { maxFailures: 3, windowMs: 60_000 });
  http.add(caApi({ cas, invitations, failures, clock, log: silentLogger }));
  await http.start();
  base = `http://127.0.0.1:${http.port}/api/v1/`;
  return () => http.stop();
});
afterAll(() => http.stop());

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(base + path, {
    method,
    headers,
    ...(text === undefined ? {} : { body: text }),
  });
  return { status: response.status, ...((await response.json()) as Omit<Reply, 'status'>) };
}

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

function request(id: string): Promise<string> {
  return createCertificateRequest(bccsp, keys, { subject: { commonName: id } });
}

async function enroll(id: string, secret: string, more: object = {}): Promise<Reply> {
  const body = { certificate_request: await request(id), caname: 'ca-org1', ...more };
  return call('POST', 'enroll', body, basic(id, secret));
}

const pemOf = (reply: Reply): string => Buffer.from(reply.result.Cert, 'base64').toString();

async function tokenFor(
  certificate: string,
  method: string,
  path: string,
  body: string,
): Promise<string> {
  const b64 = (text: string): string => Buffer.from(text).toString('base64');
  const payload = `${method}.${b64(`/api/v1/${path}`)}.${b64(body)}.${b64(certificate)}`;
  const key = {
    key: Buffer.from(await bccsp.exportKey(keys)),
    format: 'der',
    type: 'pkcs8',
  } as const;
  return `${b64(certificate)}.${nodeSign('sha256', Buffer.from(payload), key).toString('base64')}`;
}

async function signed(
  certificate: string,
  method: string,
  path: string,
  body?: object,
): Promise<Reply> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const authorization = await tokenFor(certificate, method, path, text);
  return call(method, path, body === undefined ? undefined : text, { authorization });
}

describe('enrol', () => {
  it('gives a certificate that Node accepts, with role, attributes, key identifiers and low S', async () => {
    const reply = await enroll('admin', 'adminpw');
    expect(reply).toMatchObject({ status: 201, success: true, errors: [] });
    const pem = pemOf(reply);
    const chain = Buffer.from(reply.result.ServerInfo.CAChain, 'base64').toString();
    const certificate = new X509Certificate(pem);
    const ca = new X509Certificate(chain);
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(ca.ca).toBe(true);
    expect(certificate.subject).toBe('OU=client\nCN=admin');
    const parsed = parseCertificatePem(pem);
    const root = parseCertificatePem(chain);
    expect(parsed.publicKey).toEqual(keys.publicKey);
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

  it('takes the name from the registry, whatever the request says', async () => {
    const body = { certificate_request: await request('Admin@org1.example.com') };
    const reply = await call('POST', 'enroll?ca=ca-org1', body, basic('admin', 'adminpw'));
    expect(new X509Certificate(pemOf(reply)).subject).toBe('OU=client\nCN=admin');
  });

  it.each([
    ['admin', 'wrong'],
    ['nobody', 'adminpw'],
    ['admin', ''],
  ])('answers %s:%s like every other failure', async (id, secret) => {
    expect(await enroll(id, secret)).toMatchObject({
      status: 401,
      success: false,
      errors: [{ code: CaErrorCode.AUTHENTICATION_FAILURE, message: 'Authentication failure' }],
    });
  });

  it('refuses a request that is not signed by its key', async () => {
    const good = await request('admin');
    const der = Buffer.from(good.replace(/-----.*-----/g, ''), 'base64');
    der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1;
    const bad = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    const reply = await call(
      'POST',
      'enroll',
      { certificate_request: bad },
      basic('admin', 'adminpw'),
    );
    expect(reply).toMatchObject({ status: 400, errors: [{ code: CaErrorCode.BAD_CSR }] });
    const rubbish = await call(
      'POST',
      'enroll',
      { certificate_request: 'hello' },
      basic('admin', 'adminpw'),
    );
    expect(rubbish).toMatchObject({ status: 400, errors: [{ code: CaErrorCode.BAD_CSR }] });
  });

  it('shuts out an address that keeps failing, for a while', async () => {
    for (let i = 0; i < 3; i++) expect((await enroll('admin', 'wrong')).status).toBe(401);
    expect(await enroll('admin', 'adminpw')).toMatchObject({
      status: 429,
      errors: [{ code: CaErrorCode.TOO_MANY_FAILURES }],
    });
    await clock.advance(60_000);
    expect((await enroll('admin', 'adminpw')).status).toBe(201);
  });
});

describe('a registrar', () => {
  let admin: string;
  beforeEach(async () => {
    admin = pemOf(await enroll('admin', 'adminpw'));
  });

  it('registers an identity that can enrol once, with attributes', async () => {
    const registered = await signed(admin, 'POST', 'register', {
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
    const reply = await enroll('carol', secret);
    const certificate = new X509Certificate(pemOf(reply));
    expect(certificate.subject).toBe('OU=admin\nOU=org1\nOU=department1\nCN=carol');
    expect(certificate.raw.toString('latin1')).toContain('"role":"teacher"');
    expect(certificate.raw.toString('latin1')).not.toContain('hidden');
    expect((await enroll('carol', secret)).status).toBe(401);
    const again = await signed(admin, 'POST', 'register', { id: 'carol' });
    expect(again.errors[0]?.code).toBe(CaErrorCode.ALREADY_REGISTERED);
  });

  it('gives only the attributes that were asked for', async () => {
    await signed(admin, 'POST', 'register', {
      id: 'dave',
      secret: 'davepw',
      attrs: [
        { name: 'a', value: '1', ecert: true },
        { name: 'b', value: '2' },
      ],
    });
    const reply = await enroll('dave', 'davepw', {
      attr_reqs: [{ name: 'b' }, { name: 'c', optional: true }],
    });
    expect(new X509Certificate(pemOf(reply)).raw.toString('latin1')).toContain(
      '{"attrs":{"b":"2"}}',
    );
    const missing = await enroll('dave', 'davepw', { attr_reqs: [{ name: 'c' }] });
    expect(missing.status).toBe(400);
  });

  it('sees identities; others do not, and may not register', async () => {
    await signed(admin, 'POST', 'register', { id: 'erin', secret: 'erinpw' });
    const listed = await signed(admin, 'GET', 'identities');
    expect(listed.result.identities.map((one: { id: string }) => one.id)).toEqual([
      'admin',
      'erin',
    ]);
    expect(JSON.stringify(listed.result)).not.toContain('secret');
    expect((await signed(admin, 'GET', 'identities/erin?ca=ca-org1')).result).toMatchObject({
      id: 'erin',
      type: 'client',
    });
    expect((await signed(admin, 'GET', 'identities/nobody')).status).toBe(404);
    const erin = pemOf(await enroll('erin', 'erinpw'));
    expect((await signed(erin, 'GET', 'identities')).status).toBe(403);
    expect((await signed(erin, 'GET', 'identities/erin')).status).toBe(200);
    expect((await signed(erin, 'POST', 'register', { id: 'mallory' })).status).toBe(403);
  });

  it('is known by the token: not by another body, path, key or CA', async () => {
    const body = JSON.stringify({ id: 'frank' });
    const authorization = await tokenFor(admin, 'POST', 'register', body);
    const changed = await call('POST', 'register', JSON.stringify({ id: 'eve' }), {
      authorization,
    });
    expect(changed.status).toBe(401);
    expect((await call('POST', 'register?ca=ca-org1', body, { authorization })).status).toBe(401);
    expect((await signed(admin, 'GET', 'identities?ca=ca-org2')).status).toBe(401);
    await clock.advance(60_000);
    expect((await call('POST', 'register', body, { authorization: 'a.b' })).status).toBe(401);
    expect((await call('POST', 'register', body)).errors[0]?.code).toBe(CaErrorCode.NO_AUTH_HEADER);
    await clock.advance(60_000);
    expect((await call('POST', 'register', body, { authorization })).status).toBe(201);
  });

  it('renews a certificate while it is in force', async () => {
    const renewed = await signed(admin, 'POST', 'reenroll', {
      certificate_request: await request('x'),
    });
    expect(renewed.status).toBe(201);
    expect(pemOf(renewed)).not.toBe(admin);
    await clock.advance(366 * 24 * HOUR);
    expect(
      (await signed(admin, 'POST', 'reenroll', { certificate_request: await request('x') })).status,
    ).toBe(401);
  });
});

describe('an invitation', () => {
  const limits = { ttlMs: HOUR, maxUses: 2 };

  it('makes a peer and a client of the next free number', async () => {
    const { secret } = await invitations.current('Org2MSP', limits);
    const reply = await call('POST', 'join', { org: 'Org2MSP', secret });
    expect(reply).toMatchObject({ success: true, result: { caName: 'ca-org2', mspId: 'Org2MSP' } });
    const { peer, client } = reply.result;
    expect([peer.id, client.id]).toEqual(['peer0.org2.example.com', 'user0.org2.example.com']);
    const enrolled = await enroll(peer.id, peer.secret, { caname: 'ca-org2' });
    expect(new X509Certificate(pemOf(enrolled)).subject).toBe('OU=peer\nCN=peer0.org2.example.com');
    const user = await enroll(client.id, client.secret, { caname: 'ca-org2' });
    expect(new X509Certificate(pemOf(user)).subject).toBe('OU=client\nCN=user0.org2.example.com');
    const second = await call('POST', 'join', { org: 'Org2MSP', secret });
    expect(second.result.peer.id).toBe('peer1.org2.example.com');
  });

  it('numbers tabs that come at once without a clash', async () => {
    const { secret } = await invitations.current('Org1MSP', { ttlMs: HOUR, maxUses: 50 });
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => call('POST', 'join', { org: 'Org1MSP', secret })),
    );
    expect(new Set(replies.map((reply) => reply.result.peer.id)).size).toBe(20);
  });

  it('says whether it is wrong, expired, used up or of an unknown organisation', async () => {
    const { secret } = await invitations.current('Org1MSP', limits);
    const attempt = async (org: string, with_: string) =>
      (await call('POST', 'join', { org, secret: with_ })).errors[0];
    expect(await attempt('Org1MSP', 'guess')).toMatchObject({
      code: CaErrorCode.INVITATION_UNKNOWN,
    });
    expect((await attempt('Org1MSP', ''))?.message).toMatch(/^JOIN_SECRET_WRONG: /);
    expect((await attempt('Org9MSP', secret))?.message).toMatch(/^JOIN_ORG_UNKNOWN: /);
    expect(await attempt('Org2MSP', secret)).toMatchObject({
      code: CaErrorCode.INVITATION_UNKNOWN,
    });
    await clock.advance(60_000);
    expect(await attempt('Org1MSP', secret)).toBeUndefined();
    expect(await attempt('Org1MSP', secret)).toBeUndefined();
    expect((await attempt('Org1MSP', secret))?.message).toMatch(/^JOIN_SECRET_USED_UP: /);
    await clock.advance(HOUR);
    expect((await attempt('Org1MSP', secret))?.message).toMatch(/^JOIN_SECRET_EXPIRED: /);
  });

  it('stays the same until half of its time or places is gone', async () => {
    const first = await invitations.current('Org1MSP', limits);
    expect((await invitations.current('Org1MSP', limits)).secret).toBe(first.secret);
    expect((await invitations.current('Org2MSP', limits)).secret).not.toBe(first.secret);
    await clock.advance(HOUR / 2 + 1);
    expect((await invitations.current('Org1MSP', limits)).secret).not.toBe(first.secret);
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
    const reply = await call(method, path, body);
    expect(reply).toMatchObject({ status, success: false, messages: [] });
    expect(reply.errors[0]?.message).not.toBe('');
  });

  it('of cainfo names the CA and its chain', async () => {
    for (const [method, path] of [
      ['GET', 'cainfo?ca=ca-org2'],
      ['POST', 'cainfo'],
    ] as const) {
      const body = method === 'POST' ? { caname: 'ca-org2' } : undefined;
      const { result } = await call(method, path, body);
      expect(result.CAName).toBe('ca-org2');
      const chain = new X509Certificate(Buffer.from(result.CAChain, 'base64'));
      expect(chain.subject).toContain('CN=ca.org2.example.com');
    }
  });

  it('survives random bodies and headers', async () => {
    for (let seed = 0; seed < 40; seed++) {
      const bytes = createHash('sha512').update(`${seed}`).digest();
      const response = await fetch(`${base}enroll`, {
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
