// src/node/headless/chaincode-program.ts
import fs from "node:fs";
import module from "node:module";
import vm from "node:vm";

// src/node/headless/chaincode-frames.ts
var FrameKind = Object.freeze({
  /** To the process, first: the source of the chaincode runtime, in UTF-8. */
  runtime: 0,
  /** Either way: JSON of a StartMessage without its port, or of a WorkerMessage. */
  control: 1,
  /** Either way: one serialized protos.ChaincodeMessage. */
  message: 2
});
var FRAME_HEADER_BYTES = 5;
function frameHeader(kind, length) {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, length, true);
  header[4] = kind;
  return header;
}
var FrameReader = class {
  #maxBytes;
  #chunks = [];
  #length = 0;
  /** @param maxBytes of a body. */
  constructor(maxBytes) {
    this.#maxBytes = maxBytes;
  }
  /** The frames that this chunk completes. Throws RangeError when a frame is larger than it may be. */
  *push(chunk2) {
    this.#chunks.push(chunk2);
    this.#length += chunk2.length;
    while (this.#length >= FRAME_HEADER_BYTES) {
      const header = this.#peekHeader();
      const length = new DataView(header.buffer, header.byteOffset).getUint32(0, true);
      if (length > this.#maxBytes) {
        throw new RangeError(`a frame of ${length} bytes; ${this.#maxBytes} are allowed`);
      }
      if (this.#length < FRAME_HEADER_BYTES + length) return;
      this.#take(FRAME_HEADER_BYTES);
      yield { kind: header[4] ?? 0, body: this.#take(length) };
    }
  }
  #peekHeader() {
    const [first] = this.#chunks;
    if (first && first.length >= FRAME_HEADER_BYTES) return first.subarray(0, FRAME_HEADER_BYTES);
    const header = this.#take(FRAME_HEADER_BYTES);
    this.#chunks.unshift(header);
    this.#length += header.length;
    return header;
  }
  // A copy in a buffer of its own, which can be transferred.
  #take(length) {
    const taken = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const [first] = this.#chunks;
      if (!first) throw new RangeError("fewer bytes than were counted");
      const part = first.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(part.length);
    }
    this.#length -= length;
    return taken;
  }
};

// src/node/headless/chaincode-program.ts
var STDIN = 0;
var STDOUT = 1;
var CHUNK_BYTES = 256 * 1024;
var MAX_FRAME_BYTES = 2 ** 31;
var HARMLESS = new Set(
  "assert async_hooks buffer constants events path path/posix path/win32 process punycode querystring stream stream/promises string_decoder timers url util util/types".split(
    " "
  )
);
var { read, writeSync } = fs;
var { builtinModules, syncBuiltinESMExports } = module;
var { runInThisContext } = vm;
var { exit } = process;
var { parse, stringify } = JSON;
var NEVER_LOADED = /* @__PURE__ */ new Set(["node:test", "node:test/reporters"]);
var encoder = new TextEncoder();
var decoder = new TextDecoder();
var scope = globalThis;
var port = {
  onmessage: void 0,
  postMessage: (message) => writeFrame(FrameKind.message, new Uint8Array(message)),
  close: () => exit(0)
};
function writeFrame(kind, body) {
  writeAll(frameHeader(kind, body.length));
  writeAll(body);
}
function writeAll(bytes) {
  for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at);
}
function tell(message) {
  writeFrame(FrameKind.control, encoder.encode(stringify(message)));
}
function runRuntime(source) {
  scope.postMessage = tell;
  scope.onmessage = null;
  emptyModules();
  runInThisContext(source, { filename: "chaincode-runtime.js" });
}
function emptyModules() {
  const reaching = builtinModules.filter((name) => !HARMLESS.has(name) && !NEVER_LOADED.has(name));
  for (const exported of reaching.map((name) => process.getBuiltinModule(name))) empty(exported);
  syncBuiltinESMExports();
  for (const name of [
    "binding",
    "_linkedBinding",
    "dlopen",
    "getBuiltinModule",
    "execve",
    "kill"
  ]) {
    Reflect.deleteProperty(process, name);
  }
}
function empty(exported) {
  if (typeof exported !== "object" && typeof exported !== "function" || exported === null) return;
  for (const key of Reflect.ownKeys(exported)) Reflect.deleteProperty(exported, key);
}
function receive(kind, body) {
  if (kind === FrameKind.message) port.onmessage?.({ data: body.buffer });
  else if (kind === FrameKind.runtime) runRuntime(decoder.decode(body));
  else scope.onmessage?.({ data: { ...parse(decoder.decode(body)), port } });
}
var reader = new FrameReader(MAX_FRAME_BYTES);
var chunk = new Uint8Array(CHUNK_BYTES);
function listen() {
  read(STDIN, chunk, 0, CHUNK_BYTES, null, (error, length) => {
    if (error || length === 0) exit(0);
    for (const { kind, body } of reader.push(chunk.slice(0, length))) receive(kind, body);
    listen();
  });
}
process.on("SIGINT", () => {
});
process.on("uncaughtException", (error) => {
  tell({ type: "failed", message: error instanceof Error ? error.stack : String(error) });
  exit(1);
});
process.on(
  "unhandledRejection",
  (reason) => tell({ type: "log", level: "error", text: `Unhandled Rejection reason ${String(reason)}` })
);
listen();
