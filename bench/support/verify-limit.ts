// SPDX-License-Identifier: Apache-2.0
// A process of its own for bench/replay-node.ts: how many signatures a second its threads verify together, as JSON. Each thread is
// this file again.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createNodeBCCSP } from '../../src/node/headless/node-bccsp.ts';
import { load500 } from './load500.ts';
import { signedChain } from './signed-load500.ts';
import { type Signed, verifyRate } from './verify-loop.ts';

const MEASURED_MS = 2000;

/** What the process prints. */
export interface VerifyLimit {
  readonly signaturesPerSecond: number;
  readonly signaturesPerTransaction: number;
}

async function limitOf(threads: number): Promise<VerifyLimit> {
  using chain = load500();
  const { sample, signatures, transactions } = await signedChain(chain.path);
  const rates = await Promise.all(Array.from({ length: threads }, () => rateOfThread(sample)));
  return {
    signaturesPerSecond: rates.reduce((sum, rate) => sum + rate, 0),
    signaturesPerTransaction: signatures / transactions,
  };
}

function rateOfThread(sample: readonly Signed[]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const thread = new Worker(new URL(import.meta.url), { workerData: sample });
  thread.once('message', resolve);
  thread.once('error', reject);
  return promise;
}

if (isMainThread) {
  process.stdout.write(JSON.stringify(await limitOf(Number(process.argv[2] ?? 2))));
} else {
  const sample: readonly Signed[] = workerData;
  parentPort?.postMessage(await verifyRate(createNodeBCCSP(), sample, MEASURED_MS));
}
