// SPDX-License-Identifier: Apache-2.0
// Folders of headless peers, filled by a real CA and LevelDB.
import { execFileSync, spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Relay } from '../../../relay/relay.ts';
import { createSigningIdentity } from '../../common/msp/index.ts';
import type { NetworkDescription } from '../../common/network/types.ts';
import { utf8 } from '../../common/runtime/bytes.ts';
import { silentLogger } from '../../common/runtime/log.ts';
import type { Invitation } from '../enrolment.ts';
import { parseJoinLink } from '../join-link.ts';
import { headlessIdentity } from './headless-identity.ts';
import { keptIdentity } from './kept-identity.ts';
import { PeerDirectory } from './peer-directory.ts';
import { fetchNetwork, fetchPackage } from './relay-files.ts';

let folder: string;
let relay: Relay;
let url: URL;
let invitation: Invitation;
let network: NetworkDescription;

const path = (...names: string[]): string => join(folder, 'peers', '0', ...names);
const text = (name: string): string => readFileSync(path(name), 'utf8');

let relayFolder: string;

beforeAll(async () => {
  relayFolder = mkdtempSync(join(tmpdir(), 'tabric-headless-relay-'));
  relay = new Relay(
    { log: silentLogger, root: process.cwd(), version: '0' },
    {
      host: '127.0.0.1',
      port: 0,
      data: relayFolder,
      batch: {},
      invitation: { ttlMs: 3_600_000, maxUses: 100 },
      build: false,
    },
  );
  await relay.start();
  const { join: links } = await relay.status();
  const link = parseJoinLink(links[0]?.link ?? '');
  if (!link) throw new Error('the relay gave no link');
  url = link.relay;
  invitation = link.invitation;
  network = await fetchNetwork(url);
});
afterAll(async () => {
  await relay.stop();
  rmSync(relayFolder, { recursive: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabric-headless-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function join0(more: { invitation?: Invitation; network?: NetworkDescription } = {}) {
  await using directory = await PeerDirectory.open(path());
  return await headlessIdentity({
    relay: url,
    network: more.network ?? network,
    invitation: more.invitation,
    directory,
  });
}

describe('a peer’s folder', () => {
  it('makes the same peer of the next start, without the link', async () => {
    const first = await join0({ invitation });
    expect(first).toMatchObject({ mspId: 'Org1MSP', relay: url.origin });
    expect(first.peer.name).toMatch(/^peer\d+\.org1\.example\.com$/);
    const second = await join0();
    expect(second.peer.name).toBe(first.peer.name);
    expect(second.peer.certificate).toBe(first.peer.certificate);
    expect(second.client.name).toBe(first.client.name);
    expect(second.libp2pKey).toEqual(first.libp2pKey);
    expect(privateKeyFromProtobuf(second.libp2pKey).type).toBe('Ed25519');
    const signer = createSigningIdentity(second.mspId, second.peer.certificate, second.peer.key);
    const signature = await signer.sign(utf8('message'));
    const { publicKey } = new X509Certificate(second.peer.certificate);
    const { verify } = await import('node:crypto');
    expect(verify('sha256', utf8('message'), publicKey, signature)).toBe(true);
  });

  it('has the files of a Fabric peer, which only their owner may read', async () => {
    await join0({ invitation });
    const certificate = new X509Certificate(text('msp/signcerts/cert.pem'));
    const key = createPrivateKey(text('msp/keystore/priv_sk'));
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(certificate.subject).toMatch(/CN=peer\d+\.org1\.example\.com/);
    expect(createPrivateKey(text('user/msp/keystore/priv_sk')).asymmetricKeyType).toBe('ec');
    expect(createPublicKey(text('libp2p/key.pem')).asymmetricKeyType).toBe('ed25519');
    for (const name of readdirSync(path(), { recursive: true, withFileTypes: true })) {
      if (name.parentPath.includes('ledgersData') || name.name === 'ledgersData') continue;
      const { mode } = statSync(join(name.parentPath, name.name));
      expect((mode & 0o777).toString(8)).toBe(name.isDirectory() ? '700' : '600');
    }
  });

  it('needs a link the first time, and one that fits later', async () => {
    await expect(join0()).rejects.toMatchObject({ code: 'JOIN_NEEDED' });
    await join0({ invitation });
    await expect(join0({ invitation: { org: 'Org2MSP', secret: 'x' } })).rejects.toMatchObject({
      code: 'OTHER_ORGANISATION',
      message: expect.stringMatching(/is peer\d+\.org1\.example\.com of Org1MSP/),
    });
    await expect(join0({ network: { ...network, networkId: 'other' } })).rejects.toMatchObject({
      code: 'OTHER_NETWORK',
    });
  });

  it('follows a relay that has moved', async () => {
    await join0({ invitation });
    await using directory = await PeerDirectory.open(path());
    const moved = new URL('http://127.0.0.1:9999');
    await headlessIdentity({ relay: moved, network, invitation: undefined, directory });
    expect((await keptIdentity(directory))?.relay).toBe('http://127.0.0.1:9999');
  });

  it('is the peer of one process', async () => {
    await using _first = await PeerDirectory.open(path());
    await expect(PeerDirectory.open(path())).rejects.toMatchObject({
      code: 'DATA_IN_USE',
      message: expect.stringContaining('another process is the peer of'),
    });
  });

  it('is free again when its process was killed', async () => {
    await join0({ invitation });
    const module = JSON.stringify(new URL('./peer-directory.ts', import.meta.url).href);
    const source = `
      const { PeerDirectory } = await import(${module});
      globalThis.kept = await PeerDirectory.open(process.argv[1]);
      console.log('open');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', source, path()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await expect(PeerDirectory.open(path())).rejects.toMatchObject({ code: 'DATA_IN_USE' });
    child.kill('SIGKILL');
    await once(child, 'close');
    expect((await join0()).mspId).toBe('Org1MSP');
  });

  it.each([
    ['peer.json', '{', 'it is no JSON'],
    ['peer.json', '{"version":2}', 'it is not of version 1 but of 2'],
    ['peer.json', '{"version":1,"networkId":"a"}', 'it lacks what says who the peer is'],
    ['msp/keystore/priv_sk', 'rubbish', 'no PEM block found'],
    ['user/msp/signcerts/cert.pem', '', 'no PEM block found'],
    ['libp2p/key.pem', 'rubbish', 'libp2p/key.pem'],
  ])('says that %s is damaged', async (name, content, complaint) => {
    await join0({ invitation });
    writeFileSync(path(name), content);
    await expect(join0()).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      message: expect.stringContaining(complaint),
    });
  });

  it('says that a file is missing, or a key another’s', async () => {
    await join0({ invitation });
    writeFileSync(path('msp/keystore/priv_sk'), text('user/msp/keystore/priv_sk'));
    await expect(join0()).rejects.toThrow('its key is not the one of its certificate');
    rmSync(path('msp/keystore/priv_sk'));
    await expect(join0()).rejects.toThrow('it is missing');
  });

  it('enrols again when a start was interrupted before the end', async () => {
    const { peer } = await join0({ invitation });
    rmSync(path('peer.json'));
    expect((await join0({ invitation })).peer.name).not.toBe(peer.name);
  });

  it('is none of another program’s', async () => {
    execFileSync('mkdir', ['-p', path()]);
    writeFileSync(path('thesis.tex'), 'x');
    await expect(PeerDirectory.open(path())).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      message: expect.stringContaining('there are other files in it (thesis.tex)'),
    });
    writeFileSync(join(folder, 'file'), '');
    await expect(PeerDirectory.open(join(folder, 'file', '0'))).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
    });
  });
});

describe('what the relay serves', () => {
  it('is told apart from what is no relay or does not answer', async () => {
    expect(network.channels[0]?.name).toBe('mychannel');
    await expect(fetchNetwork(new URL('http://127.0.0.1:1'))).rejects.toMatchObject({
      code: 'RELAY_UNREACHABLE',
      message: expect.stringContaining('GET http://127.0.0.1:1/network.json failed: '),
    });
    await expect(fetchPackage(url, network.channels, 'nobody')).rejects.toMatchObject({
      code: 'PACKAGE_UNAVAILABLE',
    });
    expect((await fetchPackage(url, network.channels, 'basic')).length).toBeGreaterThan(1000);
    const elsewhere = network.channels.map((channel) => ({
      ...channel,
      chaincodes: channel.chaincodes.map((one) => ({
        ...one,
        packagePath: 'http://127.0.0.1:1/x',
      })),
    }));
    await expect(fetchPackage(url, elsewhere, 'basic')).rejects.toThrow('is not at the relay');
  });
});
