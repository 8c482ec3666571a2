// SPDX-License-Identifier: Apache-2.0
// The real fabric-shim and fabric-contract-api in threads, against the peer's side of the shim protocol.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromUtf8, toHex } from '../../common/runtime/bytes.ts';
import { messageOf } from '../../common/runtime/errors.ts';
import {
  BASIC_SAMPLE,
  type ChaincodeBench,
  contractFiles,
  threadBench,
} from './testing/fixtures.ts';
import type { ThreadLauncher } from './testing/thread-launcher.ts';

const PROBE = contractFiles(`
const { Contract } = require('fabric-contract-api');
const shim = require('fabric-shim');
class Probe extends Contract {
  async put(ctx, key, value) { await ctx.stub.putState(key, Buffer.from(value)); }
  async many(ctx, count) {
    for (let i = 0; i < Number(count); i++) await ctx.stub.putState('k' + String(i).padStart(4, '0'), Buffer.from(String(i)));
  }
  async count(ctx, start, end) {
    let n = 0;
    for await (const row of ctx.stub.getStateByRange(start, end)) n += row.key.length > 0 ? 1 : 0;
    return n;
  }
  async page(ctx, size, bookmark) {
    const { iterator, metadata } = await ctx.stub.getStateByRangeWithPagination('', '', Number(size), bookmark);
    const keys = [];
    for (let row = await iterator.next(); !row.done; row = await iterator.next()) keys.push(row.value.key);
    await iterator.close();
    return { keys, metadata };
  }
  async composite(ctx) {
    const key = (...parts) => ctx.stub.createCompositeKey('colour~name', parts);
    for (const parts of [['red', 'a'], ['red', 'b'], ['blue', 'c']]) await ctx.stub.putState(key(...parts), Buffer.from('x'));
  }
  async reds(ctx) {
    const found = [];
    for await (const row of ctx.stub.getStateByPartialCompositeKey('colour~name', ['red'])) found.push(ctx.stub.splitCompositeKey(row.key).attributes[1]);
    return found.join();
  }
  async history(ctx, key) {
    const found = [];
    for await (const change of ctx.stub.getHistoryForKey(key)) found.push([change.value.toString(), change.isDelete]);
    return found;
  }
  async remove(ctx, key) { await ctx.stub.deleteState(key); }
  async guess(ctx) {
    return JSON.stringify([Date.now(), new Date().toISOString(), new Date(2020, 0, 1).getTime(), new Date().getTimezoneOffset(), Math.random(), Math.random(), Date()]);
  }
  async globals(ctx) {
    const names = ['fetch', 'XMLHttpRequest', 'WebSocket', 'indexedDB', 'crypto', 'performance', 'navigator', 'Worker', 'postMessage', 'require', 'SharedArrayBuffer', 'WebAssembly', 'importScripts', 'self', 'WeakRef'];
    return names.filter((name) => globalThis[name] !== undefined).join();
  }
  async who(ctx) {
    return [ctx.clientIdentity.getMSPID(), ctx.clientIdentity.getID(), ctx.stub.getMspID(), ctx.stub.getTxID(), ctx.stub.getChannelID()].join('\\n');
  }
  async transient(ctx) { return ctx.stub.getTransient().get('secret').toString(); }
  async policy(ctx, key) {
    const policy = new shim.KeyEndorsementPolicy();
    policy.addOrgs('MEMBER', 'Org1MSP');
    await ctx.stub.setStateValidationParameter(key, policy.getPolicy());
    return (await ctx.stub.getStateValidationParameter(key)).length;
  }
  async call(ctx, chaincode, channel, args) {
    const response = await ctx.stub.invokeChaincode(chaincode, args.split(' '), channel);
    return response.status + ' ' + response.message + ' ' + response.payload.toString();
  }
  async rich(ctx) { await ctx.stub.getQueryResult('{"selector":{}}'); }
  async fail(ctx) { throw new Error('deliberate failure'); }
  async loop(ctx) { for (;;); }
  async wait(ctx) { await new Promise(() => {}); }
  async log(ctx) { console.log('a line', { of: 1 }); }
  async old(ctx) { return Buffer.isBuffer(Buffer.from('x')) + require('crypto').createHash('sha256').update('a').digest('hex'); }
}
module.exports.contracts = [Probe];
`);

