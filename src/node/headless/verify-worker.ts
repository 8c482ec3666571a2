// SPDX-License-Identifier: Apache-2.0
// The thread behind verify-threads.ts: checks the signatures of whole blocks.
import { parentPort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { createSignatureWorker } from '../verification/index.ts';
import { createNodeBCCSP } from './node-bccsp.ts';

if (!parentPort) throw new Error('this is no program, but a worker');
Comlink.expose(createSignatureWorker(createNodeBCCSP()), nodeEndpoint(parentPort));
