// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { concat, fromHex } from '../../../common/runtime/bytes.ts';
import {
  decodeBootstrappingSnapshot,
  encodeBootstrappingSnapshot,
  MAX_BOOTSTRAPPING_SNAPSHOT_BYTES,
} from './bootstrapping-snapshot.ts';

const LAST = new Uint8Array(32).fill(0xaa);
const PREVIOUS = new Uint8Array(32).fill(0xbb);
// Block 300, by hand: field 1 a varint, fields 2 and 3 of 32 bytes.
const SERIALIZED = concat(fromHex('08ac02' + '1220'), LAST, fromHex('1a20'), PREVIOUS);

describe('bootstrappingSnapshot.info', () => {
  const info = { lastBlockNum: 300, lastBlockHash: LAST, previousBlockHash: PREVIOUS };
  const ofGenesis = {
    lastBlockNum: 0,
    lastBlockHash: LAST,
    previousBlockHash: new Uint8Array(),
  };

  test('is written and read as Fabric’s message', () => {
    expect(encodeBootstrappingSnapshot(info)).toEqual(SERIALIZED);
    expect(decodeBootstrappingSnapshot(SERIALIZED)).toEqual(info);
    expect(decodeBootstrappingSnapshot(concat(SERIALIZED, fromHex('2001')))).toEqual(info);
    const genesis = encodeBootstrappingSnapshot(ofGenesis);
    expect(genesis).toEqual(concat(fromHex('1220'), LAST));
    expect(decodeBootstrappingSnapshot(genesis)).toEqual(ofGenesis);
  });

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a part', SERIALIZED.subarray(0, 50)],
    ['one hash', SERIALIZED.subarray(0, 37)],
    ['a number that is too large', concat(fromHex('08ffffffffffffffffff01'), SERIALIZED)],
    ['more than there can be', new Uint8Array(MAX_BOOTSTRAPPING_SNAPSHOT_BYTES + 1)],
  ])('of %s is refused', (_, bytes) => {
    expect(() => decodeBootstrappingSnapshot(bytes)).toThrow(
      expect.objectContaining({ code: 'BOOTSTRAP_MALFORMED' }),
    );
  });
});
