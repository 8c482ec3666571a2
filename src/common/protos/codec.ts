// SPDX-License-Identifier: Apache-2.0
//
// Encodes and decodes messages by tables of their fields. The tables in gen/ are a few kilobytes,
// where generated functions for as many messages would be most of what a tab has to load.
//
// Encodes as Go does: fields in the order of their numbers, scalars left out when zero (unless they
// are the member of a oneof that is set), repeated numbers packed, unknown fields last.
// Decodes as Go does: any order, the last of several values counts, but messages are merged.

import Long from 'long';
import { SCALARS, type Scalar } from './scalars.ts';
import { DELIMITED, MAX_DEPTH, Reader, VARINT, Writer } from './wire.ts';

/** A message type: `I` is what can be encoded, `T` what is decoded. */
export interface MessageType<I, T> {
  /** Throws TypeError when a field holds a value of another type. */
  encode(message: I): Writer;
  /** Throws an Error when `input` is not such a message. */
  decode(input: Uint8Array): T;
}

type Message = Record<string, unknown>;

interface Field {
  readonly id: number;
  readonly name: string;
  readonly kind: 'single' | 'repeated' | 'map';
  /** Of the value, or of the elements. */
  readonly scalar: Scalar | undefined;
  readonly message: MessageCodec | undefined;
  readonly mapKey: 'string' | 'uint64';
  readonly oneof: string | undefined;
}

const UNKNOWN = Symbol('unknown fields');

const registry = new Map<string, MessageCodec>();

/**
 * Defines the message type `name`. Fields are separated by commas, each `id name type`, where type is
 * a scalar, `enum` or the name of a message, with `*` behind it for repeated fields, the key type and
 * `:` in front of it for maps, and `?` and the name of the oneof behind it for its members.
 */
export function message(name: string, fields: string): MessageCodec {
  const codec = new MessageCodec(fields);
  registry.set(name, codec);
  return codec;
}

/** An enum: codes by name and names by code, the latter not enumerable. */
export function enumeration(codes: Record<string, number>): object {
  const names = Object.fromEntries(Object.entries(codes).map(([name, code]) => [code, name]));
  return Object.freeze(Object.assign(Object.create(names), codes));
}

class MessageCodec implements MessageType<object, object> {
  readonly #spec: string;
  #fields: readonly Field[] | undefined;
  #byId: (Field | undefined)[] = [];
  /** Fields that each message needs an own value of. */
  #containers: readonly Field[] = [];
  #template: Message = {};

  constructor(spec: string) {
    this.#spec = spec;
  }

  encode(message: object): Writer {
    const writer = new Writer();
    this.write(writer, message as Message, 0);
    return writer;
  }

  decode(input: Uint8Array): object {
    const target = this.create();
    this.read(new Reader(input), target, 0);
    return target;
  }

