// SPDX-License-Identifier: Apache-2.0
// The peer's side of the shim protocol against a recorded conversation of a real peer, and against chaincode that does
// not keep to the protocol.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { protos, queryresult } from '../../common/protos/index.ts';
import { fromBase64, fromHex, fromUtf8, toHex, utf8 } from '../../common/runtime/bytes.ts';
import { FakeClock } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import type { PeerLedger } from '../../ledger/types.ts';
import { SystemChaincodes } from '../scc/index.ts';
import { MessageType } from './chaincode-message.ts';
import { ChaincodeSupport } from './chaincode-support.ts';
import { completed, FakeLauncher, type FakePort, request } from './testing/fake-port.ts';
import { ANYBODY } from './testing/fixtures.ts';
import { MemoryLedger, type MemorySimulator } from './testing/memory-ledger.ts';

const CHANNEL = 'fast200';

interface Recorded {
  readonly stream: number;
  readonly dir: 'chaincode->peer' | 'peer->chaincode';
  readonly type: string;
  readonly txid: string;
  readonly b64: string;
}
const recorded: Recorded[] = readFileSync(
  new URL('./testdata/messages.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded)
  .filter(({ stream }) => stream === 1);
const CCID = fromUtf8(
  protos.ChaincodeMessage.decode(fromBase64(recorded[0]?.b64 ?? '')).payload.subarray(2),
);

class Peer {
  readonly clock = new FakeClock();
  readonly launcher = new FakeLauncher();
  readonly ledger = new MemoryLedger();
  /** Bytes that iterator ids are made of. */
  random = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(7);
  readonly support = new ChaincodeSupport(
    {
      launcher: this.launcher,
      lifecycle: {
        chaincodeEndorsementInfo: async (_channel, name) => ({
          version: '1',
          enforceInit: false,
          ccid: name === 'rec' ? CCID : `${name}:1`,
        }),
      },
      systemChaincodes: new SystemChaincodes(),
      ledgers: () => this.ledger as unknown as PeerLedger,
      acl: { checkAcl: async () => {} },
      privateDataAccess: ANYBODY,
      clock: this.clock,
      random: (length) => this.random(length),
      logger: silentLogger,
    },
    { executeTimeoutMs: 30_000, startupTimeoutMs: 60_000 },
  );

  async port(ccid = CCID): Promise<FakePort> {
    await this.support.launch(ccid);
    const port = this.launcher.ports.get(ccid);
    if (!port) throw new Error('not launched');
    return port;
  }

  execute(txId: string, args: string[] = [], signedProposal: protos.ISignedProposal = {}) {
    const simulator = this.ledger.newTxSimulator(txId);
    const params = { channelId: CHANNEL, txId, signedProposal, simulator, history: this.ledger };
    const result = this.support.execute(params, 'rec', { args: args.map(utf8) });
    result.catch(() => {});
    return { result, simulator };
  }
}

// Lets messages that are being served be answered.
async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

describe('a recorded conversation of a real peer and chaincode', () => {
  it('goes the same way, byte for byte', async () => {
    const peer = new Peer();
    const port = await peer.port();
    const one = await peer.port('one:1');
    one.onSent = (message) => {
      if (message.type === MessageType.TRANSACTION)
        queueMicrotask(() => one.send(completed(message)));
    };
    let running: { txId: string; result: Promise<unknown>; simulator: MemorySimulator } | undefined;
    let compared = 2;
    for (const [i, { dir, type, b64, txid }] of recorded.entries()) {
      const bytes = fromBase64(b64);
      const message = protos.ChaincodeMessage.decode(bytes);
      if (type === 'REGISTER') continue;
      if (dir === 'chaincode->peer') {
        peer.random = () => iteratorIdIn(recorded[i + 1]?.b64 ?? '');
        port.receive(bytes);
        await settled();
        if (type !== 'COMPLETED' || !running) continue;
        await running.result;
        peer.ledger.commit(running.txId, running.simulator, 1_795_227_858_000);
        continue;
      }
      if (type === 'TRANSACTION') {
        const input = protos.ChaincodeInput.decode(message.payload);
        const args = input.args.map(fromUtf8);
        running = { txId: txid, ...peer.execute(txid, args, message.proposal ?? {}) };
        await settled();
      }
      const sent =
        type === 'REGISTERED' || type === 'READY' ? port.sent[i - 1] : port.sent[compared++];
      expect([i, type, comparable(sent ?? utf8(''))]).toEqual([i, type, comparable(bytes)]);
    }
    expect(compared).toBe(recorded.filter(({ dir }) => dir === 'peer->chaincode').length);
  });
});

// The id in a QueryResponse, as the bytes that a UUID is made of.
function iteratorIdIn(b64: string): Uint8Array<ArrayBuffer> {
  const { payload } = protos.ChaincodeMessage.decode(fromBase64(b64));
  try {
    return fromHex(protos.QueryResponse.decode(payload).id.replaceAll('-', ''));
  } catch {
    return new Uint8Array(16);
  }
}

// The ledger keeps a transaction's time in milliseconds only: history entries are compared without it.
function comparable(bytes: Uint8Array): string {
  const message = protos.ChaincodeMessage.decode(bytes);
  if (message.type !== MessageType.RESPONSE) return toHex(bytes);
  try {
    const [first] = protos.QueryResponse.decode(message.payload).results;
    const change = queryresult.KeyModification.decode(first?.resultBytes ?? utf8(''));
    if (change.timestamp !== null)
      return `${change.tx_id} ${fromUtf8(change.value)} ${change.is_delete}`;
  } catch {
    // Not a query response.
  }
  return toHex(bytes);
}

describe('a chaincode that does not keep to the protocol', () => {
  let peer: Peer;
  let port: FakePort;
  beforeEach(async () => {
    peer = new Peer();
    port = await peer.port();
  });

  const lastSent = () => protos.ChaincodeMessage.decode(port.sent.at(-1) ?? utf8(''));

  it.each([
    ['is not a message', utf8('garbage')],
    ['is a string', 'hello'],
    ['is nothing', undefined],
    ['is an object', { type: 5 }],
    ['registers twice', protos.ChaincodeMessage.encode({ type: MessageType.REGISTER }).finish()],
    ['plays the peer', protos.ChaincodeMessage.encode({ type: MessageType.TRANSACTION }).finish()],
    ['is of no known type', protos.ChaincodeMessage.encode({ type: 99 }).finish()],
  ])(
    'loses its stream when what it sends %s; the next call starts it again',
    async (_name, data) => {
      const { result } = peer.execute('tx1');
      await settled();
      port.receive(data);
      await expect(result).rejects.toThrow(
        /^failed to execute transaction tx1: chaincode stream terminated$/,
      );
      expect(port.closed).toBe(true);
      expect(peer.launcher.killed).toEqual([CCID]);
      const again = peer.execute('tx2');
      await settled();
      const fresh = peer.launcher.ports.get(CCID);
      expect(fresh).not.toBe(port);
      fresh?.send(completed({ txid: 'tx2', channel_id: CHANNEL }));
      expect((await again.result).response.status).toBe(200);
    },
  );

  it('is told that there is no such transaction', async () => {
    port.send(request(MessageType.GET_STATE, 'nope', CHANNEL));
    await settled();
    expect(lastSent()).toMatchObject({ type: MessageType.ERROR, txid: 'nope' });
    expect(fromUtf8(lastSent().payload)).toBe(
      'GET_STATE failed: transaction ID: nope: no ledger context',
    );
  });

  it('cannot end a transaction that it does not run', async () => {
    const { result } = peer.execute('tx1');
    await settled();
    port.send(completed({ txid: 'tx1', channel_id: 'other' }));
    port.send(completed({ txid: 'tx2', channel_id: CHANNEL }));
    port.send(completed({ txid: 'tx1', channel_id: CHANNEL }, { status: 201 }));
    expect((await result).response.status).toBe(201);
  });

  it('gets one answer when it asks twice at once, as at a Go peer', async () => {
    peer.execute('tx1');
    await settled();
    const before = port.sent.length;
    const ask = request(MessageType.GET_STATE, 'tx1', CHANNEL);
    port.send(ask);
    port.send(ask);
    await settled();
    expect(port.sent.length).toBe(before + 1);
  });

  it('gets an error for a payload that does not decode and for an iterator that is not open', async () => {
    peer.execute('tx1');
    await settled();
    port.send(request(MessageType.PUT_STATE, 'tx1', CHANNEL, utf8('\u00ff\u00ff\u00ff')));
    await settled();
    expect(fromUtf8(lastSent().payload)).toMatch(/^PUT_STATE failed: transaction ID: tx1: /);
    const next = protos.QueryStateNext.encode({ id: 'x' }).finish();
    port.send(request(MessageType.QUERY_STATE_NEXT, 'tx1', CHANNEL, next));
    await settled();
    expect(fromUtf8(lastSent().payload)).toBe(
      'QUERY_STATE_NEXT failed: transaction ID: tx1: query iterator not found',
    );
  });

  it('reports a failure of its own by ERROR', async () => {
    const { result } = peer.execute('tx1');
    await settled();
    port.send(request(MessageType.ERROR, 'tx1', CHANNEL, utf8('no stub')));
    await expect(result).rejects.toThrow(/^transaction returned with failure: no stub$/);
  });

  it('gets no second transaction with the same id while the first runs', async () => {
    peer.execute('tx1');
    await settled();
    await expect(peer.execute('tx1').result).rejects.toThrow(/txid: tx1\(fast200\) exists$/);
  });

  it('is ended when it is silent too long', async () => {
    const { result } = peer.execute('tx1');
    await peer.clock.advance(29_999);
    expect(port.closed).toBe(false);
    await peer.clock.advance(1);
    await expect(result).rejects.toThrow(
      /^failed to execute transaction tx1: timeout expired while executing transaction$/,
    );
    expect(peer.launcher.killed).toEqual([CCID]);
  });

  it('is not ended for waiting on a chaincode that hangs', async () => {
    const { result } = peer.execute('tx1');
    await settled();
    const spec = protos.ChaincodeSpec.encode({ chaincode_id: { name: 'one' }, input: {} }).finish();
    await peer.clock.advance(10);
    port.send(request(MessageType.INVOKE_CHAINCODE, 'tx1', CHANNEL, spec));
    await settled();
    await peer.clock.advance(30_000);
    await expect(result).rejects.toThrow('timeout expired');
    await peer.clock.advance(30_000);
    expect(peer.launcher.killed).toEqual(['one:1']);
    expect(peer.support.isRunning(CCID)).toBe(true);
  });

  it('ignores KEEPALIVE', async () => {
    port.send({ type: MessageType.KEEPALIVE });
    await settled();
    expect(port.closed).toBe(false);
  });

  it('survives any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        const at = await peer.port();
        at.receive(bytes);
        await settled();
        const { result } = peer.execute('tx');
        await settled();
        peer.launcher.ports.get(CCID)?.send(completed({ txid: 'tx', channel_id: CHANNEL }));
        expect((await result).response.status).toBe(200);
      }),
    );
  });
});

describe('starting a chaincode', () => {
  it('fails when it registers under another name', async () => {
    const peer = new Peer();
    peer.launcher.silent = true;
    const launch = peer.support.launch(CCID);
    launch.catch(() => {});
    await settled();
    peer.launcher.ports.get(CCID)?.register('other:1');
    await expect(launch).rejects.toThrow('chaincode registered as other:1');
    expect(peer.support.isRunning(CCID)).toBe(false);
  });

  it('fails when it does not register in time', async () => {
    const peer = new Peer();
    peer.launcher.silent = true;
    const { result } = peer.execute('tx1');
    await peer.clock.advance(60_000);
    await expect(result).rejects.toThrow(
      `could not launch chaincode ${CCID}: timeout expired while starting chaincode ${CCID} for transaction`,
    );
    expect(peer.launcher.killed).toContain(CCID);
  });

  it('happens once for calls that come together', async () => {
    const peer = new Peer();
    await Promise.all([peer.support.launch(CCID), peer.support.launch(CCID)]);
    expect(peer.launcher.ports.size).toBe(1);
  });
});
