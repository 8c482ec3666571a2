// SPDX-License-Identifier: Apache-2.0
// The signature stage on several threads.
export { SignaturePool, type SignaturePoolOptions } from './signature-pool.ts';
export {
  createSignatureWorker,
  type SignatureRules,
  type SignatureWorker,
} from './signature-worker.ts';