  create(): Message {
    this.fields();
    const target = { ...this.#template };
    for (const { kind, name } of this.#containers) {
      target[name] = kind === 'repeated' ? [] : Object.create(null);
    }
    return target;
  }

  // Tables refer to each other by name, so they are read at first use.
  fields(): readonly Field[] {
    if (this.#fields) return this.#fields;
    const fields = this.#spec === '' ? [] : this.#spec.split(',').map(parseField);
    for (const field of fields) {
      this.#byId[field.id] = field;
      this.#template[field.name] =
        field.oneof || field.message ? null : (field.scalar?.zero ?? null);
      if (field.oneof) this.#template[field.oneof] = undefined;
    }
    this.#containers = fields.filter(({ kind }) => kind !== 'single');
    this.#fields = fields;
    return fields;
  }

  write(writer: Writer, message: Message, depth: number): void {
    if (depth > MAX_DEPTH) throw new Error('message is nested too deeply');
    for (const field of this.fields()) {
      const value = message[field.name];
      if (value === null || value === undefined) continue;
      if (field.kind === 'single') writeSingle(writer, field, value, depth);
      else if (field.kind === 'map') writeMap(writer, field, value as Message, depth);
      else writeRepeated(writer, field, value as unknown[], depth);
    }
    for (const field of (message as { [UNKNOWN]?: Uint8Array[] })[UNKNOWN] ?? []) writer.raw(field);
  }

  read(reader: Reader, target: Message, depth: number): void {
    if (depth > MAX_DEPTH) throw new Error('message is nested too deeply');
    this.fields();
    while (reader.pos < reader.end) {
      const start = reader.pos;
      const tag = reader.tag();
      const field = this.#byId[tag >>> 3];
      if (field !== undefined && readField(reader, tag & 7, field, target, depth)) continue;
      reader.skip(tag);
      keepUnknown(target, reader.since(start));
    }
  }
}

function parseField(text: string): Field {
  const [id = '', name = '', typeText = ''] = text.split(' ');
  const [, mapKey, type = '', repeated, oneof] =
    /^(?:(\w+):)?([\w.]+)(\*)?(?:\?(\w+))?$/.exec(typeText) ?? [];
  const scalar = SCALARS[type];
  const codec = registry.get(type);
  if (!scalar && !codec) throw new Error(`unknown type in "${text}"`);
  return {
    id: Number(id),
    name,
    kind: mapKey ? 'map' : repeated ? 'repeated' : 'single',
    scalar,
    message: codec,
    mapKey: mapKey === 'uint64' ? 'uint64' : 'string',
    oneof,
  };
}

function keepUnknown(target: Message, field: Uint8Array): void {
  const holder = target as { [UNKNOWN]?: Uint8Array[] };
  if (holder[UNKNOWN]) holder[UNKNOWN].push(field);
  else Object.defineProperty(target, UNKNOWN, { value: [field] });
}

function writeSingle(writer: Writer, field: Field, value: unknown, depth: number): void {
  if (field.scalar && !field.oneof && field.scalar.isZero(value)) return;
  writeValue(writer, field, field.id, value, depth);
}

function writeValue(
  writer: Writer,
  { name, scalar, message }: Field,
  id: number,
  value: unknown,
  depth: number,
): void {
  writer.uint32((id << 3) | (scalar?.wireType ?? DELIMITED));
  if (scalar) {
    writeScalar(writer, name, scalar, value);
    return;
  }
  if (typeof value !== 'object') throw new TypeError(`${name}: ${typeof value} is not a message`);
  writer.fork();
  message?.write(writer, value as Message, depth + 1);
  writer.ldelim();
}

function writeScalar(writer: Writer, name: string, scalar: Scalar, value: unknown): void {
  try {
    scalar.write(writer, value);
  } catch (cause) {
    throw new TypeError(`${name}: ${(cause as Error).message}`, { cause });
  }
}

function writeRepeated(writer: Writer, field: Field, values: unknown[], depth: number): void {
  const { id, name, scalar } = field;
  if (scalar?.wireType !== VARINT) {
    for (const value of values) writeValue(writer, field, id, value, depth);
    return;
  }
  if (values.length === 0) return;
  writer.uint32((id << 3) | DELIMITED);
  writer.fork();
  for (const value of values) writeScalar(writer, name, scalar, value);
  writer.ldelim();
}

// Map entries are messages of a key, 1, and a value, 2. Go writes both, zero or not.
function writeMap(writer: Writer, field: Field, map: Message, depth: number): void {
  for (const [key, value] of Object.entries(map)) {
    writer.uint32((field.id << 3) | DELIMITED);
    writer.fork();
    writer.uint32((1 << 3) | (field.mapKey === 'string' ? DELIMITED : VARINT));
    if (field.mapKey === 'string') writer.string(key);
    else writer.long(Long.fromString(key, true));
    writeValue(writer, field, 2, value, depth);
    writer.ldelim();
  }
}

// False when the wire type is not the field's, which makes it an unknown field.
function readField(
  reader: Reader,
  wireType: number,
  field: Field,
  target: Message,
  depth: number,
): boolean {
  const { name, kind, scalar } = field;
  if (kind === 'repeated') return readRepeated(reader, wireType, field, target, depth);
  if (wireType !== (kind === 'map' ? DELIMITED : (scalar?.wireType ?? DELIMITED))) return false;
  if (kind === 'map') {
    within(reader, () => readEntry(reader, field, target[name] as Message, depth));
    return true;
  }
  if (scalar) target[name] = scalar.read(reader);
  else target[name] = readMessage(reader, field, target[name] as Message | null, depth);
  if (field.oneof) chooseMember(target, field.oneof, name);
  return true;
}

function chooseMember(target: Message, oneof: string, name: string): void {
  const former = target[oneof];
  if (former !== undefined && former !== name) target[former as string] = null;
  target[oneof] = name;
}

function readRepeated(
  reader: Reader,
  wireType: number,
  field: Field,
  target: Message,
  depth: number,
): boolean {
  const { scalar } = field;
  const values = target[field.name] as unknown[];
  const expected = scalar?.wireType ?? DELIMITED;
  if (wireType === expected) {
    values.push(scalar ? scalar.read(reader) : readMessage(reader, field, null, depth));
    return true;
  }
  if (expected !== VARINT || wireType !== DELIMITED) return false;
  within(reader, () => {
    while (reader.pos < reader.end) values.push(scalar?.read(reader));
  });
  return true;
}

function readMessage(
  reader: Reader,
  { message }: Field,
  former: Message | null,
  depth: number,
): Message | null {
  if (!message) return null;
  const target = former ?? message.create();
  within(reader, () => message.read(reader, target, depth + 1));
  return target;
}

function readEntry(reader: Reader, field: Field, map: Message, depth: number): void {
  let key = field.mapKey === 'string' ? '' : '0';
  let value: unknown = field.scalar ? field.scalar.zero : null;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    const wireType = field.scalar?.wireType ?? DELIMITED;
    if (tag === ((1 << 3) | DELIMITED) && field.mapKey === 'string') key = reader.string();
    else if (tag === ((1 << 3) | VARINT) && field.mapKey === 'uint64') {
      key = reader.long(true).toString();
    } else if (tag === ((2 << 3) | wireType)) {
      value = field.scalar
        ? field.scalar.read(reader)
        : readMessage(reader, field, value as Message | null, depth);
    } else reader.skip(tag);
  }
  map[key] = value ?? field.message?.create();
}

// Reads a length, then lets `read` see only as much.
function within(reader: Reader, read: () => void): void {
  const { to } = reader.limit();
  const { end } = reader;
  reader.end = to;
  read();
  reader.end = end;
}