describe('asset-transfer-basic on the real shim', () => {
  let bench: ChaincodeBench;
  let launcher: ThreadLauncher;
  beforeAll(async () => {
    ({ bench, launcher } = await threadBench({ basic: BASIC_SAMPLE }));
  });
  afterAll(() => launcher.stop());

  it('creates, reads, transfers, lists and deletes assets', async () => {
    expect(await bench.submit('basic', 'InitLedger')).toMatchObject({ status: 200, payload: '' });
    const read = await bench.call({ chaincode: 'basic', args: ['ReadAsset', 'asset1'] });
    expect(JSON.parse(read.payload)).toMatchObject({ ID: 'asset1', Owner: 'Tomoko', Size: 5 });
    const created = await bench.submit('basic', 'CreateAsset', 'asset7', 'pink', '3', 'Li', '9');
    expect(created.payload).toBe(
      '{"ID":"asset7","Color":"pink","Size":3,"Owner":"Li","AppraisedValue":9}',
    );
    expect(created.event).toMatchObject({ chaincode_id: 'basic', event_name: 'CreateAsset' });
    const bytes = created.simulator.writes.get('basic')?.get('asset7');
    expect(fromUtf8(bytes ?? new Uint8Array())).toBe(
      '{"AppraisedValue":9,"Color":"pink","ID":"asset7","Owner":"Li","Size":3}',
    );
    expect((await bench.submit('basic', 'TransferAsset', 'asset7', 'Wu')).payload).toBe('Li');
    const all = await bench.call({ chaincode: 'basic', args: ['GetAllAssets'] });
    const owners = (JSON.parse(all.payload) as { Owner: string }[]).map(({ Owner }) => Owner);
    expect(owners).toEqual(['Tomoko', 'Brad', 'Jin Soo', 'Max', 'Adriana', 'Michel', 'Wu']);
    await bench.submit('basic', 'DeleteAsset', 'asset7');
    expect((await bench.submit('basic', 'AssetExists', 'asset7')).payload).toBe('false');
  });

  it('answers misuse with the texts of Fabric', async () => {
    expect(await bench.submit('basic', 'ReadAsset', 'nope')).toMatchObject({
      status: 500,
      message: 'The asset nope does not exist',
    });
    expect(await bench.submit('basic', 'CreateAsset', 'x')).toMatchObject({
      status: 500,
      message: 'Expected 5 parameters, but 1 have been supplied',
    });
    expect((await bench.submit('basic', 'Nonsense')).message).toBe(
      "You've asked to invoke a function that does not exist: Nonsense",
    );
  });

  it('describes itself', async () => {
    const args = ['org.hyperledger.fabric:GetMetadata'];
    const { payload } = await bench.call({ chaincode: 'basic', args });
    const { contracts } = JSON.parse(payload);
    const names = contracts.AssetTransfer.transactions.map(({ name }: { name: string }) => name);
    expect(names).toContain('TransferAsset');
  });

  it('writes the same bytes at every endorser', async () => {
    const other = await threadBench({ basic: BASIC_SAMPLE });
    const nonce = new Uint8Array(24).fill(7);
    const call = { chaincode: 'basic', args: ['InitLedger'], nonce };
    const results = await Promise.all(
      [bench, other.bench].map(async (at) => {
        const { simulator } = await at.call(call);
        return toHex((await simulator.getTxSimulationResults()).publicResults);
      }),
    );
    expect(results[0]).toBe(results[1]);
    await other.launcher.stop();
  });
});

