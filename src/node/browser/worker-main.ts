// SPDX-License-Identifier: Apache-2.0
// The script of every worker of a page but the ticker: its name says which program it runs. As one build they share what they have in
// common, which a visit then loads once; a build of each would hold all of it again.
import { holdMessages } from './held-messages.ts';

const PROGRAMS: Readonly<Record<string, () => Promise<unknown>>> = {
  peer: () => import('./peer-worker.ts'),
  verify: () => import('./verify-worker.ts'),
  'ledger-viewer': () => import('./ledger-viewer/viewer-worker.ts'),
};

const program = PROGRAMS[self.name];
if (!program) throw new Error(`no worker has the name ${self.name}`);
await holdMessages(self, program);
