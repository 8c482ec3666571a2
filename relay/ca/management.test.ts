// SPDX-License-Identifier: Apache-2.0
// What registrars do with a CA, by the requests that Fabric's own client sends.
import { beforeEach, describe, expect, it } from 'vitest';
import { isRevocationListSignedBy, parseRevocationList } from '../../src/common/crypto/crl.ts';
import { createBCCSP, parseCertificatePem } from '../../src/common/crypto/index.ts';
import { toHex } from '../../src/common/runtime/bytes.ts';
import { CaErrorCode } from './errors.ts';
import { pemOf, type Reply, TestCaServer } from './testing/test-ca-server.ts';

const HOUR = 3_600_000;

let ca: TestCaServer;
let admin: string;
beforeEach(async () => {
  ca = await TestCaServer.start();
  admin = pemOf(await ca.enroll('admin', 'adminpw'));
  return () => ca.stop();
});

const asAdmin = (method: string, path: string, body?: object): Promise<Reply> =>
  ca.signed(admin, method, path, body);

/** Registers and enrols; gives the certificate. */
async function member(id: string, more: object = {}): Promise<string> {
  const added = await asAdmin('POST', 'register', { id, secret: 'pw', ...more });
  expect(added).toMatchObject({ status: 201 });
  return pemOf(await ca.enroll(id, 'pw'));
}

const attr = (name: string, value: string) => ({ name, value });
const refusedWith = (status: number, code: number) => ({ status, errors: [{ code }] });

describe('identities', () => {
  it('are added, shown, changed and removed', async () => {
    const wanted = {
      id: 'ana',
      type: 'client',
      affiliation: 'org1.department1',
      attrs: [attr('level', '1'), attr('tmp', 'x')],
      max_enrollments: 5,
      secret: 'pw',
    };
    const added = await asAdmin('POST', 'identities', wanted);
    const { secret: _, ...shown } = { ...wanted, attrs: expect.any(Array), caname: 'ca-org1' };
    expect(added).toMatchObject({ status: 201, result: { ...shown, secret: 'pw' } });
    expect(await asAdmin('GET', 'identities/ana')).toMatchObject({ status: 200, result: shown });
    const changed = await asAdmin('PUT', 'identities/ana', {
      affiliation: '.',
      attrs: [attr('level', '2'), attr('tmp', '')],
      secret: 'other',
    });
    expect(changed).toMatchObject({
      result: { affiliation: '', max_enrollments: 5 },
    });
    expect(changed.result.attrs).toEqual([
      { name: 'level', value: '2', ecert: false },
      { name: 'hf.EnrollmentID', value: 'ana', ecert: true },
      { name: 'hf.Type', value: 'client', ecert: true },
      { name: 'hf.Affiliation', value: '', ecert: true },
    ]);
    expect((await ca.enroll('ana', 'pw')).status).toBe(401);
    const certificate = pemOf(await ca.enroll('ana', 'other'));
    const { result } = await asAdmin('GET', 'identities');
    expect(result.identities.map(({ id }: { id: string }) => id)).toEqual(['admin', 'ana']);
    expect(JSON.stringify(result)).not.toMatch(/secret/i);
    expect(await asAdmin('DELETE', 'identities/ana')).toMatchObject({ result: { id: 'ana' } });
    expect(await asAdmin('GET', 'identities/ana')).toMatchObject({ status: 404 });
    expect((await ca.enroll('ana', 'other')).status).toBe(401);
    const request = { certificate_request: await ca.request('ana') };
    expect((await ca.signed(certificate, 'POST', 'reenroll', request)).status).toBe(401);
  });

  it.each(['a.b+c@example.com', 'ünï', 'Li Wei', '李伟', 'a,b=c'])(
    'may be called %s, as at Fabric CA',
    async (id) => {
      const certificate = await member(id);
      const own = await ca.signed(certificate, 'GET', `identities/${encodeURIComponent(id)}`);
      expect(own).toMatchObject({ status: 200, result: { id } });
    },
  );

  it.each(['', ' x', 'a\u202eb', 'a\nb', 'x'.repeat(256)])('are not called %j', async (id) => {
    expect(await asAdmin('POST', 'register', { id })).toMatchObject({ status: 400 });
  });

  it('are managed by registrars of their type and affiliation only', async () => {
    const registrar = await member('registrar', {
      affiliation: 'org1',
      attrs: [attr('hf.Registrar.Roles', 'client')],
    });
    await member('below', { affiliation: 'org1.department1' });
    await member('beside', { affiliation: 'org2' });
    await member('peer', { type: 'peer', affiliation: 'org1' });
    const asRegistrar = (method: string, path: string, body?: object) =>
      ca.signed(registrar, method, path, body);
    const { result } = await asRegistrar('GET', 'identities');
    expect(result.identities.map(({ id }: { id: string }) => id)).toEqual(['below', 'registrar']);
    expect(await asRegistrar('PUT', 'identities/below', { max_enrollments: 2 })).toMatchObject({
      status: 200,
    });
    for (const [method, path, body] of [
      ['GET', 'identities/beside', undefined],
      ['PUT', 'identities/peer', { secret: 'mine' }],
      ['DELETE', 'identities/beside', undefined],
      ['PUT', 'identities/below', { type: 'peer' }],
      ['PUT', 'identities/below', { affiliation: 'org2' }],
      ['PUT', 'identities/below', { attrs: [attr('hf.Registrar.Roles', '*')] }],
      ['POST', 'register', { id: 'n', affiliation: 'org2' }],
      ['POST', 'register', { id: 'n', affiliation: 'org1', type: 'peer' }],
      ['GET', 'affiliations', undefined],
      ['POST', 'gencrl', {}],
    ] as const) {
      expect(await asRegistrar(method, path, body), path).toMatchObject(
        refusedWith(403, CaErrorCode.AUTHORIZATION_FAILURE),
      );
    }
    const plain = await member('plain');
    for (const path of ['identities', 'certificates', 'identities/admin', 'affiliations'])
      expect(await ca.signed(plain, 'GET', path), path).toMatchObject({ status: 403 });
  });
});

