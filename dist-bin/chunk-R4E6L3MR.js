import {
  CURVES,
  CryptoError,
  DerReader,
  EMPTY_BYTES,
  FabricError,
  TAG,
  bitString,
  bitsOf,
  boolean,
  concat,
  contextTag,
  derToRaw,
  directoryString,
  element,
  equalBytes,
  fromBase64,
  fromUtf8,
  fromUtf8Strict,
  integer,
  isCanonical,
  isLowS,
  isTrue,
  messageOf,
  octetString,
  oid,
  oidText,
  publicKeyFromPoint,
  publicKeyFromSpki,
  publicKeyToSpki,
  rawToDer,
  rightAligned,
  sequence,
  signedInteger,
  smallInteger,
  timeOf,
  toBase64,
  toHex,
  toLowS,
  unsignedInteger,
  utf8
} from "./chunk-4AZXMRM6.js";

// src/common/protos/codec.ts
import Long3 from "long";

// src/common/protos/scalars.ts
import Long2 from "long";

// src/common/protos/wire.ts
import Long from "long";
import protobuf from "protobufjs/minimal.js";
protobuf.util.Long = Long;
protobuf.configure();
var MAX_DEPTH = 256;
var VARINT = 0;
var FIXED64 = 1;
var DELIMITED = 2;
var START_GROUP = 3;
var END_GROUP = 4;
var FIXED32 = 5;
var MAX_VARINT_BYTES = 10;
var LONE_SURROGATE = new RegExp("\\p{Surrogate}", "gu");
var readUint32 = (wire) => wire.uint32();
var readInt32 = (wire) => wire.int32();
var readBool = (wire) => wire.bool();
var readInt64 = (wire) => asLong(wire.int64());
var readUint64 = (wire) => asLong(wire.uint64());
function asLong(value) {
  if (!Long.isLong(value)) throw new TypeError("protobufjs has another Long");
  return value;
}
var Reader = class {
  #wire;
  constructor(input) {
    if (!(input instanceof Uint8Array)) throw new TypeError("input is not a Uint8Array");
    this.#wire = new protobuf.Reader(
      input.constructor === Uint8Array ? input : new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
    );
  }
  /** Position of the next byte. */
  get pos() {
    return this.#wire.pos;
  }
  set pos(position) {
    this.#wire.pos = position;
  }
  /** End of the message being read. */
  get end() {
    return this.#wire.len;
  }
  set end(position) {
    this.#wire.len = position;
  }
  uint32() {
    return this.#varint(readUint32);
  }
  int32() {
    return this.#varint(readInt32);
  }
  bool() {
    return this.#varint(readBool);
  }
  /** A 64-bit integer. */
  long(unsigned) {
    return this.#varint(unsigned ? readUint64 : readInt64);
  }
  /** Field number and wire type, as `number << 3 | type`. */
  tag() {
    const tag = this.#small();
    if (tag === void 0 || tag < 8) throw new Error("invalid field number");
    return tag;
  }
  /** A view into the input. */
  bytes() {
    const { from, to } = this.limit();
    this.#wire.pos = to;
    return this.#wire.raw(from, to);
  }
  string() {
    const { from, to } = this.limit();
    this.#wire.pos = to;
    return protobuf.util.utf8.readStrict(this.#wire.buf, from, to);
  }
  /** Reads a length; the range it spans from here. */
  limit() {
    const length = this.#small();
    const from = this.pos;
    if (length === void 0 || length > this.end - from) throw endOfMessage();
    return { from, to: from + length };
  }
  /** A view of what was read since `start`. */
  since(start) {
    return this.#wire.raw(start, this.pos);
  }
  /** Passes over the value of a field whose tag has been read. */
  skip(tag, depth = 0) {
    if (depth > MAX_DEPTH) throw new Error("message is nested too deeply");
    const wireType = tag & 7;
    if (wireType === VARINT) this.#varint(readUint32);
    else if (wireType === FIXED64) this.#moveBy(8);
    else if (wireType === DELIMITED) this.pos = this.limit().to;
    else if (wireType === FIXED32) this.#moveBy(4);
    else if (wireType === START_GROUP) this.#skipGroup(tag, depth);
    else throw new Error(`invalid wire type ${wireType}`);
  }
  // protobufjs skips groups too, but does not tell who began one from who ends it.
  #skipGroup(start, depth) {
    const last = start - START_GROUP + END_GROUP;
    for (let tag = this.tag(); tag !== last; tag = this.tag()) this.skip(tag, depth + 1);
  }
  #moveBy(count) {
    if (count > this.end - this.pos) throw endOfMessage();
    this.#wire.skip(count);
  }
  // A varint of at most 32 bits; undefined when it has more. protobufjs drops the upper half.
  #small() {
    const wire = this.#wire;
    const start = wire.pos;
    const first = wire.buf[start] ?? 128;
    if (first < 128 && start < wire.len) {
      wire.pos = start + 1;
      return first;
    }
    const second = wire.buf[start + 1] ?? 128;
    if (second < 128 && start + 1 < wire.len) {
      wire.pos = start + 2;
      return first & 127 | second << 7;
    }
    const value = this.#varint(readUint32);
    if (this.pos - start < 5) return value;
    this.pos = start;
    return this.#varint(readUint64).high === 0 ? value : void 0;
  }
  #varint(read) {
    const wire = this.#wire;
    const start = wire.pos;
    let value;
    try {
      value = read(wire);
    } catch (cause) {
      throw cause instanceof RangeError ? endOfMessage() : new Error("varint of more than 64 bits");
    }
    if (wire.pos - start >= MAX_VARINT_BYTES && (wire.buf[wire.pos - 1] ?? 0) > 1) {
      throw new Error("varint of more than 64 bits");
    }
    return value;
  }
};
function endOfMessage() {
  return new RangeError("unexpected end of message");
}
var Writer = class {
  #wire = new protobuf.Writer();
  uint32(value) {
    this.#wire.uint32(value);
    return this;
  }
  /** A negative number takes ten bytes, as if it were 64 bits wide. */
  int32(value) {
    this.#wire.int32(value);
    return this;
  }
  /** A 64-bit integer; a number must be a safe integer. */
  long(value) {
    this.#wire.uint64(value);
    return this;
  }
  bytes(value) {
    this.#wire.bytes(value);
    return this;
  }
  /** Half a surrogate pair becomes U+FFFD, as nothing else would be valid UTF-8. */
  string(value) {
    this.#wire.string(value.replace(LONE_SURROGATE, "\uFFFD"));
    return this;
  }
  /** Bytes without a length in front. */
  raw(value) {
    this.#wire.raw(value);
    return this;
  }
  /** Bytes written so far. */
  get length() {
    return this.#wire.pos;
  }
  /** Begins something that its length precedes; `ldelim()` ends it. */
  fork() {
    this.#wire.fork();
    return this;
  }
  /** Puts the length of what was written since the last `fork()` in front of it. */
  ldelim() {
    this.#wire.ldelim();
    return this;
  }
  /** All that was written. */
  finish() {
    return this.#wire.finishInto(new Uint8Array(this.#wire.pos));
  }
};

// src/common/protos/scalars.ts
function int(read, write) {
  return {
    wireType: VARINT,
    zero: 0,
    read,
    write: (writer, value) => {
      if (!Number.isInteger(value)) throw new TypeError(`${value} is not an integer`);
      write(writer, value);
    },
    isZero: (value) => value === 0
  };
}
function long(unsigned) {
  return {
    wireType: VARINT,
    zero: unsigned ? Long2.UZERO : Long2.ZERO,
    read: (reader) => reader.long(unsigned),
    write: (writer, value) => {
      if (!Long2.isLong(value) && !Number.isSafeInteger(value)) {
        throw new TypeError(`${value} is neither a Long nor a safe integer`);
      }
      writer.long(Long2.fromValue(value, unsigned));
    },
    isZero: (value) => value === 0 || Long2.isLong(value) && value.isZero()
  };
}
var int32 = int(
  (reader) => reader.int32(),
  (writer, value) => writer.int32(value)
);
var SCALARS = {
  int32,
  enum: int32,
  uint32: int(
    (reader) => reader.uint32(),
    (writer, value) => writer.uint32(value)
  ),
  int64: long(false),
  uint64: long(true),
  bool: {
    wireType: VARINT,
    zero: false,
    read: (reader) => reader.bool(),
    write: (writer, value) => writer.uint32(value === true ? 1 : 0),
    isZero: (value) => value === false
  },
  string: {
    wireType: DELIMITED,
    zero: "",
    read: (reader) => reader.string(),
    write: (writer, value) => {
      if (typeof value !== "string") throw new TypeError(`${typeof value} is not a string`);
      writer.string(value);
    },
    isZero: (value) => value === ""
  },
  bytes: {
    wireType: DELIMITED,
    zero: new Uint8Array(0),
    read: (reader) => reader.bytes(),
    write: (writer, value) => {
      if (!(value instanceof Uint8Array))
        throw new TypeError(`${typeof value} is not a Uint8Array`);
      writer.bytes(value);
    },
    isZero: (value) => value instanceof Uint8Array && value.length === 0
  }
};

