// SPDX-License-Identifier: Apache-2.0
// Threads of Node that check signatures.
import { Worker } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { SignaturePool, type SignatureWorker } from '../verification/index.ts';

export interface VerifyThreads extends AsyncDisposable {
  readonly pool: SignaturePool;
}

// The program is a bundle when it is installed as a package.
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** Starts so many threads; disposing ends them. */
export function startVerifyThreads(size: number): VerifyThreads {
  const threads = Array.from(
    { length: size },
    () => new Worker(new URL(`./verify-worker.${EXTENSION}`, import.meta.url)),
  );
  return {
    pool: new SignaturePool(threads.map(signatureWorkerOf)),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}

function signatureWorkerOf(thread: Worker): SignatureWorker {
  const remote = Comlink.wrap<SignatureWorker>(nodeEndpoint(thread));
  return {
    configure: (rules) => remote.configure(rules),
    verify: (block) => remote.verify(Comlink.transfer(block, [block.buffer])),
  };
}
