var __knownSymbol = (name, symbol) => (symbol = Symbol[name]) ? symbol : /* @__PURE__ */ Symbol.for("Symbol." + name);
var __typeError = (msg) => {
  throw TypeError(msg);
};
var __using = (stack, value, async) => {
  if (value != null) {
    if (typeof value !== "object" && typeof value !== "function") __typeError("Object expected");
    var dispose, inner;
    if (async) dispose = value[__knownSymbol("asyncDispose")];
    if (dispose === void 0) {
      dispose = value[__knownSymbol("dispose")];
      if (async) inner = dispose;
    }
    if (typeof dispose !== "function") __typeError("Object not disposable");
    if (inner) dispose = function() {
      try {
        inner.call(this);
      } catch (e) {
        return Promise.reject(e);
      }
    };
    stack.push([async, dispose, value]);
  } else if (async) {
    stack.push([async]);
  }
  return value;
};
var __callDispose = (stack, error, hasError) => {
  var E = typeof SuppressedError === "function" ? SuppressedError : function(e, s, m, _) {
    return _ = Error(m), _.name = "SuppressedError", _.error = e, _.suppressed = s, _;
  };
  var fail = (e) => error = hasError ? new E(e, error, "An error was suppressed during disposal") : (hasError = true, e);
  var next = (it) => {
    while (it = stack.pop()) {
      try {
        var result = it[1] && it[1].call(it[2]);
        if (it[0]) return Promise.resolve(result).then(next, (e) => (fail(e), next()));
      } catch (e) {
        fail(e);
      }
    }
    if (hasError) throw error;
  };
  return next();
};

// src/common/runtime/errors.ts
var FabricError = class extends Error {
  // Written out, here and in every class of errors, because a build renames classes.
  name = "FabricError";
  code;
  data;
  constructor(code, message, options = {}) {
    super(message, options.cause === void 0 ? void 0 : { cause: options.cause });
    this.code = code;
    this.data = options.data ?? {};
  }
};
function messageOf(thrown) {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  const { message, error, type } = thrown;
  if (typeof message === "string" && message !== "") return message;
  if (error instanceof Error) return error.message;
  return typeof type === "string" && type !== "" ? `it ended with an event: ${type}` : "unknown error";
}

