// SPDX-License-Identifier: Apache-2.0
// Many peers in one process, at a real relay in the same one.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endorsedWrite, enrolMember, Member } from '../../../bench/support/member.ts';
import { Relay } from '../../../relay/relay.ts';
import { buildChaincodeRuntime } from '../../../scripts/build-chaincode-runtime.ts';
import { FakeClock, systemClock, systemRandomBytes } from '../../common/runtime/clock.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import { type JoinLink, parseJoinLink } from '../join-link.ts';
import {
  folderNames,
  HeadlessPeers,
  type HeadlessPeersComponents,
  type HeadlessPeersOptions,
  type PeersEvent,
} from './headless-peers.ts';
import { fetchNetwork } from './relay-files.ts';
import { type RunningPeer, startHeadlessPeer } from './start-headless-peer.ts';

let folder: string;
let relayFolder: string;
let relay: Relay;
let links: Record<string, string>;
let events: PeersEvent[];
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  relayFolder = mkdtempSync(join(tmpdir(), 'tabric-headless-relay-'));
  await startRelay(0);
});
afterAll(async () => {
  await relay.stop();
  rmSync(relayFolder, { recursive: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-headless-'));
  events = [];
});
afterEach(async () => {
  for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
  rmSync(folder, { recursive: true });
});

async function startRelay(port: number): Promise<void> {
  relay = new Relay(
    { log: silentLogger, root: process.cwd(), version: '0' },
    {
      host: '127.0.0.1',
      port,
      data: relayFolder,
      batch: { batchTimeoutMs: 50 },
      invitation: { ttlMs: 3_600_000, maxUses: 100 },
      build: false,
    },
  );
  await relay.start();
  const { join: all } = await relay.status();
  links = Object.fromEntries(all.map(({ mspId, link }) => [mspId, link]));
}

function linkOf(mspId: string): JoinLink {
  const link = parseJoinLink(links[mspId] ?? '');
  if (!link) throw new Error('the relay gave no link');
  return link;
}

interface Made {
  readonly peers: HeadlessPeers;
  readonly started: RunningPeer[];
}

function make(
  options: Partial<HeadlessPeersOptions>,
  components: Partial<HeadlessPeersComponents> = {},
): Made {
  const started: RunningPeer[] = [];
  const peers = new HeadlessPeers(
    {
      startPeer: async (about) => {
        const peer = await startHeadlessPeer(about);
        started.push(peer);
        return peer;
      },
      runtime: async () => readFileSync(await buildChaincodeRuntime(), 'utf8'),
      clock: systemClock,
      random: systemRandomBytes,
      log: silentLogger,
      report: (event) => events.push(event),
      ...components,
    },
    { count: 1, chaincodes: [], chaincodeMemoryMb: 128, verifyThreads: 1, ...options },
  );
  stops.push(() => peers.stop());
  return { peers, started };
}

async function start(options: Partial<HeadlessPeersOptions>): Promise<Made> {
  const made = make(options);
  await made.peers.start(AbortSignal.timeout(50_000));
  return made;
}

const joining = (mspId = 'Org1MSP'): Pick<HeadlessPeersOptions, 'relay' | 'invitation'> => {
  const { relay: url, invitation } = linkOf(mspId);
  return { relay: url, invitation };
};

/** Orders one transaction, so that there is a block more. */
async function order(key: string): Promise<void> {
  const identities = await enrolMember(links.Org2MSP ?? '');
  const { client, peer } = identities;
  const { url } = await relay.status();
  await using member = await connected(url, peer);
  const target = { channel: 'mychannel', chaincode: 'basic', version: '1.0' };
  const envelope = await endorsedWrite({ client, peers: [peer] }, target, key, 'value');
  await member.member.broadcast([envelope]);
}

async function connected(url: string, peer: Parameters<typeof Member.connect>[2]) {
  const member = await Member.connect(url, await fetchNetwork(new URL(url)), peer);
  return { member, [Symbol.asyncDispose]: () => member.close() };
}

async function tip(): Promise<{ readonly height: number }> {
  const [channel] = (await relay.status()).channels;
  if (!channel) throw new Error('the relay has no channel');
  return channel;
}

const named = (event: PeersEvent['event']): PeersEvent[] =>
  events.filter((one) => one.event === event);

// Real peers elect a leader before they get blocks, on machines that do other things as well.
describe('headless peers', { timeout: 60_000 }, () => {
  it('join together, follow the chain, and say so', async () => {
    const { peers } = await start({ ...joining(), count: 5 });
    const names = peers.peers.map(({ name }) => name);
    expect(new Set(names).size).toBe(5);
    expect(named('joined')).toHaveLength(5);
    const { height } = await tip();
    expect(named('ready')).toEqual(
      expect.arrayContaining(names.map((name) => ({ event: 'ready', name, height }))),
    );
    events = [];
    await order('a');
    await expect.poll(() => named('committed').length, { timeout: 30_000 }).toBe(5);
    expect(named('committed')[0]).toMatchObject({ transactions: 1, height: height + 1 });
    await peers.stop();
    expect(named('stopped')).toHaveLength(5);
    expect(peers.peers).toEqual([]);
  });

  it('are the same with the same folders, without the link, and go on where they were', async () => {
    const data = join(folder, 'peers');
    const first = await start({ ...joining(), data, count: 3 });
    const names = first.peers.peers.map(({ name }) => name).sort();
    events = [];
    await order('a');
    await expect.poll(() => named('committed').length, { timeout: 30_000 }).toBe(3);
    const { height } = await tip();
    await first.peers.stop();
    expect(readdirSync(data).sort()).toEqual(['0', '1', '2']);
    await order('b');
    events = [];
    const second = await start({ data, count: 3 });
    expect(second.peers.peers.map(({ name }) => name).sort()).toEqual(names);
    expect(named('joined').map((event) => 'height' in event && event.height)).toEqual(
      Array(3).fill(height),
    );
    expect(second.peers.peers.map((peer) => peer.height())).toEqual(Array(3).fill(height + 1));
  });

  it('endorse with a chaincode that their operator names', async () => {
    const { started } = await start({ ...joining(), chaincodes: [{ name: 'basic' }] });
    const { node } = started[0] ?? {};
    const contract = node?.gateway.getNetwork('mychannel').getContract('basic');
    const answer = await contract?.evaluateTransaction('AssetExists', 'asset1');
    expect(new TextDecoder().decode(answer)).toBe('false');
  });

  it('are all stopped when one cannot start', async () => {
    let nth = 0;
    const { peers, started } = make(
      { ...joining(), data: join(folder, 'peers'), count: 4 },
      {
        startPeer: async (about) => {
          if (nth++ === 2) throw new Error('the third fails');
          const peer = await startHeadlessPeer(about);
          started.push(peer);
          return peer;
        },
      },
    );
    await expect(peers.start(AbortSignal.timeout(50_000))).rejects.toThrow('the third fails');
    expect(peers.peers).toEqual([]);
    // Nothing holds the folders any more.
    const again = await start({ data: join(folder, 'peers'), count: 1 });
    expect(again.peers.peers).toHaveLength(1);
  });

  it('say what the CA says', async () => {
    const { relay: url } = linkOf('Org1MSP');
    const invitation = { org: 'Org1MSP', secret: 'guessed' };
    await expect(start({ relay: url, invitation })).rejects.toMatchObject({
      code: 'JOIN_SECRET_WRONG',
    });
  });

  it('need a link when there is nothing to go by', async () => {
    const data = join(folder, 'peers');
    await expect(start({})).rejects.toMatchObject({ code: 'JOIN_NEEDED' });
    await expect(start({ data })).rejects.toThrow(`there is no peer in ${data} yet`);
    await (await start({ ...joining(), data })).peers.stop();
    await expect(start({ data, count: 2 })).rejects.toThrow('say --join LINK');
  });

  it('wait for a relay that they know', async () => {
    const data = join(folder, 'peers');
    const { peers } = await start({ ...joining(), data });
    const { port } = new URL(linkOf('Org1MSP').relay);
    await peers.stop();
    await relay.stop();
    const clock = new FakeClock(Date.now());
    const waiting = make({ data }, { clock });
    const started = waiting.peers.start(AbortSignal.timeout(50_000));
    await expect.poll(() => named('waiting').length).toBe(1);
    await startRelay(Number(port));
    await clock.advance(5_000);
    // Its peer's own timers are the machine's.
    await started.catch(() => {});
    expect(named('ready').length).toBeGreaterThanOrEqual(1);
  });
});

describe('names of folders', () => {
  it.each([
    [{ count: 1 }, ['0']],
    [{ count: 3 }, ['0', '1', '2']],
    [{ count: 1, name: 'class' }, ['class']],
    [{ count: 2, name: 'class' }, ['class-0', 'class-1']],
  ])('%o are %o', (options, names) => expect(folderNames(options)).toEqual(names));
});
