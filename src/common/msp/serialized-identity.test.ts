// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { createBCCSP } from '../crypto/index.ts';
import { msp } from '../protos/index.ts';
import { equalBytes, fromUtf8, toHex } from '../runtime/bytes.ts';
import { checkWellFormed, createSigningIdentity, pkiIdOf, serializeIdentity } from './index.ts';
import { creatorOf } from './testing/real-channel.ts';

describe('serialized identities', () => {
  it("has the PKI-ID that a real peer's gossip would give", async () => {
    const serialized = creatorOf(16);
    const { mspid, id_bytes } = msp.SerializedIdentity.decode(serialized);
    const { createHash } = await import('node:crypto');
    const expected = createHash('sha256').update(mspid).update(id_bytes).digest('hex');
    expect(toHex(pkiIdOf(serialized))).toBe(expected);
  });

  it('tells well-formed ones from variations', () => {
    const serialized = creatorOf(16);
    expect(() => checkWellFormed(serialized)).not.toThrow();
    const pem = fromUtf8(msp.SerializedIdentity.decode(serialized).id_bytes);
    const variations = [`${pem}x`, `${pem}${pem}`, pem.replaceAll('CERTIFICATE', 'KEY'), 'x'];
    for (const variation of variations) {
      expect(() => checkWellFormed(serializeIdentity('Org1MSP', variation))).toThrow();
    }
  });

  it("rewrites PEM in Go's form", async () => {
    const pem = fromUtf8(msp.SerializedIdentity.decode(creatorOf(16)).id_bytes);
    const { privateKey } = await createBCCSP().generateKey();
    const identity = createSigningIdentity(
      'Org1MSP',
      `comment\n${pem.replaceAll('\n', '\r\n')}`,
      privateKey,
    );
    expect(equalBytes(identity.serialize(), creatorOf(16))).toBe(true);
  });
});