// src/common/runtime/bytes.ts
var encoder = new TextEncoder();
var decoder = new TextDecoder("utf-8", { ignoreBOM: true });
var strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function utf8(text) {
  return encoder.encode(text);
}
function fromUtf8(bytes) {
  return decoder.decode(bytes);
}
function fromUtf8Strict(bytes) {
  return strictDecoder.decode(bytes);
}
var HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));
function toHex(bytes) {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}
function fromHex(text) {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new RangeError(`not a hex string: ${text.slice(0, 40)}`);
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++)
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
function toBase64(bytes) {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 32768) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 32768));
  }
  return btoa(binary);
}
function fromBase64(text) {
  let binary;
  try {
    binary = atob(text.replace(/\s+/g, ""));
  } catch (cause) {
    throw new RangeError("not a base64 string", { cause });
  }
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
function concat(...parts) {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}
function compareBytes(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
function equalBytes(a, b) {
  return a.length === b.length && compareBytes(a, b) === 0;
}
function compareUtf8(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}
function rank(unit) {
  return unit >= 55296 && unit <= 57343 ? unit + 65536 : unit;
}
var EMPTY_BYTES = new Uint8Array(0);

// src/common/crypto/curves.ts
var P256_PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
var P384_PRIME = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
var P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
var P384_B = 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn;
var P256_ORDER = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
var P384_ORDER = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
var P224_ORDER = "ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d";
var P521_ORDER = "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409";
var P224_PRIME = 2n ** 224n - 2n ** 96n + 1n;
var P521_PRIME = 2n ** 521n - 1n;
var P224_B = 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n;
var P521_B = 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n;
function curve(name, oid2, { order: orderHex, prime, b }) {
  const half = (BigInt(`0x${orderHex}`) >> 1n).toString(16).padStart(orderHex.length, "0");
  const order = fromHex(orderHex);
  const byteLength = order.length;
  return Object.freeze({ name, oid: oid2, byteLength, order, halfOrder: fromHex(half), prime, b });
}
var CURVES = Object.freeze({
  "P-256": curve("P-256", "1.2.840.10045.3.1.7", {
    order: P256_ORDER,
    prime: P256_PRIME,
    b: P256_B
  }),
  "P-224": curve("P-224", "1.3.132.0.33", { order: P224_ORDER, prime: P224_PRIME, b: P224_B }),
  "P-521": curve("P-521", "1.3.132.0.35", { order: P521_ORDER, prime: P521_PRIME, b: P521_B }),
  "P-384": curve("P-384", "1.3.132.0.34", { order: P384_ORDER, prime: P384_PRIME, b: P384_B })
});

// src/common/crypto/errors.ts
var CryptoError = class extends FabricError {
  name = "CryptoError";
  constructor(code, message, options) {
    super(code, message, options);
  }
};

// src/common/crypto/asn1.ts
var TAG = Object.freeze({
  BOOLEAN: 1,
  INTEGER: 2,
  BIT_STRING: 3,
  OCTET_STRING: 4,
  NULL: 5,
  OID: 6,
  UTF8_STRING: 12,
  PRINTABLE_STRING: 19,
  NUMERIC_STRING: 18,
  TELETEX_STRING: 20,
  IA5_STRING: 22,
  UTC_TIME: 23,
  GENERALIZED_TIME: 24,
  BMP_STRING: 30,
  SEQUENCE: 48,
  SET: 49
});
function contextTag(number) {
  return 160 | number;
}
function malformed(what) {
  return new CryptoError("ASN1_MALFORMED", `malformed DER: ${what}`);
}
var DerReader = class _DerReader {
  #bytes;
  #offset = 0;
  constructor(bytes) {
    this.#bytes = bytes;
  }
  get done() {
    return this.#offset >= this.#bytes.length;
  }
  /** Tag of the next element, or undefined at the end. */
  peek() {
    return this.#bytes[this.#offset];
  }
  next(expectedTag) {
    const start = this.#offset;
    const tag = this.#byte();
    if ((tag & 31) === 31) throw malformed("long tag");
    if (expectedTag !== void 0 && tag !== expectedTag) {
      throw malformed(`tag 0x${tag.toString(16)} where 0x${expectedTag.toString(16)} belongs`);
    }
    const length = this.#length();
    const from = this.#offset;
    const to = from + length;
    if (to > this.#bytes.length) throw malformed("element runs past the end");
    this.#offset = to;
    return {
      tag,
      content: this.#bytes.subarray(from, to),
      encoded: this.#bytes.subarray(start, to)
    };
  }
  /** The next element when it has this tag. */
  optional(tag) {
    return this.peek() === tag ? this.next(tag) : void 0;
  }
  /** A reader over the content of the next element. */
  enter(tag) {
    return new _DerReader(this.next(tag).content);
  }
  /** Throws when something is left. */
  end() {
    if (!this.done) throw malformed("trailing bytes");
  }
  #byte() {
    const byte = this.#bytes[this.#offset];
    if (byte === void 0) throw malformed("unexpected end");
    this.#offset++;
    return byte;
  }
  #length() {
    const first = this.#byte();
    if (first < 128) return first;
    const count = first & 127;
    if (count === 0 || count > 4) throw malformed("indefinite or oversized length");
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    if (length < 128 || length < 256 ** (count - 1)) throw malformed("length not minimal");
    return length;
  }
};
function unsignedInteger(content) {
  const [first, second = 0] = content;
  if (first === void 0) throw malformed("empty INTEGER");
  if (first >= 128) throw malformed("negative INTEGER");
  if (first !== 0) return content;
  if (content.length > 1 && second < 128) throw malformed("INTEGER not minimal");
  return content.subarray(1);
}
function smallInteger(content) {
  const bytes = unsignedInteger(content);
  if (bytes.length > 4) throw malformed("INTEGER too big");
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
function bitsOf(content) {
  const [unused = 8] = content;
  const bytes = content.subarray(1);
  const last = bytes.at(-1);
  if (unused > 7 || unused > 0 && last === void 0) throw malformed("BIT STRING");
  if (last !== void 0 && last & (1 << unused) - 1) throw malformed("padding of a BIT STRING");
  return { bytes, unused };
}
function rightAligned(content) {
  const { bytes, unused } = bitsOf(content);
  if (unused === 0) return bytes;
  return bytes.map((byte, i) => byte >> unused | (bytes[i - 1] ?? 0) << 8 - unused);
}
function signedInteger(content, maxBytes = Number.POSITIVE_INFINITY) {
  const [first = 0, second] = content;
  const isPadded = second !== void 0 && (first === 0 ? second < 128 : first === 255 && second >= 128);
  if (content.length === 0 || content.length > maxBytes || isPadded) throw malformed("INTEGER");
  return first >= 128;
}
function isTrue(content) {
  const [value] = content;
  if (content.length !== 1 || value !== 0 && value !== 255) throw malformed("BOOLEAN");
  return value === 255;
}
function oidText(content) {
  if (content.length === 0 || content.length > 64) throw malformed("OBJECT IDENTIFIER length");
  const arcs = [];
  let value = 0;
  let isStart = true;
  for (const byte of content) {
    if (value >= 2 ** 24) throw malformed("OBJECT IDENTIFIER arc too big");
    if (byte === 128 && isStart) throw malformed("OBJECT IDENTIFIER arc not minimal");
    value = value * 128 + (byte & 127);
    isStart = !(byte & 128);
    if (!isStart) continue;
    arcs.push(value);
    value = 0;
  }
  if ((content.at(-1) ?? 0) & 128) throw malformed("truncated OBJECT IDENTIFIER");
  const first = arcs[0] ?? 0;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...arcs.slice(1)].join(".");
}
var UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:Z|([+-])(\d\d)(\d\d))$/;
var GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-])(\d\d)(\d\d))$/;
function timeOf({ tag, content }) {
  const text = String.fromCharCode(...content.subarray(0, 32));
  const isShort = tag === TAG.UTC_TIME;
  const form = isShort ? UTC_TIME : tag === TAG.GENERALIZED_TIME ? GENERALIZED_TIME : void 0;
  const match = form?.exec(text);
  if (!match || content.length > 32) throw malformed("time");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((digits) => Number(digits ?? 0));
  const [sign, hours = 0, minutes = 0] = [match[7], Number(match[8] ?? 0), Number(match[9] ?? 0)];
  const full = isShort ? year + (year < 50 ? 2e3 : 1900) : year;
  const date = /* @__PURE__ */ new Date(0);
  date.setUTCFullYear(full, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  const isTime = hour <= 23 && minute <= 59 && second <= 59;
  const isZone = sign === void 0 || hours <= 24 && minutes <= 59 && hours + minutes > 0;
  if (!isDate || !isTime || !isZone) throw malformed("time out of range");
  const eastMs = (hours * 60 + minutes) * 6e4;
  return date.getTime() - (sign === "-" ? -eastMs : eastMs);
}
function element(tag, ...parts) {
  let length = 0;
  for (const part of parts) length += part.length;
  const header = [tag];
  if (length < 128) header.push(length);
  else if (length < 256) header.push(129, length);
  else if (length < 65536) header.push(130, length >> 8, length & 255);
  else header.push(131, length >> 16, length >> 8 & 255, length & 255);
  return concat(Uint8Array.from(header), ...parts);
}
function sequence(...parts) {
  return element(TAG.SEQUENCE, ...parts);
}
function integer(magnitude) {
  let start = 0;
  while (start < magnitude.length && magnitude[start] === 0) start++;
  const bytes = magnitude.subarray(start);
  const sign = bytes.length === 0 || (bytes[0] ?? 0) >= 128 ? [0] : [];
  return element(TAG.INTEGER, Uint8Array.from(sign), bytes);
}
function octetString(content) {
  return element(TAG.OCTET_STRING, content);
}
function bitString(content, unused = 0) {
  return element(TAG.BIT_STRING, Uint8Array.of(unused), content);
}
function boolean(value) {
  return element(TAG.BOOLEAN, Uint8Array.of(value ? 255 : 0));
}
function oid(dotted) {
  const [root = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [];
  for (const arc of [root * 40 + second, ...rest]) {
    const groups = [arc % 128];
    for (let value = Math.floor(arc / 128); value > 0; value = Math.floor(value / 128)) {
      groups.unshift(value % 128 | 128);
    }
    bytes.push(...groups);
  }
  return element(TAG.OID, Uint8Array.from(bytes));
}
function directoryString(text) {
  const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(text);
  return element(printable ? TAG.PRINTABLE_STRING : TAG.UTF8_STRING, utf8(text));
}

// src/common/crypto/ecdsa-signature.ts
function derToRaw(signature, curve2) {
  const size = curve2.byteLength;
  const raw = new Uint8Array(2 * size);
  if (readShort(signature, raw, size)) return raw;
  try {
    const parts = new DerReader(signature).enter(TAG.SEQUENCE);
    for (const end of [size, 2 * size]) {
      const value = unsignedInteger(parts.next(TAG.INTEGER).content);
      if (value.length === 0 || value.length > size) return void 0;
      raw.set(value, end - value.length);
    }
  } catch {
    return void 0;
  }
  return raw;
}
function readShort(signature, raw, size) {
  if (signature[0] !== TAG.SEQUENCE || signature[1] !== signature.length - 2) return false;
  if (signature.length >= 128) return false;
  let at = 2;
  for (const end of [size, 2 * size]) {
    const length = signature[at + 1] ?? 0;
    if (signature[at] !== TAG.INTEGER || at + 2 + length > signature.length) return false;
    const first = signature[at + 2] ?? 0;
    const isPadded = first === 0 && length > 1 && (signature[at + 3] ?? 0) >= 128;
    if (length === 0 || first >= 128 || first === 0 && !isPadded) return false;
    const digits = isPadded ? length - 1 : length;
    if (digits > size) return false;
    at += 2 + length;
    raw.fill(0, end - size, end - digits);
    for (let i = 1; i <= digits; i++) raw[end - i] = signature[at - i] ?? 0;
  }
  return at === signature.length;
}
function isCanonical(signature, curve2) {
  const raw = derToRaw(signature, curve2);
  return raw !== void 0 && equalBytes(rawToDer(raw), signature);
}
function rawToDer(raw) {
  const half = raw.length / 2;
  return sequence(integer(raw.subarray(0, half)), integer(raw.subarray(half)));
}
function isLowS(raw, curve2) {
  const { byteLength, halfOrder } = curve2;
  for (let i = 0; i < byteLength; i++) {
    const difference = (raw[byteLength + i] ?? 0) - (halfOrder[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return true;
}
function toLowS(raw, curve2) {
  if (isLowS(raw, curve2)) return raw;
  const low = raw.slice();
  let borrow = 0;
  for (let i = curve2.byteLength - 1; i >= 0; i--) {
    const difference = (curve2.order[i] ?? 0) - (raw[curve2.byteLength + i] ?? 0) - borrow;
    borrow = difference < 0 ? 1 : 0;
    low[curve2.byteLength + i] = difference & 255;
  }
  return low;
}

// src/common/crypto/keys.ts
var OID_EC_PUBLIC_KEY = "1.2.840.10045.2.1";
function curveByOid(dotted) {
  const curve2 = Object.values(CURVES).find((candidate) => candidate.oid === dotted);
  if (!curve2) throw new CryptoError("KEY_UNSUPPORTED", `unsupported curve ${dotted}`);
  return curve2;
}
function readAlgorithm(reader) {
  const algorithm2 = reader.enter(TAG.SEQUENCE);
  const type = oidText(algorithm2.next(TAG.OID).content);
  if (type !== OID_EC_PUBLIC_KEY) {
    throw new CryptoError("KEY_UNSUPPORTED", `public key algorithm ${type} is not ECDSA`);
  }
  return curveByOid(oidText(algorithm2.next(TAG.OID).content));
}
function publicKeyFromPoint(point, curve2 = "P-256") {
  if (point.length !== 2 * CURVES[curve2].byteLength + 1 || point[0] !== 4) {
    throw new CryptoError("KEY_UNSUPPORTED", `not an uncompressed ${curve2} point`);
  }
  return { curve: curve2, point };
}
function publicKeyFromSpki(spki) {
  const reader = new DerReader(spki).enter(TAG.SEQUENCE);
  const curve2 = readAlgorithm(reader);
  const key = publicKeyFromPoint(rightAligned(reader.next(TAG.BIT_STRING).content), curve2.name);
  if (!isOnCurve(key.point, curve2))
    throw new CryptoError("ASN1_MALFORMED", "the point of a public key is not on its curve");
  return key;
}
function isOnCurve(point, { byteLength, prime, b }) {
  const number = (bytes) => BigInt(`0x${toHex(bytes)}`);
  const [x, y] = [point.subarray(1, byteLength + 1), point.subarray(byteLength + 1)].map(number);
  if (x === void 0 || y === void 0 || x >= prime || y >= prime) return false;
  return (y * y - x * x * x + 3n * x - b) % prime === 0n;
}
function algorithm(curve2) {
  return sequence(oid(OID_EC_PUBLIC_KEY), oid(CURVES[curve2].oid));
}
function publicKeyToSpki(key) {
  return sequence(algorithm(key.curve), bitString(key.point));
}
function secretFromPkcs8(pkcs8) {
  const reader = new DerReader(pkcs8).enter(TAG.SEQUENCE);
  smallInteger(reader.next(TAG.INTEGER).content);
  const curve2 = readAlgorithm(reader);
  if (curve2.name !== "P-256") throw new CryptoError("KEY_UNSUPPORTED", "private keys are P-256");
  const inner = new DerReader(reader.next(TAG.OCTET_STRING).content).enter(TAG.SEQUENCE);
  smallInteger(inner.next(TAG.INTEGER).content);
  const scalar = inner.next(TAG.OCTET_STRING).content;
  if (scalar.length > 32) throw new CryptoError("KEY_UNSUPPORTED", "scalar too long");
  const secret = new Uint8Array(32);
  secret.set(scalar, 32 - scalar.length);
  return secret;
}
function secretToPkcs8(secret, publicKey) {
  const ecPrivateKey = sequence(
    integer(Uint8Array.of(1)),
    octetString(secret),
    element(contextTag(1), bitString(publicKey.point))
  );
  return sequence(integer(Uint8Array.of(0)), algorithm("P-256"), octetString(ecPrivateKey));
}

export {
  __using,
  __callDispose,
  FabricError,
  messageOf,
  utf8,
  fromUtf8,
  fromUtf8Strict,
  toHex,
  fromHex,
  toBase64,
  fromBase64,
  concat,
  compareBytes,
  equalBytes,
  compareUtf8,
  EMPTY_BYTES,
  CURVES,
  CryptoError,
  TAG,
  contextTag,
  DerReader,
  unsignedInteger,
  smallInteger,
  bitsOf,
  rightAligned,
  signedInteger,
  isTrue,
  oidText,
  timeOf,
  element,
  sequence,
  integer,
  octetString,
  bitString,
  boolean,
  oid,
  directoryString,
  derToRaw,
  isCanonical,
  rawToDer,
  isLowS,
  toLowS,
  publicKeyFromPoint,
  publicKeyFromSpki,
  publicKeyToSpki,
  secretFromPkcs8,
  secretToPkcs8
};
