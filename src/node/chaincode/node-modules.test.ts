// SPDX-License-Identifier: Apache-2.0
// What Node offers to programs, in the chaincode runtime: the right values are those of Node itself.
import nodeCrypto, { generateKeyPairSync, sign } from 'node:crypto';
import querystring from 'node:querystring';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaincodeBench, contractFiles, readFiles, threadBench } from './testing/fixtures.ts';
import type { ThreadLauncher } from './testing/thread-launcher.ts';

const USES_NODE = readFiles(new URL('./runtime/testdata/uses-node/', import.meta.url));
/** Runs what it is given, and answers with JSON. */
const RUNS = contractFiles(`
const { Contract } = require('fabric-contract-api');
class Runs extends Contract {
  async run(ctx, source) { return JSON.stringify(await new Function('require', source)(require) ?? null); }
}
exports.contracts = [Runs];
`);

let bench: ChaincodeBench;
let launcher: ThreadLauncher;
beforeAll(async () => {
  ({ bench, launcher } = await threadBench({ 'uses-node': USES_NODE, runs: RUNS }));
});
afterAll(() => launcher.stop());

const run = async (source: string, nonce?: Uint8Array): Promise<unknown> => {
  const call = { chaincode: 'runs', args: ['run', source], ...(nonce ? { nonce } : {}) };
  const { status, message, payload } = await bench.call(call);
  if (status !== 200) throw new Error(message);
  return JSON.parse(payload);
};

describe('a package that uses Node', () => {
  const ask = async (...args: string[]): Promise<string> => {
    const { status, message, payload } = await bench.call({ chaincode: 'uses-node', args });
    return status === 200 ? payload : message;
  };

  it.each([
    ['requireAll', '[]'],
    ['hashes', '["80084bf2fba02475","455e518824bc0601","0bdc9d2d256b3ee9"]'],
    ['base64url', 'aGk_Pg'],
    ['textEncoder', `[2,true,"Map(1) { 'x' => 1 }"]`],
    ['readdir', 'index.js,package.json'],
    ['resolve', 'uses-node'],
    ['consoles', 'ok'],
  ])('has %s', async (fn, right) => {
    expect(await ask(fn)).toBe(right);
  });

  it.each(['P-256', 'P-384', 'secp256k1'])('verifies signatures on %s', async (namedCurve) => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const signature = sign('SHA256', Buffer.from('text'), privateKey).toString('hex');
    expect(await ask('verify', pem, 'text', signature)).toBe('true');
    expect(await ask('verify', pem, 'texts', signature)).toBe('false');
    expect(await ask('verify', pem, 'text', '00')).toBe('false');
    expect(await ask('verify', 'rubbish', 'text', signature)).toMatch(/Invalid PEM/);
  });
});

describe('crypto', () => {
  const same = async (source: string): Promise<void> => {
    const right = new Function('require', source)(() => nodeCrypto);
    expect(await run(source), source).toEqual(right);
  };

  it('comes to the same as Node’s', async () => {
    for (const name of ['md5', 'sha1', 'sha224', 'sha384', 'sha512', 'sha3-512', 'RSA-SHA256'])
      await same(`return require('crypto').createHash('${name}').update('é').digest('base64')`);
    await same(
      "const h = require('crypto').createHash('sha256').update('a'); const c = h.copy(); return [c.update('b').digest('hex'), h.digest('hex')]",
    );
    await same(
      "return require('crypto').createHmac('sha512', 'k').update(Buffer.from('a')).digest('hex')",
    );
    await same("return require('crypto').pbkdf2Sync('p', 's', 10, 20, 'sha1').toString('hex')");
    await same("return require('crypto').scryptSync('p', 's', 20, { N: 16 }).toString('hex')");
    await same(
      "return Buffer.from(require('crypto').hkdfSync('sha256', 'k', 's', 'i', 20)).toString('hex')",
    );
  });

  it('verifies Ed25519', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = JSON.stringify(publicKey.export({ type: 'spki', format: 'pem' }));
    const signature = sign(null, Buffer.from('text'), privateKey).toString('hex');
    const source = (text: string): string =>
      `return require('crypto').verify(null, Buffer.from('${text}'), ${key}, Buffer.from('${signature}', 'hex'))`;
    expect([await run(source('text')), await run(source('other'))]).toEqual([true, false]);
  });

  it('gives random values of the transaction, the same at every endorser', async () => {
    const source =
      "const c = require('crypto'); return [c.randomUUID(), c.randomBytes(4).toString('hex'), c.randomInt(5, 7), [...c.getRandomValues(new Uint8Array(2))]]";
    const nonce = new Uint8Array(24).fill(3);
    const [once, again, other] = [
      await run(source, nonce),
      await run(source, nonce),
      await run(source, nonce.with(0, 4)),
    ];
    expect(once).toEqual(again);
    expect(other).not.toEqual(once);
    expect(once).toEqual([
      expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      expect.stringMatching(/^[0-9a-f]{8}$/),
      expect.toBeOneOf([5, 6]),
      [expect.any(Number), expect.any(Number)],
    ]);
  });

  it('makes no signatures, ciphers or keys', async () => {
    for (const name of ['createSign', 'createCipheriv', 'generateKeyPairSync'])
      await expect(run(`require('crypto').${name}('x')`)).rejects.toThrow(
        `crypto.${name} is not available to chaincode`,
      );
  });
});

