// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { CURVES, createBCCSP, derToRaw, rawToDer, sha256Sync } from '../../common/crypto/index.ts';
import { concat, utf8 } from '../../common/runtime/bytes.ts';
import { createNodeBCCSP } from './node-bccsp.ts';

const webCrypto = createBCCSP('webcrypto');
const node = createNodeBCCSP();
const message = utf8('what was signed');
const pair = await webCrypto.generateKey({ extractable: true });
const signature = await webCrypto.sign(pair.privateKey, message);
const curve = CURVES['P-256'];

function withHighS(der: Uint8Array): Uint8Array {
  const raw = derToRaw(der, curve) ?? new Uint8Array();
  const order = BigInt(`0x${Buffer.from(curve.order).toString('hex')}`);
  const s = BigInt(`0x${Buffer.from(raw.subarray(32)).toString('hex')}`);
  const high = (order - s).toString(16).padStart(64, '0');
  return rawToDer(concat(raw.subarray(0, 32), Buffer.from(high, 'hex')));
}

describe('signatures', () => {
  const other = signature.slice();
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
  const cases: readonly (readonly [string, Uint8Array, boolean])[] = [
    ['a good one', signature, true],
    ['a good one with bytes behind it', concat(signature, Uint8Array.of(0)), true],
    ['another', other, false],
    ['one with high S', withHighS(signature), false],
    ['one of zeros', rawToDer(new Uint8Array(64)), false],
    ['half of one', signature.subarray(0, 30), false],
    ['none', new Uint8Array(), false],
  ];

  test.each(cases)('%s is judged as WebCrypto judges it', async (_name, one, expected) => {
    expect(await node.verify(pair.publicKey, message, one)).toBe(expected);
    expect(await webCrypto.verify(pair.publicKey, message, one)).toBe(expected);
  });

  test('with high S are taken where certificates allow them', async () => {
    const high = withHighS(signature);
    expect(await node.verify(pair.publicKey, message, high, { allowHighS: true })).toBe(true);
  });

  test('are refused under a key that is none, and for another message', async () => {
    const point = pair.publicKey.point.slice();
    point[40] = (point[40] ?? 0) ^ 1;
    expect(await node.verify({ curve: 'P-256', point }, message, signature)).toBe(false);
    expect(await node.verify(pair.publicKey, utf8('other'), signature)).toBe(false);
  });

  test('are made with keys that both can use', async () => {
    const made = await node.generateKey({ extractable: true });
    const again = await node.importKey(await node.exportKey(made));
    const one = await node.sign(again.privateKey, message);
    expect(await webCrypto.verify(made.publicKey, message, one)).toBe(true);
    await expect(node.checkKey(made.publicKey)).resolves.toBe(undefined);
  });
});

test('hashes are SHA-256', async () => {
  expect(await node.sha256(message)).toEqual(sha256Sync(message));
});