// src/common/protos/codec.ts
var UNKNOWN = /* @__PURE__ */ Symbol("unknown fields");
var registry = /* @__PURE__ */ new Map();
function message(name, fields) {
  const codec = new MessageCodec(fields);
  registry.set(name, codec);
  return codec;
}
function enumeration(codes) {
  const names = Object.fromEntries(Object.entries(codes).map(([name, code]) => [code, name]));
  return Object.freeze(Object.assign(Object.create(names), codes));
}
var MessageCodec = class {
  #spec;
  #fields;
  #byId = [];
  /** Fields that each message needs an own value of. */
  #containers = [];
  #template = {};
  constructor(spec) {
    this.#spec = spec;
  }
  encode(message2) {
    const writer = new Writer();
    this.write(writer, message2, 0);
    return writer;
  }
  decode(input) {
    const target = this.create();
    this.read(new Reader(input), target, 0);
    return target;
  }
  create() {
    this.fields();
    const target = { ...this.#template };
    for (const { kind, name } of this.#containers) {
      target[name] = kind === "repeated" ? [] : /* @__PURE__ */ Object.create(null);
    }
    return target;
  }
  // Tables refer to each other by name, so they are read at first use.
  fields() {
    if (this.#fields) return this.#fields;
    const fields = this.#spec === "" ? [] : this.#spec.split(",").map(parseField);
    for (const field of fields) {
      this.#byId[field.id] = field;
      this.#template[field.name] = field.oneof || field.message ? null : field.scalar?.zero ?? null;
      if (field.oneof) this.#template[field.oneof] = void 0;
    }
    this.#containers = fields.filter(({ kind }) => kind !== "single");
    this.#fields = fields;
    return fields;
  }
  write(writer, message2, depth) {
    if (depth > MAX_DEPTH) throw new Error("message is nested too deeply");
    for (const field of this.fields()) {
      const value = message2[field.name];
      if (value === null || value === void 0) continue;
      if (field.kind === "single") writeSingle(writer, field, value, depth);
      else if (field.kind === "map") writeMap(writer, field, value, depth);
      else writeRepeated(writer, field, value, depth);
    }
    for (const field of message2[UNKNOWN] ?? []) writer.raw(field);
  }
  read(reader, target, depth) {
    if (depth > MAX_DEPTH) throw new Error("message is nested too deeply");
    this.fields();
    while (reader.pos < reader.end) {
      const start = reader.pos;
      const tag = reader.tag();
      const field = this.#byId[tag >>> 3];
      if (field !== void 0 && readField(reader, tag & 7, field, target, depth)) continue;
      reader.skip(tag);
      keepUnknown(target, reader.since(start));
    }
  }
};
function parseField(text2) {
  const [id = "", name = "", typeText = ""] = text2.split(" ");
  const [, mapKey, type = "", repeated, oneof] = /^(?:(\w+):)?([\w.]+)(\*)?(?:\?(\w+))?$/.exec(typeText) ?? [];
  const scalar = SCALARS[type];
  const codec = registry.get(type);
  if (!scalar && !codec) throw new Error(`unknown type in "${text2}"`);
  return {
    id: Number(id),
    name,
    kind: mapKey ? "map" : repeated ? "repeated" : "single",
    scalar,
    message: codec,
    mapKey: mapKey === "uint64" ? "uint64" : "string",
    oneof
  };
}
function keepUnknown(target, field) {
  const holder = target;
  if (holder[UNKNOWN]) holder[UNKNOWN].push(field);
  else Object.defineProperty(target, UNKNOWN, { value: [field] });
}
function writeSingle(writer, field, value, depth) {
  if (field.scalar && !field.oneof && field.scalar.isZero(value)) return;
  writeValue(writer, field, field.id, value, depth);
}
function writeValue(writer, { name, scalar, message: message2 }, id, value, depth) {
  writer.uint32(id << 3 | (scalar?.wireType ?? DELIMITED));
  if (scalar) {
    writeScalar(writer, name, scalar, value);
    return;
  }
  if (typeof value !== "object") throw new TypeError(`${name}: ${typeof value} is not a message`);
  writer.fork();
  message2?.write(writer, value, depth + 1);
  writer.ldelim();
}
function writeScalar(writer, name, scalar, value) {
  try {
    scalar.write(writer, value);
  } catch (cause) {
    throw new TypeError(`${name}: ${cause.message}`, { cause });
  }
}
function writeRepeated(writer, field, values, depth) {
  const { id, name, scalar } = field;
  if (scalar?.wireType !== VARINT) {
    for (const value of values) writeValue(writer, field, id, value, depth);
    return;
  }
  if (values.length === 0) return;
  writer.uint32(id << 3 | DELIMITED);
  writer.fork();
  for (const value of values) writeScalar(writer, name, scalar, value);
  writer.ldelim();
}
function writeMap(writer, field, map, depth) {
  for (const [key, value] of Object.entries(map)) {
    writer.uint32(field.id << 3 | DELIMITED);
    writer.fork();
    writer.uint32(1 << 3 | (field.mapKey === "string" ? DELIMITED : VARINT));
    if (field.mapKey === "string") writer.string(key);
    else writer.long(Long3.fromString(key, true));
    writeValue(writer, field, 2, value, depth);
    writer.ldelim();
  }
}
function readField(reader, wireType, field, target, depth) {
  const { name, kind, scalar } = field;
  if (kind === "repeated") return readRepeated(reader, wireType, field, target, depth);
  if (wireType !== (kind === "map" ? DELIMITED : scalar?.wireType ?? DELIMITED)) return false;
  if (kind === "map") {
    within(reader, () => readEntry(reader, field, target[name], depth));
    return true;
  }
  if (scalar) target[name] = scalar.read(reader);
  else target[name] = readMessage(reader, field, target[name], depth);
  if (field.oneof) chooseMember(target, field.oneof, name);
  return true;
}
function chooseMember(target, oneof, name) {
  const former = target[oneof];
  if (former !== void 0 && former !== name) target[former] = null;
  target[oneof] = name;
}
function readRepeated(reader, wireType, field, target, depth) {
  const { scalar } = field;
  const values = target[field.name];
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
function readMessage(reader, { message: message2 }, former, depth) {
  if (!message2) return null;
  const target = former ?? message2.create();
  within(reader, () => message2.read(reader, target, depth + 1));
  return target;
}
function readEntry(reader, field, map, depth) {
  let key = field.mapKey === "string" ? "" : "0";
  let value = field.scalar ? field.scalar.zero : null;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    const wireType = field.scalar?.wireType ?? DELIMITED;
    if (tag === (1 << 3 | DELIMITED) && field.mapKey === "string") key = reader.string();
    else if (tag === (1 << 3 | VARINT) && field.mapKey === "uint64") {
      key = reader.long(true).toString();
    } else if (tag === (2 << 3 | wireType)) {
      value = field.scalar ? field.scalar.read(reader) : readMessage(reader, field, value, depth);
    } else reader.skip(tag);
  }
  map[key] = value ?? field.message?.create();
}
function within(reader, read) {
  const { to } = reader.limit();
  const { end } = reader;
  reader.end = to;
  read();
  reader.end = end;
}

// src/common/protos/gen/fabric.js
var common = {
  Status: enumeration({ "UNKNOWN": 0, "SUCCESS": 200, "BAD_REQUEST": 400, "FORBIDDEN": 403, "NOT_FOUND": 404, "REQUEST_ENTITY_TOO_LARGE": 413, "INTERNAL_SERVER_ERROR": 500, "NOT_IMPLEMENTED": 501, "SERVICE_UNAVAILABLE": 503 }),
  HeaderType: enumeration({ "MESSAGE": 0, "CONFIG": 1, "CONFIG_UPDATE": 2, "ENDORSER_TRANSACTION": 3, "ORDERER_TRANSACTION": 4, "DELIVER_SEEK_INFO": 5, "CHAINCODE_PACKAGE": 6 }),
  BlockMetadataIndex: enumeration({ "SIGNATURES": 0, "LAST_CONFIG": 1, "TRANSACTIONS_FILTER": 2, "ORDERER": 3, "COMMIT_HASH": 4 }),
  LastConfig: message("common.LastConfig", "1 index uint64"),
  Metadata: message("common.Metadata", "1 value bytes,2 signatures common.MetadataSignature*"),
  MetadataSignature: message("common.MetadataSignature", "1 signature_header bytes,2 signature bytes,3 identifier_header bytes"),
  IdentifierHeader: message("common.IdentifierHeader", "1 identifier uint32,2 nonce bytes"),
  Header: message("common.Header", "1 channel_header bytes,2 signature_header bytes"),
  ChannelHeader: message("common.ChannelHeader", "1 type int32,2 version int32,3 timestamp google.protobuf.Timestamp,4 channel_id string,5 tx_id string,6 epoch uint64,7 extension bytes,8 tls_cert_hash bytes"),
  SignatureHeader: message("common.SignatureHeader", "1 creator bytes,2 nonce bytes"),
  Payload: message("common.Payload", "1 header common.Header,2 data bytes"),
  Envelope: message("common.Envelope", "1 payload bytes,2 signature bytes"),
  Block: message("common.Block", "1 header common.BlockHeader,2 data common.BlockData,3 metadata common.BlockMetadata"),
  BlockHeader: message("common.BlockHeader", "1 number uint64,2 previous_hash bytes,3 data_hash bytes"),
  BlockData: message("common.BlockData", "1 data bytes*"),
  BlockMetadata: message("common.BlockMetadata", "1 metadata bytes*"),
  OrdererBlockMetadata: message("common.OrdererBlockMetadata", "1 last_config common.LastConfig,2 consenter_metadata bytes"),
  ConfigEnvelope: message("common.ConfigEnvelope", "1 config common.Config,2 last_update common.Envelope"),
  Config: message("common.Config", "1 sequence uint64,2 channel_group common.ConfigGroup"),
  ConfigUpdateEnvelope: message("common.ConfigUpdateEnvelope", "1 config_update bytes,2 signatures common.ConfigSignature*"),
  ConfigUpdate: message("common.ConfigUpdate", "1 channel_id string,2 read_set common.ConfigGroup,3 write_set common.ConfigGroup,5 isolated_data string:bytes"),
  ConfigGroup: message("common.ConfigGroup", "1 version uint64,2 groups string:common.ConfigGroup,3 values string:common.ConfigValue,4 policies string:common.ConfigPolicy,5 mod_policy string"),
  ConfigValue: message("common.ConfigValue", "1 version uint64,2 value bytes,3 mod_policy string"),
  ConfigPolicy: message("common.ConfigPolicy", "1 version uint64,2 policy common.Policy,3 mod_policy string"),
  ConfigSignature: message("common.ConfigSignature", "1 signature_header bytes,2 signature bytes"),
  Policy: Object.assign(message("common.Policy", "1 type int32,2 value bytes"), {
    PolicyType: enumeration({ "UNKNOWN": 0, "SIGNATURE": 1, "MSP": 2, "IMPLICIT_META": 3 })
  }),
  SignaturePolicyEnvelope: message("common.SignaturePolicyEnvelope", "1 version int32,2 rule common.SignaturePolicy,3 identities common.MSPPrincipal*"),
  SignaturePolicy: Object.assign(message("common.SignaturePolicy", "1 signed_by int32?Type,2 n_out_of common.SignaturePolicy.NOutOf?Type"), {
    NOutOf: message("common.SignaturePolicy.NOutOf", "1 n int32,2 rules common.SignaturePolicy*")
  }),
  ImplicitMetaPolicy: Object.assign(message("common.ImplicitMetaPolicy", "1 sub_policy string,2 rule enum"), {
    Rule: enumeration({ "ANY": 0, "ALL": 1, "MAJORITY": 2 })
  }),
  ApplicationPolicy: message("common.ApplicationPolicy", "1 signature_policy common.SignaturePolicyEnvelope?Type,2 channel_config_policy_reference string?Type"),
  MSPPrincipal: Object.assign(message("common.MSPPrincipal", "1 principal_classification enum,2 principal bytes"), {
    Classification: enumeration({ "ROLE": 0, "ORGANIZATION_UNIT": 1, "IDENTITY": 2, "ANONYMITY": 3, "COMBINED": 4 })
  }),
  OrganizationUnit: message("common.OrganizationUnit", "1 msp_identifier string,2 organizational_unit_identifier string,3 certifiers_identifier bytes"),
  MSPRole: Object.assign(message("common.MSPRole", "1 msp_identifier string,2 role enum"), {
    MSPRoleType: enumeration({ "MEMBER": 0, "ADMIN": 1, "CLIENT": 2, "PEER": 3, "ORDERER": 4 })
  }),
  MSPIdentityAnonymity: Object.assign(message("common.MSPIdentityAnonymity", "1 anonymity_type enum"), {
    MSPIdentityAnonymityType: enumeration({ "NOMINAL": 0, "ANONYMOUS": 1 })
  }),
  CombinedPrincipal: message("common.CombinedPrincipal", "1 principals common.MSPPrincipal*"),
  HashingAlgorithm: message("common.HashingAlgorithm", "1 name string"),
  BlockDataHashingStructure: message("common.BlockDataHashingStructure", "1 width uint32"),
  OrdererAddresses: message("common.OrdererAddresses", "1 addresses string*"),
  Consenter: message("common.Consenter", "1 id uint32,2 host string,3 port uint32,4 msp_id string,5 identity bytes,6 client_tls_cert bytes,7 server_tls_cert bytes"),
  Orderers: message("common.Orderers", "1 consenter_mapping common.Consenter*"),
  Consortium: message("common.Consortium", "1 name string"),
  Capabilities: message("common.Capabilities", "1 capabilities string:common.Capability"),
  Capability: message("common.Capability", ""),
  BlockchainInfo: message("common.BlockchainInfo", "1 height uint64,2 currentBlockHash bytes,3 previousBlockHash bytes,4 bootstrappingSnapshotInfo common.BootstrappingSnapshotInfo"),
  BootstrappingSnapshotInfo: message("common.BootstrappingSnapshotInfo", "1 lastBlockInSnapshot uint64")
};
var discovery = {
  SignedRequest: message("discovery.SignedRequest", "1 payload bytes,2 signature bytes"),
  Request: message("discovery.Request", "1 authentication discovery.AuthInfo,2 queries discovery.Query*"),
  Response: message("discovery.Response", "1 results discovery.QueryResult*"),
  AuthInfo: message("discovery.AuthInfo", "1 client_identity bytes,2 client_tls_cert_hash bytes"),
  Query: message("discovery.Query", "1 channel string,2 config_query discovery.ConfigQuery?query,3 peer_query discovery.PeerMembershipQuery?query,4 cc_query discovery.ChaincodeQuery?query,5 local_peers discovery.LocalPeerQuery?query"),
  QueryResult: message("discovery.QueryResult", "1 error discovery.Error?result,2 config_result discovery.ConfigResult?result,3 cc_query_res discovery.ChaincodeQueryResult?result,4 members discovery.PeerMembershipResult?result"),
  ConfigQuery: message("discovery.ConfigQuery", ""),
  ConfigResult: message("discovery.ConfigResult", "1 msps string:msp.FabricMSPConfig,2 orderers string:discovery.Endpoints"),
  PeerMembershipQuery: message("discovery.PeerMembershipQuery", "1 filter protos.ChaincodeInterest"),
  PeerMembershipResult: message("discovery.PeerMembershipResult", "1 peers_by_org string:discovery.Peers"),
  ChaincodeQuery: message("discovery.ChaincodeQuery", "1 interests protos.ChaincodeInterest*"),
  ChaincodeQueryResult: message("discovery.ChaincodeQueryResult", "1 content discovery.EndorsementDescriptor*"),
  LocalPeerQuery: message("discovery.LocalPeerQuery", ""),
  EndorsementDescriptor: message("discovery.EndorsementDescriptor", "1 chaincode string,2 endorsers_by_groups string:discovery.Peers,3 layouts discovery.Layout*"),
  Layout: message("discovery.Layout", "1 quantities_by_group string:uint32"),
  Peers: message("discovery.Peers", "1 peers discovery.Peer*"),
  Peer: message("discovery.Peer", "1 state_info gossip.Envelope,2 membership_info gossip.Envelope,3 identity bytes"),
  Error: message("discovery.Error", "1 content string"),
  Endpoints: message("discovery.Endpoints", "1 endpoint discovery.Endpoint*"),
  Endpoint: message("discovery.Endpoint", "1 host string,2 port uint32")
};
var gossip = {
  Envelope: message("gossip.Envelope", "1 payload bytes,2 signature bytes,3 secret_envelope gossip.SecretEnvelope"),
  SecretEnvelope: message("gossip.SecretEnvelope", "1 payload bytes,2 signature bytes"),
  Secret: message("gossip.Secret", "1 internalEndpoint string?content"),
  GossipMessage: Object.assign(message("gossip.GossipMessage", "1 nonce uint64,2 channel bytes,3 tag enum,5 alive_msg gossip.AliveMessage?content,6 mem_req gossip.MembershipRequest?content,7 mem_res gossip.MembershipResponse?content,8 data_msg gossip.DataMessage?content,9 hello gossip.GossipHello?content,10 data_dig gossip.DataDigest?content,11 data_req gossip.DataRequest?content,12 data_update gossip.DataUpdate?content,13 empty gossip.Empty?content,14 conn gossip.ConnEstablish?content,15 state_info gossip.StateInfo?content,16 state_snapshot gossip.StateInfoSnapshot?content,17 state_info_pull_req gossip.StateInfoPullRequest?content,18 state_request gossip.RemoteStateRequest?content,19 state_response gossip.RemoteStateResponse?content,20 leadership_msg gossip.LeadershipMessage?content,21 peer_identity gossip.PeerIdentity?content,22 ack gossip.Acknowledgement?content,23 privateReq gossip.RemotePvtDataRequest?content,24 privateRes gossip.RemotePvtDataResponse?content,25 private_data gossip.PrivateDataMessage?content"), {
    Tag: enumeration({ "UNDEFINED": 0, "EMPTY": 1, "ORG_ONLY": 2, "CHAN_ONLY": 3, "CHAN_AND_ORG": 4, "CHAN_OR_ORG": 5 })
  }),
  StateInfo: message("gossip.StateInfo", "2 timestamp gossip.PeerTime,3 pki_id bytes,4 channel_MAC bytes,5 properties gossip.Properties"),
  Properties: message("gossip.Properties", "1 ledger_height uint64,2 left_channel bool,3 chaincodes gossip.Chaincode*,100 commit_hash bytes"),
  StateInfoSnapshot: message("gossip.StateInfoSnapshot", "1 elements gossip.Envelope*"),
  StateInfoPullRequest: message("gossip.StateInfoPullRequest", "1 channel_MAC bytes"),
  ConnEstablish: message("gossip.ConnEstablish", "1 pki_id bytes,2 identity bytes,3 tls_cert_hash bytes,4 probe bool"),
  PeerIdentity: message("gossip.PeerIdentity", "1 pki_id bytes,2 cert bytes,3 metadata bytes"),
  PullMsgType: enumeration({ "UNDEFINED": 0, "BLOCK_MSG": 1, "IDENTITY_MSG": 2 }),
  DataRequest: message("gossip.DataRequest", "1 nonce uint64,2 digests bytes*,3 msg_type enum"),
  GossipHello: message("gossip.GossipHello", "1 nonce uint64,2 metadata bytes,3 msg_type enum"),
  DataUpdate: message("gossip.DataUpdate", "1 nonce uint64,2 data gossip.Envelope*,3 msg_type enum"),
  DataDigest: message("gossip.DataDigest", "1 nonce uint64,2 digests bytes*,3 msg_type enum"),
  DataMessage: message("gossip.DataMessage", "1 payload gossip.Payload"),
  PrivateDataMessage: message("gossip.PrivateDataMessage", "1 payload gossip.PrivatePayload"),
  Payload: message("gossip.Payload", "1 seq_num uint64,2 data bytes,3 private_data bytes*"),
  PrivatePayload: message("gossip.PrivatePayload", "1 collection_name string,2 namespace string,3 tx_id string,4 private_rwset bytes,5 private_sim_height uint64,6 collection_configs protos.CollectionConfigPackage"),
  AliveMessage: message("gossip.AliveMessage", "1 membership gossip.Member,2 timestamp gossip.PeerTime,4 identity bytes"),
  LeadershipMessage: message("gossip.LeadershipMessage", "1 pki_id bytes,2 timestamp gossip.PeerTime,3 is_declaration bool"),
  PeerTime: message("gossip.PeerTime", "1 inc_num uint64,2 seq_num uint64"),
  MembershipRequest: message("gossip.MembershipRequest", "1 self_information gossip.Envelope,2 known bytes*"),
  MembershipResponse: message("gossip.MembershipResponse", "1 alive gossip.Envelope*,2 dead gossip.Envelope*"),
  Member: message("gossip.Member", "1 endpoint string,2 metadata bytes,3 pki_id bytes"),
  Empty: message("gossip.Empty", ""),
  RemoteStateRequest: message("gossip.RemoteStateRequest", "1 start_seq_num uint64,2 end_seq_num uint64"),
  RemoteStateResponse: message("gossip.RemoteStateResponse", "1 payloads gossip.Payload*"),
  RemotePvtDataRequest: message("gossip.RemotePvtDataRequest", "1 digests gossip.PvtDataDigest*"),
  PvtDataDigest: message("gossip.PvtDataDigest", "1 tx_id string,2 namespace string,3 collection string,4 block_seq uint64,5 seq_in_block uint64"),
  RemotePvtDataResponse: message("gossip.RemotePvtDataResponse", "1 elements gossip.PvtDataElement*"),
  PvtDataElement: message("gossip.PvtDataElement", "1 digest gossip.PvtDataDigest,2 payload bytes*"),
  PvtDataPayload: message("gossip.PvtDataPayload", "1 tx_seq_in_block uint64,2 payload bytes"),
  Acknowledgement: message("gossip.Acknowledgement", "1 error string"),
  Chaincode: message("gossip.Chaincode", "1 name string,2 version string,3 metadata bytes")
};
var protos = {
  CollectionConfigPackage: message("protos.CollectionConfigPackage", "1 config protos.CollectionConfig*"),
  CollectionConfig: message("protos.CollectionConfig", "1 static_collection_config protos.StaticCollectionConfig?payload"),
  StaticCollectionConfig: message("protos.StaticCollectionConfig", "1 name string,2 member_orgs_policy protos.CollectionPolicyConfig,3 required_peer_count int32,4 maximum_peer_count int32,5 block_to_live uint64,6 member_only_read bool,7 member_only_write bool,8 endorsement_policy protos.ApplicationPolicy"),
  CollectionPolicyConfig: message("protos.CollectionPolicyConfig", "1 signature_policy common.SignaturePolicyEnvelope?payload"),
  ApplicationPolicy: message("protos.ApplicationPolicy", "1 signature_policy common.SignaturePolicyEnvelope?Type,2 channel_config_policy_reference string?Type"),
  ProposalResponse: message("protos.ProposalResponse", "1 version int32,2 timestamp google.protobuf.Timestamp,4 response protos.Response,5 payload bytes,6 endorsement protos.Endorsement,7 interest protos.ChaincodeInterest"),
  Response: message("protos.Response", "1 status int32,2 message string,3 payload bytes"),
  ProposalResponsePayload: message("protos.ProposalResponsePayload", "1 proposal_hash bytes,2 extension bytes"),
  Endorsement: message("protos.Endorsement", "1 endorser bytes,2 signature bytes"),
  ChaincodeInterest: message("protos.ChaincodeInterest", "1 chaincodes protos.ChaincodeCall*"),
  ChaincodeCall: message("protos.ChaincodeCall", "1 name string,2 collection_names string*,3 no_private_reads bool,4 no_public_writes bool,5 key_policies common.SignaturePolicyEnvelope*,6 disregard_namespace_policy bool"),
  ChaincodeEvent: message("protos.ChaincodeEvent", "1 chaincode_id string,2 tx_id string,3 event_name string,4 payload bytes"),
  SignedProposal: message("protos.SignedProposal", "1 proposal_bytes bytes,2 signature bytes"),
  Proposal: message("protos.Proposal", "1 header bytes,2 payload bytes,3 extension bytes"),
  ChaincodeHeaderExtension: message("protos.ChaincodeHeaderExtension", "2 chaincode_id protos.ChaincodeID"),
  ChaincodeProposalPayload: message("protos.ChaincodeProposalPayload", "1 input bytes,2 TransientMap string:bytes"),
  ChaincodeAction: message("protos.ChaincodeAction", "1 results bytes,2 events bytes,3 response protos.Response,4 chaincode_id protos.ChaincodeID"),
  ChaincodeID: message("protos.ChaincodeID", "1 path string,2 name string,3 version string"),
  ChaincodeInput: message("protos.ChaincodeInput", "1 args bytes*,2 decorations string:bytes,3 is_init bool"),
  ChaincodeSpec: Object.assign(message("protos.ChaincodeSpec", "1 type enum,2 chaincode_id protos.ChaincodeID,3 input protos.ChaincodeInput,4 timeout int32"), {
    Type: enumeration({ "UNDEFINED": 0, "GOLANG": 1, "NODE": 2, "CAR": 3, "JAVA": 4 })
  }),
  ChaincodeDeploymentSpec: message("protos.ChaincodeDeploymentSpec", "1 chaincode_spec protos.ChaincodeSpec,3 code_package bytes"),
  ChaincodeInvocationSpec: message("protos.ChaincodeInvocationSpec", "1 chaincode_spec protos.ChaincodeSpec"),
  LifecycleEvent: message("protos.LifecycleEvent", "1 chaincode_name string"),
  CDSData: message("protos.CDSData", "1 hash bytes,2 metadatahash bytes"),
  ChaincodeData: message("protos.ChaincodeData", "1 name string,2 version string,3 escc string,4 vscc string,5 policy common.SignaturePolicyEnvelope,6 data bytes,7 id bytes,8 instantiation_policy common.SignaturePolicyEnvelope"),
  ChaincodeAdditionalParams: message("protos.ChaincodeAdditionalParams", "1 use_write_batch bool,2 max_size_write_batch uint32,3 use_get_multiple_keys bool,4 max_size_get_multiple_keys uint32"),
  ProcessedTransaction: message("protos.ProcessedTransaction", "1 transactionEnvelope common.Envelope,2 validationCode int32"),
  Transaction: message("protos.Transaction", "1 actions protos.TransactionAction*"),
  TransactionAction: message("protos.TransactionAction", "1 header bytes,2 payload bytes"),
  ChaincodeActionPayload: message("protos.ChaincodeActionPayload", "1 chaincode_proposal_payload bytes,2 action protos.ChaincodeEndorsedAction"),
  ChaincodeEndorsedAction: message("protos.ChaincodeEndorsedAction", "1 proposal_response_payload bytes,2 endorsements protos.Endorsement*"),
  TxValidationCode: enumeration({ "VALID": 0, "NIL_ENVELOPE": 1, "BAD_PAYLOAD": 2, "BAD_COMMON_HEADER": 3, "BAD_CREATOR_SIGNATURE": 4, "INVALID_ENDORSER_TRANSACTION": 5, "INVALID_CONFIG_TRANSACTION": 6, "UNSUPPORTED_TX_PAYLOAD": 7, "BAD_PROPOSAL_TXID": 8, "DUPLICATE_TXID": 9, "ENDORSEMENT_POLICY_FAILURE": 10, "MVCC_READ_CONFLICT": 11, "PHANTOM_READ_CONFLICT": 12, "UNKNOWN_TX_TYPE": 13, "TARGET_CHAIN_NOT_FOUND": 14, "MARSHAL_TX_ERROR": 15, "NIL_TXACTION": 16, "EXPIRED_CHAINCODE": 17, "CHAINCODE_VERSION_CONFLICT": 18, "BAD_HEADER_EXTENSION": 19, "BAD_CHANNEL_HEADER": 20, "BAD_RESPONSE_PAYLOAD": 21, "BAD_RWSET": 22, "ILLEGAL_WRITESET": 23, "INVALID_WRITESET": 24, "INVALID_CHAINCODE": 25, "NOT_VALIDATED": 254, "INVALID_OTHER_REASON": 255 }),
  MetaDataKeys: enumeration({ "VALIDATION_PARAMETER": 0, "VALIDATION_PARAMETER_V2": 1 }),
  ChaincodeMessage: Object.assign(message("protos.ChaincodeMessage", "1 type enum,2 timestamp google.protobuf.Timestamp,3 payload bytes,4 txid string,5 proposal protos.SignedProposal,6 chaincode_event protos.ChaincodeEvent,7 channel_id string"), {
    Type: enumeration({ "UNDEFINED": 0, "REGISTER": 1, "REGISTERED": 2, "INIT": 3, "READY": 4, "TRANSACTION": 5, "COMPLETED": 6, "ERROR": 7, "GET_STATE": 8, "PUT_STATE": 9, "DEL_STATE": 10, "INVOKE_CHAINCODE": 11, "RESPONSE": 13, "GET_STATE_BY_RANGE": 14, "GET_QUERY_RESULT": 15, "QUERY_STATE_NEXT": 16, "QUERY_STATE_CLOSE": 17, "KEEPALIVE": 18, "GET_HISTORY_FOR_KEY": 19, "GET_STATE_METADATA": 20, "PUT_STATE_METADATA": 21, "GET_PRIVATE_DATA_HASH": 22, "PURGE_PRIVATE_DATA": 23, "WRITE_BATCH_STATE": 24, "GET_STATE_MULTIPLE": 25 })
  }),
  GetState: message("protos.GetState", "1 key string,2 collection string"),
  GetStateMetadata: message("protos.GetStateMetadata", "1 key string,2 collection string"),
  GetStateMultiple: message("protos.GetStateMultiple", "1 keys string*,2 collection string"),
  GetStateMultipleResult: message("protos.GetStateMultipleResult", "1 values bytes*"),
  PutState: message("protos.PutState", "1 key string,2 value bytes,3 collection string"),
  PutStateMetadata: message("protos.PutStateMetadata", "1 key string,3 collection string,4 metadata protos.StateMetadata"),
  WriteBatchState: message("protos.WriteBatchState", "1 rec protos.WriteRecord*"),
  WriteRecord: Object.assign(message("protos.WriteRecord", "1 key string,2 value bytes,3 collection string,4 metadata protos.StateMetadata,5 type enum"), {
    Type: enumeration({ "UNDEFINED": 0, "PUT_STATE": 9, "DEL_STATE": 10, "PUT_STATE_METADATA": 21, "PURGE_PRIVATE_DATA": 23 })
  }),
  DelState: message("protos.DelState", "1 key string,2 collection string"),
  PurgePrivateState: message("protos.PurgePrivateState", "1 key string,2 collection string"),
  GetStateByRange: message("protos.GetStateByRange", "1 startKey string,2 endKey string,3 collection string,4 metadata bytes"),
  GetQueryResult: message("protos.GetQueryResult", "1 query string,2 collection string,3 metadata bytes"),
  QueryMetadata: message("protos.QueryMetadata", "1 pageSize int32,2 bookmark string"),
  GetHistoryForKey: message("protos.GetHistoryForKey", "1 key string"),
  QueryStateNext: message("protos.QueryStateNext", "1 id string"),
  QueryStateClose: message("protos.QueryStateClose", "1 id string"),
  QueryResultBytes: message("protos.QueryResultBytes", "1 resultBytes bytes"),
  QueryResponse: message("protos.QueryResponse", "1 results protos.QueryResultBytes*,2 has_more bool,3 id string,4 metadata bytes"),
  QueryResponseMetadata: message("protos.QueryResponseMetadata", "1 fetched_records_count int32,2 bookmark string"),
  StateMetadata: message("protos.StateMetadata", "1 metakey string,2 value bytes"),
  StateMetadataResult: message("protos.StateMetadataResult", "1 entries protos.StateMetadata*"),
  AnchorPeers: message("protos.AnchorPeers", "1 anchor_peers protos.AnchorPeer*"),
  AnchorPeer: message("protos.AnchorPeer", "1 host string,2 port int32"),
  APIResource: message("protos.APIResource", "1 policy_ref string"),
  ACLs: message("protos.ACLs", "1 acls string:protos.APIResource"),
  FilteredBlock: message("protos.FilteredBlock", "1 channel_id string,2 number uint64,4 filtered_transactions protos.FilteredTransaction*"),
  FilteredTransaction: message("protos.FilteredTransaction", "1 txid string,2 type enum,3 tx_validation_code enum,4 transaction_actions protos.FilteredTransactionActions?Data"),
  FilteredTransactionActions: message("protos.FilteredTransactionActions", "1 chaincode_actions protos.FilteredChaincodeAction*"),
  FilteredChaincodeAction: message("protos.FilteredChaincodeAction", "1 chaincode_event protos.ChaincodeEvent"),
  BlockAndPrivateData: message("protos.BlockAndPrivateData", "1 block common.Block,2 private_data_map uint64:rwset.TxPvtReadWriteSet"),
  DeliverResponse: message("protos.DeliverResponse", "1 status enum?Type,2 block common.Block?Type,3 filtered_block protos.FilteredBlock?Type,4 block_and_private_data protos.BlockAndPrivateData?Type"),
  ChaincodeQueryResponse: message("protos.ChaincodeQueryResponse", "1 chaincodes protos.ChaincodeInfo*"),
  ChaincodeInfo: message("protos.ChaincodeInfo", "1 name string,2 version string,3 path string,4 input string,5 escc string,6 vscc string,7 id bytes"),
  ChannelQueryResponse: message("protos.ChannelQueryResponse", "1 channels protos.ChannelInfo*"),
  ChannelInfo: message("protos.ChannelInfo", "1 channel_id string"),
  JoinBySnapshotStatus: message("protos.JoinBySnapshotStatus", "1 in_progress bool,2 bootstrapping_snapshot_dir string"),
  ChaincodeIdentifier: message("protos.ChaincodeIdentifier", "1 hash bytes,2 version string"),
  ChaincodeValidation: message("protos.ChaincodeValidation", "1 name string,2 argument bytes"),
  VSCCArgs: message("protos.VSCCArgs", "1 endorsement_policy_ref string"),
  ChaincodeEndorsement: message("protos.ChaincodeEndorsement", "1 name string"),
  ConfigTree: message("protos.ConfigTree", "1 channel_config common.Config,2 resources_config common.Config"),
  SignedChaincodeDeploymentSpec: message("protos.SignedChaincodeDeploymentSpec", "1 chaincode_deployment_spec bytes,2 instantiation_policy bytes,3 owner_endorsements protos.Endorsement*"),
  SnapshotRequest: message("protos.SnapshotRequest", "1 signature_header common.SignatureHeader,2 channel_id string,3 block_number uint64"),
  SnapshotQuery: message("protos.SnapshotQuery", "1 signature_header common.SignatureHeader,2 channel_id string"),
  SignedSnapshotRequest: message("protos.SignedSnapshotRequest", "1 request bytes,2 signature bytes"),
  QueryPendingSnapshotsResponse: message("protos.QueryPendingSnapshotsResponse", "1 block_numbers uint64*")
};
var msp = {
  MSPConfig: message("msp.MSPConfig", "1 type int32,2 config bytes"),
  FabricMSPConfig: message("msp.FabricMSPConfig", "1 name string,2 root_certs bytes*,3 intermediate_certs bytes*,4 admins bytes*,5 revocation_list bytes*,6 signing_identity msp.SigningIdentityInfo,7 organizational_unit_identifiers msp.FabricOUIdentifier*,8 crypto_config msp.FabricCryptoConfig,9 tls_root_certs bytes*,10 tls_intermediate_certs bytes*,11 fabric_node_ous msp.FabricNodeOUs"),
  FabricCryptoConfig: message("msp.FabricCryptoConfig", "1 signature_hash_family string,2 identity_identifier_hash_function string"),
  SigningIdentityInfo: message("msp.SigningIdentityInfo", "1 public_signer bytes,2 private_signer msp.KeyInfo"),
  KeyInfo: message("msp.KeyInfo", "1 key_identifier string,2 key_material bytes"),
  FabricOUIdentifier: message("msp.FabricOUIdentifier", "1 certificate bytes,2 organizational_unit_identifier string"),
  FabricNodeOUs: message("msp.FabricNodeOUs", "1 enable bool,2 client_ou_identifier msp.FabricOUIdentifier,3 peer_ou_identifier msp.FabricOUIdentifier,4 admin_ou_identifier msp.FabricOUIdentifier,5 orderer_ou_identifier msp.FabricOUIdentifier"),
  SerializedIdentity: message("msp.SerializedIdentity", "1 mspid string,2 id_bytes bytes"),
  SerializedIdemixIdentity: message("msp.SerializedIdemixIdentity", "1 nym_x bytes,2 nym_y bytes,3 ou bytes,4 role bytes,5 proof bytes")
};
var gateway = {
  EndorseRequest: message("gateway.EndorseRequest", "1 transaction_id string,2 channel_id string,3 proposed_transaction protos.SignedProposal,4 endorsing_organizations string*"),
  EndorseResponse: message("gateway.EndorseResponse", "1 prepared_transaction common.Envelope"),
  SubmitRequest: message("gateway.SubmitRequest", "1 transaction_id string,2 channel_id string,3 prepared_transaction common.Envelope"),
  SubmitResponse: message("gateway.SubmitResponse", ""),
  SignedCommitStatusRequest: message("gateway.SignedCommitStatusRequest", "1 request bytes,2 signature bytes"),
  CommitStatusRequest: message("gateway.CommitStatusRequest", "1 transaction_id string,2 channel_id string,3 identity bytes"),
  CommitStatusResponse: message("gateway.CommitStatusResponse", "1 result enum,2 block_number uint64"),
  EvaluateRequest: message("gateway.EvaluateRequest", "1 transaction_id string,2 channel_id string,3 proposed_transaction protos.SignedProposal,4 target_organizations string*"),
  EvaluateResponse: message("gateway.EvaluateResponse", "1 result protos.Response"),
  SignedChaincodeEventsRequest: message("gateway.SignedChaincodeEventsRequest", "1 request bytes,2 signature bytes"),
  ChaincodeEventsRequest: message("gateway.ChaincodeEventsRequest", "1 channel_id string,2 chaincode_id string,3 identity bytes,4 start_position orderer.SeekPosition,5 after_transaction_id string"),
  ChaincodeEventsResponse: message("gateway.ChaincodeEventsResponse", "1 events protos.ChaincodeEvent*,2 block_number uint64"),
  ErrorDetail: message("gateway.ErrorDetail", "1 address string,2 msp_id string,3 message string"),
  ProposedTransaction: message("gateway.ProposedTransaction", "1 transaction_id string,2 proposal protos.SignedProposal,3 endorsing_organizations string*"),
  PreparedTransaction: message("gateway.PreparedTransaction", "1 transaction_id string,2 envelope common.Envelope")
};
var orderer = {
  BroadcastResponse: message("orderer.BroadcastResponse", "1 status enum,2 info string"),
  SeekNewest: message("orderer.SeekNewest", ""),
  SeekOldest: message("orderer.SeekOldest", ""),
  SeekSpecified: message("orderer.SeekSpecified", "1 number uint64"),
  SeekNextCommit: message("orderer.SeekNextCommit", ""),
  SeekPosition: message("orderer.SeekPosition", "1 newest orderer.SeekNewest?Type,2 oldest orderer.SeekOldest?Type,3 specified orderer.SeekSpecified?Type,4 next_commit orderer.SeekNextCommit?Type"),
  SeekInfo: Object.assign(message("orderer.SeekInfo", "1 start orderer.SeekPosition,2 stop orderer.SeekPosition,3 behavior enum,4 error_response enum,5 content_type enum"), {
    SeekBehavior: enumeration({ "BLOCK_UNTIL_READY": 0, "FAIL_IF_NOT_READY": 1 }),
    SeekErrorResponse: enumeration({ "STRICT": 0, "BEST_EFFORT": 1 }),
    SeekContentType: enumeration({ "BLOCK": 0, "HEADER_WITH_SIG": 1 })
  }),
  DeliverResponse: message("orderer.DeliverResponse", "1 status enum?Type,2 block common.Block?Type"),
  ConsensusType: Object.assign(message("orderer.ConsensusType", "1 type string,2 metadata bytes,3 state enum"), {
    State: enumeration({ "STATE_NORMAL": 0, "STATE_MAINTENANCE": 1 })
  }),
  BatchSize: message("orderer.BatchSize", "1 max_message_count uint32,2 absolute_max_bytes uint32,3 preferred_max_bytes uint32"),
  BatchTimeout: message("orderer.BatchTimeout", "1 timeout string"),
  KafkaBrokers: message("orderer.KafkaBrokers", "1 brokers string*"),
  ChannelRestrictions: message("orderer.ChannelRestrictions", "1 max_count uint64")
};
var google = {
  protobuf: {
    Timestamp: message("google.protobuf.Timestamp", "1 seconds int64,2 nanos int32"),
    Any: message("google.protobuf.Any", "1 type_url string,2 value bytes"),
    Empty: message("google.protobuf.Empty", "")
  },
  rpc: {
    Status: message("google.rpc.Status", "1 code int32,2 message string,3 details google.protobuf.Any*")
  }
};
var queryresult = {
  KV: message("queryresult.KV", "1 namespace string,2 key string,3 value bytes"),
  KeyModification: message("queryresult.KeyModification", "1 tx_id string,2 value bytes,3 timestamp google.protobuf.Timestamp,4 is_delete bool")
};
var kvrwset = {
  KVRWSet: message("kvrwset.KVRWSet", "1 reads kvrwset.KVRead*,2 range_queries_info kvrwset.RangeQueryInfo*,3 writes kvrwset.KVWrite*,4 metadata_writes kvrwset.KVMetadataWrite*"),
  HashedRWSet: message("kvrwset.HashedRWSet", "1 hashed_reads kvrwset.KVReadHash*,2 hashed_writes kvrwset.KVWriteHash*,3 metadata_writes kvrwset.KVMetadataWriteHash*"),
  KVRead: message("kvrwset.KVRead", "1 key string,2 version kvrwset.Version"),
  KVWrite: message("kvrwset.KVWrite", "1 key string,2 is_delete bool,3 value bytes"),
  KVMetadataWrite: message("kvrwset.KVMetadataWrite", "1 key string,2 entries kvrwset.KVMetadataEntry*"),
  KVReadHash: message("kvrwset.KVReadHash", "1 key_hash bytes,2 version kvrwset.Version"),
  KVWriteHash: message("kvrwset.KVWriteHash", "1 key_hash bytes,2 is_delete bool,3 value_hash bytes,4 is_purge bool"),
  KVMetadataWriteHash: message("kvrwset.KVMetadataWriteHash", "1 key_hash bytes,2 entries kvrwset.KVMetadataEntry*"),
  KVMetadataEntry: message("kvrwset.KVMetadataEntry", "1 name string,2 value bytes"),
  Version: message("kvrwset.Version", "1 block_num uint64,2 tx_num uint64"),
  RangeQueryInfo: message("kvrwset.RangeQueryInfo", "1 start_key string,2 end_key string,3 itr_exhausted bool,4 raw_reads kvrwset.QueryReads?reads_info,5 reads_merkle_hashes kvrwset.QueryReadsMerkleSummary?reads_info"),
  QueryReads: message("kvrwset.QueryReads", "1 kv_reads kvrwset.KVRead*"),
  QueryReadsMerkleSummary: message("kvrwset.QueryReadsMerkleSummary", "1 max_degree uint32,2 max_level uint32,3 max_level_hashes bytes*")
};
var rwset = {
  TxReadWriteSet: Object.assign(message("rwset.TxReadWriteSet", "1 data_model enum,2 ns_rwset rwset.NsReadWriteSet*"), {
    DataModel: enumeration({ "KV": 0 })
  }),
  NsReadWriteSet: message("rwset.NsReadWriteSet", "1 namespace string,2 rwset bytes,3 collection_hashed_rwset rwset.CollectionHashedReadWriteSet*"),
  CollectionHashedReadWriteSet: message("rwset.CollectionHashedReadWriteSet", "1 collection_name string,2 hashed_rwset bytes,3 pvt_rwset_hash bytes"),
  TxPvtReadWriteSet: message("rwset.TxPvtReadWriteSet", "1 data_model enum,2 ns_pvt_rwset rwset.NsPvtReadWriteSet*"),
  NsPvtReadWriteSet: message("rwset.NsPvtReadWriteSet", "1 namespace string,2 collection_pvt_rwset rwset.CollectionPvtReadWriteSet*"),
  CollectionPvtReadWriteSet: message("rwset.CollectionPvtReadWriteSet", "1 collection_name string,2 rwset bytes")
};
var txmgr = {
  KVWrite: message("txmgr.KVWrite", "1 namespace string,2 collection string,3 key bytes,4 isDelete bool,5 value bytes,6 version_bytes bytes"),
  Updates: message("txmgr.Updates", "1 kvwrites txmgr.KVWrite*")
};
var etcdraft = {
  ConfigMetadata: message("etcdraft.ConfigMetadata", "1 consenters etcdraft.Consenter*,2 options etcdraft.Options"),
  Consenter: message("etcdraft.Consenter", "1 host string,2 port uint32,3 client_tls_cert bytes,4 server_tls_cert bytes"),
  Options: message("etcdraft.Options", "1 tick_interval string,2 election_tick uint32,3 heartbeat_tick uint32,4 max_inflight_blocks uint32,5 snapshot_interval_size uint32"),
  BlockMetadata: message("etcdraft.BlockMetadata", "1 consenter_ids uint64*,2 next_consenter_id uint64,3 raft_index uint64"),
  ClusterMetadata: message("etcdraft.ClusterMetadata", "1 active_nodes uint64*")
};
var lifecycle = {
  ChaincodeEndorsementInfo: message("lifecycle.ChaincodeEndorsementInfo", "1 version string,2 init_required bool,3 endorsement_plugin string"),
  ChaincodeValidationInfo: message("lifecycle.ChaincodeValidationInfo", "1 validation_plugin string,2 validation_parameter bytes"),
  StateMetadata: message("lifecycle.StateMetadata", "1 datatype string,2 fields string*"),
  StateData: message("lifecycle.StateData", "1 Int64 int64?Type,2 Bytes bytes?Type,3 String string?Type"),
  InstallChaincodeArgs: message("lifecycle.InstallChaincodeArgs", "1 chaincode_install_package bytes"),
  InstallChaincodeResult: message("lifecycle.InstallChaincodeResult", "1 package_id string,2 label string"),
  QueryInstalledChaincodeArgs: message("lifecycle.QueryInstalledChaincodeArgs", "1 package_id string"),
  QueryInstalledChaincodeResult: Object.assign(message("lifecycle.QueryInstalledChaincodeResult", "1 package_id string,2 label string,3 references string:lifecycle.QueryInstalledChaincodeResult.References"), {
    References: message("lifecycle.QueryInstalledChaincodeResult.References", "1 chaincodes lifecycle.QueryInstalledChaincodeResult.Chaincode*"),
    Chaincode: message("lifecycle.QueryInstalledChaincodeResult.Chaincode", "1 name string,2 version string")
  }),
  GetInstalledChaincodePackageArgs: message("lifecycle.GetInstalledChaincodePackageArgs", "1 package_id string"),
  GetInstalledChaincodePackageResult: message("lifecycle.GetInstalledChaincodePackageResult", "1 chaincode_install_package bytes"),
  QueryInstalledChaincodesArgs: message("lifecycle.QueryInstalledChaincodesArgs", ""),
  QueryInstalledChaincodesResult: Object.assign(message("lifecycle.QueryInstalledChaincodesResult", "1 installed_chaincodes lifecycle.QueryInstalledChaincodesResult.InstalledChaincode*"), {
    InstalledChaincode: message("lifecycle.QueryInstalledChaincodesResult.InstalledChaincode", "1 package_id string,2 label string,3 references string:lifecycle.QueryInstalledChaincodesResult.References"),
    References: message("lifecycle.QueryInstalledChaincodesResult.References", "1 chaincodes lifecycle.QueryInstalledChaincodesResult.Chaincode*"),
    Chaincode: message("lifecycle.QueryInstalledChaincodesResult.Chaincode", "1 name string,2 version string")
  }),
  ApproveChaincodeDefinitionForMyOrgArgs: message("lifecycle.ApproveChaincodeDefinitionForMyOrgArgs", "1 sequence int64,2 name string,3 version string,4 endorsement_plugin string,5 validation_plugin string,6 validation_parameter bytes,7 collections protos.CollectionConfigPackage,8 init_required bool,9 source lifecycle.ChaincodeSource"),
  ChaincodeSource: Object.assign(message("lifecycle.ChaincodeSource", "1 unavailable lifecycle.ChaincodeSource.Unavailable?Type,2 local_package lifecycle.ChaincodeSource.Local?Type"), {
    Unavailable: message("lifecycle.ChaincodeSource.Unavailable", ""),
    Local: message("lifecycle.ChaincodeSource.Local", "1 package_id string")
  }),
  ApproveChaincodeDefinitionForMyOrgResult: message("lifecycle.ApproveChaincodeDefinitionForMyOrgResult", ""),
  CommitChaincodeDefinitionArgs: message("lifecycle.CommitChaincodeDefinitionArgs", "1 sequence int64,2 name string,3 version string,4 endorsement_plugin string,5 validation_plugin string,6 validation_parameter bytes,7 collections protos.CollectionConfigPackage,8 init_required bool"),
  CommitChaincodeDefinitionResult: message("lifecycle.CommitChaincodeDefinitionResult", ""),
  CheckCommitReadinessArgs: message("lifecycle.CheckCommitReadinessArgs", "1 sequence int64,2 name string,3 version string,4 endorsement_plugin string,5 validation_plugin string,6 validation_parameter bytes,7 collections protos.CollectionConfigPackage,8 init_required bool"),
  CheckCommitReadinessResult: Object.assign(message("lifecycle.CheckCommitReadinessResult", "1 approvals string:bool,2 mismatches string:lifecycle.CheckCommitReadinessResult.Mismatches"), {
    Mismatches: message("lifecycle.CheckCommitReadinessResult.Mismatches", "1 items string*")
  }),
  QueryApprovedChaincodeDefinitionArgs: message("lifecycle.QueryApprovedChaincodeDefinitionArgs", "1 name string,2 sequence int64"),
  QueryApprovedChaincodeDefinitionResult: message("lifecycle.QueryApprovedChaincodeDefinitionResult", "1 sequence int64,2 version string,3 endorsement_plugin string,4 validation_plugin string,5 validation_parameter bytes,6 collections protos.CollectionConfigPackage,7 init_required bool,8 source lifecycle.ChaincodeSource"),
  QueryApprovedChaincodeDefinitionsArgs: message("lifecycle.QueryApprovedChaincodeDefinitionsArgs", ""),
  QueryApprovedChaincodeDefinitionsResult: Object.assign(message("lifecycle.QueryApprovedChaincodeDefinitionsResult", "1 approved_chaincode_definitions lifecycle.QueryApprovedChaincodeDefinitionsResult.ApprovedChaincodeDefinition*"), {
    ApprovedChaincodeDefinition: message("lifecycle.QueryApprovedChaincodeDefinitionsResult.ApprovedChaincodeDefinition", "1 name string,2 sequence int64,3 version string,4 endorsement_plugin string,5 validation_plugin string,6 validation_parameter bytes,7 collections protos.CollectionConfigPackage,8 init_required bool,9 source lifecycle.ChaincodeSource")
  }),
  QueryChaincodeDefinitionArgs: message("lifecycle.QueryChaincodeDefinitionArgs", "1 name string"),
  QueryChaincodeDefinitionResult: message("lifecycle.QueryChaincodeDefinitionResult", "1 sequence int64,2 version string,3 endorsement_plugin string,4 validation_plugin string,5 validation_parameter bytes,6 collections protos.CollectionConfigPackage,7 init_required bool,8 approvals string:bool"),
  QueryChaincodeDefinitionsArgs: message("lifecycle.QueryChaincodeDefinitionsArgs", ""),
  QueryChaincodeDefinitionsResult: Object.assign(message("lifecycle.QueryChaincodeDefinitionsResult", "1 chaincode_definitions lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition*"), {
    ChaincodeDefinition: message("lifecycle.QueryChaincodeDefinitionsResult.ChaincodeDefinition", "1 name string,2 sequence int64,3 version string,4 endorsement_plugin string,5 validation_plugin string,6 validation_parameter bytes,7 collections protos.CollectionConfigPackage,8 init_required bool")
  })
};
var transientstore = {
  TxPvtReadWriteSetWithConfigInfo: message("transientstore.TxPvtReadWriteSetWithConfigInfo", "1 endorsed_at uint64,2 pvt_rwset rwset.TxPvtReadWriteSet,3 collection_configs string:protos.CollectionConfigPackage")
};

// src/common/protoutil/numbers.ts
import Long4 from "long";

// src/common/protoutil/errors.ts
var ProtoError = class extends FabricError {
  name = "ProtoError";
  constructor(code, message2, options) {
    super(code, message2, options);
  }
};

// src/common/protoutil/numbers.ts
var MAX_UINT64 = Long4.MAX_UNSIGNED_VALUE;
function toNumber(value) {
  if (value === null || value === void 0) return 0;
  const number = typeof value === "number" ? value : value.toNumber();
  if (!Number.isSafeInteger(number)) {
    throw new ProtoError("NUMBER_OUT_OF_RANGE", `${value} is not a safe integer`);
  }
  return number;
}
function toTimestamp(ms) {
  const seconds = Math.floor(ms / 1e3);
  return { seconds: Long4.fromNumber(seconds), nanos: Math.round((ms - seconds * 1e3) * 1e6) };
}
function fromTimestamp(timestamp) {
  return toNumber(timestamp?.seconds) * 1e3 + (timestamp?.nanos ?? 0) / 1e6;
}

// src/common/protoutil/proputils.ts
import { sha256 as sha2562 } from "@noble/hashes/sha2.js";

// src/common/protoutil/txid.ts
import { sha256 } from "@noble/hashes/sha2.js";

// src/common/protoutil/unmarshalers.ts
var MAX_MESSAGE_BYTES = 100 * 1024 * 1024;
function unmarshal(type, name, encoded) {
  if (encoded.length > MAX_MESSAGE_BYTES) {
    throw new ProtoError("MESSAGE_TOO_LARGE", `${name} of ${encoded.length} bytes is too large`);
  }
  try {
    return type.decode(encoded);
  } catch (cause) {
    const message2 = `error unmarshalling ${name}: ${messageOf(cause)}`;
    throw new ProtoError("MALFORMED_MESSAGE", message2, { cause });
  }
}
function unmarshaler(type, name) {
  return (encoded) => unmarshal(type, name, encoded);
}
var unmarshalBlock = unmarshaler(common.Block, "Block");
var unmarshalEnvelope = unmarshaler(common.Envelope, "Envelope");
var unmarshalPayload = unmarshaler(common.Payload, "Payload");
var unmarshalHeader = unmarshaler(common.Header, "Header");
var unmarshalChannelHeader = unmarshaler(common.ChannelHeader, "ChannelHeader");
var unmarshalSignatureHeader = unmarshaler(common.SignatureHeader, "SignatureHeader");
var unmarshalIdentifierHeader = unmarshaler(common.IdentifierHeader, "IdentifierHeader");
var unmarshalMetadata = unmarshaler(common.Metadata, "Metadata");
var unmarshalLastConfig = unmarshaler(common.LastConfig, "LastConfig");
var unmarshalOrdererBlockMetadata = unmarshaler(
  common.OrdererBlockMetadata,
  "OrdererBlockMetadata"
);
var unmarshalConfigUpdateEnvelope = unmarshaler(
  common.ConfigUpdateEnvelope,
  "ConfigUpdateEnvelope"
);
var unmarshalSignedProposal = unmarshaler(protos.SignedProposal, "SignedProposal");
var unmarshalProposal = unmarshaler(protos.Proposal, "Proposal");
var unmarshalProposalResponse = unmarshaler(protos.ProposalResponse, "ProposalResponse");
var unmarshalProposalResponsePayload = unmarshaler(
  protos.ProposalResponsePayload,
  "ProposalResponsePayload"
);
var unmarshalChaincodeHeaderExtension = unmarshaler(
  protos.ChaincodeHeaderExtension,
  "ChaincodeHeaderExtension"
);
var unmarshalChaincodeProposalPayload = unmarshaler(
  protos.ChaincodeProposalPayload,
  "ChaincodeProposalPayload"
);
var unmarshalChaincodeInvocationSpec = unmarshaler(
  protos.ChaincodeInvocationSpec,
  "ChaincodeInvocationSpec"
);
var unmarshalTransaction = unmarshaler(protos.Transaction, "Transaction");
var unmarshalChaincodeActionPayload = unmarshaler(
  protos.ChaincodeActionPayload,
  "ChaincodeActionPayload"
);
var unmarshalChaincodeAction = unmarshaler(protos.ChaincodeAction, "ChaincodeAction");
var unmarshalTxReadWriteSet = unmarshaler(rwset.TxReadWriteSet, "TxReadWriteSet");
var unmarshalKVRWSet = unmarshaler(kvrwset.KVRWSet, "KVRWSet");
var unmarshalHashedRWSet = unmarshaler(kvrwset.HashedRWSet, "HashedRWSet");

// src/common/protoutil/txid.ts
function txIdPreimage(nonce, creator) {
  return concat(nonce, creator);
}
function computeTxId(nonce, creator) {
  return toHex(sha256(txIdPreimage(nonce, creator)));
}

// src/common/protoutil/proputils.ts
function createChaincodeProposal({ channelId, spec, creator, transientMap }, { nonce, now, tlsCertHash }) {
  const txId = computeTxId(nonce, creator);
  const chaincode_id = spec.chaincode_spec?.chaincode_id;
  const channelHeader = {
    type: common.HeaderType.ENDORSER_TRANSACTION,
    timestamp: toTimestamp(now),
    channel_id: channelId,
    tx_id: txId,
    extension: protos.ChaincodeHeaderExtension.encode({ chaincode_id }).finish(),
    tls_cert_hash: tlsCertHash
  };
  const header = common.Header.encode({
    channel_header: common.ChannelHeader.encode(channelHeader).finish(),
    signature_header: common.SignatureHeader.encode({ creator, nonce }).finish()
  }).finish();
  const input = protos.ChaincodeInvocationSpec.encode(spec).finish();
  const payload = protos.ChaincodeProposalPayload.encode({ input, TransientMap: transientMap });
  const proposal = { header, payload: payload.finish(), extension: new Uint8Array(0) };
  return { proposal, txId };
}
function getBytesProposalPayloadForTx({
  input
}) {
  return protos.ChaincodeProposalPayload.encode({ input }).finish();
}
function getProposalHash1(header, payload) {
  const stripped = getBytesProposalPayloadForTx(unmarshalChaincodeProposalPayload(payload));
  return getProposalHash2(header, stripped);
}
function getProposalHash2(header, payload) {
  return sha2562(proposalHash2Preimage(header, payload));
}
function proposalHash2Preimage(header, payload) {
  const { channel_header, signature_header } = header;
  if (!channel_header?.length || !signature_header?.length || payload.length === 0) {
    throw new ProtoError(
      "MISSING_FIELD",
      "proposal without channel header, signature header or payload"
    );
  }
  return concat(channel_header, signature_header, payload);
}
function getBytesProposalResponsePayload(proposalHash, { response, results, events, chaincodeId }) {
  const action = { results, events, response, chaincode_id: chaincodeId };
  return protos.ProposalResponsePayload.encode({
    proposal_hash: proposalHash,
    extension: protos.ChaincodeAction.encode(action).finish()
  }).finish();
}
function invokedChaincodeName(proposalBytes) {
  const { input } = unmarshalChaincodeProposalPayload(unmarshalProposal(proposalBytes).payload);
  const id = unmarshalChaincodeInvocationSpec(input).chaincode_spec?.chaincode_id;
  if (!id) throw new ProtoError("MISSING_FIELD", "proposal does not name a chaincode");
  return id.name;
}

// src/common/protoutil/commonutils.ts
var NONCE_BYTES = 24;
function makeChannelHeader(type, channelId, now, { version, epoch, extension, txId, tlsCertHash } = {}) {
  return {
    type,
    version,
    timestamp: toTimestamp(Math.floor(now / 1e3) * 1e3),
    channel_id: channelId,
    tx_id: txId,
    epoch,
    extension,
    tls_cert_hash: tlsCertHash
  };
}
function makePayloadHeader(channelHeader, signatureHeader) {
  return {
    channel_header: common.ChannelHeader.encode(channelHeader).finish(),
    signature_header: common.SignatureHeader.encode(signatureHeader).finish()
  };
}
function payloadFromEnvelope(envelope) {
  const payload = unmarshalPayload(envelope.payload ?? new Uint8Array(0));
  if (payload.header === null) throw new ProtoError("MISSING_FIELD", "envelope has no header");
  return payload;
}
function channelHeaderFromEnvelope(envelope) {
  const { header } = payloadFromEnvelope(envelope);
  if (header.channel_header.length === 0) {
    throw new ProtoError("MISSING_FIELD", "envelope has no channel header");
  }
  return unmarshalChannelHeader(header.channel_header);
}
function channelIdFromEnvelope(envelope) {
  return channelHeaderFromEnvelope(envelope).channel_id;
}
function envelopeToConfigUpdate(envelope) {
  const payload = payloadFromEnvelope(envelope);
  const { type } = unmarshalChannelHeader(payload.header.channel_header);
  if (type !== common.HeaderType.CONFIG_UPDATE) {
    throw new ProtoError("UNEXPECTED_TYPE", `envelope of type ${type} is not a config update`);
  }
  return unmarshalConfigUpdateEnvelope(payload.data);
}
function extractEnvelope(block, index) {
  const encoded = block.data?.data?.[index];
  if (encoded === void 0) {
    throw new ProtoError("MISSING_FIELD", `block has no envelope at index ${index}`);
  }
  return unmarshalEnvelope(encoded);
}
function hasConfigTx(data) {
  const [encoded, ...others] = data.data ?? [];
  if (encoded === void 0 || others.length > 0) return false;
  try {
    return typeOf(unmarshalEnvelope(encoded)) === common.HeaderType.CONFIG;
  } catch {
    return false;
  }
}
function isConfigBlock(block) {
  return hasConfigTx(block.data ?? {});
}
function typeOf(envelope) {
  try {
    return unmarshalChannelHeader(payloadFromEnvelope(envelope).header.channel_header).type;
  } catch {
    return void 0;
  }
}

// src/common/protoutil/txutils.ts
async function createSignedEnvelope(type, channelId, signer, data, { nonce, now, ...header }) {
  const channelHeader = makeChannelHeader(type, channelId, now, header);
  const signatureHeader = signer ? { creator: signer.serialize(), nonce } : {};
  const payload = common.Payload.encode({
    header: makePayloadHeader(channelHeader, signatureHeader),
    data
  }).finish();
  return { payload, signature: signer ? await signer.sign(payload) : EMPTY_BYTES };
}
function assembleTxPayload(header, payload, responses) {
  const action = protos.ChaincodeActionPayload.encode({
    chaincode_proposal_payload: getBytesProposalPayloadForTx(payload),
    action: {
      proposal_response_payload: agreedPayload(responses),
      endorsements: uniqueEndorsements(responses)
    }
  });
  const actions = [{ header: header.signature_header, payload: action.finish() }];
  const data = protos.Transaction.encode({ actions }).finish();
  return common.Payload.encode({ header, data }).finish();
}
function agreedPayload(responses) {
  const [first] = responses;
  if (!first)
    throw new ProtoError("ENDORSEMENT_MISMATCH", "at least one proposal response is needed");
  const agreed = first.payload ?? EMPTY_BYTES;
  for (const { response, payload } of responses) {
    const status = response?.status ?? 0;
    if (status < 200 || status >= 400) {
      const text2 = `proposal response was not successful, error code ${status}, msg ${response?.message ?? ""}`;
      throw new ProtoError("ENDORSEMENT_MISMATCH", text2);
    }
    if (!equalBytes(payload ?? EMPTY_BYTES, agreed)) {
      throw new ProtoError("ENDORSEMENT_MISMATCH", "ProposalResponsePayloads do not match");
    }
  }
  return agreed;
}
function uniqueEndorsements(responses) {
  const byEndorser = /* @__PURE__ */ new Map();
  for (const { endorsement } of responses) {
    if (!endorsement) continue;
    const key = toHex(endorsement.endorser ?? EMPTY_BYTES);
    if (!byEndorser.has(key)) byEndorser.set(key, endorsement);
  }
  if (byEndorser.size === 0) throw new ProtoError("ENDORSEMENT_MISMATCH", "no endorsements");
  return [...byEndorser.values()];
}
function getPayloads(transactionAction) {
  const actionPayload = unmarshalChaincodeActionPayload(transactionAction.payload ?? EMPTY_BYTES);
  const endorsedAction = actionPayload.action;
  if (!endorsedAction?.proposal_response_payload.length) {
    throw new ProtoError("MISSING_FIELD", "no payload in ChaincodeActionPayload");
  }
  const responsePayload = unmarshalProposalResponsePayload(
    endorsedAction.proposal_response_payload
  );
  if (responsePayload.extension.length === 0) {
    throw new ProtoError("MISSING_FIELD", "response payload is missing extension");
  }
  const chaincodeAction = unmarshalChaincodeAction(responsePayload.extension);
  return { actionPayload, endorsedAction, responsePayload, chaincodeAction };
}
function getActionFromEnvelope(envelopeBytes) {
  return getActionFromPayload(unmarshalPayload(unmarshalEnvelope(envelopeBytes).payload));
}
function getActionFromPayload(payload) {
  const [action] = unmarshalTransaction(payload.data).actions;
  if (!action) throw new ProtoError("MISSING_FIELD", "transaction has no action");
  return getPayloads(action).chaincodeAction;
}

// src/common/protoutil/blockutils.ts
import { sha256 as sha2563 } from "@noble/hashes/sha2.js";
import Long6 from "long";

// src/common/protoutil/block-header-asn1.ts
import Long5 from "long";
var INTEGER = 2;
var OCTET_STRING = 4;
var SEQUENCE = 48;
function blockHeaderBytes(header) {
  return tagged(
    SEQUENCE,
    concat(
      tagged(INTEGER, integerContent(header.number ?? 0)),
      tagged(OCTET_STRING, header.previous_hash ?? EMPTY_BYTES),
      tagged(OCTET_STRING, header.data_hash ?? EMPTY_BYTES)
    )
  );
}
function tagged(tag, content) {
  return concat(Uint8Array.of(tag, ...lengthBytes(content.length)), content);
}
function lengthBytes(length) {
  if (length < 128) return [length];
  const bytes = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [128 | bytes.length, ...bytes];
}
function integerContent(value) {
  const bytes = Long5.fromValue(value, true).toBytesBE();
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 0) return Uint8Array.of(0);
  const digits = bytes.slice(first);
  return Uint8Array.from((digits[0] ?? 0) >= 128 ? [0, ...digits] : digits);
}

// src/common/protoutil/blockutils.ts
var PAYLOAD_TAG = 10;
var SIGNATURE_TAG = 18;
function blockHeaderHash(header) {
  return sha2563(blockHeaderBytes(header));
}
function computeBlockDataHash(data) {
  const hash = sha2563.create();
  for (const envelope of data.data ?? []) hash.update(envelope);
  return hash.digest();
}
function blockNumber(block) {
  if (!block.header) throw new ProtoError("MISSING_FIELD", "block has no header");
  return toNumber(block.header.number);
}
function getChannelIdFromBlock(block) {
  return channelIdFromEnvelope(extractEnvelope(block, 0));
}
function getMetadataFromBlock(block, index) {
  const slot = block.metadata?.metadata?.[index];
  if (slot === void 0) {
    throw new ProtoError(
      "MISSING_FIELD",
      `no metadata at index ${common.BlockMetadataIndex[index]}`
    );
  }
  return unmarshalMetadata(slot);
}
function getLastConfigIndexFromBlock(block) {
  const { value } = getMetadataFromBlock(block, common.BlockMetadataIndex.SIGNATURES);
  if (value.length > 0) {
    const { last_config } = unmarshalOrdererBlockMetadata(value);
    if (last_config === null) throw new ProtoError("MISSING_FIELD", "block has no last config");
    return toNumber(last_config.index);
  }
  const former = getMetadataFromBlock(block, common.BlockMetadataIndex.LAST_CONFIG);
  return toNumber(unmarshalLastConfig(former.value).index);
}
function getTransactionsFilter(block) {
  return block.metadata?.metadata?.[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? EMPTY_BYTES;
}
function verifyEnvelopesAreWellFormed(envelopes) {
  envelopes.forEach(({ bytes, envelope }, index) => {
    const problem = envelopeProblem(bytes, envelope);
    if (problem) throw new ProtoError("NOT_WELL_FORMED", `transaction ${index} ${problem}`);
  });
}
function envelopeProblem(raw, envelope) {
  if (envelope.payload.length === 0) return "has no payload";
  if (envelope.signature.length === 0) return "has no signature";
  if (isLaidOutCanonically(raw, envelope)) return void 0;
  const expected = common.Envelope.encode(envelope).finish();
  if (expected.length < raw.length) return `has ${raw.length - expected.length} trailing bytes`;
  return equalBytes(expected, raw) ? void 0 : "does not match its canonical encoding";
}
function isLaidOutCanonically(raw, envelope) {
  const { payload, signature } = envelope;
  const payloadAt = 1 + varintSize(payload.length);
  const signatureTagAt = payloadAt + payload.length;
  const signatureAt = signatureTagAt + 1 + varintSize(signature.length);
  return raw[0] === PAYLOAD_TAG && payload.buffer === raw.buffer && payload.byteOffset === raw.byteOffset + payloadAt && raw[signatureTagAt] === SIGNATURE_TAG && signature.byteOffset === raw.byteOffset + signatureAt && signatureAt + signature.length === raw.length;
}
function varintSize(value) {
  return value < 128 ? 1 : 1 + varintSize(Math.floor(value / 128));
}

// src/ledger/ledger-error.ts
var LedgerError = class extends FabricError {
  name = "LedgerError";
  constructor(code, message2, options) {
    super(code, message2, options);
  }
};

// src/ledger/blkstorage/parsed-tx.ts
var ParsedTx = class _ParsedTx {
  start;
  end;
  /** The serialized envelope; a view into the block. */
  bytes;
  #envelope;
  #payload;
  #channelHeader;
  #action;
  constructor(block, { start, end }) {
    this.start = start;
    this.end = end;
    this.bytes = block.subarray(start, end);
  }
  /** A serialized envelope that stands alone. */
  static of(envelope) {
    return new _ParsedTx(envelope, { start: 0, end: envelope.length });
  }
  get envelope() {
    this.#envelope ??= unmarshalEnvelope(this.bytes);
    return this.#envelope;
  }
  get payload() {
    this.#payload ??= unmarshalPayload(this.envelope.payload);
    return this.#payload;
  }
  /** Of an envelope without one, all fields are empty. */
  get channelHeader() {
    this.#channelHeader ??= unmarshalChannelHeader(
      this.payload.header?.channel_header ?? EMPTY_BYTES
    );
    return this.#channelHeader;
  }
  /** What the chaincode did, in an endorser transaction. */
  get action() {
    this.#action ??= getActionFromPayload(this.payload);
    return this.#action;
  }
  /** The id in the header, or else the computed one; empty where the envelope is too malformed to have one. */
  get txId() {
    try {
      const { header } = this.payload;
      if (!header) return "";
      const { tx_id } = this.channelHeader;
      if (tx_id !== "") return tx_id;
      const { nonce, creator } = unmarshalSignatureHeader(header.signature_header);
      return computeTxId(nonce, creator);
    } catch {
      return "";
    }
  }
};

// src/ledger/blkstorage/serialized-block.ts
var LENGTH_DELIMITED = 2;
var HEADER = 1;
var DATA = 2;
var METADATA = 3;
var SLOTS = 5;
function parseBlock(bytes) {
  try {
    return parse(bytes);
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    throw new LedgerError("BLOCK_MALFORMED", `not a block: ${messageOf(cause)}`, { cause });
  }
}
function parse(bytes) {
  const parts = fieldsOf(bytes, { start: 0, end: bytes.length });
  const header = only(parts, HEADER);
  if (!header) throw new LedgerError("BLOCK_MALFORMED", "block has no header");
  const decoded = common.BlockHeader.decode(bytes.subarray(header.start, header.end));
  const data = only(parts, DATA);
  const metadata = only(parts, METADATA);
  const slots = metadata ? fieldsOf(bytes, metadata).filter(({ field }) => field === 1) : [];
  const transactions = data ? fieldsOf(bytes, data).filter(({ field }) => field === 1) : [];
  return {
    bytes,
    ...headerParts(decoded),
    transactions: transactions.map((span) => new ParsedTx(bytes, span)),
    metadata: slots.map(({ start, end }) => bytes.subarray(start, end)),
    metadataField: metadata ? { start: metadata.tag, end: metadata.end } : { start: bytes.length, end: bytes.length }
  };
}
function headerParts(header) {
  return {
    header,
    number: toNumber(header.number),
    headerHash: blockHeaderHash(header),
    previousHash: header.previous_hash,
    dataHash: header.data_hash
  };
}
function headerHashIn(bytes) {
  try {
    const header = only(fieldsOf(bytes, { start: 0, end: bytes.length }), HEADER);
    if (!header) return void 0;
    return blockHeaderHash(common.BlockHeader.decode(bytes.subarray(header.start, header.end)));
  } catch {
    return void 0;
  }
}
function fieldsOf(bytes, { start, end }) {
  const reader = new Reader(bytes.subarray(start, end));
  const fields = [];
  while (reader.pos < reader.end) {
    const at = start + reader.pos;
    const tag = reader.tag();
    if ((tag & 7) === LENGTH_DELIMITED) {
      const { from, to } = reader.limit();
      reader.pos = to;
      fields.push({ field: tag >>> 3, tag: at, start: start + from, end: start + to });
    } else {
      reader.skip(tag);
    }
  }
  return fields;
}
function only(fields, field) {
  const [first, second] = fields.filter((candidate) => candidate.field === field);
  if (second) throw new LedgerError("BLOCK_MALFORMED", `block has field ${field} twice`);
  return first;
}
function txIdsOf(block) {
  return block.transactions.map(({ txId }) => txId);
}
function replaceMetadata(block, slots) {
  const { start, end } = block.metadataField;
  const count = Math.max(SLOTS, block.metadata.length);
  const metadata = Array.from(
    { length: count },
    (_, i) => slots.get(i) ?? block.metadata[i] ?? EMPTY_BYTES
  );
  const field = metadataFieldOf(metadata);
  const bytes = concat(block.bytes.subarray(0, start), field, block.bytes.subarray(end));
  const moved = field.length - (end - start);
  return {
    ...block,
    bytes,
    metadata,
    metadataField: { start, end: start + field.length },
    // Metadata follows the data in every block that an orderer makes, and then no transaction moves.
    transactions: block.transactions.map(
      (tx) => tx.start < end || moved === 0 ? tx : new ParsedTx(bytes, { start: tx.start + moved, end: tx.end + moved })
    )
  };
}
function metadataFieldOf(slots) {
  const writer = new Writer();
  for (const slot of slots) writer.uint32(1 << 3 | LENGTH_DELIMITED).bytes(slot);
  const metadata = writer.finish();
  const prefix = new Writer().uint32(METADATA << 3 | LENGTH_DELIMITED).uint32(metadata.length);
  return concat(prefix.finish(), metadata);
}
function holdsConfig({ transactions: [tx, ...more] }) {
  try {
    return more.length === 0 && tx?.channelHeader.type === common.HeaderType.CONFIG;
  } catch {
    return false;
  }
}
function transactionsFilterOf(block) {
  return block.metadata[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ?? EMPTY_BYTES;
}

// src/common/runtime/log.ts
var LOG_LEVELS = ["error", "warn", "info", "debug"];
var consoleSink = (level, name, text2, data) => {
  const line = `[${name}] ${text2}`;
  if (data === void 0) console[level](line);
  else console[level](line, data);
};
function createLogger(name, level = "info", sink = consoleSink) {
  const limit = LOG_LEVELS.indexOf(level);
  const write = (of) => (text2, data) => {
    if (LOG_LEVELS.indexOf(of) <= limit) sink(of, name, text2, data);
  };
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    child: (part) => createLogger(`${name}.${part}`, level, sink)
  };
}
var silentLogger = createLogger("silent", "error", () => {
});

// src/ledger/util/mutex.ts
var Mutex = class {
  #last = Promise.resolve();
  /** Runs `task` when all earlier ones have ended, whether well or not. */
  run(task) {
    const result = this.#last.then(task, task);
    this.#last = result.catch(() => {
    });
    return result;
  }
};

