// SPDX-License-Identifier: Apache-2.0
// The program of a chaincode's process, started by chaincode-process.ts under Node's permission model. It gives the chaincode runtime,
// the same bundle as in a tab, the scope of a worker, and carries its messages. What keeps chaincode in:
//
//   permission model    no files (but this program), child processes, threads, addons, WASI, inspector
//   V8                  code made of strings cannot `import()`: no module was named that would load for it
//   the runtime         leaves of the global scope the language and a few harmless things (runtime/lockdown.ts)
//   this program        empties Node's modules before chaincode comes, since the permission model of Node 24 does not know
//                       of the network; the process has no object left that could open a socket
//
// Stdin is read and stdout written by descriptor: a stream of Node would be a socket that chaincode might get hold of.
import fs from 'node:fs';
import module from 'node:module';
import vm from 'node:vm';
import { FrameKind, FrameReader, frameHeader } from './chaincode-frames.ts';

interface RuntimeScope {
  postMessage: (message: unknown) => void;
  onmessage: ((event: { data: unknown }) => void) | null;
}

const STDIN = 0;
const STDOUT = 1;
const CHUNK_BYTES = 256 * 1024;
/** What the peer sends is bounded by the peer. */
const MAX_FRAME_BYTES = 2 ** 31;

/** Modules without which Node's own code does not run on, none of which reaches out of the process. */
const HARMLESS: ReadonlySet<string> = new Set(
  'assert async_hooks buffer constants events path path/posix path/win32 process punycode querystring stream stream/promises string_decoder timers url util util/types'.split(
    ' ',
  ),
);

// Kept here, since the modules are about to lose them.
const { read, writeSync } = fs;
const { builtinModules, syncBuiltinESMExports } = module;
const { runInThisContext } = vm;
const { exit } = process;
const { parse, stringify } = JSON;
/** Opens stdout as a socket when it is loaded, after which writing waits no more. None of its functions is there unless it is loaded. */
const NEVER_LOADED: ReadonlySet<string> = new Set(['node:test', 'node:test/reporters']);

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const scope = globalThis as unknown as RuntimeScope;

/** The chaincode's end of its stream, as the runtime knows it from a worker: a MessagePort. */
const port = {
  onmessage: undefined as ((event: { data: ArrayBuffer }) => void) | undefined,
  postMessage: (message: ArrayBuffer): void =>
    writeFrame(FrameKind.message, new Uint8Array(message)),
  close: (): void => exit(0),
};

// The peer reads at its own pace, and until it does this waits: what chaincode sends piles up nowhere.
function writeFrame(kind: number, body: Uint8Array): void {
  writeAll(frameHeader(kind, body.length));
  writeAll(body);
}

function writeAll(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at);
}

function tell(message: unknown): void {
  writeFrame(FrameKind.control, encoder.encode(stringify(message)));
}

function runRuntime(source: string): void {
  scope.postMessage = tell;
  scope.onmessage = null;
  emptyModules();
  runInThisContext(source, { filename: 'chaincode-runtime.js' });
}

// All are loaded before the first is emptied, since one takes what it needs from another when it is loaded.
function emptyModules(): void {
  const reaching = builtinModules.filter((name) => !HARMLESS.has(name) && !NEVER_LOADED.has(name));
  for (const exported of reaching.map((name) => process.getBuiltinModule(name))) empty(exported);
  syncBuiltinESMExports();
  for (const name of [
    'binding',
    '_linkedBinding',
    'dlopen',
    'getBuiltinModule',
    'execve',
    'kill',
  ]) {
    Reflect.deleteProperty(process, name);
  }
}

function empty(exported: unknown): void {
  if ((typeof exported !== 'object' && typeof exported !== 'function') || exported === null) return;
  for (const key of Reflect.ownKeys(exported)) Reflect.deleteProperty(exported, key);
}

function receive(kind: number, body: Uint8Array<ArrayBuffer>): void {
  if (kind === FrameKind.message) port.onmessage?.({ data: body.buffer });
  else if (kind === FrameKind.runtime) runRuntime(decoder.decode(body));
  else scope.onmessage?.({ data: { ...parse(decoder.decode(body)), port } });
}

const reader = new FrameReader(MAX_FRAME_BYTES);
const chunk = new Uint8Array(CHUNK_BYTES);

function listen(): void {
  read(STDIN, chunk, 0, CHUNK_BYTES, null, (error, length) => {
    // The peer is gone.
    if (error || length === 0) exit(0);
    for (const { kind, body } of reader.push(chunk.slice(0, length))) receive(kind, body);
    listen();
  });
}

// Ctrl-C in a terminal goes to all its processes; this one ends when its peer says so.
process.on('SIGINT', () => {});
// As a Node program of a real peer's chaincode would, but its last words reach the peer.
process.on('uncaughtException', (error) => {
  tell({ type: 'failed', message: error instanceof Error ? error.stack : String(error) });
  exit(1);
});
// The program lives on, as with fabric-shim (lib/logger.js), which has no say over this process.
process.on('unhandledRejection', (reason) =>
  tell({ type: 'log', level: 'error', text: `Unhandled Rejection reason ${String(reason)}` }),
);
listen();
