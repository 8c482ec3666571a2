// SPDX-License-Identifier: Apache-2.0
// Runs in a worker: the real fabric-shim and fabric-contract-api with one chaincode, which can reach nothing but the
// port to the peer. There is one chaincode in a worker because those packages keep registries in globals.

import { MAX_TEXT_LENGTH, type StartMessage, type WorkerMessage } from './control-messages.ts';
import { lockdown } from './lockdown.ts';
import { ShimStream } from './shim-stream.ts';
import { Buffer } from './shims/buffer.ts';
import { makeConsole } from './shims/console.ts';
import { connectWith } from './shims/grpc-js.ts';
import { process, setExitHandler, setOutput } from './shims/process.ts';
import { setLogSink } from './shims/winston.ts';
import { argv } from './shims/yargs.ts';
import { startChaincode } from './start-chaincode.ts';
import { currentScope } from './transaction-scope.ts';

interface WorkerScope {
  postMessage(message: WorkerMessage): void;
  onmessage: ((event: { data: StartMessage }) => void) | null;
}

/** Lines that one transaction may log, so that a loop that logs cannot fill the page's memory. */
const MAX_LINES = 200;

/** Where the scope is a browser's. */
interface RejectionScope {
  addEventListener?(
    type: 'unhandledrejection',
    listener: (event: { reason: unknown }) => void,
  ): void;
}

const scope = globalThis as unknown as WorkerScope & RejectionScope;
const post = scope.postMessage.bind(globalThis);
let linesLeft = MAX_LINES;

function log(level: string, text: string): void {
  if (linesLeft-- <= 0) return;
  const { txId } = currentScope();
  const line = { type: 'log', level, text: text.slice(0, MAX_TEXT_LENGTH) } as const;
  post(txId === undefined ? line : { ...line, txId });
}

function errorText(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

async function start({ files, ccid, mspId, logLevel, port }: StartMessage): Promise<void> {
  process.env.CORE_PEER_LOCALMSPID = mspId;
  process.env.CORE_CHAINCODE_ID_NAME = ccid;
  process.env.CORE_CHAINCODE_LOGGING_LEVEL = logLevel;
  argv['chaincode-id-name'] = ccid;
  setLogSink(log, logLevel);
  const streams: ShimStream[] = [];
  setExitHandler((code) => {
    post({ type: 'exit', code });
    for (const stream of streams) stream.terminate();
  });
  setOutput(log);
  connectWith(() => {
    const stream = new ShimStream(port, () => {
      linesLeft = MAX_LINES;
    });
    streams.push(stream);
    return stream;
  });
  lockdown({ process, Buffer, console: makeConsole(log) });
  try {
    await startChaincode(files);
    post({ type: 'started' });
  } catch (error) {
    post({ type: 'failed', message: errorText(error) });
  }
}

scope.addEventListener?.('unhandledrejection', ({ reason }) =>
  log('error', `Unhandled Rejection reason ${errorText(reason)}`),
);
scope.onmessage = ({ data }) => {
  if (data?.type !== 'start') return;
  scope.onmessage = null;
  void start(data);
};
post({ type: 'booted' });