// src/ledger/util/codec.ts
function uint64Bytes(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
function readUint642(bytes, offset = 0) {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset));
}
function orderPreservingVarint(value) {
  let count = 0;
  for (let rest = value; rest >= 1; rest /= 256) count++;
  const bytes = new Uint8Array(1 + count);
  bytes[0] = count;
  for (let i = count, rest = value; i > 0; i--, rest = Math.floor(rest / 256))
    bytes[i] = rest % 256;
  return bytes;
}
function readOrderPreservingVarint(bytes, offset) {
  const count = bytes[offset] ?? 255;
  const next = offset + 1 + count;
  if (next > bytes.length) throw new RangeError("order-preserving varint is cut off");
  let value = 0;
  for (const byte of bytes.subarray(offset + 1, next)) value = value * 256 + byte;
  if (!Number.isSafeInteger(value)) throw new RangeError("order-preserving varint is too large");
  return { value, next };
}
function prefixEnd(prefix) {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 255) length--;
  if (length === 0) throw new RangeError("prefix has no end");
  const end = prefix.slice(0, length);
  end[length - 1] = (end[length - 1] ?? 0) + 1;
  return end;
}

// src/ledger/util/sorted-map.ts
var SortedMap = class {
  #values = /* @__PURE__ */ new Map();
  // Every key is in one of the two; `#sorted` may also hold keys deleted since.
  #sorted = [];
  #added = /* @__PURE__ */ new Set();
  #stale = false;
  get size() {
    return this.#values.size;
  }
  get(key) {
    return this.#values.get(key);
  }
  has(key) {
    return this.#values.has(key);
  }
  set(key, value) {
    if (!this.#values.has(key)) this.#added.add(key);
    this.#values.set(key, value);
  }
  delete(key) {
    if (!this.#values.delete(key)) return;
    if (!this.#added.delete(key)) this.#stale = true;
  }
  /** Keys in order. A copy: the map may change while it is read. */
  keys({ gte, lt } = {}) {
    this.#sort();
    const from = gte === void 0 ? 0 : lowerBound(this.#sorted, gte);
    const to = lt === void 0 ? this.#sorted.length : lowerBound(this.#sorted, lt);
    return this.#sorted.slice(from, Math.max(from, to));
  }
  /** Values with their keys, in no order. */
  entries() {
    return this.#values.entries();
  }
  #sort() {
    if (this.#added.size > 0) {
      const kept = this.#stale ? this.#sorted.filter((key) => this.#isOld(key)) : this.#sorted;
      this.#sorted = merge(kept, [...this.#added].sort(byCode));
      this.#added = /* @__PURE__ */ new Set();
    } else if (this.#stale) {
      this.#sorted = this.#sorted.filter((key) => this.#values.has(key));
    }
    this.#stale = false;
  }
  // A key that was deleted and set again is in `#added` too; it must not come out twice.
  #isOld(key) {
    return this.#values.has(key) && !this.#added.has(key);
  }
};
function lowerBound(sorted, key) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = low + high >>> 1;
    if (sorted[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
function byCode(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
function merge(a, b) {
  const out = [];
  let i = 0;
  for (const key of b) {
    while (i < a.length && a[i] < key) out.push(a[i++]);
    out.push(key);
  }
  while (i < a.length) out.push(a[i++]);
  return out;
}

// src/ledger/util/binary-string.ts
function toBinary(bytes) {
  let text2 = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    text2 += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return text2;
}
function fromBinary(text2) {
  const bytes = new Uint8Array(text2.length);
  for (let i = 0; i < text2.length; i++) bytes[i] = text2.charCodeAt(i);
  return bytes;
}
var NOT_ASCII = /[\u0080-\uffff]/;
var encoder = new TextEncoder();
function utf8ToBinary(text2) {
  return NOT_ASCII.test(text2) ? toBinary(encoder.encode(text2)) : text2;
}
var decoder = new TextDecoder("utf-8", { ignoreBOM: true });
function binaryToUtf8(binary) {
  return NOT_ASCII.test(binary) ? decoder.decode(fromBinary(binary)) : binary;
}

// src/ledger/postings/bloom-filter.ts
var BITS_PER_KEY = 16;
var PROBES = 8;
var BloomFilter = class _BloomFilter {
  bytes;
  /** @param bytes of an existing filter. */
  constructor(bytes) {
    this.bytes = bytes;
  }
  /** A filter of exactly these keys. */
  static of(keys, count) {
    const filter = new _BloomFilter(new Uint8Array(Math.ceil(count * BITS_PER_KEY / 8)));
    for (const key of keys) filter.#add(key);
    return filter;
  }
  mayHave(key) {
    if (this.bytes.length === 0) return false;
    return positions(key, this.bytes.length * 8).every((at) => (this.#byte(at) & mask(at)) !== 0);
  }
  #add(key) {
    for (const at of positions(key, this.bytes.length * 8)) {
      this.bytes[at >>> 3] = this.#byte(at) | mask(at);
    }
  }
  #byte(at) {
    return this.bytes[at >>> 3] ?? 0;
  }
};
function mask(at) {
  return 1 << (at & 7);
}
function positions(key, bits) {
  let a = 2166136261;
  let b = 84696351;
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    a = Math.imul(a ^ code, 16777619);
    b = Math.imul(b ^ code, 2246822507);
    b ^= b >>> 13;
  }
  const step = (b | 1) >>> 0;
  const start = a >>> 0;
  return Array.from({ length: PROBES }, (_, i) => (start + i * step) % bits);
}

// src/ledger/postings/segment.ts
var CHUNK_BYTES = 32 * 1024;
function encodeSegment(postings, span) {
  const keys = [...postings.keys()].sort(byCode);
  const chunks = [];
  const chunkKeys = [];
  let count = 0;
  let writer = new Writer();
  let previous = "";
  keys.forEach((key, i) => {
    if (writer.length === 0) {
      chunkKeys.push(key);
      previous = "";
    }
    const list = postings.get(key) ?? [];
    count += list.length;
    writeEntry(writer, key, previous, list, span.first);
    previous = key;
    if (writer.length >= CHUNK_BYTES || i === keys.length - 1) {
      chunks.push(writer.finish());
      writer = new Writer();
    }
  });
  const bloom = BloomFilter.of(keys, keys.length);
  return { manifest: { ...span, postings: count, chunkKeys, bloom }, chunks };
}
function writeEntry(writer, key, previous, list, first) {
  let shared2 = 0;
  while (shared2 < previous.length && previous[shared2] === key[shared2]) shared2++;
  writer.uint32(shared2).bytes(fromBinary(key.slice(shared2))).uint32(list.length);
  let last = first;
  for (const { blockNum, txNum } of list) {
    writer.uint32(blockNum - last).uint32(txNum);
    last = blockNum;
  }
}
function decodeChunk(chunk, first) {
  const postings = /* @__PURE__ */ new Map();
  const reader = new Reader(chunk);
  let key = "";
  while (reader.pos < reader.end) {
    const shared2 = reader.uint32();
    key = key.slice(0, shared2) + toBinary(reader.bytes());
    const list = [];
    let blockNum = first;
    for (let left = reader.uint32(); left > 0; left--) {
      blockNum += reader.uint32();
      list.push({ blockNum, txNum: reader.uint32() });
    }
    postings.set(key, list);
  }
  return postings;
}
function encodeManifest(manifest) {
  const writer = new Writer();
  writer.bytes(uint64Bytes(manifest.first)).bytes(uint64Bytes(manifest.end)).uint32(manifest.level);
  writer.uint32(manifest.postings).bytes(manifest.bloom.bytes).uint32(manifest.chunkKeys.length);
  for (const key of manifest.chunkKeys) writer.bytes(fromBinary(key));
  return writer.finish();
}
function decodeManifest(bytes) {
  const reader = new Reader(bytes);
  const [first, end] = [readUint642(reader.bytes()), readUint642(reader.bytes())];
  const [level, postings] = [reader.uint32(), reader.uint32()];
  const bloom = new BloomFilter(reader.bytes().slice());
  const chunkKeys = Array.from({ length: reader.uint32() }, () => toBinary(reader.bytes()));
  return { first, end, level, postings, chunkKeys, bloom };
}

// src/ledger/postings/posting-index.ts
var DEFAULT_POSTING_INDEX_OPTIONS = Object.freeze({
  flushPostings: 4096,
  flushBlocks: 128,
  fanIn: 8,
  maxSegmentPostings: 512 * 1024
});
var MANIFEST = 109;
var CHUNK = 99;
var CACHED_CHUNKS = 16;
var HARD_FACTOR = 4;
var PostingIndex = class _PostingIndex {
  #store;
  #options;
  #segments;
  #pending = /* @__PURE__ */ new Map();
  #pendingCount = 0;
  #end;
  #cache = /* @__PURE__ */ new Map();
  constructor(store, segments, options) {
    this.#store = store;
    this.#segments = segments;
    this.#options = options;
    this.#end = segments.at(-1)?.end ?? 0;
  }
  /** Opens the index that a store, or a part of one, holds. */
  static async open(store, options = {}) {
    const segments = [];
    const range = { gte: Uint8Array.of(MANIFEST), lt: Uint8Array.of(MANIFEST + 1) };
    for await (const [, value] of store.range(range)) segments.push(decodeManifest(value));
    segments.forEach(({ first }, i) => {
      const expected = segments[i - 1]?.end ?? first;
      if (first !== expected) {
        throw new LedgerError(
          "LEDGER_CORRUPT",
          `index covers no blocks from ${expected} to ${first}`
        );
      }
    });
    return new _PostingIndex(store, segments, { ...DEFAULT_POSTING_INDEX_OPTIONS, ...options });
  }
  /** The block to be added next. */
  get nextBlock() {
    return this.#end;
  }
  /** The first block that is not in a segment, thus lost with the memory. */
  get flushedBlocks() {
    return this.#segments.at(-1)?.end ?? 0;
  }
  /** Adds a block: each key with the number of a transaction, in ascending order of these. */
  add(blockNum, keys) {
    if (blockNum !== this.#end) {
      throw new LedgerError("LEDGER_CORRUPT", `index expects block ${this.#end}, not ${blockNum}`);
    }
    for (const [key, txNum] of keys) {
      const list = this.#pending.get(key);
      if (list) list.push({ blockNum, txNum });
      else this.#pending.set(key, [{ blockNum, txNum }]);
      this.#pendingCount++;
    }
    this.#end++;
  }
  /** Where `key` occurs, first to last or, with `reverse`, last to first. Blocks may be added meanwhile. */
  async *find(key, { reverse = false } = {}) {
    yield* reverse ? this.#backward(key) : this.#forward(key);
  }
  // Both walks remember only which block they have come to, because segments may be merged under them.
  async *#forward(key) {
    for (let from = 0; ; ) {
      const segment = this.#segments.find(({ end, bloom }) => end > from && bloom.mayHave(key));
      const list = segment ? await this.#list(segment, key) : this.#pending.get(key)?.slice();
      if (list !== "replaced") {
        for (const posting of list ?? []) if (posting.blockNum >= from) yield posting;
        if (!segment) return;
        from = segment.end;
      }
    }
  }
  async *#backward(key) {
    let before = this.flushedBlocks;
    yield* this.#pending.get(key)?.toReversed() ?? [];
    for (; ; ) {
      const segment = this.#segments.findLast(
        ({ first, bloom }) => first < before && bloom.mayHave(key)
      );
      if (!segment) return;
      const list = await this.#list(segment, key);
      if (list !== "replaced") {
        for (const posting of list.toReversed()) if (posting.blockNum < before) yield posting;
        before = segment.first;
      }
    }
  }
  /** All keys, in no order; one may come twice. Nothing may be added meanwhile. */
  async *keys() {
    for (const segment of this.#segments) {
      for (const [number] of segment.chunkKeys.entries()) {
        const bytes = await this.#store.get(chunkKey(segment, number));
        yield* decodeChunk(present(bytes), segment.first).keys();
      }
    }
    yield* this.#pending.keys();
  }
  /** True when `key` occurs anywhere. */
  async has(key) {
    if (this.#pending.has(key)) return true;
    for await (const _ of this.find(key)) return true;
    return false;
  }
  /** True when a segment should be written. */
  get flushDue() {
    return this.#exceeds(1);
  }
  /** True when so much is in memory that nothing should be added before a segment is written. */
  get flushOverdue() {
    return this.#exceeds(HARD_FACTOR);
  }
  #exceeds(factor) {
    const { flushPostings, flushBlocks } = this.#options;
    const blocks = this.#end - this.flushedBlocks;
    return this.#pendingCount >= factor * flushPostings || blocks >= factor * flushBlocks;
  }
  /** Prepares to write what is in memory as a segment; nothing may be added until it is applied or given up. */
  async prepareFlush() {
    if (this.#end === this.flushedBlocks) return void 0;
    const span = { first: this.flushedBlocks, end: this.#end };
    const victims = this.#victims();
    const first = victims[0]?.first ?? span.first;
    const level = (victims[0]?.level ?? -1) + 1;
    const postings = await this.#merged(victims);
    const { manifest, chunks } = encodeSegment(postings, { first, end: span.end, level });
    const operations = victims.flatMap((victim) => removals(victim));
    operations.push({ type: "put", key: manifestKey(manifest), value: encodeManifest(manifest) });
    chunks.forEach((value, i) => {
      operations.push({ type: "put", key: chunkKey(manifest, i), value });
    });
    return {
      operations,
      apply: () => {
        this.#segments = [
          ...this.#segments.slice(0, this.#segments.length - victims.length),
          manifest
        ];
        this.#pending = /* @__PURE__ */ new Map();
        this.#pendingCount = 0;
      }
    };
  }
  // Segments to be merged with what is in memory: the last ones of equal level when they are enough, and then
  // those of the next level when the result would complete them, and so on.
  #victims() {
    const { fanIn, maxSegmentPostings } = this.#options;
    let taken = 0;
    let size = this.#pendingCount;
    for (let level = 0; ; level++) {
      const rest = this.#segments.slice(0, this.#segments.length - taken);
      const run = rest.slice(rest.findLastIndex((segment) => segment.level !== level) + 1);
      const runSize = run.reduce((sum, { postings }) => sum + postings, 0);
      if (run.length < fanIn - 1 || size + runSize > maxSegmentPostings) break;
      taken += run.length;
      size += runSize;
    }
    return this.#segments.slice(this.#segments.length - taken);
  }
  async #merged(victims) {
    if (victims.length === 0) return this.#pending;
    const merged = /* @__PURE__ */ new Map();
    const addAll = (postings) => {
      for (const [key, list] of postings) {
        const known = merged.get(key);
        if (known) known.push(...list);
        else merged.set(key, [...list]);
      }
    };
    for (const victim of victims) {
      const chunks = await this.#store.getMany(victim.chunkKeys.map((_, i) => chunkKey(victim, i)));
      for (const chunk of chunks) addAll(decodeChunk(present(chunk), victim.first));
    }
    addAll(this.#pending);
    return merged;
  }
  async #list(segment, key) {
    const at = lowerBound(segment.chunkKeys, key);
    const number = segment.chunkKeys[at] === key ? at : at - 1;
    if (number < 0) return [];
    const id = `${segment.first}/${segment.level}/${number}`;
    let chunk = this.#cache.get(id);
    if (!chunk) {
      const bytes = await this.#store.get(chunkKey(segment, number));
      if (!bytes && !this.#segments.includes(segment)) return "replaced";
      chunk = decodeChunk(present(bytes), segment.first);
    }
    this.#remember(id, chunk);
    return chunk.get(key) ?? [];
  }
  #remember(id, chunk) {
    this.#cache.delete(id);
    this.#cache.set(id, chunk);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > CACHED_CHUNKS && oldest !== void 0) this.#cache.delete(oldest);
  }
};
function present(chunk) {
  if (chunk) return chunk;
  throw new LedgerError("LEDGER_CORRUPT", "a chunk of an index is missing; rebuild the databases");
}
function manifestKey({ first, level }) {
  return concat(Uint8Array.of(MANIFEST), uint64Bytes(first), Uint8Array.of(level));
}
function chunkKey({ first, level }, number) {
  return concat(
    Uint8Array.of(CHUNK),
    uint64Bytes(first),
    Uint8Array.of(level),
    uint64Bytes(number)
  );
}
function removals(segment) {
  const keys = [manifestKey(segment), ...segment.chunkKeys.map((_, i) => chunkKey(segment, i))];
  return keys.map((key) => ({ type: "delete", key }));
}

