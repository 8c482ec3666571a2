// SPDX-License-Identifier: Apache-2.0
// The verify workers of a page, each behind a port for the worker that asks it. Only a page starts workers: one that Firefox (140) starts from
// a worker may never begin, and then the worker that started it hangs as well.
import * as Comlink from 'comlink';
import { SignaturePool, type SignatureWorker } from '../committer/signatures/index.ts';

/** More than cores would only be in each other's way. */
const MAX_WORKERS = 4;

export interface VerifyWorkers {
  /** To be transferred to whoever makes {@link signaturePool} of them. */
  readonly ports: MessagePort[];
  /** Ends them. What they are asked afterwards is never answered. */
  stop(): void;
}

/** Starts workers for the cores of this machine. @param onCrash is told when a worker's script failed. */
export function startVerifyWorkers(onCrash: (message: string) => void): VerifyWorkers {
  const size = Math.max(1, Math.min(MAX_WORKERS, navigator.hardwareConcurrency ?? 2));
  const started = Array.from({ length: size }, () => startVerifyWorker(onCrash));
  return {
    ports: started.map(({ port }) => port),
    stop: () => {
      for (const { worker } of started) worker.terminate();
    },
  };
}

/** The stage that checks blocks at these ports. */
export function signaturePool(ports: readonly MessagePort[]): SignaturePool {
  return new SignaturePool(ports.map(signatureWorkerAt));
}

function startVerifyWorker(onCrash: (message: string) => void) {
  const worker = new Worker(new URL('./worker-main.ts', import.meta.url), {
    type: 'module',
    name: 'verify',
  });
  worker.addEventListener('error', ({ message }) => onCrash(message));
  const { port1, port2 } = new MessageChannel();
  worker.postMessage(undefined, [port2]);
  return { worker, port: port1 };
}

function signatureWorkerAt(port: MessagePort): SignatureWorker {
  const remote = Comlink.wrap<SignatureWorker>(port);
  return {
    configure: (rules) => remote.configure(rules),
    forget: (channelId) => remote.forget(channelId),
    verify: (channelId, block) => remote.verify(channelId, Comlink.transfer(block, [block.buffer])),
  };
}
