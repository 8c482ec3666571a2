// SPDX-License-Identifier: Apache-2.0
// Checks the signatures of whole blocks, for whoever holds the other end of the port that it is given. Chromium runs WebCrypto on the thread
// that calls it, so more threads are what makes it faster.
import * as Comlink from 'comlink';
import { createSignatureWorker } from '../committer/signatures/index.ts';
import { carryErrors } from './worker-errors.ts';

carryErrors();
self.addEventListener('message', ({ ports: [port] }) => {
  if (port) Comlink.expose(createSignatureWorker(), port);
});
