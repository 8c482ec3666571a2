// SPDX-License-Identifier: Apache-2.0
//
// The codec against two others: protobufjs for every message, and the code that Fabric's own client
// library uses (@hyperledger/fabric-protos, made by protoc) for every message it knows.

import { createRequire } from 'node:module';
import fc from 'fast-check';
import Long from 'long';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { loadProtos } from '../../../scripts/generate-protos.ts';
import { fromHex, toHex } from '../runtime/bytes.ts';
import { readBlock } from '../testdata/mychannel.ts';
import type { MessageType } from './codec.ts';
import * as generated from './index.ts';
import { common, google, gossip, kvrwset, protos } from './index.ts';
import { Writer } from './wire.ts';

type AnyType = MessageType<object, object>;

const types = messageTypes(loadProtos());

function messageTypes(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  return namespace.nestedArray.flatMap((child) => [
    ...(child instanceof protobuf.Type ? [child] : []),
    ...(child instanceof protobuf.Namespace ? messageTypes(child) : []),
  ]);
}

function codecOf(type: protobuf.Type): AnyType {
  const path = type.fullName.slice(1).split('.');
  const codec = path.reduce<unknown>(
    (at, name) => (at as Record<string, unknown>)[name],
    generated,
  );
  return codec as AnyType;
}

// A message with any of its fields set, some of them to their zero value.
function arbitrary(type: protobuf.Type, depth = 0): fc.Arbitrary<Record<string, unknown>> {
  const shape = type.fieldsArray.map((field): [string, fc.Arbitrary<unknown>] => {
    const value = arbitraryValue(field, depth);
    if (field instanceof protobuf.MapField) {
      const keys =
        field.keyType === 'string' ? fc.string() : fc.constantFrom('0', '18446744073709551615');
      return [field.name, fc.dictionary(keys, value, { maxKeys: 3, noNullPrototype: false })];
    }
    return [field.name, field.repeated ? fc.array(value, { maxLength: 3 }) : value];
  });
  return fc.record(Object.fromEntries(shape), { requiredKeys: [] }).map((message) => {
    for (const { oneof } of type.oneofsArray) {
      for (const name of oneof.filter((other) => other in message).slice(1)) delete message[name];
    }
    return message;
  });
}

const SCALARS: Record<string, fc.Arbitrary<unknown>> = {
  string: fc.string({ unit: 'grapheme', maxLength: 60 }),
  bytes: fc.uint8Array({ maxLength: 300 }),
  bool: fc.boolean(),
  int32: fc.integer(),
  uint32: fc.nat(0xffffffff),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => Long.fromBigInt(n, true)),
};

function arbitraryValue(field: protobuf.Field, depth: number): fc.Arbitrary<unknown> {
  const { resolvedType } = field;
  if (resolvedType instanceof protobuf.Enum) return fc.integer({ min: 0, max: 300 });
  if (!(resolvedType instanceof protobuf.Type)) return SCALARS[field.type] ?? fc.constant(null);
  return depth >= 2 ? fc.constant({}) : arbitrary(resolvedType, depth + 1);
}

// protobufjs keys 64-bit maps by eight characters of bits; it is compared without them.
function hasLongKeys(type: protobuf.Type, seen = new Set<protobuf.Type>()): boolean {
  if (seen.has(type)) return false;
  seen.add(type);
  return type.fieldsArray.some(
    (field) =>
      (field instanceof protobuf.MapField && field.keyType === 'uint64') ||
      (field.resolvedType instanceof protobuf.Type && hasLongKeys(field.resolvedType, seen)),
  );
}

describe('every message', () => {
  it.each(types.map((type) => [type.fullName.slice(1), type] as const))('%s', (_name, type) => {
    const codec = codecOf(type);
    fc.assert(
      fc.property(arbitrary(type), (message) => {
        const bytes = codec.encode(message).finish();
        if (!hasLongKeys(type)) {
          expect(toHex(bytes)).toBe(toHex(type.encode(type.fromObject(message)).finish()));
        }
        const decoded = codec.decode(bytes);
        expect(toHex(codec.encode(decoded).finish())).toBe(toHex(bytes));
        for (const field of type.fieldsArray) expect(decoded).toHaveProperty(field.name);
      }),
      { numRuns: 20, seed: 1 },
    );
  });
});

interface JspbMessage {
  serializeBinary(): Uint8Array;
}
interface JspbType {
  deserializeBinary(bytes: Uint8Array): JspbMessage;
}

const require = createRequire(import.meta.url);

function jspbType(type: protobuf.Type): JspbType | undefined {
  const file = /fabric\/(.*)\.proto$/.exec(type.filename ?? '')?.[1];
  const path = type.fullName.slice(1).split('.').slice(1);
  try {
    const module: unknown = require(`@hyperledger/fabric-protos/lib/${file}_pb.js`);
    return path.reduce<unknown>(
      (at, name) => (at as Record<string, unknown>)[name],
      module,
    ) as JspbType;
  } catch {
    return undefined;
  }
}

