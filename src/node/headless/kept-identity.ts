// SPDX-License-Identifier: Apache-2.0
// Who a headless peer is, and how that is kept in its folder. Certificates and keys are in the files that a Fabric peer has them in, so that
// its tools can read them.
import { createPrivateKey } from 'node:crypto';
import { generateKeyPair, privateKeyFromRaw, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import {
  defaultBCCSP,
  derToPem,
  isEcdsaKey,
  parseCertificatePem,
  pemToDer,
  publicKeyToSpki,
} from '../../common/crypto/index.ts';
import { concat, equalBytes } from '../../common/runtime/bytes.ts';
import { FabricError, messageOf } from '../../common/runtime/errors.ts';
import type { EnrolledIdentity, Enrolment } from '../enrolment.ts';
import { damaged, type PeerDirectory } from './peer-directory.ts';

export interface HeadlessIdentity extends Enrolment {
  readonly networkId: string;
  /** URL of the relay that it was last started with. */
  readonly relay: string;
  /** Protobuf-encoded libp2p private key. */
  readonly libp2pKey: Uint8Array;
}

interface PeerFile {
  readonly version: 1;
  readonly networkId: string;
  readonly relay: string;
  readonly mspId: string;
  /** Enrolment ids. */
  readonly peer: string;
  readonly user: string;
}

const PEER_FILE = 'peer.json';
const LIBP2P_FILE = 'libp2p/key.pem';
const PRIVATE_KEY = 'PRIVATE KEY';
const FOLDERS = { peer: 'msp', client: 'user/msp' } as const;
/** Of an Ed25519 key in PKCS#8 (RFC 8410), before the seed. */
const ED25519_PKCS8 = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]);
const SEED_BYTES = 32;

/** A new libp2p key, protobuf-encoded. */
export async function newLibp2pKey(): Promise<Uint8Array> {
  return privateKeyToProtobuf(await generateKeyPair('Ed25519'));
}

/** Keeps an identity whose keys can be exported. */
export async function keepIdentity(
  directory: PeerDirectory,
  identity: HeadlessIdentity,
): Promise<void> {
  await keepMsp(directory, FOLDERS.peer, identity.peer);
  await keepMsp(directory, FOLDERS.client, identity.client);
  const seed = seedOf(identity.libp2pKey);
  await directory.write(LIBP2P_FILE, derToPem(concat(ED25519_PKCS8, seed), PRIVATE_KEY));
  await keepPeerFile(directory, identity);
}

/** Notes that the relay is somewhere else now. */
export async function keepPeerFile(
  directory: PeerDirectory,
  { networkId, relay, mspId, peer, client }: HeadlessIdentity,
): Promise<void> {
  const file: PeerFile = {
    version: 1,
    networkId,
    relay,
    mspId,
    peer: peer.name,
    user: client.name,
  };
  await directory.write(PEER_FILE, `${JSON.stringify(file, null, 2)}\n`);
}

/** The identity that is kept in a folder, if one is. Rejects with FabricError DATA_UNREADABLE when it is damaged. */
export async function keptIdentity(
  directory: PeerDirectory,
): Promise<HeadlessIdentity | undefined> {
  const text = await directory.read(PEER_FILE);
  if (text === undefined) return undefined;
  const { networkId, relay, mspId, peer, user } = parsePeerFile(directory, text);
  return {
    networkId,
    relay,
    mspId,
    peer: await readMsp(directory, FOLDERS.peer, peer),
    client: await readMsp(directory, FOLDERS.client, user),
    libp2pKey: await readLibp2pKey(directory),
  };
}

function parsePeerFile(directory: PeerDirectory, text: string): PeerFile {
  const file = `${directory.path}/${PEER_FILE}`;
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (cause) {
    throw damaged(file, 'it is no JSON', cause);
  }
  const { version, networkId, relay, mspId, peer, user } = (found ?? {}) as Partial<
    Record<keyof PeerFile, unknown>
  >;
  if (version !== 1) throw damaged(file, `it is not of version 1 but of ${String(version)}`);
  if (
    typeof networkId !== 'string' ||
    typeof relay !== 'string' ||
    typeof mspId !== 'string' ||
    typeof peer !== 'string' ||
    typeof user !== 'string' ||
    !URL.canParse(relay)
  ) {
    throw damaged(file, 'it lacks what says who the peer is');
  }
  return { version, networkId, relay, mspId, peer, user };
}

async function keepMsp(
  directory: PeerDirectory,
  folder: string,
  { key, certificate }: EnrolledIdentity,
): Promise<void> {
  const { publicKey } = parseCertificatePem(certificate);
  if (!isEcdsaKey(publicKey)) throw new FabricError('DATA_UNREADABLE', 'not an ECDSA certificate');
  const pkcs8 = await defaultBCCSP().exportKey({ privateKey: key, publicKey });
  await directory.write(`${folder}/keystore/priv_sk`, derToPem(pkcs8, PRIVATE_KEY));
  await directory.write(`${folder}/signcerts/cert.pem`, certificate);
}

async function readMsp(
  directory: PeerDirectory,
  folder: string,
  name: string,
): Promise<EnrolledIdentity> {
  const [certificate, keyPem] = await Promise.all(
    ['signcerts/cert.pem', 'keystore/priv_sk'].map((file) => need(directory, `${folder}/${file}`)),
  );
  try {
    const pair = await defaultBCCSP().importKey(pemToDer(keyPem ?? '', PRIVATE_KEY));
    const { publicKey } = parseCertificatePem(certificate ?? '');
    if (!equalBytes(publicKeyToSpki(publicKey), publicKeyToSpki(pair.publicKey))) {
      throw new FabricError('DATA_UNREADABLE', 'its key is not the one of its certificate');
    }
    return { name, certificate: certificate ?? '', key: pair.privateKey };
  } catch (cause) {
    throw damaged(`${directory.path}/${folder}`, messageOf(cause), cause);
  }
}

async function readLibp2pKey(directory: PeerDirectory): Promise<Uint8Array> {
  const pem = await need(directory, LIBP2P_FILE);
  try {
    const { d, x } = createPrivateKey(pem).export({ format: 'jwk' });
    const raw = Buffer.concat([d ?? '', x ?? ''].map((part) => Buffer.from(part, 'base64url')));
    return privateKeyToProtobuf(privateKeyFromRaw(raw));
  } catch (cause) {
    throw damaged(`${directory.path}/${LIBP2P_FILE}`, messageOf(cause), cause);
  }
}

async function need(directory: PeerDirectory, name: string): Promise<string> {
  const text = await directory.read(name);
  if (text === undefined) throw damaged(`${directory.path}/${name}`, 'it is missing');
  return text;
}

// The protobuf ends with the key, which is its seed and its public half.
function seedOf(libp2pKey: Uint8Array): Uint8Array {
  return libp2pKey.slice(libp2pKey.length - 2 * SEED_BYTES, libp2pKey.length - SEED_BYTES);
}
