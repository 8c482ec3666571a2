// SPDX-License-Identifier: Apache-2.0
// For tests only: the real network behind testdata/ (see the note there), its identities, and envelopes of their making.
// biome-ignore lint/style/noRestrictedImports: tests run under Node
import { readFileSync } from 'node:fs';
import { CertificateAuthority } from '../../common/crypto/ca.ts';
import { defaultBCCSP, pemToDer } from '../../common/crypto/index.ts';
import { createSigningIdentity, type SigningIdentity } from '../../common/msp/index.ts';
import { common, orderer } from '../../common/protos/index.ts';
import {
  computeTxId,
  createSignedEnvelope,
  MAX_UINT64,
  unmarshalBlock,
} from '../../common/protoutil/index.ts';
import { fromUtf8, utf8 } from '../../common/runtime/bytes.ts';
import { systemRandomBytes } from '../../common/runtime/clock.ts';

export const CHANNEL = 'mychannel';
/** Shortly after the network was made; its certificates are valid then. */
export const THEN = Date.parse('2026-11-21T03:00:00Z');

export function testdata(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`./testdata/${name}`, import.meta.url)));
}

export function testBlock(name: string): common.Block {
  return unmarshalBlock(testdata(name));
}

/** `name`.pem and `name`.key of testdata. */
export async function identityOf(name: string, mspId: string): Promise<SigningIdentity> {
  const pkcs8 = pemToDer(fromUtf8(testdata(`${name}.key`)));
  const { privateKey } = await defaultBCCSP().importKey(pkcs8);
  return createSigningIdentity(mspId, fromUtf8(testdata(`${name}.pem`)), privateKey);
}

/** A serialized, signed transaction envelope with `text` where a transaction would be. */
export async function transaction(
  signer: SigningIdentity,
  text: string,
  { channel = CHANNEL, type = common.HeaderType.ENDORSER_TRANSACTION as number } = {},
): Promise<Uint8Array> {
  const nonce = systemRandomBytes(24);
  const txId = computeTxId(nonce, signer.serialize());
  const envelope = await createSignedEnvelope(
    type as common.HeaderType,
    channel,
    signer,
    utf8(text),
    { nonce, txId, now: THEN },
  );
  return common.Envelope.encode(envelope).finish();
}

export const OLDEST: orderer.ISeekPosition = { oldest: {} };
export const NEWEST: orderer.ISeekPosition = { newest: {} };
export const NEXT_COMMIT: orderer.ISeekPosition = { next_commit: {} };
export const FOR_EVER: orderer.ISeekPosition = { specified: { number: MAX_UINT64 } };
export const at = (number: number): orderer.ISeekPosition => ({ specified: { number } });

/** A serialized, signed seek. */
export async function seekEnvelope(
  signer: SigningIdentity,
  seekInfo: orderer.ISeekInfo,
  { channel = CHANNEL, now = THEN } = {},
): Promise<Uint8Array> {
  const data = orderer.SeekInfo.encode(seekInfo).finish();
  const type = common.HeaderType.DELIVER_SEEK_INFO;
  const envelope = await createSignedEnvelope(type, channel, signer, data, {
    now,
    nonce: systemRandomBytes(24),
  });
  return common.Envelope.encode(envelope).finish();
}

/** The CA of Org1 with its key. */
export async function org1CA(): Promise<CertificateAuthority> {
  const components = { bccsp: defaultBCCSP(), random: systemRandomBytes };
  const keys = await defaultBCCSP().importKey(pemToDer(fromUtf8(testdata('ca.org1.key'))));
  return new CertificateAuthority(components, keys, fromUtf8(testdata('ca.org1.pem')));
}

/** A client of Org1, or who claims to be one, certified by `ca`. */
export async function member(
  ca: CertificateAuthority,
  notAfter = THEN + 3_600_000,
): Promise<SigningIdentity> {
  const { publicKey, privateKey } = await defaultBCCSP().generateKey();
  const subject = { organizationalUnits: ['client'], commonName: 'mallory' };
  const pem = await ca.issue({ subject, publicKey, notBefore: THEN - 60_000, notAfter });
  return createSigningIdentity('Org1MSP', pem, privateKey);
}