describe('modules of Node', () => {
  it('stream', async () => {
    const source = `const { Readable, Transform, pipeline } = require('stream');
      return new Promise((resolve, reject) => {
        let text = '';
        const upper = new Transform({ transform(chunk, _, done) { done(null, String(chunk).toUpperCase()); } });
        upper.on('data', (chunk) => { text += chunk; });
        pipeline(Readable.from(['a', 'b']), upper, (error) => (error ? reject(error) : resolve(text)));
      });`;
    expect(await run(source)).toBe('AB');
  });

  it('querystring', async () => {
    const values = { a: ['1', '2'], b: 'x y', c: '', d: "it's!" };
    const text = querystring.stringify(values);
    expect(await run(`return require('querystring').stringify(${JSON.stringify(values)})`)).toBe(
      text,
    );
    for (const one of [text, 'a=1&a=2&b', '%zz=%41', '=x', 'a+b=c+d'])
      expect(await run(`return require('querystring').parse(${JSON.stringify(one)})`)).toEqual({
        ...querystring.parse(one),
      });
  });

  it('fs reads the package, and writes nothing', async () => {
    const source = `const fs = require('fs'); const seen = [fs.existsSync('/'), fs.existsSync('/none'), fs.statSync('/index.js').isFile()];
      for (const work of [() => fs.readdirSync('/none'), () => fs.readdirSync('/index.js'), () => fs.writeFileSync('/x', '')])
        try { work(); } catch (error) { seen.push(error.code); }
      return new Promise((resolve) => fs.readFile('/package.json', 'utf8', (error, text) => resolve([...seen, error, JSON.parse(text).name])));`;
    expect(await run(source)).toEqual([
      ...[true, false, true],
      ...['ENOENT', 'ENOTDIR', 'EROFS'],
      null,
      'test',
    ]);
  });

  it('that reach out are there, and refuse to be used', async () => {
    const source = `class Agent extends require('http').Agent {}
      const seen = [typeof require('https').request, require('http').STATUS_CODES[200]];
      for (const work of [() => require('child_process').execSync('id'), () => new Agent(), () => require('vm').runInThisContext('1'), () => require('dns').lookup('x')])
        try { work(); seen.push('done'); } catch (error) { seen.push(error.message.split(' is ')[0]); }
      return seen;`;
    expect(await run(source)).toEqual([
      'function',
      'OK',
      'child_process.execSync',
      'http.Agent',
      'vm.runInThisContext',
      'dns.lookup',
    ]);
  });

  it('timers, and clocks that are the transaction’s', async () => {
    const source = `const { performance } = require('perf_hooks'); const timers = require('timers');
      clearImmediate(setImmediate(() => {}));
      await require('timers/promises').setTimeout(1);
      await new Promise((resolve) => timers.setTimeout(resolve, 1));
      return [performance.now(), process.hrtime(), String(process.hrtime.bigint()), process.uptime()];`;
    expect(await run(`return (async () => { ${source} })()`)).toEqual([
      1_700_000_000_123,
      [1_700_000_000, 123_000_000],
      '1700000000123000000',
      0,
    ]);
  });
});

describe('console', () => {
  it('writes lines as Node does', async () => {
    await run(`console.group('g'); console.log('%s is %d', 'a', 1, { b: [2] }); console.groupEnd();
      console.count(); console.count(); console.assert(false, 'no'); console.error(new Map([['x', 1]]));
      process.stdout.write('out\\n'); process.stderr.write('err');`);
    await expect
      .poll(() => launcher.logs)
      .toEqual(
        expect.arrayContaining([
          'info: g',
          'info:   a is 1 { b: [ 2 ] }',
          'info: default: 1',
          'info: default: 2',
          'error: Assertion failed: no',
          "error: Map(1) { 'x' => 1 }",
          'info: out',
          'error: err',
        ]),
      );
  });
});