describe('who is removed', () => {
  it('leaves no certificate in force, whoever removes', async () => {
    const registrar = await member('registrar', {
      affiliation: 'org1',
      attrs: [attr('hf.Registrar.Roles', 'client')],
    });
    const certificate = await member('ana', { affiliation: 'org1' });
    expect(await ca.signed(registrar, 'DELETE', 'identities/ana')).toMatchObject({ status: 200 });
    // Somebody else of the same name later.
    await member('ana', { affiliation: 'org1' });
    expect(await ca.signed(certificate, 'GET', 'identities/ana')).toMatchObject({ status: 401 });
    const { result } = await asAdmin('GET', 'certificates?id=ana&notrevoked=true');
    expect(result.certs).toHaveLength(1);
  });

  it('with an affiliation neither', async () => {
    const certificate = await member('ana', { affiliation: 'org2.department1' });
    expect(await asAdmin('DELETE', 'affiliations/org2?force=true')).toMatchObject({
      status: 200,
      result: { affiliations: [{ name: 'org2.department1', identities: [{ id: 'ana' }] }] },
    });
    await member('ana');
    expect(await ca.signed(certificate, 'GET', 'identities/ana')).toMatchObject({ status: 401 });
  });
});

describe('registration', () => {
  it('takes type and affiliation from the registrar, and the root for a dot', async () => {
    const registrar = await member('registrar', {
      type: 'peer',
      affiliation: 'org1',
      attrs: [attr('hf.Registrar.Roles', 'peer,user')],
    });
    const add = (body: object) => ca.signed(registrar, 'POST', 'identities', body);
    expect(await add({ id: 'a' })).toMatchObject({ result: { type: 'peer', affiliation: 'org1' } });
    // As `fabric-ca-client identity add` gives it.
    expect(await add({ id: 'b', type: 'user' })).toMatchObject({ result: { type: 'user' } });
    expect(await add({ id: 'c', affiliation: '.' })).toMatchObject(
      refusedWith(403, CaErrorCode.AUTHORIZATION_FAILURE),
    );
    expect(await asAdmin('POST', 'identities', { id: 'c', affiliation: '.' })).toMatchObject({
      result: { type: 'client', affiliation: '' },
    });
    expect(await add({ id: 'a' })).toMatchObject(refusedWith(409, CaErrorCode.ALREADY_REGISTERED));
    expect(await add({ id: 'd', max_enrollments: -2 })).toMatchObject(
      refusedWith(400, CaErrorCode.INVALID_MAX_ENROLLMENTS),
    );
  });

  it('gives no rights that nobody named', async () => {
    const registrar = await member('registrar', { attrs: [attr('hf.Registrar.Roles', '*')] });
    for (const [method, path, body] of [
      ['POST', 'identities', { id: 'a', attrs: [attr('level', '1')] }],
      ['POST', 'gencrl', {}],
      ['POST', 'revoke', { id: 'admin' }],
      ['GET', 'affiliations', undefined],
    ] as const)
      expect(await ca.signed(registrar, method, path, body), path).toMatchObject({ status: 403 });
  });
});