describe('the stub on the peer', () => {
  let bench: ChaincodeBench;
  let launcher: ThreadLauncher;
  const call = async (...args: string[]) => bench.call({ chaincode: 'probe', args });
  beforeAll(async () => {
    ({ bench, launcher } = await threadBench({ probe: PROBE, basic: BASIC_SAMPLE }));
    await bench.submit('probe', 'many', '250');
  });
  afterAll(() => launcher.stop());

  it('pages a range of more rows than fit a message', async () => {
    expect((await call('count', '', '')).payload).toBe('250');
    expect((await call('count', 'k0100', 'k0200')).payload).toBe('100');
  });

  it('gives pages that the chaincode asks for, with a bookmark', async () => {
    const first = JSON.parse((await call('page', '3', '')).payload);
    expect(first.keys).toEqual(['k0000', 'k0001', 'k0002']);
    expect(first.metadata).toEqual({ bookmark: 'k0003', fetchedRecordsCount: 3 });
    const last = JSON.parse((await call('page', '3', 'k0248')).payload);
    expect(last).toEqual({
      keys: ['k0248', 'k0249'],
      metadata: { bookmark: '', fetchedRecordsCount: 2 },
    });
  });

  it('finds composite keys by their beginning', async () => {
    await bench.submit('probe', 'composite');
    expect((await call('reds')).payload).toBe('a,b');
    expect((await call('count', '', '')).payload).toBe('250');
  });

  it('gives the history of a key, newest first', async () => {
    await bench.submit('probe', 'put', 'h', 'one');
    await bench.submit('probe', 'put', 'h', 'two');
    await bench.submit('probe', 'remove', 'h');
    expect(JSON.parse((await call('history', 'h')).payload)).toEqual([
      ['', true],
      ['two', false],
      ['one', false],
    ]);
  });

  it('does not read its own writes', async () => {
    const { simulator } = await call('put', 'new', 'value');
    expect(await simulator.getState('probe', 'new')).toBeUndefined();
  });

  it('knows who calls', async () => {
    const { payload, txId } = await call('who');
    const [mspId, id, peerMspId, seenTxId, channel] = payload.split('\n');
    expect([mspId, peerMspId, seenTxId, channel]).toEqual([
      'Org1MSP',
      'Org1MSP',
      txId,
      'mychannel',
    ]);
    expect(id).toMatch(/^x509::.*CN=User1@org1\.example\.com::.*CN=ca\.org1\.example\.com$/);
  });

  it('passes transient data and key policies', async () => {
    const transient = { secret: new TextEncoder().encode('hush') };
    const { payload } = await bench.call({ chaincode: 'probe', args: ['transient'], transient });
    expect(payload).toBe('hush');
    expect(Number((await call('policy', 'k0001')).payload)).toBeGreaterThan(0);
  });

  it('calls another chaincode on the channel through the same simulator', async () => {
    const { payload, simulator } = await call('call', 'basic', '', 'CreateAsset z c 1 o 2');
    expect(payload).toMatch(/^200 {2}\{"ID":"z"/);
    expect(simulator.writes.get('basic')?.has('z')).toBe(true);
    expect((await call('call', 'probe', '', 'who')).message).toMatch(
      /INVOKE_CHAINCODE failed: transaction ID: \w+: execute failed: txid: \w+\(mychannel\) exists/,
    );
    expect((await call('call', 'basic', 'other', 'x')).message).toMatch(
      /failed to find ledger for channel: other$/,
    );
    expect((await call('call', 'absent', '', 'x')).message).toMatch(
      /execute failed: invalid invocation: \[channel mychannel\] failed to get chaincode container info for absent: chaincode absent not found$/,
    );
  });

  it('sees the clock and chance of the transaction only', async () => {
    const nonce = new Uint8Array(24).fill(1);
    const guess = async (seed: Uint8Array) =>
      (await bench.call({ chaincode: 'probe', args: ['guess'], nonce: seed })).payload;
    const [once, twice, other] = [
      await guess(nonce),
      await guess(nonce),
      await guess(nonce.with(0, 2)),
    ];
    expect(once).toBe(twice);
    expect(JSON.parse(once).slice(0, 4)).toEqual([
      1_700_000_000_123,
      '2023-11-14T22:13:20.123Z',
      1_577_836_800_000,
      0,
    ]);
    expect(JSON.parse(once)[6]).toBe(
      'Tue Nov 14 2023 22:13:20 GMT+0000 (Coordinated Universal Time)',
    );
    expect(JSON.parse(other)[4]).not.toBe(JSON.parse(once)[4]);
  });

  it('keeps clock and chance apart when transactions run at once', async () => {
    const at = async (now: number) => {
      const nonce = new Uint8Array(24).fill(now % 251);
      const { payload } = await bench.call({ chaincode: 'probe', args: ['guess'], now, nonce });
      return JSON.parse(payload);
    };
    const times = Array.from({ length: 20 }, (_, i) => 1_700_000_000_000 + i);
    const together = await Promise.all(times.map(at));
    expect(together.map(([now]) => now)).toEqual(times);
    for (const [i, time] of times.entries()) expect(await at(time)).toEqual(together[i]);
  });

  it('finds no way out among the globals', async () => {
    expect((await call('globals')).payload).toBe('');
  });

  it('offers what Node chaincode expects', async () => {
    expect((await call('old')).payload).toBe(
      'trueca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
    );
    await call('log');
    // Lines and answers come over different ports.
    await expect.poll(() => launcher.logs).toContain('info: a line { of: 1 }');
  });

  it('reports errors of the chaincode and of the ledger', async () => {
    expect(await call('fail')).toMatchObject({ status: 500, message: 'deliberate failure' });
    expect((await call('rich')).message).toMatch(/^GET_QUERY_RESULT failed: transaction ID: /);
  });
});

describe('a chaincode that does not answer', () => {
  it('is ended when its time is up, and the next call starts it again', async () => {
    const { bench, launcher } = await threadBench({ probe: PROBE }, { executeTimeoutMs: 500 });
    await bench.support.launch('probe_1:00');
    for (const fn of ['loop', 'wait']) {
      await expect(bench.call({ chaincode: 'probe', args: [fn] })).rejects.toThrow(
        /^failed to execute transaction \w+: timeout expired while executing transaction$/,
      );
      expect(bench.support.isRunning('probe_1:00')).toBe(false);
      expect((await bench.call({ chaincode: 'probe', args: ['put', 'a', 'b'] })).status).toBe(200);
    }
    expect(launcher.launches).toBe(3);
    await launcher.stop();
  });

  it('takes the transactions beside it along', async () => {
    const { bench, launcher } = await threadBench({ probe: PROBE }, { executeTimeoutMs: 500 });
    await bench.support.launch('probe_1:00');
    const loop = bench.call({ chaincode: 'probe', args: ['loop'] });
    const beside = bench.call({ chaincode: 'probe', args: ['wait'] });
    await expect(loop).rejects.toThrow('timeout expired while executing transaction');
    await expect(beside).rejects.toThrow(/chaincode stream terminated|timeout expired/);
    await launcher.stop();
  });
});

describe('a chaincode that cannot start', () => {
  it.each([
    ['has a syntax error', contractFiles('class {'), /index\.js: /],
    ['is an ES module', contractFiles("import fs from 'fs';"), /ES modules are not supported/],
    ['lacks a module', contractFiles("require('express')"), /Cannot find module 'express'/],
    ['throws', contractFiles("throw new Error('at start')"), /at start/],
    [
      'has no contract',
      contractFiles('module.exports = {}'),
      /could not launch chaincode broken_1:00/,
    ],
    ['has no package.json', { 'index.js': '' }, /no package\.json/],
    ['lacks its entry', { 'package.json': '{"main":"a.js"}' }, /a\.js, the 'main'/],
    [
      'is TypeScript that was not compiled',
      { 'package.json': '{"main":"dist/index.js"}', 'src/index.ts': '' },
      /TypeScript chaincode must be compiled/,
    ],
  ])('says why: it %s', async (_name, files, text) => {
    const { bench, launcher } = await threadBench({ broken: files });
    await expect(bench.call({ chaincode: 'broken', args: ['x'] })).rejects.toThrow(text);
    expect(bench.support.isRunning('broken_1:00')).toBe(false);
    await launcher.stop();
  });
});

describe('chaincode on the stub, without contracts', () => {
  it('starts itself by shim.start', async () => {
    const files = {
      'package.json': '{"name":"low","version":"1","scripts":{"start":"node low.js"}}',
      'low.js': `
        const shim = require('fabric-shim');
        class Low {
          async Init(stub) { await stub.putState('init', Buffer.from('1')); return shim.success(); }
          async Invoke(stub) { return shim.success(Buffer.from(stub.getFunctionAndParameters().fcn)); }
        }
        shim.start(new Low());`,
    };
    const { bench, launcher } = await threadBench({ low: files });
    bench.define('low', { initRequired: true });
    await expect(bench.call({ chaincode: 'low', args: ['hi'] })).rejects.toThrow(
      "chaincode 'low' has not been initialized for this version, must call as init first",
    );
    const init = await bench.call({ chaincode: 'low', args: [], isInit: true });
    bench.ledger.commit(init.txId, init.simulator);
    expect([...(init.simulator.writes.get('low')?.keys() ?? [])]).toContain('init');
    expect((await bench.call({ chaincode: 'low', args: ['hi'] })).payload).toBe('hi');
    await launcher.stop();
  });
});

describe('a program', () => {
  const contract = (body: string) => ({
    'package.json': '\uFEFF{"name":"exits","version":"1.0.0","main":"index.js"}',
    'settings.json': '\uFEFF{"key":"moved"}',
    'index.js': `\uFEFF'use strict';
      const { Contract } = require('fabric-contract-api');
      const { key } = require('./settings.json');
      class Exits extends Contract { async transfer(ctx, allowed) { ${body} } }
      exports.contracts = [Exits];`,
  });
  const move = "await ctx.stub.putState(key, Buffer.from('1')); return 'moved';";

  it.each([
    ['ends', "if (allowed !== 'yes') process.exit(1);"],
    ['ends whatever it catches', "try { if (allowed !== 'yes') process.exit(1); } catch {}"],
    [
      'ends whatever it awaits',
      "if (allowed !== 'yes') setTimeout(() => process.exit(1)), await new Promise(() => {});",
    ],
  ])('%s with process.exit, and is started again by the next call', async (_, guard) => {
    const { bench, launcher } = await threadBench({ exits: contract(guard + move) });
    await expect(bench.submit('exits', 'transfer', 'no')).rejects.toThrow(
      'chaincode stream terminated',
    );
    expect(await bench.submit('exits', 'transfer', 'yes')).toMatchObject({ status: 200 });
    await launcher.stop();
  });

  describe('on the stub alone', () => {
    const stub = (unknown: string) => ({
      'package.json': '{"name":"kv","version":"1.0.0","scripts":{"start":"node chaincode.js"}}',
      'chaincode.js': `
        const shim = require('fabric-shim');
        shim.start(new (class {
          async Init() { return shim.success(); }
          async Invoke(stub) {
            const { fcn, params: [key, value] } = stub.getFunctionAndParameters();
            if (fcn === 'slow') await new Promise((resolve) => setTimeout(resolve, 600));
            else if (fcn !== 'put') ${unknown}
            await stub.putState(key, Buffer.from(value));
            return shim.success();
          }
        })());`,
    });

    it.each([
      ['throws', "throw new Error('no such function');"],
      ['says nothing', 'return shim.success();'],
      ['says something', "return shim.success(Buffer.from('hello'));"],
      ['refuses', "return shim.error('unknown ' + fcn);"],
    ])(
      'runs, though it %s when it is asked for its functions, and is not ended by that',
      async (_, unknown) => {
        const { bench, launcher } = await threadBench(
          { kv: stub(unknown) },
          { questionTimeoutMs: 300 },
        );
        const slow = bench.submit('kv', 'slow', 'a', '1');
        const answers = await bench
          .ask('kv', 'org.hyperledger.fabric:GetMetadata')
          .catch(messageOf);
        expect(answers).not.toMatchObject({ payload: expect.stringContaining('contracts') });
        expect(await slow).toMatchObject({ status: 200 });
        await launcher.stop();
      },
    );
  });
});