// Every field set, to a value that differs from field to field; the library reads numbers, not Longs.
function filled(type: protobuf.Type, depth = 0): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    if (field.partOf && field.partOf.fieldsArray[0] !== field) continue;
    const value = filledValue(field, depth);
    if (field instanceof protobuf.MapField) message[field.name] = { 7: value };
    else message[field.name] = field.repeated ? [value, value] : value;
  }
  return message;
}

function filledValue(field: protobuf.Field, depth: number): unknown {
  const { resolvedType, id } = field;
  if (resolvedType instanceof protobuf.Type)
    return depth >= 3 ? {} : filled(resolvedType, depth + 1);
  if (field.type === 'string') return `text ${id}`;
  if (field.type === 'bytes') return Uint8Array.of(id, 0xff);
  return field.type === 'bool' ? true : id;
}

describe("Fabric's own client library", () => {
  it('reads and writes the same bytes', () => {
    const known = types.filter((type) => jspbType(type));
    const different = known.filter((type) => {
      const bytes = codecOf(type).encode(filled(type)).finish();
      const theirs = jspbType(type)?.deserializeBinary(bytes).serializeBinary();
      return theirs === undefined || toHex(theirs) !== toHex(bytes);
    });
    // These have fields newer than older versions of that library, which drop what they do not know.
    const newer = [
      '.gossip.Properties',
      '.gossip.StateInfo',
      '.common.Metadata',
      '.common.MetadataSignature',
      '.orderer.SeekInfo',
      '.lifecycle.CheckCommitReadinessResult',
    ];
    expect(
      different.map(({ fullName }) => fullName).filter((name) => !newer.includes(name)),
    ).toEqual([]);
    expect(known.length).toBeGreaterThan(260);
  });
});

const hex = (codec: AnyType, message: object): string => toHex(codec.encode(message).finish());
const bytesOf = (text: string): Uint8Array => fromHex(text.replaceAll(' ', ''));

describe('encoding', () => {
  it('leaves out zero values, as Go does', () => {
    expect(hex(kvrwset.KVWrite, { key: 'k', is_delete: false, value: new Uint8Array(0) })).toBe(
      '0a016b',
    );
    expect(hex(common.BlockHeader, { number: 0 })).toBe('');
    expect(hex(common.BlockHeader, { number: Long.UZERO, data_hash: null })).toBe('');
    expect(hex(common.ChannelHeader, { timestamp: {} })).toBe('1a00');
  });

  it('keeps the zero value of a member of a oneof', () => {
    expect(hex(common.SignaturePolicy, { signed_by: 0 })).toBe('0800');
    expect(common.SignaturePolicy.decode(bytesOf('0800'))).toMatchObject({
      signed_by: 0,
      Type: 'signed_by',
    });
    expect(common.SignaturePolicy.decode(bytesOf(''))).toMatchObject({
      signed_by: null,
      Type: undefined,
    });
  });

  it('keeps every bit of 64-bit integers', () => {
    const header = common.BlockHeader.encode({ number: Long.MAX_UNSIGNED_VALUE }).finish();
    expect(toHex(header)).toBe('08ffffffffffffffffff01');
    expect(common.BlockHeader.decode(header).number.toString()).toBe('18446744073709551615');
    const time = google.protobuf.Timestamp.encode({ seconds: -1, nanos: -1 }).finish();
    expect(google.protobuf.Timestamp.decode(time)).toEqual({ seconds: Long.NEG_ONE, nanos: -1 });
  });

  it('gives each message an ArrayBuffer of its own', () => {
    const bytes = common.LastConfig.encode({ index: 7 }).finish();
    expect(bytes.buffer.byteLength).toBe(bytes.length);
    expect(bytes.constructor).toBe(Uint8Array);
  });

  it('shares no memory between small messages', () => {
    const [one, two] = [1, 2].map((index) => common.LastConfig.encode({ index }).finish());
    expect(one?.buffer).not.toBe(two?.buffer);
  });

  it('writes half a surrogate pair as the replacement character, long string or short', () => {
    for (const rest of ['', 'x'.repeat(200)]) {
      const header = common.ChannelHeader.encode({ channel_id: `\ud83d${rest}\u{1f600}` }).finish();
      expect(common.ChannelHeader.decode(header).channel_id).toBe(`\ufffd${rest}\u{1f600}`);
    }
  });

  it.each([
    ['a string for bytes', common.Envelope, { payload: 'text' }],
    ['bytes for a string', common.ChannelHeader, { channel_id: Uint8Array.of(1) }],
    ['a fraction', common.ChannelHeader, { type: 1.5 }],
    ['an unsafe number', common.LastConfig, { index: 2 ** 60 }],
    ['a number for a message', common.Block, { header: 1 }],
  ])('refuses %s', (_what, codec: AnyType, message) => {
    expect(() => codec.encode(message)).toThrow(TypeError);
  });
});

