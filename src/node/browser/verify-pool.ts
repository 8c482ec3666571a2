// SPDX-License-Identifier: Apache-2.0
// The verify workers of a tab.
import * as Comlink from 'comlink';
import type { ChaincodeDefinition } from '../../common/network/types.ts';
import { SignaturePool, type SignatureWorker } from '../verification/index.ts';

/** Starts so many workers. */
export function startVerifyPool(
  size: number,
  described: readonly ChaincodeDefinition[],
): SignaturePool {
  return new SignaturePool(Array.from({ length: size }, startVerifyWorker), described);
}

function startVerifyWorker(): SignatureWorker {
  const remote = Comlink.wrap<SignatureWorker>(
    new Worker(new URL('./verify-worker.ts', import.meta.url), { type: 'module' }),
  );
  return {
    configure: (rules) => remote.configure(rules),
    verify: (block) => remote.verify(Comlink.transfer(block, [block.buffer])),
  };
}
