// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/common/runtime/log.ts';
import { HttpServer } from './http-server.ts';
import { metricsText } from './metrics.ts';
import { staticFiles } from './static-files.ts';

const SCRIPT = `export const text = '${'tabric '.repeat(400)}';\n`;
let folder: string;
let http: HttpServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-http-'));
  const dist = join(folder, 'dist');
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(dist, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(dist, 'chaincode-sandbox.html'), '<!doctype html><title>sandbox</title>');
  writeFileSync(join(dist, 'assets', 'main-D4xK_9aB.js'), SCRIPT);
  writeFileSync(join(dist, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  http = new HttpServer({ log: silentLogger }, { host: '127.0.0.1', port: 0, upgradePaths: ['/'] });
  http.add((request) =>
    request.path === '/echo'
      ? request.body(1000).then((body) => ({ status: 200, body }))
      : undefined,
  );
  http.add(({ path }) => {
    if (path === '/throw') throw new Error('a route failed');
    return undefined;
  });
  http.add(await staticFiles(dist));
  await http.start();
});
afterAll(async () => {
  await http.stop();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

// Not fetch: it would normalise paths and decode bodies.
function ask(
  path: string,
  { method = 'GET', headers = {}, body = '' as string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: http.port, path, method, headers },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(parts),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(http.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('the page', () => {
  it('is served with a policy that runs only its own scripts, and asked for again each time', async () => {
    const { status, headers, body } = await ask('/');
    expect(status).toBe(200);
    expect(body.toString()).toContain('page');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    expect((await ask('/blocks/5')).body.toString()).toContain('page');
  });

  it('gives a sandbox an opaque origin that reaches nothing', async () => {
    const policy = String(
      (await ask('/chaincode-sandbox.html')).headers['content-security-policy'],
    );
    expect(policy).toMatch(/^sandbox allow-scripts; default-src 'none'/);
    expect(policy).toContain("connect-src 'none'");
  });

  it('keeps hashed assets for good, compressed as the browser asks', async () => {
    const path = '/assets/main-D4xK_9aB.js';
    const brotli = await ask(path, { headers: { 'accept-encoding': 'gzip, deflate, br' } });
    expect(brotli.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(brotli.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotli.body.length).toBeLessThan(SCRIPT.length / 2);
    expect(brotliDecompressSync(brotli.body).toString()).toBe(SCRIPT);
    const gzip = await ask(path, { headers: { 'accept-encoding': 'br;q=0, gzip' } });
    expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT);
    expect((await ask(path)).body.toString()).toBe(SCRIPT);
  });

  it('is not sent again when it has not changed', async () => {
    const { etag } = (await ask('/icon.svg')).headers;
    const again = await ask('/icon.svg', { headers: { 'if-none-match': String(etag) } });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%00.html',
    '/nothing.js',
    '/%zz',
  ])('gives nothing for %s', async (path) => {
    const { status, body } = await ask(path);
    expect([400, 404]).toContain(status);
    expect(body.toString()).not.toContain('secret');
    expect(body.length).toBeGreaterThan(0);
  });

  it('answers HEAD without a body and refuses to be written', async () => {
    const head = await ask('/', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers['content-length']).toBe('34');
    expect(head.body).toHaveLength(0);
    expect((await ask('/', { method: 'POST' })).status).toBe(405);
  });
});

describe('the port', () => {
  it('takes bodies up to the limit of their route', async () => {
    expect((await ask('/echo', { method: 'POST', body: 'x'.repeat(1000) })).body).toHaveLength(
      1000,
    );
    expect((await ask('/echo', { method: 'POST', body: 'x'.repeat(1001) })).status).toBe(413);
  });

  it('survives a route that throws', async () => {
    expect(await ask('/throw')).toMatchObject({
      status: 500,
      body: Buffer.from('internal error\n'),
    });
    expect((await ask('/')).status).toBe(200);
  });

  it('drops what is not HTTP, and heads that are too long', async () => {
    expect(await raw('hello\r\n\r\n')).toBe('');
    expect(await raw(`GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`)).toBe('');
    expect((await ask('/')).status).toBe(200);
  });

  it('refuses upgrades to anything but its WebSocket', async () => {
    const head = (path: string, to: string) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${to}\r\n\r\n`;
    expect(await raw(head('/', 'h2c'))).toContain('404');
    expect(await raw(head('/other', 'websocket'))).toContain('404');
  });

  it('says so when it is taken', async () => {
    const second = new HttpServer(
      { log: silentLogger },
      { host: '127.0.0.1', port: http.port, upgradePaths: [] },
    );
    await expect(second.start()).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  });

  it('says so when the address or certificate is no good', async () => {
    const log = silentLogger;
    const elsewhere = new HttpServer({ log }, { host: '192.0.2.1', port: 0, upgradePaths: [] });
    await expect(elsewhere.start()).rejects.toMatchObject({ code: 'BAD_HOST' });
    const tls = { cert: 'rubbish', key: 'rubbish' };
    const insecure = new HttpServer({ log }, { host: '127.0.0.1', port: 0, upgradePaths: [], tls });
    await expect(insecure.start()).rejects.toMatchObject({ code: 'BAD_CERTIFICATE' });
  });
});

it('writes metrics as Prometheus reads them', () => {
  const labels = { channel: 'a"b' };
  expect(
    metricsText([
      { name: 'ledger_blockchain_height', type: 'gauge', labels, value: 3 },
      { name: 'other', type: 'counter', labels: {}, value: 1 },
      { name: 'ledger_blockchain_height', type: 'gauge', labels: { channel: 'c' }, value: 4 },
    ]),
  ).toBe(
    '# HELP ledger_blockchain_height Height of the chain in blocks.\n# TYPE ledger_blockchain_height gauge\n' +
      'ledger_blockchain_height{channel="a\\"b"} 3\nledger_blockchain_height{channel="c"} 4\n' +
      "# HELP other Fabric's other.\n# TYPE other counter\nother 1\n",
  );
});

describe('other websites', () => {
  const origin = 'http://evil.example';

  it('cannot post, with or without words about it', async () => {
    const simple = { method: 'POST', body: '{}' };
    for (const headers of [
      { origin },
      { host: 'evil.example' },
      { 'content-type': 'text/plain' },
    ]) {
      const { status, body } = await ask('/echo', { ...simple, headers });
      expect(status).toBe(403);
      expect(JSON.parse(body.toString())).toMatchObject({
        success: false,
        errors: [{ message: expect.stringMatching(/^ORIGIN_REFUSED: /) }],
      });
    }
    const own = { origin: `http://127.0.0.1:${http.port}`, host: `127.0.0.1:${http.port}` };
    expect((await ask('/echo', { ...simple, headers: own })).status).toBe(200);
  });

  it('cannot open a WebSocket', async () => {
    const answer = async (headers: string): Promise<string> => {
      const socket = connect(http.port, '127.0.0.1');
      socket.write(`GET / HTTP/1.1\r\n${headers}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      const [first] = await once(socket, 'data');
      socket.destroy();
      return String(first).split('\r\n')[0] ?? '';
    };
    http.onUpgrade((_request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
    expect(await answer(`Host: 127.0.0.1\r\nOrigin: ${origin}\r\n`)).toMatch(/ 403 /);
    expect(await answer('Host: evil.example\r\n')).toMatch(/ 403 /);
    expect(await answer('Host: 127.0.0.1\r\n')).toMatch(/ 101 /);
  });
});