describe('affiliations', () => {
  const names = async () => {
    const flat = ({ name, affiliations = [] }: Tree): string[] => [
      name,
      ...affiliations.flatMap(flat),
    ];
    return flat((await asAdmin('GET', 'affiliations')).result);
  };
  interface Tree {
    readonly name: string;
    readonly affiliations?: readonly Tree[];
  }

  it('are shown from what their manager has, and changed by registrars', async () => {
    const manager = await member('manager', {
      affiliation: 'org1.department1',
      attrs: [attr('hf.AffiliationMgr', 'true')],
    });
    const asManager = (method: string, path: string, body?: object) =>
      ca.signed(manager, method, path, body);
    expect((await asManager('GET', 'affiliations')).result).toMatchObject({
      name: 'org1',
      affiliations: [{ name: 'org1.department1' }],
    });
    const name = 'org1.department1.组';
    expect(await asManager('POST', 'affiliations', { name })).toMatchObject({ status: 201 });
    const path = `affiliations/${encodeURIComponent(name)}`;
    expect(await asManager('GET', path)).toMatchObject({ result: { name } });
    for (const [method, where, body] of [
      ['DELETE', path, undefined],
      ['PUT', path, { name: 'org1.department1.x' }],
      ['POST', 'affiliations', { name: 'org3' }],
    ] as const)
      expect(await asManager(method, where, body), method).toMatchObject({ status: 403 });
    expect(await asAdmin('DELETE', `${path}?force=yes`)).toMatchObject({ status: 400 });
    expect(await asAdmin('DELETE', path)).toMatchObject({ status: 200 });
  });

  it('begin as Fabric CA’s own, and are a tree', async () => {
    expect(await names()).toEqual([
      '',
      ...['org1', 'org1.department1', 'org1.department2', 'org2', 'org2.department1'],
    ]);
    const one = await asAdmin('GET', 'affiliations/org1');
    expect(one.result).toMatchObject({ name: 'org1', caname: 'ca-org1' });
    expect(one.result.affiliations).toHaveLength(2);
    expect(await asAdmin('GET', 'affiliations/none')).toMatchObject({ status: 404 });
    const body = { id: 'n', affiliation: 'none' };
    expect(await asAdmin('POST', 'register', body)).toMatchObject(
      refusedWith(403, CaErrorCode.AUTHORIZATION_FAILURE),
    );
  });

  it('are added, renamed with whoever has them, and removed', async () => {
    const add = (name: string, query = '') => asAdmin('POST', `affiliations${query}`, { name });
    expect(await add('a.b')).toMatchObject(refusedWith(404, CaErrorCode.GETTING_USER));
    expect(await add('a.b', '?force=true')).toMatchObject({ status: 201, result: { name: 'a.b' } });
    expect(await add('a.b')).toMatchObject({ status: 409 });
    expect(await add('a b')).toMatchObject({ status: 400 });
    await member('ana', { affiliation: 'a.b' });
    const rename = (to: string, query = '') =>
      asAdmin('PUT', `affiliations/a${query}`, { name: to });
    expect(await rename('z')).toMatchObject(refusedWith(400, CaErrorCode.MODIFYING_AFFILIATION));
    expect(await rename('a.c', '?force=true')).toMatchObject({ status: 400 });
    expect(await rename('z', '?force=true')).toMatchObject({
      status: 200,
      result: { name: 'z', affiliations: [{ name: 'z.b', identities: [{ id: 'ana' }] }] },
    });
    expect((await asAdmin('GET', 'identities/ana')).result.affiliation).toBe('z.b');
    expect(await names()).not.toContain('a.b');
    const remove = (query = '') => asAdmin('DELETE', `affiliations/z${query}`);
    expect(await remove()).toMatchObject(refusedWith(403, CaErrorCode.AUTHORIZATION_FAILURE));
    expect(await remove('?force=true')).toMatchObject({ status: 200 });
    expect(await asAdmin('GET', 'identities/ana')).toMatchObject({ status: 404 });
    for (const name of ['org1', 'org2']) await asAdmin('DELETE', `affiliations/${name}?force=true`);
    // Taken away for good, and not begun anew.
    expect(await asAdmin('GET', 'affiliations')).toMatchObject(
      refusedWith(404, CaErrorCode.GETTING_AFFILIATION),
    );
  });
});