// src/ledger/util/prefixed-kv-store.ts
var PrefixedKVStore = class {
  #store;
  #prefix;
  #end;
  /** @param prefix must hold a byte below 0xff. */
  constructor(store, prefix) {
    this.#store = store;
    this.#prefix = prefix;
    this.#end = prefixEnd(prefix);
  }
  get(key) {
    return this.#store.get(concat(this.#prefix, key));
  }
  getMany(keys) {
    return this.#store.getMany(keys.map((key) => concat(this.#prefix, key)));
  }
  async *range({ gte, lt, ...rest }) {
    const bounds = {
      gte: gte ? concat(this.#prefix, gte) : this.#prefix,
      lt: lt ? concat(this.#prefix, lt) : this.#end
    };
    for await (const [key, value] of this.#store.range({ ...rest, ...bounds })) {
      yield [key.subarray(this.#prefix.length), value];
    }
  }
  write(operations, options) {
    const prefixed = operations.map((op) => ({ ...op, key: concat(this.#prefix, op.key) }));
    return this.#store.write(prefixed, options);
  }
  async close() {
  }
};

// src/ledger/blkstorage/block-keys.ts
var BLOCK = 98;
var RECORD = 105;
var HASH = 104;
var TXID = 116;
var BOOTSTRAP_KEY = Uint8Array.of(115);
var TXID_PREFIX = Uint8Array.of(TXID);
function chainStore(kvStore, ledgerId) {
  return new PrefixedKVStore(kvStore, utf8(`${ledgerId}\0`));
}
function blockKey(blockNum) {
  return concat(Uint8Array.of(BLOCK), uint64Bytes(blockNum));
}
function recordKey(blockNum) {
  return concat(Uint8Array.of(RECORD), uint64Bytes(blockNum));
}
function hashKey(headerHash) {
  return concat(Uint8Array.of(HASH), headerHash);
}
function allOf(kind) {
  return { gte: Uint8Array.of(kind), lt: Uint8Array.of(kind + 1) };
}
async function lastOf(chain, kind) {
  for await (const [key, value] of chain.range({ ...allOf(kind), reverse: true, limit: 1 })) {
    return { blockNum: readUint642(key, 1), value };
  }
  return void 0;
}

// src/ledger/blkstorage/block-record.ts
var FORMAT = 1;
function encodeBlockRecord(record) {
  const writer = new Writer().uint32(FORMAT);
  writer.bytes(record.headerHash).bytes(record.previousHash).bytes(record.flags);
  writer.uint32(record.transactions.length);
  let end = 0;
  record.transactions.forEach((span, i) => {
    writer.uint32(span.start - end).uint32(span.end - span.start);
    writer.bytes(fromBinary(record.txIdKeys[i] ?? ""));
    end = span.end;
  });
  return writer.finish();
}
function decodeBlockRecord(bytes) {
  const reader = new Reader(bytes);
  const format = reader.uint32();
  if (format !== FORMAT) throw new RangeError(`unknown format ${format} of an index record`);
  const [headerHash, previousHash, flags] = [reader.bytes(), reader.bytes(), reader.bytes()];
  const transactions = [];
  const txIdKeys = [];
  let end = 0;
  for (let left = reader.uint32(); left > 0; left--) {
    const start = end + reader.uint32();
    end = start + reader.uint32();
    transactions.push({ start, end });
    txIdKeys.push(toBinary(reader.bytes()));
  }
  return { headerHash, previousHash, flags, transactions, txIdKeys };
}
var HASHED = "";
var PLAIN = "";
function txIdKey(txId) {
  if (txId === "") return "";
  if (!/^(?:[0-9a-f]{2}){32}$/.test(txId)) return PLAIN + utf8ToBinary(txId);
  let packed = HASHED;
  for (let i = 0; i < txId.length; i += 2) {
    packed += String.fromCharCode(Number.parseInt(txId.slice(i, i + 2), 16));
  }
  return packed;
}
function txIdOfKey(key) {
  const rest = key.slice(1);
  return key.startsWith(HASHED) ? toHex(fromBinary(rest)) : binaryToUtf8(rest);
}

// src/ledger/blkstorage/block-index.ts
var BlockIndex = class _BlockIndex {
  #chain;
  #txIds;
  constructor(chain, txIds) {
    this.#chain = chain;
    this.#txIds = txIds;
  }
  /** Opens what is stored; `add` the blocks from `nextBlock` on. */
  static async open(chain, options) {
    const txIdStore = new PrefixedKVStore(chain, TXID_PREFIX);
    return new _BlockIndex(chain, await PostingIndex.open(txIdStore, options));
  }
  /** The block whose ids of transactions are to be added next. */
  get nextBlock() {
    return this.#txIds.nextBlock;
  }
  /** Adds the ids of a block whose record is stored. */
  add(blockNum, record) {
    this.#txIds.add(blockNum, txIdPostings(record));
  }
  /** What stores the ids of the blocks that were added, if there are enough of them. */
  async flushIfDue() {
    if (!this.#txIds.flushDue) return void 0;
    const flush2 = await this.#txIds.prepareFlush();
    return flush2 && { ...flush2, operations: flush2.operations.map(ofTxIds) };
  }
  /** Throws LEDGER_CORRUPT when there is none. */
  async record(blockNum) {
    const bytes = await this.#chain.get(recordKey(blockNum));
    if (bytes) return decodeBlockRecord(bytes);
    const text2 = `the index record of block ${blockNum} is missing; rebuild the databases`;
    throw new LedgerError("LEDGER_CORRUPT", text2);
  }
  async blockNumOf(headerHash) {
    const number = await this.#chain.get(hashKey(headerHash));
    return number && readUint642(number);
  }
  /** Where the first transaction of this id is. */
  async find(txId) {
    for await (const posting of this.#txIds.find(txIdKey(txId))) return posting;
    return void 0;
  }
  /** True when a transaction of this id stands in any block, valid or not. */
  has(txId) {
    return this.#txIds.has(txIdKey(txId));
  }
  /** The ids of all transactions, in no order, as binary strings. Nothing may be added meanwhile. */
  async *txIds() {
    for await (const key of this.#txIds.keys()) yield utf8ToBinary(txIdOfKey(key));
  }
};
function recordOf(block, txIds) {
  return {
    headerHash: block.headerHash,
    previousHash: block.previousHash,
    transactions: block.transactions,
    txIdKeys: txIds.map(txIdKey),
    flags: transactionsFilterOf(block)
  };
}
function indexOperations(blockNum, record) {
  return [
    { type: "put", key: recordKey(blockNum), value: encodeBlockRecord(record) },
    { type: "put", key: hashKey(record.headerHash), value: uint64Bytes(blockNum) }
  ];
}
function follows({ previousHash }, headerHash) {
  return equalBytes(previousHash, headerHash);
}
function* txIdPostings({ txIdKeys }) {
  for (const [txNum, key] of txIdKeys.entries()) if (key !== "") yield [key, txNum];
}
function ofTxIds(operation) {
  return { ...operation, key: concat(TXID_PREFIX, operation.key) };
}

// src/ledger/blkstorage/bootstrap.ts
function encodeBootstrapInfo(info) {
  const writer = new Writer().bytes(uint64Bytes(info.lastBlockNumber)).bytes(info.lastBlockHash);
  return writer.bytes(info.previousBlockHash).bytes(info.lastBlockCommitHash).finish();
}
function decodeBootstrapInfo(bytes) {
  const reader = new Reader(bytes.slice());
  const lastBlockNumber = readUint642(reader.bytes());
  const [lastBlockHash, previousBlockHash] = [reader.bytes(), reader.bytes()];
  return { lastBlockNumber, lastBlockHash, previousBlockHash, lastBlockCommitHash: reader.bytes() };
}
async function readBootstrapInfo(chain) {
  const bytes = await chain.get(BOOTSTRAP_KEY);
  return bytes && decodeBootstrapInfo(bytes);
}
async function bootstrapBlockStore(kvStore, ledgerId, info, txIds, options = {}) {
  const store = chainStore(kvStore, ledgerId);
  const ofIds = { ...options, flushBlocks: Number.POSITIVE_INFINITY };
  const index = await PostingIndex.open(new PrefixedKVStore(store, TXID_PREFIX), ofIds);
  const height = info.lastBlockNumber + 1;
  const perBlock = Math.max(1, Math.ceil(txIds.count / height));
  const ids = txIds.ids[Symbol.asyncIterator]();
  for (let blockNum = 0; blockNum < height; blockNum++) {
    const keys = [];
    for (let i = 0; i < perBlock; i++) {
      const { value: value2, done } = await ids.next();
      if (done) break;
      keys.push([txIdKey(value2), i]);
    }
    index.add(blockNum, keys);
    if (index.flushDue) await flush(store, index);
  }
  await flush(store, index);
  const value = encodeBootstrapInfo(info);
  await store.write([{ type: "put", key: BOOTSTRAP_KEY, value }], { durable: true });
}
async function flush(store, index) {
  const prepared = await index.prepareFlush();
  if (!prepared) return;
  await store.write(prepared.operations.map((op) => ({ ...op, key: concat(TXID_PREFIX, op.key) })));
  prepared.apply();
}

// src/ledger/blkstorage/sync-index.ts
var BATCH = 64;
async function syncIndex(chain, start, log) {
  const { indexed, stored } = await withoutTornTail(chain, start.height, log);
  if (chain.index.nextBlock > indexed) {
    const text2 = `index of ${chain.ledgerId} covers ${chain.index.nextBlock} blocks, but there are ${indexed}`;
    throw new LedgerError("LEDGER_CORRUPT", text2);
  }
  const tip = await addRecords(chain, indexed, await tipOf(chain.store, indexed) ?? start);
  if (indexed === stored) return tip;
  log.info(`${chain.ledgerId}: indexing blocks ${indexed} to ${stored - 1}`);
  return indexBlocks(chain, stored, tip);
}
async function withoutTornTail({ ledgerId, store }, firstBlock, log) {
  const heightOf = async (kind) => ((await lastOf(store, kind))?.blockNum ?? firstBlock - 1) + 1;
  const [indexed, stored] = [await heightOf(RECORD), await heightOf(BLOCK)];
  const height = Math.max(indexed, stored);
  if (indexed > stored + 1) missing(ledgerId, stored);
  if (height === firstBlock || await isComplete(store, height - 1)) return { indexed, stored };
  log.warn(`${ledgerId}: block ${height - 1} was not stored whole; it must be fetched again`);
  await removeBlock(store, height - 1);
  return { indexed: Math.min(indexed, height - 1), stored: height - 1 };
}
async function isComplete(store, blockNum) {
  const [bytes, record] = await store.getMany([blockKey(blockNum), recordKey(blockNum)]);
  const block = bytes && parsed(bytes);
  if (block?.number !== blockNum) return false;
  if (record) return equalBytes(block.headerHash, decodeBlockRecord(record).headerHash);
  return hasItsData(block);
}
async function removeBlock(store, blockNum) {
  await store.write(await removalsOf(store, [blockNum]), { durable: true });
}
async function removalsOf(store, blockNums) {
  const records = await store.getMany(blockNums.map(recordKey));
  const hashes = records.flatMap(
    (bytes) => bytes ? [hashKey(decodeBlockRecord(bytes).headerHash)] : []
  );
  const keys = [...blockNums.map(blockKey), ...blockNums.map(recordKey), ...hashes];
  return keys.map((key) => ({ type: "delete", key }));
}
async function tipOf(store, height) {
  const bytes = await store.get(recordKey(height - 1));
  return bytes && infoAfter(height - 1, decodeBlockRecord(bytes));
}
async function addRecords({ ledgerId, store, index }, height, tip) {
  const range = { gte: recordKey(index.nextBlock), lt: recordKey(height) };
  let previous;
  for await (const [key, value] of store.range(range)) {
    const blockNum = readUint642(key, 1);
    const record = decodeBlockRecord(value);
    if (blockNum !== index.nextBlock) missing(ledgerId, index.nextBlock);
    if (previous && !follows(record, previous.headerHash)) missing(ledgerId, blockNum);
    index.add(blockNum, record);
    previous = record;
  }
  await flushIfDue(store, index);
  return tip;
}
async function indexBlocks(chain, height, start) {
  const { store, index } = chain;
  let info = start;
  while (info.height < height) {
    const records = [];
    while (info.height < height && records.length < BATCH) {
      const record = await recordOfStored(chain, info);
      records.push([info.height, record]);
      info = infoAfter(info.height, record);
    }
    await store.write(records.flatMap(([blockNum, record]) => indexOperations(blockNum, record)));
    for (const [blockNum, record] of records) index.add(blockNum, record);
    await flushIfDue(store, index);
  }
  return info;
}
async function recordOfStored({ ledgerId, store }, { height: blockNum, currentBlockHash }) {
  const bytes = await store.get(blockKey(blockNum));
  const block = bytes && parsed(bytes);
  if (block?.number !== blockNum || !follows(block, currentBlockHash) || !hasItsData(block)) {
    missing(ledgerId, blockNum);
  }
  return recordOf(block, txIdsOf(block));
}
async function flushIfDue(store, index) {
  const flush2 = await index.flushIfDue();
  if (!flush2) return;
  await store.write(flush2.operations);
  flush2.apply();
}
function infoAfter(blockNum, { headerHash, previousHash }) {
  return {
    height: blockNum + 1,
    currentBlockHash: headerHash.slice(),
    previousBlockHash: previousHash.slice()
  };
}
function parsed(bytes) {
  try {
    return parseBlock(bytes);
  } catch {
    return void 0;
  }
}
function hasItsData({ bytes, transactions, dataHash }) {
  const data = transactions.map(({ start, end }) => bytes.subarray(start, end));
  return equalBytes(computeBlockDataHash({ data }), dataHash);
}
function missing(ledgerId, blockNum) {
  const text2 = `block ${blockNum} of ${ledgerId} is missing or damaged, though later ones are here; remove the ledger and join again`;
  throw new LedgerError("LEDGER_CORRUPT", text2);
}

// src/ledger/blkstorage/block-store.ts
var BlockStore = class _BlockStore {
  ledgerId;
  #store;
  #index;
  #adding = new Mutex();
  #bootstrap;
  #info;
  #waiting = /* @__PURE__ */ new Set();
  #closed = false;
  constructor(ledgerId, store, index, found) {
    this.ledgerId = ledgerId;
    this.#store = store;
    this.#index = index;
    this.#info = found.info;
    this.#bootstrap = found.bootstrap;
  }
  /**
   * Opens the chain of a ledger in a store, which it may share with other ledgers; makes an empty one when there
   * is none. The store stays the caller's to close. Blocks that are not indexed are indexed, and a last one that was not
   * stored whole is taken off. Throws LedgerError LEDGER_CORRUPT when blocks are missing.
   */
  static async open(kvStore, ledgerId, { txIdIndex, logger = silentLogger } = {}) {
    const store = chainStore(kvStore, ledgerId);
    const index = await BlockIndex.open(store, txIdIndex);
    const bootstrap = await readBootstrapInfo(store);
    const info = await syncIndex({ ledgerId, store, index }, beginning(bootstrap), logger);
    return new _BlockStore(ledgerId, store, index, { info, bootstrap });
  }
  getBlockchainInfo() {
    return this.#info;
  }
  get height() {
    return this.#info.height;
  }
  /** The snapshot that the chain was continued from. */
  get bootstrap() {
    return this.#bootstrap;
  }
  /** The first block that is here, or will be; 0 unless the chain was continued from a snapshot. */
  get firstBlock() {
    return this.#bootstrap ? this.#bootstrap.lastBlockNumber + 1 : 0;
  }
  /**
   * Appends the next block; on return it is durable. Throws LedgerError BLOCK_MALFORMED, BLOCK_OUT_OF_ORDER,
   * HASH_MISMATCH, QUOTA_EXCEEDED, ...; then nothing was added. The bytes must not change meanwhile.
   */
  async addBlock(block, known = {}) {
    const parsed2 = block instanceof Uint8Array ? parseBlock(block) : block;
    const record = recordOf(parsed2, known.txIds ?? txIdsOf(parsed2));
    await this.#adding.run(() => this.#add(parsed2, record));
  }
  /** Throws LedgerError BLOCK_OUT_OF_ORDER or HASH_MISMATCH unless the block can be added now. */
  checkNext(block) {
    this.#checkOpen();
    const { height, currentBlockHash } = this.#info;
    if (block.number !== height) {
      const text2 = `block ${block.number} was given to ${this.ledgerId}, which expects block ${height}`;
      const data = { expected: height, given: block.number };
      throw new LedgerError("BLOCK_OUT_OF_ORDER", text2, { data });
    }
    if (!follows(block, currentBlockHash)) {
      const text2 = `block ${block.number} follows ${toHex(block.previousHash)}, but the last block of ${this.ledgerId} is ${toHex(currentBlockHash)}`;
      throw new LedgerError("HASH_MISMATCH", text2);
    }
  }
  async #add(block, record) {
    this.checkNext(block);
    const flush2 = await this.#index.flushIfDue();
    const operations = [
      { type: "put", key: blockKey(block.number), value: block.bytes },
      ...indexOperations(block.number, record),
      // Ids of earlier blocks, since those of this one are not known to be stored yet.
      ...flush2?.operations ?? []
    ];
    await this.#store.write(operations, { durable: true });
    flush2?.apply();
    this.#index.add(block.number, record);
    this.#info = {
      height: block.number + 1,
      currentBlockHash: block.headerHash,
      previousBlockHash: block.previousHash.slice()
    };
    this.#wake();
  }
  /** The block's bytes as stored. */
  async retrieveBlockByNumber(blockNum) {
    this.#checkOpen();
    if (!(blockNum >= 0 && blockNum < this.height)) return void 0;
    if (blockNum < this.firstBlock) this.#beforeSnapshot(`block ${blockNum}`);
    const bytes = await this.#store.get(blockKey(blockNum));
    return bytes ?? this.#missing(blockNum);
  }
  async retrieveBlockByHash(headerHash) {
    this.#checkOpen();
    const blockNum = await this.#index.blockNumOf(headerHash);
    return blockNum === void 0 ? void 0 : this.retrieveBlockByNumber(blockNum);
  }
  /** The first block that holds a transaction of this id. */
  async retrieveBlockByTxID(txId) {
    const posting = await this.#firstPosting(txId);
    return posting && this.retrieveBlockByNumber(posting.blockNum);
  }
  /** The first transaction of this id. */
  async retrieveTxByID(txId) {
    const posting = await this.#firstPosting(txId);
    return posting && this.retrieveTxByBlockNumTranNum(posting.blockNum, posting.txNum);
  }
  async retrieveTxByBlockNumTranNum(blockNum, txNum) {
    const block = await this.retrieveBlockByNumber(blockNum);
    if (!block) return void 0;
    const { transactions, flags } = await this.#index.record(blockNum);
    const span = transactions[txNum];
    if (!span) return void 0;
    const envelope = block.slice(span.start, span.end);
    return { envelope, validationCode: flags[txNum] ?? NOT_VALIDATED, blockNum, txNum };
  }
  /** Where the first transaction of this id is, and its code, without reading the block. */
  async retrieveTxValidationCodeByTxID(txId) {
    const posting = await this.#firstPosting(txId);
    if (!posting) return void 0;
    const { flags } = await this.#index.record(posting.blockNum);
    return { ...posting, validationCode: flags[posting.txNum] ?? NOT_VALIDATED };
  }
  /** True when a transaction of this id stands in any block, valid or not. */
  async txIDExists(txId) {
    this.#checkOpen();
    return this.#index.has(txId);
  }
  /** The ids of all transactions, in no order, as binary strings. Nothing may be added meanwhile. */
  async *txIds() {
    this.#checkOpen();
    yield* this.#index.txIds();
  }
  /**
   * Blocks from `from` on. At the tip it waits for the next, until the signal is aborted, which ends it; when the
   * store is closed it throws LEDGER_CLOSED.
   */
  async *iterator(from, { signal }) {
    for (let next = from; !signal.aborted; ) {
      const block = await this.retrieveBlockByNumber(next);
      if (block) {
        next++;
        yield block;
      } else {
        await this.#waitFor(next, signal);
      }
    }
  }
  /** Ends waiting iterators. Does not close the store beneath. */
  async close() {
    await this.#adding.run(async () => {
      this.#closed = true;
    });
    this.#wake();
  }
  async #waitFor(blockNum, signal) {
    while (!signal.aborted && !this.#closed && this.height <= blockNum) {
      await new Promise((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener("abort", wake);
      });
    }
  }
  #wake() {
    for (const wake of [...this.#waiting]) wake();
  }
  async #firstPosting(txId) {
    this.#checkOpen();
    const posting = await this.#index.find(txId);
    if (posting && posting.blockNum < this.firstBlock) this.#beforeSnapshot(`transaction ${txId}`);
    return posting;
  }
  #beforeSnapshot(what) {
    const text2 = `${what} is not here: ${this.ledgerId} was made from a snapshot, and its first block is ${this.firstBlock}`;
    throw new LedgerError("BLOCK_BEFORE_SNAPSHOT", text2, { data: { firstBlock: this.firstBlock } });
  }
  #missing(blockNum) {
    throw new LedgerError("LEDGER_CORRUPT", `block ${blockNum} of ${this.ledgerId} is missing`);
  }
  #checkOpen() {
    if (this.#closed) throw new LedgerError("LEDGER_CLOSED", `ledger ${this.ledgerId} is closed`);
  }
};
var NOT_VALIDATED = 254;
function beginning(bootstrap) {
  return {
    height: bootstrap ? bootstrap.lastBlockNumber + 1 : 0,
    currentBlockHash: bootstrap?.lastBlockHash ?? EMPTY_BYTES,
    previousBlockHash: bootstrap?.previousBlockHash ?? EMPTY_BYTES
  };
}

// src/ledger/util/delete-range.ts
var BATCH2 = 500;
async function deleteRange(store, range) {
  for (; ; ) {
    const operations = [];
    for await (const [key] of store.range({ ...range, limit: BATCH2 })) {
      operations.push({ type: "delete", key });
    }
    if (operations.length === 0) return;
    await store.write(operations, { durable: true });
  }
}

// src/ledger/blkstorage/rollback.ts
var BATCH3 = 500;
async function chainExtent(kvStore, ledgerId) {
  const chain = chainStore(kvStore, ledgerId);
  const bootstrap = await readBootstrapInfo(chain);
  const last = (await lastOf(chain, BLOCK))?.blockNum ?? bootstrap?.lastBlockNumber ?? -1;
  return { height: last + 1, isFromSnapshot: bootstrap !== void 0 };
}
async function truncateChain(kvStore, ledgerId, lastBlock) {
  const chain = chainStore(kvStore, ledgerId);
  const tips = await Promise.all([lastOf(chain, BLOCK), lastOf(chain, RECORD)]);
  let next = Math.max(...tips.map((tip) => tip?.blockNum ?? -1));
  while (next > lastBlock) {
    const count = Math.min(BATCH3, next - lastBlock);
    const blockNums = Array.from({ length: count }, (_, i) => next - i);
    await chain.write(await removalsOf(chain, blockNums), { durable: true });
    next -= count;
  }
}
async function dropIndex(kvStore, ledgerId) {
  const chain = chainStore(kvStore, ledgerId);
  for (const kind of [TXID, HASH, RECORD]) await deleteRange(chain, allOf(kind));
}

// src/common/protoutil/signeddata.ts
function proposalAsSignedData(signedProposal) {
  const data = signedProposal.proposal_bytes ?? EMPTY_BYTES;
  const { signature_header } = unmarshalHeader(unmarshalProposal(data).header);
  const { creator } = unmarshalSignatureHeader(signature_header);
  return { data, identity: creator, signature: signedProposal.signature ?? EMPTY_BYTES };
}
function configUpdateEnvelopeAsSignedData(envelope) {
  return (envelope.signatures ?? []).map(({ signature_header, signature }) => {
    const header = signature_header ?? EMPTY_BYTES;
    return {
      data: concat(header, envelope.config_update ?? EMPTY_BYTES),
      identity: unmarshalSignatureHeader(header).creator,
      signature: signature ?? EMPTY_BYTES
    };
  });
}
function blockSignatureBytes(value, signatureHeader, header) {
  return concat(value, signatureHeader, blockHeaderBytes(header));
}
function blockAsSignedData(block, consenters) {
  const { header } = block;
  if (!header) throw new ProtoError("MISSING_FIELD", "block has no header");
  const { value, signatures } = getMetadataFromBlock(block, common.BlockMetadataIndex.SIGNATURES);
  return signatures.flatMap(({ signature_header, signature, identifier_header }) => {
    const byNumber = consenters && signature_header.length === 0 && identifier_header.length > 0;
    const signed = byNumber ? identifier_header : signature_header;
    const identity = byNumber ? consenterIdentity(consenters, unmarshalIdentifierHeader(identifier_header).identifier) : unmarshalSignatureHeader(signature_header).creator;
    if (identity === void 0) return [];
    return [{ data: blockSignatureBytes(value, signed, header), identity, signature }];
  });
}
function consenterIdentity(consenters, id) {
  const consenter = consenters.find((other) => (other.id ?? 0) === id);
  if (!consenter) return void 0;
  const { msp_id, identity } = consenter;
  return msp.SerializedIdentity.encode({ mspid: msp_id, id_bytes: identity }).finish();
}

// src/common/crypto/bccsp.ts
import { sha256 as sha2564 } from "@noble/hashes/sha2.js";

// src/common/crypto/noble-on-demand.ts
function loadNoble() {
  return import("./noble-bccsp-P5Q7HB27.js");
}
var NobleOnDemand = class {
  kind = "noble";
  #loading;
  async sha256(data) {
    return (await this.#noble()).sha256(data);
  }
  async generateKey() {
    return (await this.#noble()).generateKey();
  }
  async importKey(pkcs8) {
    return (await this.#noble()).importKey(pkcs8);
  }
  async exportKey(key) {
    return (await this.#noble()).exportKey(key);
  }
  async sign(key, message2) {
    return (await this.#noble()).sign(key, message2);
  }
  async checkKey(key) {
    return (await this.#noble()).checkKey(key);
  }
  async verify(key, message2, signature, options) {
    return (await this.#noble()).verify(key, message2, signature, options);
  }
  // Whoever asks next tries again: a page may have been without its server for a moment.
  #noble() {
    this.#loading ??= loadNoble().then(
      (module) => new module.NobleBCCSP(),
      (error) => {
        this.#loading = void 0;
        throw error;
      }
    );
    return this.#loading;
  }
};

// src/common/crypto/webcrypto-bccsp.ts
var WEB_CURVES = /* @__PURE__ */ new Set(["P-256", "P-384"]);
var ALGORITHM = Object.freeze({ name: "ECDSA", namedCurve: "P-256" });
var source = (bytes) => bytes;
var WebCryptoBCCSP = class {
  kind = "webcrypto";
  #subtle;
  // An import costs 6-90 us, a verification 100: keys are imported once.
  #noble = new NobleOnDemand();
  #imported = /* @__PURE__ */ new WeakMap();
  constructor(subtle) {
    this.#subtle = subtle;
  }
  async sha256(data) {
    return new Uint8Array(await this.#subtle.digest("SHA-256", source(data)));
  }
  async generateKey({ extractable = false } = {}) {
    const pair = await this.#subtle.generateKey(ALGORITHM, extractable, ["sign", "verify"]);
    const point = new Uint8Array(await this.#subtle.exportKey("raw", pair.publicKey));
    return {
      privateKey: { kind: "webcrypto", key: pair.privateKey },
      publicKey: publicKeyFromPoint(point)
    };
  }
  async importKey(pkcs8, { extractable = false } = {}) {
    const { keyPairFromPkcs8 } = await loadNoble();
    const { pkcs8: complete, publicKey } = keyPairFromPkcs8(pkcs8);
    const key = await this.#subtle.importKey("pkcs8", complete, ALGORITHM, extractable, ["sign"]);
    return { privateKey: { kind: "webcrypto", key }, publicKey };
  }
  async exportKey({ privateKey, publicKey }) {
    if (privateKey.kind === "noble")
      return new NobleOnDemand().exportKey({ privateKey, publicKey });
    if (!privateKey.key.extractable) {
      throw new CryptoError("KEY_UNSUPPORTED", "the private key is not extractable");
    }
    return new Uint8Array(await this.#subtle.exportKey("pkcs8", privateKey.key));
  }
  async sign(key, message2) {
    if (key.kind === "noble") return new NobleOnDemand().sign(key, message2);
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const raw = await this.#subtle.sign(algorithm, key.key, source(message2));
    return rawToDer(toLowS(new Uint8Array(raw), CURVES["P-256"]));
  }
  async checkKey(key) {
    if (!WEB_CURVES.has(key.curve)) return this.#noble.checkKey(key);
    try {
      await this.#import(key);
    } catch (cause) {
      throw new CryptoError("KEY_UNSUPPORTED", "public key is not a point of its curve", { cause });
    }
  }
  async verify(key, message2, signature, { hash = "SHA-256", allowHighS = false } = {}) {
    const curve = CURVES[key.curve];
    const raw = derToRaw(signature, curve);
    if (!raw || !allowHighS && !isLowS(raw, curve)) return false;
    if (!WEB_CURVES.has(key.curve))
      return this.#noble.verify(key, message2, signature, { hash, allowHighS });
    try {
      const imported = await this.#import(key);
      return await this.#subtle.verify({ name: "ECDSA", hash }, imported, raw, source(message2));
    } catch {
      return false;
    }
  }
  #import(key) {
    let imported = this.#imported.get(key);
    if (!imported) {
      const algorithm = { name: "ECDSA", namedCurve: key.curve };
      imported = this.#subtle.importKey("raw", source(key.point), algorithm, false, ["verify"]);
      this.#imported.set(key, imported);
    }
    return imported;
  }
};

// src/common/crypto/bccsp.ts
function createBCCSP(kind) {
  const subtle = globalThis.crypto?.subtle;
  if (kind === "noble" || !subtle) return new NobleOnDemand();
  return new WebCryptoBCCSP(subtle);
}
var shared;
function defaultBCCSP() {
  shared ??= createBCCSP();
  return shared;
}
function sha256Sync(data) {
  return sha2564(data);
}
function signerFor(key) {
  const bccsp = key.kind === "noble" ? new NobleOnDemand() : createBCCSP("webcrypto");
  return (message2) => bccsp.sign(key, message2);
}

// src/common/crypto/general-names.ts
function uriHost(uri) {
  const [whole = "", fragment = ""] = cut(uri, "#");
  if (/[\0-\x1f\x7f]/.test(whole) || !isEscaped(fragment)) return void 0;
  if (whole === "*") return "";
  if (whole.startsWith(":")) return void 0;
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(whole)?.[1] ?? "";
  const [rest = ""] = cut(scheme === "" ? whole : whole.slice(scheme.length + 1), "?");
  if (!rest.startsWith("/")) {
    if (scheme !== "") return "";
    const [segment = ""] = cut(rest, "/");
    return segment.includes(":") || !isEscaped(rest) ? void 0 : "";
  }
  if (!rest.startsWith("//") || scheme === "" && rest.startsWith("///"))
    return isEscaped(rest) ? "" : void 0;
  const [, authority = "", path = ""] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? [];
  const at = authority.lastIndexOf("@");
  const user = authority.slice(0, Math.max(at, 0));
  const isUser = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) && isEscaped(user);
  if (!isUser || !isEscaped(path)) return void 0;
  return hostOf(scheme.toLowerCase(), authority.slice(at + 1));
}
function isDomain(name, { isConstraint = false } = {}) {
  if (name === "") return true;
  const labels = (isConstraint && name.startsWith(".") ? name.slice(1) : name).split(".");
  return labels.every((label) => /^[!-~]+$/.test(label));
}
function isMailbox(text2) {
  const quoted = (
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a quoted string may hold them
    /^"(?:[\x01-\x08\x0b\x0c\x0e-!#-[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*"@(.*)$/s
  );
  const atoms = /^((?:[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]|\\.)+)@(.*)$/s;
  const inQuotes = quoted.exec(text2);
  if (inQuotes) return isReversible(inQuotes[1] ?? "");
  const [, local = "", domain = ""] = (text2.startsWith('"') ? null : atoms.exec(text2)) ?? [];
  const plain = local.replace(/\\(.)/gs, "$1");
  if (plain === "" || /^\.|\.$|\.\./.test(plain)) return false;
  return isReversible(domain);
}
function isReversible(domain) {
  return domain === "" || domain.split(".").every((label) => /^[!-~]+$/.test(label));
}
function hostOf(scheme, host) {
  const bracket = host.lastIndexOf("[");
  if (bracket > 0) return void 0;
  if (bracket === 0) {
    const [, inside = "", port = ""] = /^\[(.*)\]([^\]]*)$/s.exec(host) ?? [];
    return isIPv6Literal(inside) && isPort(port) ? `[${inside}]${port}` : void 0;
  }
  const isStrict = scheme === "http" || scheme === "https";
  const colon = isStrict ? host.indexOf(":") : host.lastIndexOf(":");
  if (colon >= 0 && !isPort(host.slice(colon))) return void 0;
  return unescapedHost(host);
}
var isPort = (text2) => /^(:[0-9]*)?$/.test(text2);
function unescapedHost(host) {
  if (!/^(?:[A-Za-z0-9\-._~!"$&'()*+,:;<=>[\]]|%[89a-fA-F][0-9a-fA-F]|%25)*$/.test(host))
    return void 0;
  return host.replace(/%(..)/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}
function isIPv6Literal(text2) {
  const [address = "", ...zone] = text2.split("%25");
  const hasZone = zone.length > 0;
  const isZone = /^(?:[A-Za-z0-9\-._~!"$&'()*+,:;<=>[\]]|%[0-9a-fA-F]{2})+$/;
  if (hasZone && !isZone.test(zone.join("%25"))) return false;
  return address.includes(":") && URL.canParse(`http://[${address}]/`);
}
function isEscaped(text2) {
  return !/%(?![0-9a-fA-F]{2})/.test(text2);
}
function cut(text2, separator) {
  const at = text2.indexOf(separator);
  return at < 0 ? [text2, ""] : [text2.slice(0, at), text2.slice(at + separator.length)];
}

// src/common/crypto/certificate-extensions.ts
var EXTENSION_OID = Object.freeze({
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  /** Fabric CA's attributes: JSON `{"attrs":{…}}`. */
  attributes: "1.2.3.4.5.6.7.8.1"
});
var NAME = Object.freeze({ email: 129, dns: 130, uri: 134, ip: 135 });
function invalid(what) {
  return new CryptoError("ASN1_MALFORMED", `invalid ${what}`);
}
function parseExtensions(wrapped) {
  const extensions = /* @__PURE__ */ new Map();
  const list = new DerReader(wrapped).enter(TAG.SEQUENCE);
  while (!list.done) {
    const extension = list.enter(TAG.SEQUENCE);
    const id = oidText(extension.next(TAG.OID).content);
    const flag = extension.optional(TAG.BOOLEAN);
    const critical = flag !== void 0 && isTrue(flag.content);
    const value = extension.next(TAG.OCTET_STRING).content;
    if (extensions.has(id)) throw invalid(`extension ${id}: it is there twice`);
    extensions.set(id, { critical, value });
  }
  return extensions;
}
function knownExtensions(extensions) {
  const known = {
    isCA: false,
    maxPathLength: void 0,
    keyUsage: void 0,
    subjectKeyId: void 0,
    authorityKeyId: void 0,
    extendedKeyUsages: [],
    hasUnhandledCritical: false
  };
  for (const [id, { critical, value }] of extensions) {
    const read = READERS[id];
    if (critical && NEVER_CRITICAL.has(id)) throw invalid(`extension ${id}: it is critical`);
    const isHandled = read !== void 0 && read(new DerReader(value), known) !== UNHANDLED;
    if (critical && !isHandled) known.hasUnhandledCritical = true;
  }
  return known;
}
var UNHANDLED = /* @__PURE__ */ Symbol("unhandled");
var AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
var NEVER_CRITICAL = /* @__PURE__ */ new Set([
  EXTENSION_OID.subjectKeyId,
  EXTENSION_OID.authorityKeyId,
  AUTHORITY_INFO_ACCESS
]);
var READERS = {
  [EXTENSION_OID.keyUsage]: (value, known) => {
    known.keyUsage = keyUsageBits(value.next(TAG.BIT_STRING).content);
    return void 0;
  },
  [EXTENSION_OID.basicConstraints]: (value, known) => {
    const constraints = value.enter(TAG.SEQUENCE);
    const flag = constraints.optional(TAG.BOOLEAN);
    known.isCA = flag !== void 0 && isTrue(flag.content);
    const length = constraints.optional(TAG.INTEGER);
    known.maxPathLength = length && pathLength(length.content);
    return void 0;
  },
  [EXTENSION_OID.subjectAltName]: (value) => {
    const names = value.enter(TAG.SEQUENCE);
    let found = 0;
    while (!names.done) {
      const { tag, content } = names.next();
      if (checkAltName(tag, content)) found++;
    }
    return found === 0 ? UNHANDLED : void 0;
  },
  [EXTENSION_OID.nameConstraints]: (value) => {
    const top = value.enter(TAG.SEQUENCE);
    value.end();
    const subtrees = [0, 1].map((number) => top.optional(contextTag(number))?.content);
    top.end();
    if (subtrees.every((tree) => !tree || tree.length === 0)) throw invalid("name constraints");
    const handled = subtrees.map((tree) => !tree || checkSubtrees(new DerReader(tree)));
    return handled.includes(false) ? UNHANDLED : void 0;
  },
  // CRL distribution points
  "2.5.29.31": (value) => {
    const points = value.enter(TAG.SEQUENCE);
    while (!points.done) {
      const name = points.enter(TAG.SEQUENCE).optional(contextTag(0));
      const names = name && new DerReader(name.content).enter(contextTag(0));
      while (names?.peek() === NAME.uri) names.next();
    }
    return void 0;
  },
  [EXTENSION_OID.authorityKeyId]: (value, known) => {
    known.authorityKeyId = value.enter(TAG.SEQUENCE).optional(128)?.content;
    return void 0;
  },
  // policy constraints
  "2.5.29.36": (value) => {
    const constraints = value.enter(TAG.SEQUENCE);
    for (const tag of [128, 129]) {
      const skipped = constraints.optional(tag);
      if (skipped) signedInteger(skipped.content, 8);
    }
    return void 0;
  },
  [EXTENSION_OID.extendedKeyUsage]: (value, known) => {
    const usages = value.enter(TAG.SEQUENCE);
    const found = [];
    while (!usages.done) found.push(oidText(usages.next(TAG.OID).content));
    known.extendedKeyUsages = found;
    return void 0;
  },
  [EXTENSION_OID.subjectKeyId]: (value, known) => {
    known.subjectKeyId = value.next(TAG.OCTET_STRING).content;
    return void 0;
  },
  // certificate policies
  "2.5.29.32": (value) => {
    const policies = value.enter(TAG.SEQUENCE);
    const seen = /* @__PURE__ */ new Set();
    while (!policies.done) {
      const { content } = policies.enter(TAG.SEQUENCE).next(TAG.OID);
      const policy = toHex(content);
      if (seen.has(policy) || !isWholeOid(content)) throw invalid("certificate policies");
      seen.add(policy);
    }
    return void 0;
  },
  // policy mappings
  "2.5.29.33": (value) => {
    const mappings = value.enter(TAG.SEQUENCE);
    while (!mappings.done) {
      const mapping = mappings.enter(TAG.SEQUENCE);
      mapping.next(TAG.OID);
      mapping.next(TAG.OID);
    }
    return void 0;
  },
  // inhibit any policy
  "2.5.29.54": (value) => {
    signedInteger(value.next(TAG.INTEGER).content, 8);
    return void 0;
  },
  [AUTHORITY_INFO_ACCESS]: (value) => {
    const accesses = value.enter(TAG.SEQUENCE);
    while (!accesses.done) {
      const access = accesses.enter(TAG.SEQUENCE);
      oidText(access.next(TAG.OID).content);
      access.optional(NAME.uri);
    }
    return void 0;
  }
};
function pathLength(content) {
  const negative = signedInteger(content, 8);
  if (negative) throw invalid("basic constraints");
  return Number(`0x${toHex(content)}`);
}
function keyUsageBits(content) {
  const { bytes, unused } = bitsOf(content);
  let bits = 0;
  for (let i = 0; i < Math.min(9, 8 * bytes.length - unused); i++) {
    if ((bytes[i >> 3] ?? 0) & 128 >> (i & 7)) bits |= 1 << i;
  }
  return bits;
}
var isAscii = (text2) => !/[^\0-\x7f]/.test(text2);
function asciiText(content, what) {
  const text2 = String.fromCharCode(...content);
  if (!isAscii(text2)) throw invalid(what);
  return text2;
}
function checkAltName(tag, content) {
  switch (tag) {
    case NAME.email:
    case NAME.dns:
      asciiText(content, "subject alternative name");
      return true;
    case NAME.uri: {
      const host = uriHost(asciiText(content, "subject alternative name"));
      if (host === void 0 || !isDomain(host)) throw invalid("URI in a subject alternative name");
      return true;
    }
    case NAME.ip:
      if (content.length !== 4 && content.length !== 16) throw invalid("IP address");
      return true;
    default:
      return false;
  }
}
function checkSubtrees(subtrees) {
  let handled = true;
  while (!subtrees.done) {
    const { tag, content } = subtrees.enter(TAG.SEQUENCE).next();
    if (tag === NAME.ip) checkRange(content);
    else if (tag === NAME.dns || tag === NAME.email || tag === NAME.uri) {
      const text2 = asciiText(content, "name constraint");
      const isMail = tag === NAME.email && text2.includes("@");
      const fits = isMail ? isMailbox(text2) : isDomain(text2, { isConstraint: true });
      if (!fits || tag === NAME.uri && isAddress(text2)) throw invalid("name constraint");
    } else handled = false;
  }
  return handled;
}
function checkRange(content) {
  const mask2 = content.subarray(content.length / 2);
  const bits = Array.from(mask2, (byte) => byte.toString(2).padStart(8, "0")).join("");
  if (content.length !== 8 && content.length !== 32 || !/^1*0*$/.test(bits))
    throw invalid("IP range in a name constraint");
}
function isAddress(text2) {
  const isIPv4 = text2.split(".").length === 4 && text2.split(".").every((part) => {
    return /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  });
  return isIPv4 || text2.includes(":") && URL.canParse(`http://[${text2}]/`);
}
function isWholeOid(content) {
  if (content.length === 0 || (content.at(-1) ?? 0) & 128) return false;
  return content.every((byte, i) => byte !== 128 || ((content[i - 1] ?? 0) & 128) !== 0);
}

// src/common/crypto/distinguished-name.ts
var NAME_OID = Object.freeze({
  commonName: "2.5.4.3",
  country: "2.5.4.6",
  locality: "2.5.4.7",
  province: "2.5.4.8",
  organization: "2.5.4.10",
  organizationalUnit: "2.5.4.11"
});
var SHORT = {
  [NAME_OID.commonName]: "CN",
  [NAME_OID.country]: "C",
  [NAME_OID.locality]: "L",
  [NAME_OID.province]: "ST",
  [NAME_OID.organization]: "O",
  [NAME_OID.organizationalUnit]: "OU"
};
function parseName(encoded) {
  const attributes = [];
  const rdns = new DerReader(encoded).enter(TAG.SEQUENCE);
  while (!rdns.done) {
    const set = rdns.enter(TAG.SET);
    while (!set.done) {
      const pair = set.enter(TAG.SEQUENCE);
      const type = oidText(pair.next(TAG.OID).content);
      const { tag, content } = pair.next();
      attributes.push({ type, value: text(tag, content) });
    }
  }
  return { der: encoded, attributes };
}
function text(tag, content) {
  if (tag === TAG.UTF8_STRING) return utf8Text(content);
  if (tag === TAG.BMP_STRING) return ucs2Text(content);
  const latin = String.fromCharCode(...content);
  if (tag === TAG.TELETEX_STRING || CHARACTERS[tag]?.test(latin)) return latin;
  throw malformed(`string of type 0x${tag.toString(16)}`);
}
var CHARACTERS = {
  [TAG.PRINTABLE_STRING]: /^[a-zA-Z0-9'()+,\-./ :=?*&]*$/,
  [TAG.IA5_STRING]: /^[\0-\x7f]*$/,
  [TAG.NUMERIC_STRING]: /^[0-9 ]*$/
};
function ucs2Text(content) {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const units = Array.from({ length: content.length >> 1 }, (_, i) => view.getUint16(2 * i));
  if (units.at(-1) === 0) units.pop();
  const whole = String.fromCharCode(...units);
  if (content.length % 2 || /[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/.test(whole))
    throw malformed("BMPString");
  return whole;
}
function utf8Text(content) {
  try {
    return fromUtf8Strict(content);
  } catch {
    throw malformed("UTF8String");
  }
}
function malformed(what) {
  return new CryptoError("ASN1_MALFORMED", `malformed ${what}`);
}
function nameValues(name, type) {
  return name.attributes.filter((a) => a.type === type).map((a) => a.value);
}
function commonName(name) {
  return nameValues(name, NAME_OID.commonName).at(-1) ?? "";
}
function nameText(name) {
  return name.attributes.map((a) => `${SHORT[a.type] ?? a.type}=${a.value}`).join(", ");
}
function writeName(fields) {
  const pairs = [
    [NAME_OID.country, fields.country],
    [NAME_OID.province, fields.province],
    [NAME_OID.locality, fields.locality],
    [NAME_OID.organization, fields.organization],
    ...(fields.organizationalUnits ?? []).map((ou) => [
      NAME_OID.organizationalUnit,
      ou
    ]),
    [NAME_OID.commonName, fields.commonName]
  ];
  const rdns = pairs.flatMap(
    ([type, value]) => value === void 0 ? [] : [element(TAG.SET, sequence(oid(type), directoryString(value)))]
  );
  return sequence(...rdns);
}

// src/common/crypto/pem.ts
function decodePem(pem) {
  const text2 = typeof pem === "string" ? pem : fromUtf8(pem);
  const begin = /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*(?:\n|$)/g;
  for (let match = begin.exec(text2); match; match = begin.exec(text2)) {
    const label = match[1] ?? "";
    const end = text2.indexOf(`-----END ${label}-----`, begin.lastIndex);
    if (end < 0) continue;
    const der = decodeBody(text2.slice(begin.lastIndex, end));
    if (!der) continue;
    const newline = text2.indexOf("\n", end);
    return { label, der, rest: newline < 0 ? "" : text2.slice(newline + 1) };
  }
  return void 0;
}
function decodeBody(body) {
  const base64 = body.replace(/^(?:[^\n:]+:[^\n]*\n)+/, "").replace(/\s+/g, "");
  if (base64.length % 4 !== 0) return void 0;
  try {
    return fromBase64(base64);
  } catch {
    return void 0;
  }
}
function pemToDer(pem, label) {
  const block = decodePem(pem);
  if (!block) throw new CryptoError("PEM_MALFORMED", "no PEM block found");
  if (label !== void 0 && block.label !== label) {
    throw new CryptoError("PEM_MALFORMED", `PEM block is ${block.label}, not ${label}`);
  }
  return block.der;
}
function derToPem(der, label) {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

// src/common/crypto/certificate.ts
var SIGNATURE_HASH = Object.freeze({
  "1.2.840.10045.4.3.2": "SHA-256",
  "1.2.840.10045.4.3.3": "SHA-384",
  "1.2.840.10045.4.3.4": "SHA-512"
});
var KEY_USAGE = Object.freeze({
  digitalSignature: 1,
  keyCertSign: 1 << 5,
  crlSign: 1 << 6
});
var MAX_CERTIFICATE_BYTES = 64 * 1024;
function parseCertificate(der) {
  if (der.length > MAX_CERTIFICATE_BYTES) throw malformed2(`certificate of ${der.length} bytes`);
  const outer = new DerReader(der);
  const certificate = outer.enter(TAG.SEQUENCE);
  outer.end();
  const tbs = certificate.next(TAG.SEQUENCE);
  const algorithm = certificate.next(TAG.SEQUENCE).content;
  const fields = parseTbs(tbs.content, algorithm);
  const signature = rightAligned(certificate.next(TAG.BIT_STRING).content);
  return { der, tbs: tbs.encoded, signature, ...fields };
}
function parseCertificatePem(pem) {
  return parseCertificate(pemToDer(pem));
}
function malformed2(what) {
  return new CryptoError("ASN1_MALFORMED", what);
}
function algorithmOid(content) {
  const reader = new DerReader(content);
  const id = oidText(reader.next(TAG.OID).content);
  if (!reader.done) reader.next();
  return id;
}
function parseTbs(content, outerAlgorithm) {
  const reader = new DerReader(content);
  const version = versionOf(reader.optional(contextTag(0))?.content);
  const serial = reader.next(TAG.INTEGER).content;
  if (signedInteger(serial)) throw malformed2("negative serial number");
  const algorithm = reader.next(TAG.SEQUENCE).content;
  if (!equalBytes(algorithm, outerAlgorithm)) throw malformed2("two signature algorithms");
  const signatureAlgorithm = algorithmOid(algorithm);
  const issuer = parseName(reader.next(TAG.SEQUENCE).encoded);
  const validity = reader.enter(TAG.SEQUENCE);
  const notBefore = timeOf(validity.next());
  const notAfter = timeOf(validity.next());
  const subject = parseName(reader.next(TAG.SEQUENCE).encoded);
  const publicKey = publicKeyFromSpki(reader.next(TAG.SEQUENCE).encoded);
  const extensions = extensionsIn(reader, version);
  return {
    serialNumber: serialText(serial),
    signatureAlgorithm,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions,
    ...knownExtensions(extensions)
  };
}
function versionOf(wrapped) {
  if (!wrapped) return 1;
  const reader = new DerReader(wrapped);
  const version = smallInteger(reader.next(TAG.INTEGER).content) + 1;
  reader.end();
  if (version > 3) throw malformed2(`certificate of version ${version}`);
  return version;
}
function extensionsIn(reader, version) {
  if (version > 1) {
    reader.optional(129);
    reader.optional(130);
  }
  const wrapped = version === 3 ? reader.optional(contextTag(3)) : void 0;
  return wrapped ? parseExtensions(wrapped.content) : /* @__PURE__ */ new Map();
}
function serialText(content) {
  return toHex((content[0] ?? 0) >= 128 ? content : unsignedInteger(content)).replace(
    /^0+(?=.)/,
    ""
  );
}
async function isSignedBy(certificate, issuer, bccsp) {
  const hash = SIGNATURE_HASH[certificate.signatureAlgorithm];
  if (hash === void 0) return false;
  if (!isCanonical(certificate.signature, CURVES[issuer.publicKey.curve])) return false;
  const options = { hash, allowHighS: true };
  return bccsp.verify(issuer.publicKey, certificate.tbs, certificate.signature, options);
}
function sanitizeCertificate(certificate, issuerCurve = CURVES["P-256"]) {
  if (SIGNATURE_HASH[certificate.signatureAlgorithm] === void 0) return certificate;
  const raw = derToRaw(certificate.signature, issuerCurve);
  if (!raw) throw new CryptoError("SIGNATURE_INVALID", "certificate signature is malformed");
  const signature = rawToDer(toLowS(raw, issuerCurve));
  if (equalBytes(signature, certificate.signature)) return certificate;
  const parts = new DerReader(certificate.der).enter(TAG.SEQUENCE);
  const tbs = parts.next(TAG.SEQUENCE).encoded;
  const algorithm = parts.next(TAG.SEQUENCE).encoded;
  return { ...certificate, der: sequence(tbs, algorithm, bitString(signature)), signature };
}

// src/common/crypto/extensions.ts
function writeExtension(id, value, critical = false) {
  return sequence(oid(id), ...critical ? [boolean(true)] : [], octetString(value));
}
function writeSubjectAltName(hosts) {
  return sequence(
    ...hosts.map(
      (host) => /^\d{1,3}(\.\d{1,3}){3}$/.test(host) ? element(135, Uint8Array.from(host.split("."), Number)) : element(130, utf8(host))
    )
  );
}

// src/common/crypto/csr.ts
var OID_ECDSA_SHA256 = "1.2.840.10045.4.3.2";
var OID_EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
var MAX_REQUEST_BYTES = 64 * 1024;
async function createCertificateRequest(bccsp, keys, { subject, hosts = [] }) {
  const extension = hosts.length === 0 ? [] : [writeExtension(EXTENSION_OID.subjectAltName, writeSubjectAltName(hosts))];
  const attributes = extension.map(
    (san) => sequence(oid(OID_EXTENSION_REQUEST), element(TAG.SET, sequence(san)))
  );
  const info = sequence(
    integer(Uint8Array.of(0)),
    writeName(subject),
    publicKeyToSpki(keys.publicKey),
    element(contextTag(0), ...attributes)
  );
  const signature = await bccsp.sign(keys.privateKey, info);
  const request = sequence(info, sequence(oid(OID_ECDSA_SHA256)), bitString(signature));
  return derToPem(request, "CERTIFICATE REQUEST");
}

// src/node/committer/block-verifier.ts
var BLOCK_VALIDATION_POLICY = "/Channel/Orderer/BlockValidation";
var BlockRejectedError = class extends FabricError {
  name = "BlockRejectedError";
  constructor(blockNum, reason, cause) {
    super("BLOCK_REJECTED", `block ${blockNum ?? "?"} is refused: ${reason}`, {
      cause,
      data: { blockNum }
    });
  }
};
function parseReceived(bytes) {
  try {
    const block = parseBlock(bytes);
    if (block.metadataField.start === block.metadataField.end) throw new Error("no metadata");
    return block;
  } catch (error) {
    throw new BlockRejectedError(void 0, `it does not decode: ${messageOf(error)}`, error);
  }
}
async function verifyBlock(received, blockNum, bundle) {
  const block = received instanceof Uint8Array ? parseReceived(received) : received;
  try {
    await checkContents(block, blockNum, bundle.channelId);
    if (blockNum === 0) return block;
    const policy = bundle.policyManager.getPolicy(BLOCK_VALIDATION_POLICY);
    const { header, metadata } = block;
    const signed = blockAsSignedData(
      { header, metadata: { metadata: [...metadata] } },
      bundle.orderer.consenters
    );
    if (await policy.evaluateSignedData(signed)) return block;
  } catch (error) {
    throw new BlockRejectedError(blockNum, messageOf(error), error);
  }
  throw new BlockRejectedError(blockNum, "its signatures do not satisfy BlockValidation");
}
async function checkContents(block, blockNum, channelId) {
  const { number, transactions, previousHash, dataHash } = block;
  if (number !== blockNum) throw new Error(`its header says number ${number}`);
  const [first] = transactions;
  if (!first) throw new Error("it holds no transaction");
  if (blockNum === 0 && previousHash.length > 0) {
    throw new Error("nothing comes before the genesis block");
  }
  const actual = await defaultBCCSP().sha256(concat(...transactions.map(({ bytes }) => bytes)));
  if (!equalBytes(actual, dataHash)) throw new Error("the data hash differs");
  const { channel_id: channel } = first.channelHeader;
  if (channel !== channelId) throw new Error(`it belongs to channel ${channel}`);
  if (holdsConfig(block)) return;
  verifyEnvelopesAreWellFormed(transactions);
}

// src/node/committer/verdict.ts
var { TxValidationCode } = protos;
function codeName(code) {
  return TxValidationCode[code] ?? `CODE_${code}`;
}
var InvalidTransaction = class extends Error {
  name = "InvalidTransaction";
  code;
  txId;
  type;
  constructor(code, reason, about = {}) {
    super(reason);
    this.code = code;
    this.txId = about.txId ?? "";
    this.type = about.type ?? -1;
  }
};

// src/node/committer/action-checks.ts
var { TxValidationCode: Code } = protos;
function checkAction(message2, endorsed) {
  const about = { txId: message2.txId, type: message2.channelHeader.type };
  const invalid2 = (code, reason) => new InvalidTransaction(code, reason, about);
  const parse2 = (code, what, run) => {
    try {
      return run();
    } catch (error) {
      throw invalid2(code, `${what}: ${messageOf(error)}`);
    }
  };
  const extension = parse2(
    Code.BAD_HEADER_EXTENSION,
    "header extension",
    () => protos.ChaincodeHeaderExtension.decode(message2.channelHeader.extension)
  );
  if (endorsed.extension.length === 0) {
    throw invalid2(Code.BAD_RESPONSE_PAYLOAD, "the response payload has no chaincode action");
  }
  const action = parse2(
    Code.BAD_RESPONSE_PAYLOAD,
    "chaincode action",
    () => protos.ChaincodeAction.decode(endorsed.extension)
  );
  const sets = parse2(Code.BAD_RWSET, "read-write set", () => decodeReadWriteSet(action.results));
  const chaincode = checkChaincodeIds(extension, action, invalid2);
  checkEvent(action, chaincode, parse2, invalid2);
  return { chaincode, namespaces: namespacesToValidate(chaincode, sets, invalid2) };
}
function namespaceWritesOf(chaincode, results) {
  const invalid2 = (code, reason) => new InvalidTransaction(code, reason);
  return namespacesToValidate(chaincode, decodeReadWriteSet(results), invalid2);
}
function decodeReadWriteSet(results) {
  return rwset.TxReadWriteSet.decode(results).ns_rwset.map((set) => ({
    namespace: set.namespace,
    kv: kvrwset.KVRWSet.decode(set.rwset),
    collections: set.collection_hashed_rwset.map((collection) => ({
      name: collection.collection_name,
      set: kvrwset.HashedRWSet.decode(collection.hashed_rwset)
    }))
  }));
}
function checkChaincodeIds(extension, action, invalid2) {
  if (!extension.chaincode_id || !action.chaincode_id) {
    throw invalid2(Code.INVALID_OTHER_REASON, "no chaincode id");
  }
  const { name } = extension.chaincode_id;
  if (name === "") throw invalid2(Code.INVALID_CHAINCODE, "the chaincode has no name");
  if (name !== action.chaincode_id.name) {
    throw invalid2(
      Code.INVALID_CHAINCODE,
      `proposed to ${name}, endorsed as ${action.chaincode_id.name}`
    );
  }
  if (action.chaincode_id.version === "") {
    throw invalid2(Code.INVALID_CHAINCODE, `the version of ${name} is missing`);
  }
  return name;
}
function checkEvent(action, chaincode, parse2, invalid2) {
  if (action.events.length === 0) return;
  const event = parse2(
    Code.INVALID_OTHER_REASON,
    "chaincode event",
    () => protos.ChaincodeEvent.decode(action.events)
  );
  if (event.chaincode_id !== chaincode) {
    throw invalid2(Code.INVALID_OTHER_REASON, `an event of ${event.chaincode_id}`);
  }
}
function namespacesToValidate(chaincode, sets, invalid2) {
  const seen = /* @__PURE__ */ new Set();
  for (const { namespace } of sets) {
    if (seen.has(namespace)) throw invalid2(Code.ILLEGAL_WRITESET, `namespace ${namespace} twice`);
    seen.add(namespace);
  }
  const all = sets.map(writesOf);
  const relevant = all.filter((set) => hasWrites(set) || set.namespace === chaincode);
  if (seen.has(chaincode)) return relevant;
  const untouched = { writtenKeys: [], metadataKeys: [], collections: [] };
  return [{ namespace: chaincode, ...untouched }, ...relevant];
}
function writesOf({ namespace, kv, collections }) {
  return {
    namespace,
    writtenKeys: kv.writes.map(({ key }) => key),
    metadataKeys: kv.metadata_writes.map(({ key }) => key),
    collections: collections.flatMap(({ name, set }) => {
      const writtenKeyHashes = set.hashed_writes.map(({ key_hash }) => toHex(key_hash));
      const metadataKeyHashes = set.metadata_writes.map(({ key_hash }) => toHex(key_hash));
      if (writtenKeyHashes.length + metadataKeyHashes.length === 0) return [];
      return [{ collection: name, writtenKeyHashes, metadataKeyHashes }];
    })
  };
}
function hasWrites({ writtenKeys, metadataKeys, collections }) {
  return writtenKeys.length + metadataKeys.length + collections.length > 0;
}

// src/node/committer/message-checks.ts
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
var { TxValidationCode: Code2 } = protos;
var { HeaderType } = common;
async function checkMessage(tx, channelId, mspManager, sha2565 = async (data) => nobleSha256(data)) {
  const envelope = decode(Code2.INVALID_OTHER_REASON, "envelope", () => tx.envelope);
  const payload = decode(Code2.BAD_PAYLOAD, "payload", () => tx.payload);
  const { channelHeader, signatureHeader } = checkHeaders(tx);
  const about = { txId: channelHeader.tx_id, type: channelHeader.type };
  checkChannel(channelHeader, channelId);
  await checkCreator(signatureHeader.creator, envelope, mspManager, about);
  const txId = await checkTxId2(channelHeader, signatureHeader, sha2565);
  if (channelHeader.type === HeaderType.ENDORSER_TRANSACTION) {
    const action = await checkEndorserTransaction(payload, txId, sha2565);
    return { channelHeader, txId, payload, action };
  }
  if (channelHeader.type === HeaderType.CONFIG) {
    if (payload.data.length === 0) {
      throw new InvalidTransaction(Code2.INVALID_CONFIG_TRANSACTION, "no config in it", about);
    }
    return { channelHeader, txId, payload };
  }
  throw new InvalidTransaction(
    Code2.UNSUPPORTED_TX_PAYLOAD,
    `type ${channelHeader.type} has no place in a block`,
    about
  );
}
function decode(code, what, parse2, about = {}) {
  try {
    return parse2();
  } catch (error) {
    throw new InvalidTransaction(code, `${what} does not decode: ${messageOf(error)}`, about);
  }
}
var KNOWN_TYPES = [
  HeaderType.ENDORSER_TRANSACTION,
  HeaderType.CONFIG_UPDATE,
  HeaderType.CONFIG
];
function checkHeaders(tx) {
  const { header } = tx.payload;
  const bad = (reason, about2 = {}) => new InvalidTransaction(Code2.BAD_COMMON_HEADER, reason, about2);
  if (!header) throw bad("no header");
  const channelHeader = decode(Code2.BAD_COMMON_HEADER, "channel header", () => tx.channelHeader);
  const about = { txId: channelHeader.tx_id, type: channelHeader.type };
  const signatureHeader = decode(
    Code2.BAD_COMMON_HEADER,
    "signature header",
    () => common.SignatureHeader.decode(header.signature_header),
    about
  );
  if (!KNOWN_TYPES.includes(channelHeader.type)) throw bad(`type ${channelHeader.type}`, about);
  if (!channelHeader.epoch.isZero()) throw bad(`epoch ${channelHeader.epoch}`, about);
  if (signatureHeader.nonce.length === 0) throw bad("no nonce", about);
  if (signatureHeader.creator.length === 0) throw bad("no creator", about);
  return { channelHeader, signatureHeader };
}
async function checkCreator(creator, envelope, mspManager, about) {
  try {
    const identity = await mspManager.deserializeIdentity(creator);
    await identity.validate();
    if (await identity.verify(envelope.payload, envelope.signature)) return;
  } catch (error) {
    throw new InvalidTransaction(Code2.BAD_CREATOR_SIGNATURE, messageOf(error), about);
  }
  throw new InvalidTransaction(
    Code2.BAD_CREATOR_SIGNATURE,
    "the signature is not the creator\u2019s",
    about
  );
}
async function checkTxId2(channelHeader, { nonce, creator }, sha2565) {
  const computed = toHex(await sha2565(txIdPreimage(nonce, creator)));
  if (channelHeader.type !== HeaderType.ENDORSER_TRANSACTION)
    return channelHeader.tx_id || computed;
  if (channelHeader.tx_id !== computed) {
    throw new InvalidTransaction(Code2.BAD_PROPOSAL_TXID, `the id should be ${computed}`, {
      txId: channelHeader.tx_id,
      type: channelHeader.type
    });
  }
  return computed;
}
function checkChannel(channelHeader, channelId) {
  if (channelHeader.channel_id === channelId) return;
  throw new InvalidTransaction(
    Code2.BAD_CREATOR_SIGNATURE,
    `made for channel ${channelHeader.channel_id}`,
    { txId: channelHeader.tx_id, type: channelHeader.type }
  );
}
async function checkEndorserTransaction(payload, txId, sha2565) {
  const about = { txId, type: HeaderType.ENDORSER_TRANSACTION };
  const invalid2 = (reason) => new InvalidTransaction(Code2.INVALID_ENDORSER_TRANSACTION, reason, about);
  const parse2 = (what, run) => decode(Code2.INVALID_ENDORSER_TRANSACTION, what, run, about);
  const transaction = parse2("transaction", () => protos.Transaction.decode(payload.data));
  const [action, ...more] = transaction.actions;
  if (!action || more.length > 0) throw invalid2(`${transaction.actions.length} actions, not one`);
  const actionHeader = parse2("action header", () => common.SignatureHeader.decode(action.header));
  if (actionHeader.nonce.length === 0 || actionHeader.creator.length === 0) {
    throw invalid2("the action header lacks nonce or creator");
  }
  const actionPayload = parse2(
    "action payload",
    () => protos.ChaincodeActionPayload.decode(action.payload)
  );
  const endorsed = actionPayload.action;
  if (!endorsed) throw invalid2("no endorsed action");
  const response = parse2(
    "proposal response payload",
    () => protos.ProposalResponsePayload.decode(endorsed.proposal_response_payload)
  );
  const header = {
    channel_header: payload.header?.channel_header,
    signature_header: action.header
  };
  const preimage = parse2(
    "proposal",
    () => proposalHash2Preimage(header, actionPayload.chaincode_proposal_payload)
  );
  if (!equalBytes(await sha2565(preimage), response.proposal_hash))
    throw invalid2("the proposal hash differs");
  return {
    proposalResponsePayload: endorsed.proposal_response_payload,
    endorsements: endorsed.endorsements,
    extension: response.extension
  };
}
function endorsedActionOf({ payload }) {
  const [action] = protos.Transaction.decode(payload.data).actions;
  const endorsed = action && protos.ChaincodeActionPayload.decode(action.payload).action;
  if (!endorsed) throw new InvalidTransaction(Code2.NIL_TXACTION, "no endorsed action");
  const { extension } = protos.ProposalResponsePayload.decode(endorsed.proposal_response_payload);
  return {
    proposalResponsePayload: endorsed.proposal_response_payload,
    endorsements: endorsed.endorsements,
    extension
  };
}

// src/node/committer/signatures/signature-stage.ts
var { TxValidationCode: Code3 } = protos;
function verifySignatures({ transactions }, context) {
  return Promise.all(transactions.map((tx) => verdictOf(tx, context)));
}
async function verdictOf(tx, context) {
  try {
    const { channelId, mspManager } = context.bundle;
    const message2 = await checkMessage(tx, channelId, mspManager, context.sha256);
    const namespaces = message2.action ? await endorsementVerdicts(message2, message2.action, context.policies) : [];
    return { code: Code3.VALID, txId: message2.txId, type: message2.channelHeader.type, namespaces };
  } catch (error) {
    if (!(error instanceof InvalidTransaction)) throw error;
    const { code, txId, type, message: message2 } = error;
    return { code, txId, type, namespaces: [], reason: message2 };
  }
}
async function endorsementVerdicts(message2, endorsed, policies) {
  const { namespaces } = checkAction(message2, endorsed);
  const signatures = endorsementSignatures(endorsed);
  const outcomes = /* @__PURE__ */ new Map();
  const satisfied = (policy) => {
    if (!policy) return Promise.resolve(false);
    const outcome = outcomes.get(policy) ?? policy.evaluateSignedData(signatures);
    outcomes.set(policy, outcome);
    return outcome;
  };
  return Promise.all(
    namespaces.map(async (writes) => ({
      ...writes,
      chaincodePolicySatisfied: await satisfied(requirePolicy(writes, policies, message2)),
      collections: await Promise.all(
        writes.collections.map(async (collection) => ({
          ...collection,
          policySatisfied: await satisfied(
            policies.collectionPolicyOf(writes.namespace, collection.collection)
          )
        }))
      )
    }))
  );
}
function requirePolicy({ namespace }, policies, message2) {
  const policy = policies.policyOf(namespace);
  if (policy) return policy;
  throw new InvalidTransaction(Code3.INVALID_CHAINCODE, `no chaincode ${namespace} is defined`, {
    txId: message2.txId,
    type: message2.channelHeader.type
  });
}
function endorsementSignatures(endorsed) {
  const { proposalResponsePayload: payload, endorsements } = endorsed;
  return endorsements.map(({ endorser, signature }) => ({
    // Made only for a signature that is looked at: a transaction may name any number of endorsers, each with this payload.
    get data() {
      return concat(payload, endorser);
    },
    identity: endorser,
    signature
  }));
}

// src/common/policies/errors.ts
var PolicyError = class extends FabricError {
  name = "PolicyError";
  constructor(code, message2, options) {
    super(code, message2, options);
  }
};

// src/common/policies/policy-parser.ts
var { MSPRoleType } = common.MSPRole;
var ROLES = {
  member: MSPRoleType.MEMBER,
  admin: MSPRoleType.ADMIN,
  client: MSPRoleType.CLIENT,
  peer: MSPRoleType.PEER,
  orderer: MSPRoleType.ORDERER
};
var PRINCIPAL = /^([A-Za-z0-9.-]+)\.(member|admin|client|peer|orderer)$/;
var TOKEN = /\s*(?:([A-Za-z]+)|(\d{1,6})|'([^']*)'|"([^"]*)"|([(),]))/y;
var MAX_DEPTH2 = 32;
var MAX_LENGTH = 64 * 1024;
function syntax(text2) {
  return new PolicyError("POLICY_SYNTAX", `invalid policy string: ${text2}`);
}
function tokenize(policy) {
  if (policy.length > MAX_LENGTH) throw syntax(`longer than ${MAX_LENGTH} characters`);
  const tokens = [];
  const text2 = policy.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text2.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text2);
    if (!match) throw syntax(`unexpected '${text2.slice(at, at + 20).trim()}'`);
    const [, name, number, single, double, mark = ""] = match;
    if (name !== void 0) tokens.push({ kind: "name", text: name });
    else if (number !== void 0) tokens.push({ kind: "number", text: number });
    else if (mark !== "") tokens.push({ kind: "mark", text: mark });
    else tokens.push({ kind: "string", text: single ?? double ?? "" });
  }
  return tokens;
}
var Parser = class {
  principals = [];
  #tokens;
  #position = 0;
  constructor(tokens) {
    this.#tokens = tokens;
  }
  end() {
    const rest = this.#tokens[this.#position];
    if (rest) throw syntax(`unexpected '${rest.text}' after the policy`);
  }
  gate(depth = 0) {
    if (depth > MAX_DEPTH2) throw syntax("gates nest too deep");
    const { kind, text: text2 } = this.#take();
    if (kind !== "name") throw syntax(`'${text2}' where AND, OR or OutOf belongs`);
    this.#mark("(");
    const threshold = isGate("OutOf", text2) ? this.#threshold() : void 0;
    const args = [];
    do
      args.push(this.#argument(depth));
    while (this.#mark(",", ")") === ",");
    const rules = args.map((arg) => typeof arg === "string" ? this.#signedBy(arg) : arg);
    return { n_out_of: { n: thresholdOf(text2, threshold, rules.length), rules } };
  }
  #argument(depth) {
    if (this.#tokens[this.#position]?.kind === "string") return this.#take().text;
    return this.gate(depth + 1);
  }
  #threshold() {
    const { kind, text: text2 } = this.#take();
    if (kind !== "number" && !(kind === "string" && /^\d{1,6}$/.test(text2))) {
      throw syntax(`'${text2}' where a number belongs`);
    }
    this.#mark(",");
    return Number(text2);
  }
  #signedBy(text2) {
    const [, mspIdentifier, role = ""] = PRINCIPAL.exec(text2) ?? [];
    if (mspIdentifier === void 0) throw syntax(`'${text2}' is not a principal (MSP.role)`);
    const bytes = common.MSPRole.encode({ msp_identifier: mspIdentifier, role: ROLES[role] ?? 0 });
    this.principals.push({
      principal_classification: common.MSPPrincipal.Classification.ROLE,
      principal: bytes.finish()
    });
    return { signed_by: this.principals.length - 1 };
  }
  #take() {
    const token = this.#tokens[this.#position++];
    if (!token) throw syntax("unexpected end");
    return token;
  }
  #mark(...allowed) {
    const { kind, text: text2 } = this.#take();
    if (kind === "mark" && allowed.includes(text2)) return text2;
    throw syntax(`'${text2}' where ${allowed.join(" or ")} belongs`);
  }
};
function isGate(gate, text2) {
  return text2 === gate || text2 === gate.toUpperCase() || text2 === gate.toLowerCase();
}
function thresholdOf(gate, threshold, count) {
  if (isGate("And", gate)) return count;
  if (isGate("Or", gate)) return 1;
  if (threshold === void 0) throw syntax(`unknown gate ${gate}`);
  if (threshold > count + 1)
    throw syntax(`invalid t-out-of-n predicate, t ${threshold}, n ${count}`);
  return threshold;
}
function parsePolicy(policy) {
  const parser = new Parser(tokenize(policy));
  const rule = parser.gate();
  parser.end();
  const envelope = { version: 0, rule, identities: parser.principals };
  const bytes = common.SignaturePolicyEnvelope.encode(envelope).finish();
  return common.SignaturePolicyEnvelope.decode(bytes);
}
function policyToText(envelope) {
  const principals = (envelope.identities ?? []).map(principalText);
  const text2 = (rule, depth) => {
    if (depth > MAX_DEPTH2) throw new PolicyError("POLICY_MALFORMED", "rules nest too deep");
    if (!rule.n_out_of) {
      const principal = principals[rule.signed_by ?? -1];
      if (principal === void 0) throw new PolicyError("POLICY_MALFORMED", "no such principal");
      return depth === 0 ? `OR(${principal})` : principal;
    }
    const { n = 0, rules = [] } = rule.n_out_of;
    const parts = (rules ?? []).map((inner) => text2(inner, depth + 1)).join(", ");
    if (n === 1) return `OR(${parts})`;
    return n === rules?.length ? `AND(${parts})` : `OutOf(${n}, ${parts})`;
  };
  if (!envelope.rule) throw new PolicyError("POLICY_MALFORMED", "policy has no rule");
  return text2(envelope.rule, 0);
}
function principalText({ principal_classification, principal }) {
  const role = principal_classification === common.MSPPrincipal.Classification.ROLE && principal ? common.MSPRole.decode(principal) : void 0;
  const name = Object.keys(ROLES).find((key) => ROLES[key] === role?.role);
  if (!role || !name) throw new PolicyError("POLICY_MALFORMED", "principal has no text form");
  return `'${role.msp_identifier}.${name}'`;
}

// src/common/policies/signature-set.ts
async function signatureSetToValidIdentities(signatures, mspManager) {
  const identities = await Promise.all(signatures.map((one) => identityOf(one, mspManager)));
  const firstValid = async ({ identity, indexes }) => {
    for (const index of indexes) {
      const one = signatures[index];
      if (one && await identity.verify(one.data, one.signature)) return index;
    }
    return void 0;
  };
  const valid = new Set(await Promise.all(signersOf(identities).map(firstValid)));
  return identities.filter((identity, index) => valid.has(index));
}
function signersOf(identities) {
  const signers = [];
  const byId = /* @__PURE__ */ new Map();
  for (const [index, identity] of identities.entries()) {
    if (!identity) continue;
    const namesakes = byId.get(identity.id) ?? [];
    const known = namesakes.find((signer2) => signer2.identity.mspId === identity.mspId);
    if (known) {
      known.indexes.push(index);
      continue;
    }
    const signer = { identity, indexes: [index] };
    signers.push(signer);
    byId.set(identity.id, [...namesakes, signer]);
  }
  return signers;
}
async function identityOf(one, mspManager) {
  try {
    return await mspManager.deserializeIdentity(one.identity);
  } catch (error) {
    if (error instanceof FabricError) return void 0;
    throw error;
  }
}

// src/common/policies/signature-policy.ts
var MAX_DEPTH3 = 64;
var SignaturePolicy = class _SignaturePolicy {
  #evaluate;
  #mspManager;
  constructor(evaluate, mspManager) {
    this.#evaluate = evaluate;
    this.#mspManager = mspManager;
  }
  /** Throws PolicyError POLICY_MALFORMED. */
  static fromEnvelope({ version, rule, identities }, mspManager) {
    if (version !== 0) malformed3(`version ${version} is not understood`);
    return new _SignaturePolicy(compile(rule, identities, 0), mspManager);
  }
  /** From serialized common.SignaturePolicyEnvelope. Throws PolicyError POLICY_MALFORMED. */
  static fromBytes(bytes, mspManager) {
    let envelope;
    try {
      envelope = common.SignaturePolicyEnvelope.decode(bytes);
    } catch (cause) {
      return malformed3(`cannot be decoded: ${messageOf(cause)}`, cause);
    }
    return _SignaturePolicy.fromEnvelope(envelope, mspManager);
  }
  async evaluateSignedData(signatures) {
    return this.evaluateIdentities(
      await signatureSetToValidIdentities(signatures, this.#mspManager)
    );
  }
  evaluateIdentities(identities) {
    return this.#evaluate(identities, new Array(identities.length).fill(false));
  }
};
function malformed3(text2, cause) {
  throw new PolicyError("POLICY_MALFORMED", `signature policy ${text2}`, { cause });
}
function compile(rule, principals, depth) {
  if (!rule) return malformed3("has an empty element");
  if (depth > MAX_DEPTH3) return malformed3("nests too deep");
  switch (rule.Type) {
    case "signed_by":
      return signedBy(principals[rule.signed_by ?? -1]);
    case "n_out_of": {
      const rules = rule.n_out_of?.rules ?? [];
      return nOutOf(
        rule.n_out_of?.n ?? 0,
        rules.map((inner) => compile(inner, principals, depth + 1))
      );
    }
    default:
      return malformed3("has an element of unknown type");
  }
}
function signedBy(principal) {
  if (!principal) return malformed3("points to a principal that it does not have");
  return async (identities, used) => {
    for (const [index, identity] of identities.entries()) {
      if (used[index] || !await identity.satisfiesPrincipal(principal)) continue;
      used[index] = true;
      return true;
    }
    return false;
  };
}
function nOutOf(n, rules) {
  return async (identities, used) => {
    let satisfied = 0;
    for (const rule of rules) {
      const attempt = [...used];
      if (!await rule(identities, attempt)) continue;
      satisfied++;
      used.splice(0, used.length, ...attempt);
    }
    return satisfied >= n;
  };
}

// src/common/policies/application-policy.ts
function createApplicationPolicy(text2) {
  const policy = text2.startsWith("/") ? { channel_config_policy_reference: text2 } : { signature_policy: parsePolicy(text2) };
  return protos.ApplicationPolicy.encode(policy).finish();
}
function applicationPolicyToText(bytes) {
  const policy = decode2(bytes);
  if (policy.Type === "signature_policy" && policy.signature_policy) {
    return policyToText(policy.signature_policy);
  }
  return policy.channel_config_policy_reference ?? "";
}
function applicationPolicy(bytes, channel) {
  const policy = decode2(bytes);
  if (policy.Type === "signature_policy" && policy.signature_policy) {
    return SignaturePolicy.fromEnvelope(policy.signature_policy, channel.mspManager);
  }
  const path = policy.channel_config_policy_reference ?? "";
  if (channel.policyManager.hasPolicy(path)) return channel.policyManager.getPolicy(path);
  throw new PolicyError("POLICY_UNKNOWN", `no policy at ${path}`);
}
function decode2(bytes) {
  let policy;
  try {
    policy = protos.ApplicationPolicy.decode(bytes);
  } catch (cause) {
    const text2 = `application policy cannot be decoded: ${messageOf(cause)}`;
    throw new PolicyError("POLICY_MALFORMED", text2, { cause });
  }
  if (policy.Type) return policy;
  throw new PolicyError("POLICY_MALFORMED", "application policy is of an unsupported type");
}

// src/common/policies/implicit-meta-policy.ts
var ImplicitMetaPolicy = class {
  #threshold;
  #subPolicies;
  #mspManager;
  /** @param subPolicies one for every child group; a group without the policy gives one that rejects, and counts. */
  constructor(rule, subPolicies, mspManager) {
    this.#threshold = thresholdOf2(rule, subPolicies.length);
    this.#subPolicies = subPolicies;
    this.#mspManager = mspManager;
  }
  async evaluateSignedData(signatures) {
    return this.evaluateIdentities(
      await signatureSetToValidIdentities(signatures, this.#mspManager)
    );
  }
  async evaluateIdentities(identities) {
    let remaining = this.#threshold;
    if (remaining === 0) return true;
    for (const policy of this.#subPolicies) {
      if (await policy.evaluateIdentities(identities) && --remaining === 0) return true;
    }
    return false;
  }
};
function thresholdOf2(rule, count) {
  const { Rule } = common.ImplicitMetaPolicy;
  if (count === 0) return 0;
  if (rule === Rule.ANY) return 1;
  if (rule === Rule.ALL) return count;
  return rule === Rule.MAJORITY ? Math.floor(count / 2) + 1 : 0;
}

// src/common/policies/policy-manager.ts
var CHANNEL_PREFIX = "Channel";
var MAX_DEPTH4 = 16;
var rejectPolicy = Object.freeze({
  evaluateSignedData: () => Promise.resolve(false),
  evaluateIdentities: () => Promise.resolve(false)
});
var PolicyManagerImpl = class _PolicyManagerImpl {
  #path;
  #managers;
  // Own policies by name, and those of groups below by `Group/Name`.
  #policies = /* @__PURE__ */ new Map();
  constructor(path, managers) {
    this.#path = path;
    this.#managers = managers;
  }
  /** Throws PolicyError when a policy of the tree is malformed or of unknown type. */
  static create(group, mspManager, path = CHANNEL_PREFIX, depth = 0) {
    if (depth > MAX_DEPTH4) throw new PolicyError("POLICY_MALFORMED", "config groups nest too deep");
    const managers = /* @__PURE__ */ new Map();
    for (const [name, child] of Object.entries(group.groups ?? {})) {
      managers.set(name, _PolicyManagerImpl.create(child, mspManager, `${path}/${name}`, depth + 1));
    }
    const manager = new _PolicyManagerImpl(path, managers);
    for (const [name, { policy }] of Object.entries(group.policies ?? {})) {
      manager.#policies.set(name, manager.#compile(name, policy, mspManager));
    }
    for (const [groupName, child] of managers) {
      for (const [name, policy] of child.#policies) {
        manager.#policies.set(`${groupName}/${name}`, policy);
      }
    }
    return manager;
  }
  getPolicy(path) {
    return this.#find(path) ?? rejectPolicy;
  }
  hasPolicy(path) {
    return this.#find(path) !== void 0;
  }
  /** The manager of a group below this one: `['Application', 'Org1']`. */
  manager(path) {
    const [name, ...rest] = path;
    return name === void 0 ? this : this.#managers.get(name)?.manager(rest);
  }
  #find(path) {
    if (!path.startsWith("/")) return this.#policies.get(path);
    if (!path.startsWith(`/${this.#path}`)) return void 0;
    return this.#policies.get(path.slice(this.#path.length + 2));
  }
  #compile(name, policy, mspManager) {
    const value = policy?.value ?? new Uint8Array();
    try {
      switch (policy?.type) {
        case common.Policy.PolicyType.SIGNATURE:
          return SignaturePolicy.fromBytes(value, mspManager);
        case common.Policy.PolicyType.IMPLICIT_META:
          return this.#implicitMeta(common.ImplicitMetaPolicy.decode(value), mspManager);
        default:
          throw new PolicyError("POLICY_MALFORMED", `unknown policy type ${policy?.type}`);
      }
    } catch (cause) {
      const text2 = `policy ${name} at path ${this.#path} did not compile: ${messageOf(cause)}`;
      throw new PolicyError("POLICY_MALFORMED", text2, { cause });
    }
  }
  #implicitMeta({ rule, sub_policy }, mspManager) {
    const children = [...this.#managers.values()];
    const subPolicies = children.map((child) => child.#find(sub_policy) ?? rejectPolicy);
    return new ImplicitMetaPolicy(rule, subPolicies, mspManager);
  }
};

// src/node/committer/key-level-policies.ts
var VALIDATION_PARAMETER = "VALIDATION_PARAMETER";
var ChangedKeyPolicies = class {
  #changed = /* @__PURE__ */ new Set();
  note({ namespace, metadataKeys, collections }) {
    for (const key of metadataKeys) this.#changed.add(idOf(namespace, "", key));
    for (const { collection, metadataKeyHashes } of collections) {
      for (const keyHash of metadataKeyHashes) {
        this.#changed.add(idOf(namespace, collection, keyHash));
      }
    }
  }
  has(namespace, { collection, key }) {
    return this.#changed.has(idOf(namespace, collection, key));
  }
};
function idOf(namespace, collection, key) {
  return JSON.stringify([namespace, collection, key]);
}
async function namespaceEndorsed(verdict, changed, keyPolicies, bundle, signatures) {
  const { namespace } = verdict;
  const keys = guardedKeys(verdict);
  if (keys.length === 0) return verdict.chaincodePolicySatisfied;
  for (const guarded of keys) {
    if (changed.has(namespace, guarded)) return false;
    const { collection, key, otherwise } = guarded;
    const parameter = collection ? await keyPolicies.hashedValidationParameter(namespace, collection, key) : await keyPolicies.validationParameter(namespace, key);
    const satisfied = parameter?.length ? await satisfies(parameter, bundle, signatures()) : otherwise;
    if (!satisfied) return false;
  }
  return true;
}
function guardedKeys(verdict) {
  const { writtenKeys, metadataKeys, collections, chaincodePolicySatisfied } = verdict;
  const keysOf = (collection, keys, otherwise) => Array.from(new Set(keys), (key) => ({ collection, key, otherwise }));
  return [
    ...keysOf("", [...writtenKeys, ...metadataKeys], chaincodePolicySatisfied),
    ...collections.flatMap(
      ({ collection, writtenKeyHashes, metadataKeyHashes, policySatisfied }) => keysOf(collection, [...writtenKeyHashes, ...metadataKeyHashes], policySatisfied)
    )
  ];
}
async function satisfies(parameter, bundle, signatures) {
  try {
    return await bundle.signaturePolicy(parameter).evaluateSignedData(signatures);
  } catch (error) {
    if (error instanceof PolicyError) return false;
    throw error;
  }
}

// src/node/committer/block-validator.ts
var { TxValidationCode: Code4 } = protos;
async function validateBlock({ transactions }, verdicts, bundle, ledger) {
  const flags = Uint8Array.from(verdicts, (verdict) => verdict.code);
  await markKnownIds(verdicts, flags, ledger);
  const changed = new ChangedKeyPolicies();
  for (const [index, verdict] of verdicts.entries()) {
    if (flags[index] !== Code4.VALID) continue;
    const tx = transactions[index];
    if (tx && await endorsedEverywhere(verdict, changed, ledger, bundle, tx)) continue;
    flags[index] = Code4.ENDORSEMENT_POLICY_FAILURE;
  }
  markDuplicates(verdicts, flags);
  return flags;
}
async function markKnownIds(verdicts, flags, ledger) {
  await Promise.all(
    verdicts.map(async ({ txId, type }, index) => {
      const lookedUp = flags[index] === Code4.VALID || isAfterLookUp(flags[index] ?? 0);
      if (type !== common.HeaderType.ENDORSER_TRANSACTION || !lookedUp) return;
      if (await ledger.txIDExists(txId)) flags[index] = Code4.DUPLICATE_TXID;
    })
  );
}
var AFTER_LOOK_UP = [
  Code4.INVALID_OTHER_REASON,
  Code4.BAD_HEADER_EXTENSION,
  Code4.BAD_RESPONSE_PAYLOAD,
  Code4.BAD_RWSET,
  Code4.INVALID_CHAINCODE,
  Code4.ILLEGAL_WRITESET
];
function isAfterLookUp(code) {
  return AFTER_LOOK_UP.includes(code);
}
async function endorsedEverywhere(verdict, changed, ledger, bundle, tx) {
  let signatures;
  const extract = () => {
    signatures ??= endorsementSignatures(endorsedActionOf(tx));
    return signatures;
  };
  const endorsed = [];
  for (const namespace of verdict.namespaces) {
    if (await namespaceEndorsed(namespace, changed, ledger, bundle, extract)) {
      endorsed.push(namespace);
    }
  }
  for (const namespace of endorsed) changed.note(namespace);
  return endorsed.length === verdict.namespaces.length;
}
function markDuplicates(verdicts, flags) {
  const seen = /* @__PURE__ */ new Set();
  for (const [index, { txId }] of verdicts.entries()) {
    if (flags[index] !== Code4.VALID || txId === "") continue;
    if (seen.has(txId)) flags[index] = Code4.DUPLICATE_TXID;
    seen.add(txId);
  }
}

// src/node/committer/namespace-policies.ts
var LIFECYCLE_NAMESPACE = "_lifecycle";

// src/node/committer/committer.ts
var MAX_ANTICIPATED = 16;
var Committer = class {
  #components;
  #anticipated = /* @__PURE__ */ new Map();
  #tail = Promise.resolve();
  constructor(components) {
    this.#components = components;
  }
  /** Begins to check the signatures of a verified block that will be committed soon, and keeps it for that. */
  anticipate(block) {
    if (this.#anticipated.size >= MAX_ANTICIPATED) return;
    this.#anticipated.set(toHex(block.headerHash), this.#begin(block));
  }
  /**
   * Validates and commits the next block. Several may be under way: their signatures are checked at once, their commits
   * follow one another. Rejects with BlockRejectedError, LedgerError or CONFIG_REJECTED; the ledger is then as before.
   */
  async commit(received) {
    const pending = this.#take(received);
    const commit = this.#tail.then(() => this.#finish(pending));
    this.#tail = commit.catch(() => {
    });
    return { ...await commit, block: pending.block };
  }
  // What was begun for this block; anything begun for lower numbers has had its turn. A header hash covers number, previous
  // hash and data hash: an anticipated block of the same hash holds the same transactions, was verified, and is parsed.
  #take(received) {
    const hash = received instanceof Uint8Array ? headerHashIn(received) : received.headerHash;
    const pending = (hash && this.#anticipated.get(toHex(hash))) ?? this.#begin(received instanceof Uint8Array ? parseReceived(received) : received);
    for (const [other, { block }] of this.#anticipated) {
      if (block.number <= pending.block.number) this.#anticipated.delete(other);
    }
    return pending;
  }
  #begin(block) {
    const { config, definitions: tracker, signatureStage } = this.#components;
    const { bundle } = config;
    const definitions = tracker.current();
    const verdicts = definitions.then((known) => signatureStage(block, bundle, known));
    verdicts.catch(() => {
    });
    return { block, sequence: bundle.sequence, definitions, verdicts };
  }
  async #finish(pending) {
    const { clock, config, definitions, ledger, validationLedger, privateData } = this.#components;
    const began = clock.now();
    const verdicts = await this.#currentVerdicts(pending);
    const flags = await validateBlock(pending.block, verdicts, config.bundle, validationLedger);
    const next = await this.#nextConfig(pending.block, verdicts, flags);
    const validated = clock.now();
    const clear = await privateData?.retrievePvtdata(pending.block, verdicts, flags);
    const result = await ledger.commit(pending.block, flags, clear);
    privateData?.purge(result.blockNum, result.txIds);
    if (next) config.apply(next);
    if (changesDefinitions(verdicts, result.flags)) definitions.invalidate();
    this.#tell(result, { validate: validated - began, commit: clock.now() - validated });
    return result;
  }
  // A configuration, or a definition, that came between may judge differently.
  async #currentVerdicts(pending) {
    const { config, definitions: tracker, signatureStage } = this.#components;
    const { block, sequence: sequence2, verdicts } = pending;
    const definitions = await tracker.current();
    const began = await pending.definitions.catch(() => void 0);
    if (config.bundle.sequence === sequence2 && definitions === began) return verdicts;
    return signatureStage(block, config.bundle, definitions);
  }
  async #nextConfig(block, verdicts, flags) {
    const index = verdicts.findIndex(({ type }) => type === common.HeaderType.CONFIG);
    const tx = block.transactions[index];
    if (!tx) return void 0;
    if (flags[index] !== 0 || verdicts.length !== 1) {
      const reason = verdicts[index]?.reason ?? "it does not stand alone in its block";
      throw new FabricError(
        "CONFIG_REJECTED",
        `the configuration in block ${block.number} is not acceptable: ${reason}`
      );
    }
    return await this.#components.config.prepare(tx.payload.data);
  }
  #tell(result, ms) {
    const { peerName, ledger, trace, clock, log } = this.#components;
    const { blockNum, txIds, flags } = result;
    const codes = Array.from(flags, codeName);
    const about = { at: clock.now(), peer: peerName, channel: ledger.ledgerId, block: blockNum };
    const data = { txIds, codes };
    trace.emit({ ...about, stage: "validate", ms: ms.validate, data });
    trace.emit({ ...about, stage: "commit", ms: ms.commit, data });
    log.info(
      `committed block ${blockNum} of ${ledger.ledgerId} with ${txIds.length} transaction(s)`,
      {
        ...ms,
        ...result.ms,
        invalid: codes.filter((code) => code !== "VALID").length
      }
    );
  }
};
function changesDefinitions(verdicts, flags) {
  return verdicts.some(
    ({ namespaces }, index) => flags[index] === 0 && namespaces.some((one) => one.namespace === LIFECYCLE_NAMESPACE && one.writtenKeys.length > 0)
  );
}

export {
  DELIMITED,
  Reader,
  Writer,
  common,
  gossip,
  protos,
  msp,
  gateway,
  orderer,
  google,
  queryresult,
  kvrwset,
  rwset,
  txmgr,
  lifecycle,
  transientstore,
  MAX_UINT64,
  toNumber,
  toTimestamp,
  fromTimestamp,
  LOG_LEVELS,
  createLogger,
  silentLogger,
  LedgerError,
  Mutex,
  uint64Bytes,
  readUint642 as readUint64,
  orderPreservingVarint,
  readOrderPreservingVarint,
  prefixEnd,
  SortedMap,
  lowerBound,
  byCode,
  toBinary,
  fromBinary,
  utf8ToBinary,
  binaryToUtf8,
  PostingIndex,
  PrefixedKVStore,
  blockKey,
  MAX_MESSAGE_BYTES,
  unmarshal,
  unmarshalBlock,
  unmarshalEnvelope,
  unmarshalPayload,
  unmarshalHeader,
  unmarshalChannelHeader,
  unmarshalSignatureHeader,
  unmarshalSignedProposal,
  unmarshalProposal,
  unmarshalProposalResponse,
  unmarshalProposalResponsePayload,
  unmarshalChaincodeHeaderExtension,
  unmarshalChaincodeProposalPayload,
  unmarshalChaincodeInvocationSpec,
  unmarshalTransaction,
  unmarshalChaincodeAction,
  unmarshalTxReadWriteSet,
  unmarshalKVRWSet,
  unmarshalHashedRWSet,
  computeTxId,
  NONCE_BYTES,
  payloadFromEnvelope,
  channelIdFromEnvelope,
  envelopeToConfigUpdate,
  extractEnvelope,
  isConfigBlock,
  blockHeaderHash,
  blockNumber,
  getChannelIdFromBlock,
  getMetadataFromBlock,
  getLastConfigIndexFromBlock,
  getTransactionsFilter,
  createChaincodeProposal,
  getProposalHash1,
  getBytesProposalResponsePayload,
  invokedChaincodeName,
  createSignedEnvelope,
  assembleTxPayload,
  getPayloads,
  getActionFromEnvelope,
  parseBlock,
  txIdsOf,
  replaceMetadata,
  holdsConfig,
  transactionsFilterOf,
  bootstrapBlockStore,
  BlockStore,
  deleteRange,
  chainExtent,
  truncateChain,
  dropIndex,
  proposalAsSignedData,
  configUpdateEnvelopeAsSignedData,
  createBCCSP,
  defaultBCCSP,
  sha256Sync,
  signerFor,
  EXTENSION_OID,
  parseExtensions,
  NAME_OID,
  nameValues,
  commonName,
  nameText,
  decodePem,
  pemToDer,
  derToPem,
  SIGNATURE_HASH,
  KEY_USAGE,
  parseCertificate,
  parseCertificatePem,
  serialText,
  isSignedBy,
  sanitizeCertificate,
  createCertificateRequest,
  codeName,
  namespaceWritesOf,
  parseReceived,
  verifyBlock,
  PolicyError,
  parsePolicy,
  SignaturePolicy,
  createApplicationPolicy,
  applicationPolicyToText,
  applicationPolicy,
  CHANNEL_PREFIX,
  rejectPolicy,
  PolicyManagerImpl,
  VALIDATION_PARAMETER,
  ChangedKeyPolicies,
  namespaceEndorsed,
  verifySignatures,
  LIFECYCLE_NAMESPACE,
  Committer
};
