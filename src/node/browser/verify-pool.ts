// SPDX-License-Identifier: Apache-2.0
// The verify workers of a tab.
import * as Comlink from 'comlink';
import { SignaturePool, type SignatureWorker } from '../committer/signatures/index.ts';

export interface VerifyWorkers {
  readonly pool: SignaturePool;
  /** Ends them. What they are asked afterwards is never answered. */
  stop(): void;
}

/** Starts so many workers. */
export function startVerifyPool(size: number): SignaturePool {
  return startVerifyWorkers(size).pool;
}

/** Starts so many workers, which can be ended. */
export function startVerifyWorkers(size: number): VerifyWorkers {
  const workers = Array.from({ length: size }, startVerifyWorker);
  return {
    pool: new SignaturePool(workers.map(signatureWorkerOf)),
    stop: () => {
      for (const worker of workers) worker.terminate();
    },
  };
}

function startVerifyWorker(): Worker {
  return new Worker(new URL('./worker-main.ts', import.meta.url), {
    type: 'module',
    name: 'verify',
  });
}

function signatureWorkerOf(worker: Worker): SignatureWorker {
  const remote = Comlink.wrap<SignatureWorker>(worker);
  return {
    configure: (rules) => remote.configure(rules),
    forget: (channelId) => remote.forget(channelId),
    verify: (channelId, block) => remote.verify(channelId, Comlink.transfer(block, [block.buffer])),
  };
}