describe('revocation', () => {
  const about = (pem: string) => {
    const { serialNumber, authorityKeyId } = parseCertificatePem(pem);
    return { serial: serialNumber, aki: toHex(authorityKeyId ?? new Uint8Array()) };
  };
  const serialsIn = (crl: string): string[] => [
    ...parseRevocationList(Buffer.from(Buffer.from(crl, 'base64').toString(), 'utf8'))
      .serialNumbers,
  ];

  it('of an identity ends its certificates, its enrolments and its token', async () => {
    const certificate = await member('ana');
    const revoked = await asAdmin('POST', 'revoke', {
      id: 'ana',
      reason: 'keycompromise',
      gencrl: true,
    });
    expect(revoked).toMatchObject({
      status: 200,
      result: { RevokedCerts: [{ Serial: about(certificate).serial }] },
    });
    expect(serialsIn(revoked.result.CRL)).toEqual([about(certificate).serial]);
    expect((await ca.enroll('ana', 'pw')).status).toBe(401);
    const request = { certificate_request: await ca.request('ana') };
    expect((await ca.signed(certificate, 'POST', 'reenroll', request)).status).toBe(401);
    expect(await asAdmin('POST', 'revoke', { id: 'ana' })).toMatchObject({
      result: { RevokedCerts: [], CRL: '' },
    });
    expect(await asAdmin('POST', 'revoke', { id: 'none' })).toMatchObject(
      refusedWith(404, CaErrorCode.REVOKED_ID_NOT_FOUND),
    );
    expect(await asAdmin('POST', 'revoke', {})).toMatchObject(
      refusedWith(400, CaErrorCode.MISSING_REVOKE_ARGUMENTS),
    );
  });

  it('of one certificate leaves its owner the others', async () => {
    const [first, second] = [await member('ana'), pemOf(await ca.enroll('ana', 'pw'))];
    const { serial, aki } = about(first);
    // As people copy them from openssl.
    const written = { serial: `00:${serial.toUpperCase()}`, aki: aki.toUpperCase() };
    for (const [changes, code] of [
      [{ id: 'admin' }, CaErrorCode.WRONG_OWNER],
      [{ aki: 'ab' }, CaErrorCode.CERTIFICATE_NOT_FOUND],
      [{ serial: 'ab' }, CaErrorCode.CERTIFICATE_NOT_FOUND],
    ] as const)
      expect((await asAdmin('POST', 'revoke', { ...written, ...changes })).errors).toMatchObject([
        { code },
      ]);
    // Everybody may revoke what is their own, and nothing else.
    const other = await member('other');
    expect(await ca.signed(other, 'POST', 'revoke', written)).toMatchObject({ status: 403 });
    expect(await ca.signed(second, 'POST', 'revoke', written)).toMatchObject({ status: 200 });
    expect(await asAdmin('POST', 'revoke', written)).toMatchObject(
      refusedWith(404, CaErrorCode.ALREADY_REVOKED),
    );
    const request = { certificate_request: await ca.request('ana') };
    expect((await ca.signed(first, 'POST', 'reenroll', request)).status).toBe(401);
    expect((await ca.signed(second, 'POST', 'reenroll', request)).status).toBe(201);
    const list = async (query: string): Promise<string[]> =>
      (await asAdmin('GET', `certificates?${query}`)).result.certs.map(
        ({ PEM }: { PEM: string }) => about(PEM).serial,
      );
    expect(await list('id=ana')).toHaveLength(3);
    expect(await list('id=ana&notrevoked=true')).toHaveLength(2);
    expect(await list('revoked_start=-1h&revoked_end=now')).toEqual([serial]);
    expect(await list(`serial=${serial}&aki=${aki}`)).toEqual([serial]);
    expect(await list('expired_end=now')).toEqual([]);
    expect(await list('id=ana&expired_start=%2B1h30m&expired_end=%2B366d')).toHaveLength(3);
    for (const query of ['expired_end=soon', 'notrevoked=maybe', 'notexpired=1&expired_end=now'])
      expect(await asAdmin('GET', `certificates?${query}`), query).toMatchObject(
        refusedWith(400, CaErrorCode.GETTING_CERTIFICATE),
      );
  });

  it('is told by lists that the CA signed', async () => {
    const certificate = await member('ana');
    const generate = async (body: object = {}) => {
      const { result } = await asAdmin('POST', 'gencrl', body);
      return result.CRL as string;
    };
    expect(serialsIn(await generate())).toEqual([]);
    await asAdmin('POST', 'revoke', { id: 'ana' });
    const now = ca.clock.now();
    const [before, after] = [now - HOUR, now + HOUR].map((at) => new Date(at).toISOString());
    const { serial } = about(certificate);
    for (const [body, expected] of [
      // The zero time of Go's client is none.
      [{ revokedafter: '0001-01-01T00:00:00Z', revokedbefore: after }, [serial]],
      [{ revokedafter: after }, []],
      [{ revokedbefore: before }, []],
      [{ expireafter: after }, [serial]],
      [{ expirebefore: after }, []],
    ] as const)
      expect(serialsIn(await generate(body)), JSON.stringify(body)).toEqual(expected);
    expect(
      await asAdmin('POST', 'gencrl', { revokedafter: after, revokedbefore: before }),
    ).toMatchObject(refusedWith(400, CaErrorCode.INVALID_REVOKED_AFTER));
    const list = parseRevocationList(Buffer.from(await generate(), 'base64'));
    const { result } = await ca.call('GET', 'cainfo');
    const root = parseCertificatePem(Buffer.from(result.CAChain, 'base64').toString());
    expect(list.authorityKeyId).toEqual(root.subjectKeyId);
    expect(await isRevocationListSignedBy(list, root, createBCCSP())).toBe(true);
  });
});

it('is found by the short paths of Fabric’s own client', async () => {
  for (const [method, path] of [
    ['POST', 'revoke'],
    ['POST', 'gencrl'],
    ['GET', 'certificates'],
    ['GET', 'affiliations'],
    ['DELETE', 'affiliations/org1'],
    ['PUT', 'identities/admin'],
  ] as const) {
    const response = await fetch(ca.url(`../../${path}`), { method });
    expect(response.status, path).toBe(401);
  }
  expect((await fetch(ca.url('../../certificates'), { method: 'PUT' })).status).toBe(405);
});