describe('decoding', () => {
  it('sets every field', () => {
    expect(common.ConfigGroup.decode(new Uint8Array(0))).toEqual({
      version: Long.UZERO,
      groups: {},
      values: {},
      policies: {},
      mod_policy: '',
    });
    expect(common.Block.decode(new Uint8Array(0))).toEqual({
      header: null,
      data: null,
      metadata: null,
    });
  });

  it('keeps unknown fields and unknown enum codes', () => {
    const bytes = bytesOf('0a0101 12 0102 ba0603616263 a00605');
    const envelope = common.Envelope.decode(bytes);
    expect(Object.keys(envelope)).toEqual(['payload', 'signature']);
    expect(toHex(common.Envelope.encode(envelope).finish())).toBe(toHex(bytes));
    expect(protos.ChaincodeMessage.decode(bytesOf('08e707')).type).toBe(999);
  });

  it('takes a field of another wire type as unknown', () => {
    expect(common.Envelope.decode(bytesOf('0805')).payload).toHaveLength(0);
  });

  it('lets the last value count, and merges messages', () => {
    const block = common.Block.decode(bytesOf('0a020801 0a03120109 0a020802'));
    expect(block.header).toEqual({
      number: Long.fromNumber(2, true),
      previous_hash: Uint8Array.of(9),
      data_hash: new Uint8Array(0),
    });
    const policy = common.SignaturePolicy.decode(bytesOf('0803 1200'));
    expect(policy).toMatchObject({ signed_by: null, n_out_of: { n: 0 }, Type: 'n_out_of' });
  });

  it('reads repeated numbers packed or not', () => {
    for (const text of ['0a020102', '08010802', '0a01010802']) {
      const { block_numbers } = protos.QueryPendingSnapshotsResponse.decode(bytesOf(text));
      expect(block_numbers.map(Number)).toEqual([1, 2]);
    }
  });

  it('reads tags and lengths that are longer than needed, as Go does', () => {
    const envelope = common.Envelope.decode(bytesOf('8a808080808000 83808080808000 010203'));
    expect(envelope.payload).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('keeps a byte order mark, and any key of a map', () => {
    expect(common.ChannelHeader.decode(bytesOf('2203efbbbf')).channel_id).toBe('\ufeff');
    const names = ['__proto__', 'constructor', ''];
    const groups = Object.fromEntries(names.map((name) => [name, { mod_policy: name }]));
    const decoded = common.ConfigGroup.decode(common.ConfigGroup.encode({ groups }).finish());
    expect(Object.keys(decoded.groups)).toEqual(names);
    expect('toString' in decoded.groups).toBe(false);
  });

  it('keys maps of 64-bit integers by their decimal digits', () => {
    const private_data_map = { '18446744073709551615': { data_model: 0 } };
    const bytes = protos.BlockAndPrivateData.encode({ private_data_map }).finish();
    expect(Object.keys(protos.BlockAndPrivateData.decode(bytes).private_data_map)).toEqual(
      Object.keys(private_data_map),
    );
  });

  it.each([
    ['a length beyond the end', '0a05 01'],
    ['a length of 4 GiB', '0affffffff0f'],
    ['a length of more than 32 bits', '0a8180808010 01'],
    ['a tag of more than 32 bits', '8a80808010 01 01'],
    ['a varint without end', '088080'],
    ['a varint of more than 64 bits', '08ffffffffffffffffff02'],
    ['a varint of eleven bytes', '0880808080808080808080808001'],
    ['field number 0', '0001'],
    ['wire type 6', '0e'],
    ['a group without start', '0c'],
    ['a group without end', '0b0801'],
    ['a group with another end', '0b14'],
    ['a fixed64 cut short', '79010203'],
    ['a string that is not UTF-8', '2201ff'],
    ['a long string that is not UTF-8', `2240${'61'.repeat(63)}c0`],
  ])('refuses %s', (_what, text) => {
    expect(() => common.ChannelHeader.decode(bytesOf(text))).toThrow(Error);
  });

  it('refuses to nest without end', () => {
    // SignaturePolicy { n_out_of { rules { ...
    let bytes = new Uint8Array(0);
    for (let i = 0; i < 1000; i++) {
      const writer = new Writer();
      writer.uint32(0x12);
      writer.bytes(bytes);
      bytes = writer.finish();
    }
    expect(() => common.SignaturePolicy.decode(bytes)).toThrow('nested too deeply');
    const groups = new Uint8Array(1000).fill(0x0b);
    expect(() => common.Envelope.decode(groups)).toThrow(/nested too deeply/);
  });

  it('fails on every truncation of a block or yields a block, and never hangs', () => {
    const block = readBlock(16);
    for (let length = 0; length < block.length; length += 7) {
      try {
        common.Block.decode(block.subarray(0, length));
      } catch (error) {
        expect((error as Error).message).toMatch(/unexpected end/);
      }
    }
  });

  it('either decodes or throws an Error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const codec of [common.Block, common.ConfigGroup, gossip.GossipMessage]) {
          try {
            codec.decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
            expect((error as Error).message).not.toMatch(/undefined|not a function/);
          }
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('returns what can be copied to another thread', () => {
    const block = common.Block.decode(readBlock(16));
    const copy = structuredClone(block.data);
    expect(copy).toEqual(block.data);
  });

  it('does not take anything but bytes', () => {
    const notBytes: unknown = [8, 1];
    expect(() => common.LastConfig.decode(notBytes as Uint8Array)).toThrow(TypeError);
  });
});
